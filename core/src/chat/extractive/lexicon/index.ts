import { HOME } from "./home.ts";
import { MONEY } from "./money.ts";
import { PEOPLE_AND_HEALTH } from "./people-and-health.ts";
import { TIME_AND_TALK } from "./time-and-talk.ts";
import { TRAVEL_AND_THINGS } from "./travel-and-things.ts";
import { WORK_AND_STUDY } from "./work-and-study.ts";

/**
 * Everyday words that ask for the same thing, one idea a line, in the languages people's papers are in: English, German,
 * French, Swedish, Portuguese. A question in English should find the German letter. A word may stand for several ideas;
 * a line is known by its first word. To teach another language, add its words to the lines.
 */
export const LEXICON: readonly string[] = [
  ...HOME,
  ...MONEY,
  ...TIME_AND_TALK,
  ...TRAVEL_AND_THINGS,
  ...PEOPLE_AND_HEALTH,
  ...WORK_AND_STUDY,
];
