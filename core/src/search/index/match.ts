import { formAt, nextPosition, PostingBuffer, positionOf } from "./postings.ts";
import type { Segment } from "./segment.ts";

/** A term a word may stand for; with `form`, only where it was written so. */
export interface Meant {
  readonly term: string;
  readonly form?: number;
}

/** Words one behind the other, each as the terms it may stand for. */
export type Sequence = readonly (readonly Meant[])[];

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
  sequence: Sequence,
  where?: (position: number) => boolean,
): SequenceMatch[] {
  const words: Word[] = [];
  for (const meant of sequence) {
    const word = new Word(segment, meant);
    if (word.docs.size === 0) return [];
    words.push(word);
  }
  const [first] = words;
  if (!first) return [];
  if (words.length === 1 && !where && sequence[0]?.every(({ form }) => form === undefined))
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
  /** Passage → [term, ordinal within its postings, form wanted or -1]. */
  readonly docs = new Map<number, [number, number, number][]>();
  readonly #segment: Segment;

  constructor(segment: Segment, meant: readonly Meant[]) {
    this.#segment = segment;
    const buffer = new PostingBuffer();
    for (const { term: text, form = -1 } of meant) {
      const term = segment.columns.terms.find(text);
      if (term < 0) continue;
      segment.postings.decode(term, buffer);
      for (let i = 0; i < buffer.length; i += 1) {
        const doc = buffer.docs[i] ?? 0;
        const known = this.docs.get(doc);
        if (known) known.push([term, i, form]);
        else this.docs.set(doc, [[term, i, form]]);
      }
    }
  }

  /** `docs` rising. */
  positionsIn(docs: readonly number[]): Map<number, Set<number>> {
    // By form as well: one term may be wanted in several.
    const wantedByTerm = new Map<number, { doc: number; ordinal: number; form: number }[]>();
    for (const doc of docs) {
      for (const [term, ordinal, form] of this.docs.get(doc) ?? []) {
        const key = term * 512 + form + 1;
        const wanted = wantedByTerm.get(key) ?? [];
        wanted.push({ doc, ordinal, form });
        wantedByTerm.set(key, wanted);
      }
    }
    const positions = new Map<number, Set<number>>();
    for (const [key, wanted] of wantedByTerm) {
      const term = Math.floor(key / 512);
      this.#segment.postings.positions(
        term,
        wanted.map((w) => w.ordinal),
        (index, list) => {
          const { doc = 0, form = -1 } = wanted[index] ?? {};
          const known = positions.get(doc) ?? new Set<number>();
          for (const packed of list) if (form < 0 || formAt(packed) === form) known.add(positionOf(packed));
          positions.set(doc, known);
        },
      );
    }
    return positions;
  }
}
