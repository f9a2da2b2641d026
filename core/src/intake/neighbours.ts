/**
 * Neighbours: what stands round a short message. "Yes, at nine" says nothing by itself; the lines next to it say what is
 * at nine. They are indexed as a part of its context (never quoted), so that a question finds it by their words too:
 * on the chats of bench/quality recall@10 of words alone is .73 with them and .51 without (docs/search.md).
 */
export interface Said {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

/** Longer messages, in UTF-16 units, say for themselves what they are about. */
export const SHORT_MESSAGE = 400;
/** How many before and after it, and how much of each. */
const BEFORE = 3;
const AFTER = 2;
const MOST = 200;
/** What was said longer before or after was another talk. */
const SAME_TALK_MS = 12 * 3_600_000;

/** The neighbours of the message at `at`, the earliest first; empty when it is not short. Messages are in their order. */
export function neighboursOf(messages: readonly Said[], at: number): string[] {
  const own = messages[at];
  if (!own || own.text.length > SHORT_MESSAGE) return [];
  const near = [...messages.slice(Math.max(0, at - BEFORE), at), ...messages.slice(at + 1, at + 1 + AFTER)];
  return near.filter((said) => isSameTalk(own, said)).flatMap(({ text }) => beginningOf(text) || []);
}

function isSameTalk(a: Said, b: Said): boolean {
  return a.at === undefined || b.at === undefined || Math.abs(a.at - b.at) <= SAME_TALK_MS;
}

function beginningOf(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= MOST) return line;
  const space = line.lastIndexOf(" ", MOST);
  // A cut through a pair of surrogates would leave half a character.
  return line.slice(0, space > MOST / 2 ? space : MOST).replace(/[\ud800-\udbff]$/, "");
}
