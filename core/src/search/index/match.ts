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

/** A longer sequence is matched by its first words: no text of a person repeats so many of them by chance. */
export const LONGEST_SEQUENCE = 24;

/**
 * The passages of a segment in which the words stand one behind the other, in one field. Each word is given as the
 * terms it may stand for. `where` narrows the position of the first word.
 */
export function matchSequence(
  segment: Segment,
  sequence: Sequence,
  where?: (position: number) => boolean,
): SequenceMatch[] {
  const words = sequence.slice(0, LONGEST_SEQUENCE).map((meant) => new Word(segment, meant));
  const [rarest, ...others] = words.toSorted((a, b) => a.found - b.found);
  if (!rarest || rarest.found === 0) return [];
  let common = rarest.docs();
  if (words.length === 1 && !where && sequence[0]?.every(({ form }) => form === undefined))
    return Array.from(common, (doc) => ({ doc, times: 1 }));

  for (const word of others) if (common.length > 0) common = word.among(common);
  const positions = words.map((word) => word.positionsIn(common));
  const matches: SequenceMatch[] = [];
  for (const [at, doc] of common.entries()) {
    let times = 0;
    for (const start of positions[0]?.[at] ?? []) {
      if (where && !where(start)) continue;
      let position = start;
      let held = true;
      for (let word = 1; word < words.length && held; word += 1) {
        position = nextPosition(position);
        held = positions[word]?.[at]?.has(position) ?? false;
      }
      if (held) times += 1;
    }
    if (times > 0) matches.push({ doc, times });
  }
  return matches;
}

const buffer = new PostingBuffer();

/** One word of a sequence, under any of the terms it may stand for. */
class Word {
  /** Its postings, under all of its terms. */
  readonly found: number;
  readonly #segment: Segment;
  readonly #terms: readonly { readonly term: number; readonly form: number }[];

  constructor(segment: Segment, meant: readonly Meant[]) {
    this.#segment = segment;
    this.#terms = meant.flatMap(({ term: text, form = -1 }) => {
      const term = segment.findTerm(encoder.encode(text));
      return term < 0 ? [] : [{ term, form }];
    });
    this.found = this.#terms.reduce((sum, { term }) => sum + segment.postings.found(term), 0);
  }

  /** The passages it stands in, rising. */
  docs(): Uint32Array {
    const all = new Uint32Array(this.found);
    let count = 0;
    for (const { term } of this.#terms) {
      this.#segment.postings.decode(term, buffer);
      all.set(buffer.docs.subarray(0, buffer.length), count);
      count += buffer.length;
    }
    return this.#terms.length > 1 ? all.sort().filter((doc, i) => i === 0 || doc !== all[i - 1]) : all;
  }

  /** Those of `docs`, which rise, that it stands in. */
  among(docs: Uint32Array): Uint32Array {
    const stands = new Uint8Array(docs.length);
    for (const { term } of this.#terms) this.#meet(term, docs, (at) => (stands[at] = 1));
    return docs.filter((_, at) => stands[at] === 1);
  }

  /** Where it stands in each of `docs`, which rise. */
  positionsIn(docs: Uint32Array): Set<number>[] {
    const positions = Array.from(docs, () => new Set<number>());
    for (const { term, form } of this.#terms) {
      const places: number[] = [];
      const ordinals: number[] = [];
      this.#meet(term, docs, (at, ordinal) => {
        places.push(at);
        ordinals.push(ordinal);
      });
      this.#segment.postings.positions(term, ordinals, (index, list) => {
        const known = positions[places[index] ?? 0];
        for (const packed of list) if (form < 0 || formAt(packed) === form) known?.add(positionOf(packed));
      });
    }
    return positions;
  }

  /** Gives each place of `docs` that the term stands in, with the ordinal of its posting there. */
  #meet(term: number, docs: Uint32Array, take: (at: number, ordinal: number) => void): void {
    this.#segment.postings.decode(term, buffer);
    let at = 0;
    for (let i = 0; i < buffer.length && at < docs.length; i += 1) {
      const doc = buffer.docs[i] ?? 0;
      while (at < docs.length && (docs[at] ?? 0) < doc) at += 1;
      if (docs[at] === doc) take(at, i);
    }
  }
}

const encoder = new TextEncoder();
