import type { ItemId, Reading } from "../item.ts";
import type { Memory } from "../memory.ts";
import type { Found } from "../wire.ts";
import type { Desk, DeskPassage } from "./desk.ts";
import type { Reads } from "./model.ts";

/**
 * The first look: what is searched for before the model is asked. Small talk and plain commands need no search, which is
 * what keeps "hello" small. A question that leans on the one before it is searched together with it.
 */
export interface LookDeps {
  readonly desk: Desk;
  readonly reads: Reads;
  find(query: string, options: { limit: number; order?: "best" | "newest" }): Promise<Found>;
  readingOf(item: ItemId): Promise<Reading | undefined>;
}

/** The passages put on the desk, best first, and how many items matched in all. */
export async function look(deps: LookDeps, query: string): Promise<{ passages: DeskPassage[]; total: number }> {
  const found = await deps.find(query, { limit: deps.reads.passages });
  const readings = await Promise.all(found.hits.map(({ id }) => deps.readingOf(id)));
  const passages = found.hits.map((hit, i) => deps.desk.put(hit, readings[i], deps.reads.chars));
  return { passages: [...new Set(passages)], total: found.total };
}

/** A claim's text as a reading, so that a quote from it is checked like any other. */
export function readingOfMemory({ text }: Memory): Reading {
  return { text, passages: [{ start: 0, end: text.length, context: "" }], madeBy: "memory" };
}

/** What to search for, or undefined when there is nothing to look up. `before` is the question before this one. */
export function queryOf(question: string, before?: string): string | undefined {
  const text = question.trim();
  if (SMALL_TALK.test(text) || COMMAND.test(text)) return undefined;
  const query = before !== undefined && leansOn(text) && !SMALL_TALK.test(before) ? `${before} ${text}` : text;
  // Quotation marks and leading minus signs are strict in the query language; in a question they are prose.
  return query
    .replace(/["“”„«»]/g, " ")
    .replace(/(^|\s)-+(?=\S)/g, "$1")
    .replace(/\s+/g, " ")
    .slice(0, 600)
    .trim();
}

/** Short and pointing back: "and when?", "who sent it?", "what about the second one?". */
export function leansOn(question: string): boolean {
  const words = question.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (/^(?:and|but|so|und|et)\b/i.test(question)) return words.length <= 12;
  if (words.length > 9) return false;
  const names = question.slice(1).match(/(?<=\s)\p{Lu}\p{L}+/gu) ?? [];
  return (
    words.length <= 2 ||
    (names.length === 0 &&
      /\b(?:it|its|that|this|they|them|their|he|she|him|her|there|then|one|same)\b/i.test(question))
  );
}

export const SMALL_TALK =
  /^(?:(?:hello|hi|hey|hiya|good (?:morning|afternoon|evening|night)|hallo|guten (?:tag|morgen|abend)|servus|bonjour|salut|bonsoir)(?:[ ,]+(?:there|steward|again))?|thanks?(?: you)?(?: (?:very|so) much| a lot)?|thx|danke(?: schön)?|merci(?: beaucoup)?|ok(?:ay)?|great|perfect|cool|nice|bye|goodbye|how are you(?: today| doing)?|who are you|what are you|what can you do(?: for me)?|help(?: me)?)[\s.!?,]*$/i;

const COMMAND =
  /^(?:please |can you |could you |bitte )*(?:remind me\b|remember (?:that|this|:)|note that\b|don(?:'|’)t forget\b|(?:add|create|make|set|new) (?:a |an |me a |the )?(?:new )?(?:task|to-?do|reminder)\b|erinner[en]? mich\b|merke? dir\b|rappelle-moi\b)(?!.*\b(?:summari[sz]e|find|search)\b)/i;
