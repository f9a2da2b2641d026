import type { Mail } from "../mail.ts";
import { EVERYDAY } from "./everyday.ts";
import { FAMILY } from "./family.ts";
import { FLAT } from "./flat.ts";
import { FRIENDS } from "./friends.ts";
import { LIFE } from "./life.ts";
import { MONEY } from "./money.ts";
import { NOVEL } from "./novel.ts";
import { THINGS } from "./things.ts";
import { TRIPS } from "./trips.ts";
import { WORK } from "./work.ts";

/** Every mail that says something; the facts in them agree with each other and with the documents and notes. */
export const STORIES: readonly Mail[] = [
  ...FLAT,
  ...TRIPS,
  ...NOVEL,
  ...WORK,
  ...LIFE,
  ...THINGS,
  ...FAMILY,
  ...MONEY,
  ...FRIENDS,
  ...EVERYDAY,
];
