import type { IndexedItem, IndexedPassage } from "../passage-index.ts";

/** Shorter passages, in UTF-16 units, say little by themselves. */
const SHORT = 80;

/** What makes a line of Markdown a heading. */
const HEADING = /^#+ +/;
/** The date in words at the end of a context's first line. */
const DAY = /(?:^|\. )(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? \d{1,2} [A-Z][a-z]+ \d{4}$/m;

/**
 * What of a passage is embedded: its item's title and its text. A short one ("yes, at nine") says little by itself and
 * takes its context along: who wrote it and what it answers, but not the day, which is found by words and in a vector only
 * dilutes the rest (both, MiniLM at .45, the held-out half: .690 without it, .683 with it). Longer ones are better without: on the sample with
 * MiniLM at a weight of .3, nDCG@10 of the questions that were not fitted on is .676 so, .664 with the text alone and
 * .672 with title and context for all.
 *
 * A message of a chat has no title; it is embedded with the name of who said it, as a line of a play. Its neighbours
 * found it by words already, and in its vector they would blur it: on two sets of messages with MiniLM at .4, nDCG@10 is
 * .614 and .575 so, .597 and .530 with the neighbours (docs/search.md).
 */
export function passageToEmbed(item: Pick<IndexedItem, "title" | "kind" | "people">, passage: IndexedPassage): string {
  const { text, context } = passage;
  if (item.kind === "text") {
    const from = item.people.find(({ role }) => role === "from");
    const name = from?.name ?? from?.address;
    return [item.title, name ? `${name}: ${text}` : text].filter((part) => part !== "").join("\n");
  }
  const said = context.replace(DAY, "");
  const begins = (beginning: string): boolean => text.replace(HEADING, "").startsWith(beginning);
  // "Boiler" above "# Boiler" would only be said twice.
  const parts = text.length < SHORT && !begins(said) ? [said, text] : [text];
  if (item.title !== "" && !begins(item.title) && !parts.some((part) => part.startsWith(item.title)))
    parts.unshift(item.title);
  return parts.join("\n");
}
