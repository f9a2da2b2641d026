import type { IndexedItem, IndexedPassage } from "../passage-index.ts";

/** Shorter passages, in UTF-16 units, say little by themselves. */
const SHORT = 80;

/**
 * What of a passage is embedded: its item's title and its text. A short one (a line of a chat, "yes, at nine") says
 * little by itself and takes its context along: who said it, when, and the lines next to it. Longer ones are better
 * without: on the sample with MiniLM at a weight of .3, nDCG@10 of the questions that were not fitted on is .676 so, .664
 * with the text alone and .672 with title and context for all (scripts/fit-fusion.ts).
 */
export function passageToEmbed(item: Pick<IndexedItem, "title">, passage: IndexedPassage): string {
  const { text, context } = passage;
  const parts = text.length < SHORT && context !== "" ? [context, text] : [text];
  if (item.title !== "" && !parts.some((part) => part.startsWith(item.title))) parts.unshift(item.title);
  return parts.join("\n");
}
