/**
 * What is known of the sample's world: questions with the answers they accept, the wrong values that lie near, and
 * where the answer stands. Two halves by a fixed rule: the built-in model is tuned on `tune` only; `held` is for the
 * final judgement. A third set, `blind`, was written by somebody else, unseen by whoever wrote the model.
 */
import { ABSENT } from "./known/absent.ts";
import { AMOUNTS } from "./known/amounts.ts";
import { BLIND } from "./known/blind.ts";
import { CHANGES } from "./known/changes.ts";
import { DATES_AND_NUMBERS } from "./known/dates-and-numbers.ts";
import { PEOPLE_AND_PLACES } from "./known/people-and-places.ts";

export type QuestionKind =
  | "who"
  | "when"
  | "how much"
  | "which"
  | "where"
  | "list"
  | "yes/no"
  | "current"
  | "not in here";

export interface Question {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly ask: string;
  /** The answer has to match every one of these (a list has several). Empty for "not in here". */
  readonly expect: readonly RegExp[];
  /** Wrong values near by: a claim with one of these and nothing that is expected is wrong. */
  readonly forbid?: readonly RegExp[];
  /** Mail ids of the stories, paths in the archive, `calendar.ics#uid`; a citation to any one of them proves the answer. */
  readonly evidence: readonly string[];
}

/** Every second question of a kind, in the order written, is held back; the blind ones are a set of their own. */
export function setOf(question: Question): "tune" | "held" | "blind" {
  if (BLIND.includes(question)) return "blind";
  const sameKind = QUESTIONS.filter(({ kind }) => kind === question.kind);
  return sameKind.indexOf(question) % 2 === 0 ? "tune" : "held";
}

/** All but the blind ones. */
export const QUESTIONS: readonly Question[] = [
  ...PEOPLE_AND_PLACES,
  ...DATES_AND_NUMBERS,
  ...AMOUNTS,
  ...CHANGES,
  ...ABSENT,
];

export { BLIND };
