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
  if (common.length === 0) return [];
  // All that are sealed are asked for at once; they match only once they are here.
  if (words.filter((word) => !word.hasPositions()).length > 0) return [];
  const places = words.map((word) => word.placesIn(common));
  const [start] = places;
  const matches: SequenceMatch[] = [];
  for (const [at, doc] of common.entries()) {
    let times = 0;
    for (let i = start?.first[at] ?? 0; i < (start?.first[at + 1] ?? 0); i += 1) {
      let position = start?.positions[i] ?? 0;
      // Under two terms a word may stand at one position.
      if (i > (start?.first[at] ?? 0) && position === start?.positions[i - 1]) continue;
      if (where && !where(position)) continue;
      let held = true;
      for (let word = 1; word < places.length && held; word += 1) {
        position = nextPosition(position);
        held = stands(places[word], at, position);
      }
      if (held) times += 1;
    }
    if (times > 0) matches.push({ doc, times });
  }
  return matches;
}

/** Where a word stands in some passages: in the one at `at`, `positions` from `first[at]` on, rising. */
interface Places {
  readonly first: Uint32Array;
  readonly positions: ArrayLike<number>;
}

function stands(places: Places | undefined, at: number, position: number): boolean {
  for (let i = places?.first[at] ?? 0; i < (places?.first[at + 1] ?? 0); i += 1) {
    if (places?.positions[i] === position) return true;
  }
  return false;
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

  /** Whether its positions are here. */
  hasPositions(): boolean {
    return this.#terms.filter(({ term }) => !this.#segment.postings.positionsOf(term)).length === 0;
  }

  /** Where it stands in each of `docs`, which rise. */
  placesIn(docs: Uint32Array): Places {
    const owners: number[] = [];
    const positions: number[] = [];
    for (const { term, form } of this.#terms) {
      const places: number[] = [];
      const ordinals: number[] = [];
      this.#meet(term, docs, (at, ordinal) => {
        places.push(at);
        ordinals.push(ordinal);
      });
      this.#segment.postings.positions(term, ordinals, (index, list) => {
        for (const packed of list) {
          if (form >= 0 && formAt(packed) !== form) continue;
          owners.push(places[index] ?? 0);
          positions.push(positionOf(packed));
        }
      });
    }
    const first = new Uint32Array(docs.length + 1);
    for (const owner of owners) first[owner + 1] = (first[owner + 1] ?? 0) + 1;
    for (let at = 0; at < docs.length; at += 1) first[at + 1] = (first[at + 1] ?? 0) + (first[at] ?? 0);
    // Of one term they lie in order already.
    if (this.#terms.length === 1) return { first, positions };
    const order = Uint32Array.from(owners, (_, i) => i).sort(
      (a, b) => (owners[a] ?? 0) - (owners[b] ?? 0) || (positions[a] ?? 0) - (positions[b] ?? 0),
    );
    return { first, positions: Uint32Array.from(order, (i) => positions[i] ?? 0) };
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
