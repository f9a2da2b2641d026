/**
 * The search box holds one query: chips (filters as the server understood them) and the words being typed. What is a
 * chip is decided by the server's `understood`, never by a second parser here.
 */
export interface Chip {
  readonly operator: string;
  readonly value: string;
  /** As it stands in the query. */
  readonly raw: string;
}

export interface Box {
  readonly chips: readonly Chip[];
  readonly draft: string;
}

export interface Understood {
  readonly operator: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export function queryOf(box: Box): string {
  return [...box.chips.map((chip) => chip.raw), box.draft.trim()].filter(Boolean).join(" ");
}

/**
 * The filters understood in `query` become chips, in their order; the rest stays to be typed on. With `typing`, a
 * filter that the person may still be typing (nothing follows it) stays text.
 */
export function boxOf(query: string, understood: readonly Understood[], typing = false): Box {
  const chips: Chip[] = [];
  let draft = "";
  let at = 0;
  for (const { operator, value, start, end } of [...understood].sort((a, b) => a.start - b.start)) {
    if (start < at || end > query.length || start >= end || (typing && end >= query.length)) continue;
    chips.push({ operator, value, raw: query.slice(start, end) });
    draft += query.slice(at, start);
    at = end;
  }
  draft += query.slice(at);
  // A space at the end is where the next word goes: it stays while typing.
  const tidy = draft.replace(/\s+/g, " ").trimStart();
  return { chips, draft: typing ? tidy : tidy.trimEnd() };
}

/** The query with one more filter, quoted where its value is not one plain word. */
export function withFilter(query: string, operator: string, value: string): string {
  const bare = /^[\p{L}\p{N}@._+-]+$/u.test(value);
  return `${query.trim()} ${operator}:${bare ? value : `"${value.replaceAll('"', "")}"`}`.trim();
}

/** The draft's own offset in the query, so that problems can be pointed at. */
export function draftStart(box: Box): number {
  return box.chips.reduce((length, chip) => length + chip.raw.length + 1, 0);
}
