import { nextPosition, PostingBuffer } from "./postings.ts";
import type { Segment } from "./segment.ts";

/** A passage in which a sequence of words stands, and how often. */
export interface SequenceMatch {
  readonly doc: number;
  readonly times: number;
}

/**
 * The passages of a segment in which the words stand one behind the other, in one field. Each word is given as the
 * terms it may stand for. `where` narrows the position of the first word.
 */
export function matchSequence(
  segment: Segment,
  sequence: readonly (readonly string[])[],
  where?: (position: number) => boolean,
): SequenceMatch[] {
  const words: Word[] = [];
  for (const terms of sequence) {
    const word = new Word(segment, terms);
    if (word.docs.size === 0) return [];
    words.push(word);
  }
  const [first] = words;
  if (!first) return [];
  if (words.length === 1 && !where)
    return [...first.docs.keys()].sort((a, b) => a - b).map((doc) => ({ doc, times: 1 }));

  const rarest = words.reduce((a, b) => (b.docs.size < a.docs.size ? b : a));
  const common = [...rarest.docs.keys()]
    .filter((doc) => words.every((word) => word.docs.has(doc)))
    .sort((a, b) => a - b);
  const positions = words.map((word) => word.positionsIn(common));
  const matches: SequenceMatch[] = [];
  for (const doc of common) {
    let times = 0;
    for (const start of positions[0]?.get(doc) ?? []) {
      if (where && !where(start)) continue;
      let position = start;
      let held = true;
      for (let word = 1; word < words.length && held; word += 1) {
        position = nextPosition(position);
        held = positions[word]?.get(doc)?.has(position) ?? false;
      }
      if (held) times += 1;
    }
    if (times > 0) matches.push({ doc, times });
  }
  return matches;
}

/** Where one word of a sequence stands, under any of the terms it may stand for. */
class Word {
  /** Passage → [term, ordinal within its postings]. */
  readonly docs = new Map<number, [number, number][]>();
  readonly #segment: Segment;

  constructor(segment: Segment, terms: readonly string[]) {
    this.#segment = segment;
    const buffer = new PostingBuffer();
    for (const text of terms) {
      const term = segment.columns.terms.find(text);
      if (term < 0) continue;
      segment.postings.decode(term, buffer);
      for (let i = 0; i < buffer.length; i += 1) {
        const doc = buffer.docs[i] ?? 0;
        const known = this.docs.get(doc);
        if (known) known.push([term, i]);
        else this.docs.set(doc, [[term, i]]);
      }
    }
  }

  /** `docs` rising. */
  positionsIn(docs: readonly number[]): Map<number, Set<number>> {
    const wantedByTerm = new Map<number, { doc: number; ordinal: number }[]>();
    for (const doc of docs) {
      for (const [term, ordinal] of this.docs.get(doc) ?? []) {
        const wanted = wantedByTerm.get(term) ?? [];
        wanted.push({ doc, ordinal });
        wantedByTerm.set(term, wanted);
      }
    }
    const positions = new Map<number, Set<number>>();
    for (const [term, wanted] of wantedByTerm) {
      this.#segment.postings.positions(
        term,
        wanted.map((w) => w.ordinal),
        (index, list) => {
          const doc = wanted[index]?.doc ?? 0;
          const known = positions.get(doc) ?? new Set<number>();
          for (const position of list) known.add(position);
          positions.set(doc, known);
        },
      );
    }
    return positions;
  }
}
