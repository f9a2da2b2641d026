import { tokensOf } from "./analyze.ts";

export interface Snippet {
  readonly snippet: string;
  /** [start, end) within the snippet, rising, not overlapping. */
  readonly highlights: readonly (readonly [number, number])[];
}

/** A window of a passage round the most of the words that matched, and where they stand in it. */
export function snippetOf(
  passage: string,
  terms: readonly string[],
  languages: readonly string[],
  most = 240,
): Snippet {
  const wanted = new Set(terms);
  const marks = new Map<number, number>();
  for (const language of languages) {
    for (const { term, start, end } of tokensOf(passage, language)) {
      if (wanted.has(term)) marks.set(start, Math.max(end, marks.get(start) ?? 0));
    }
  }
  const spans = merged([...marks].sort((a, b) => a[0] - b[0]));
  const from = windowStart(passage, spans, most);
  const to = Math.min(passage.length, endAtWord(passage, from + most));
  const lead = from > 0 ? "… " : "";
  const tail = to < passage.length ? " …" : "";
  const body = passage.slice(from, to).replaceAll(/\s/g, " ").trimEnd();
  const highlights = spans
    .filter(([start, end]) => start >= from && end <= from + body.length)
    .map(([start, end]): readonly [number, number] => [start - from + lead.length, end - from + lead.length]);
  return { snippet: lead + body + tail, highlights };
}

function merged(spans: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [start, end] of spans) {
    const last = result.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

/** Where the window begins that holds the most marks; a little before the first of them, at a word. */
function windowStart(passage: string, spans: readonly [number, number][], most: number): number {
  if (passage.length <= most || spans.length === 0) return firstWord(passage, 0);
  let best = 0;
  let bestCount = 0;
  for (let i = 0, j = 0; i < spans.length; i += 1) {
    while (j < spans.length && (spans[j]?.[1] ?? 0) - (spans[i]?.[0] ?? 0) <= most - LEAD) j += 1;
    if (j - i > bestCount) {
      bestCount = j - i;
      best = i;
    }
  }
  const wish = Math.max(0, Math.min((spans[best]?.[0] ?? 0) - LEAD, passage.length - most));
  if (wish === 0) return firstWord(passage, 0);
  const space = passage.slice(wish, wish + LEAD).search(/\s/);
  return firstWord(passage, wish + Math.max(0, space));
}

const LEAD = 60;

function firstWord(passage: string, from: number): number {
  const word = passage.slice(from).search(/\S/);
  return word < 0 ? from : from + word;
}

function endAtWord(passage: string, end: number): number {
  if (end >= passage.length) return passage.length;
  const space = passage.lastIndexOf(" ", end);
  return space > end - LEAD ? space : safeEnd(passage, end);
}

/** Not between the halves of a surrogate pair. */
function safeEnd(passage: string, end: number): number {
  const unit = passage.charCodeAt(end);
  return unit >= 0xdc00 && unit <= 0xdfff ? end - 1 : end;
}
