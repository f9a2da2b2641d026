import type { ItemKind, PersonRole, Trust } from "../../item.ts";
import { ITEM_KINDS } from "../../item.ts";
import { fold } from "../fold.ts";
import type { SealedPositions } from "./positions.ts";
import { type PostingColumns, PostingReader } from "./postings.ts";
import { compareBytes, type StringTable } from "./strings.ts";

/**
 * A segment: items and the postings of their passages, immutable, as columns. The same columns are in RAM and (sealed)
 * on disk; see docs/segment-format.md. Items lie in the order of their ids, passages in the order of their items.
 */
export interface SegmentColumns extends PostingColumns {
  readonly ids: StringTable;
  readonly terms: StringTable;
  /** `name NUL address`, either of them empty. */
  readonly persons: StringTable;
  readonly sources: StringTable;
  readonly threads: StringTable;
  readonly filenames: StringTable;
  readonly has: StringTable;
  /** Languages by whose stemmer passages were analysed. */
  readonly languages: StringTable;
  /** By item. */
  readonly kind: Uint8Array;
  readonly trust: Uint8Array;
  readonly source: Uint32Array;
  /** Milliseconds since the epoch; NaN for none. */
  readonly date: Float64Array;
  /** One more than the position in `threads`; 0 for none. So too `filename`. */
  readonly thread: Uint32Array;
  readonly filename: Uint32Array;
  /** Bit n: has what `has` says at n. */
  readonly hasBits: Uint32Array;
  /** Which put of the item this is: the number of the flush that first sealed it. */
  readonly version: Uint32Array;
  /** Two 32-bit hashes of what the item says, to fold exact duplicates. */
  readonly hashA: Uint32Array;
  readonly hashB: Uint32Array;
  /** First passage; one more than there are items. */
  readonly firstPassage: Uint32Array;
  /** First entry in `people`; one more than there are items. */
  readonly firstPerson: Uint32Array;
  /** `role << 24 | person`. */
  readonly people: Uint32Array;
}

export const ROLES: readonly PersonRole[] = [
  "from",
  "to",
  "cc",
  "bcc",
  "reply-to",
  "organizer",
  "attendee",
  "author",
  "self",
];
export const TRUSTS: readonly Trust[] = ["owner", "contact", "stranger"];
export const KINDS: readonly ItemKind[] = ITEM_KINDS;

export class Segment {
  readonly columns: SegmentColumns;
  readonly postings: PostingReader;
  /** Where its positions are, when they are not among the columns. */
  readonly sealedPositions: SealedPositions | undefined;
  readonly items: number;
  readonly passages: number;
  #itemOf: Uint32Array | undefined;
  #fences: Float64Array | undefined;
  #facets: ItemFacets | undefined;
  #shownPersons: ShownPersons | undefined;
  readonly #personsIn = new WeakMap<Segment, Uint32Array>();
  #languages: readonly string[] | undefined;
  #foldedPersons: string[] | undefined;
  #foldedFilenames: string[] | undefined;

  constructor(columns: SegmentColumns, sealed?: SealedPositions) {
    this.columns = columns;
    this.postings = new PostingReader(columns, sealed);
    this.sealedPositions = sealed;
    this.items = columns.ids.length;
    this.passages = columns.firstPassage[this.items] ?? 0;
  }

  /** The position of a term, or -1. */
  findTerm(wanted: Uint8Array): number {
    const { terms } = this.columns;
    this.#fences ??= fencesOf(terms);
    const fences = this.#fences;
    const beginning = beginningOf(wanted, 0, wanted.length);
    // Among fences that begin alike the term may stand before the first and after the last of them.
    let low = lowerBound(fences, beginning);
    let high = lowerBound(fences, beginning + 1);
    low = Math.max(0, low - 1) * FENCE;
    high = Math.min(terms.length, high * FENCE);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (terms.compare(middle, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low < terms.length && terms.compare(low, wanted) === 0 ? low : -1;
  }

  /** The item of each passage. */
  get itemOf(): Uint32Array {
    if (!this.#itemOf) {
      const itemOf = new Uint32Array(this.passages);
      const { firstPassage } = this.columns;
      for (let item = 0; item < this.items; item += 1) itemOf.fill(item, firstPassage[item], firstPassage[item + 1]);
      this.#itemOf = itemOf;
    }
    return this.#itemOf;
  }

  /** Of its items, each once. */
  get languages(): readonly string[] {
    const { languages } = this.columns;
    this.#languages ??= Array.from({ length: languages.length }, (_, i) => languages.at(i));
    return this.#languages;
  }

  get facets(): ItemFacets {
    this.#facets ??= itemFacetsOf(this.columns);
    return this.#facets;
  }

  /** What is shown of each person, the name or else the address: where it lies in the table, and its hash, 0 for nothing. */
  get shownPersons(): ShownPersons {
    this.#shownPersons ??= shownPersonsOf(this.columns.persons);
    return this.#shownPersons;
  }

  /**
   * Who of `base` each person is: one more than the first there of whom the same is shown, 0 where there is none. Made
   * once for two segments, since most people stand in both.
   */
  personsIn(base: Segment): Uint32Array {
    let known = this.#personsIn.get(base);
    if (!known) {
      known = samePersons(this, base);
      this.#personsIn.set(base, known);
    }
    return known;
  }

  shownPerson(person: number): string {
    const { start, end } = this.shownPersons;
    return decoder.decode(this.columns.persons.bytes.subarray(start[person], end[person]));
  }

  get foldedPersons(): readonly string[] {
    this.#foldedPersons ??= foldedAll(this.columns.persons);
    return this.#foldedPersons;
  }

  get foldedFilenames(): readonly string[] {
    this.#foldedFilenames ??= foldedAll(this.columns.filenames);
    return this.#foldedFilenames;
  }

  /** With all its positions in RAM, as merging wants it; this one is left as it is. */
  async whole(): Promise<Segment> {
    if (!this.sealedPositions) return this;
    return new Segment({ ...this.columns, positions: await this.sealedPositions.whole() });
  }

  get bytes(): number {
    let bytes = 0;
    for (const column of Object.values(this.columns)) {
      if (column === undefined) continue;
      bytes += "byteLength" in column ? column.byteLength : column.bytes.byteLength + column.starts.byteLength;
    }
    return bytes;
  }
}

/** So many terms share a fence: its beginning, in an array that is searched without leaving the processor's cache. */
const FENCE = 64;

function fencesOf({ length, bytes, starts }: StringTable): Float64Array {
  return Float64Array.from({ length: Math.ceil(length / FENCE) }, (_, i) =>
    beginningOf(bytes, starts[i * FENCE] ?? 0, starts[i * FENCE + 1] ?? 0),
  );
}

/** The first six bytes as one number, in the order of the strings. */
function beginningOf(bytes: Uint8Array, start: number, end: number): number {
  let beginning = 0;
  for (let i = 0; i < 6; i += 1) beginning = beginning * 256 + (start + i < end ? (bytes[start + i] ?? 0) : 0);
  return beginning;
}

/** The first position whose number is not less. */
function lowerBound(sorted: Float64Array, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function foldedAll(table: StringTable): string[] {
  return Array.from({ length: table.length }, (_, i) => fold(table.at(i)));
}

const decoder = new TextDecoder();

/**
 * What is counted of an item, together, because matches lie far apart in memory: at `item * FACETS_STRIDE` the number
 * `((kind * sources + source) * years + year) * PEOPLE_COUNTS` and how many people, and these: up to `INLINE_PEOPLE` in
 * place; of more, which count as one more than that, where they begin in `overflow` and how many they are. Somebody who is
 * both sender and recipient is one. Mostly all of these numbers fit in 16 bits: then an item takes eight bytes.
 */
export interface ItemFacets {
  readonly byItem: Uint16Array | Uint32Array;
  readonly overflow: Uint32Array;
  /** UTC; 0 for items without a date. */
  readonly years: readonly number[];
}

export const FACETS_STRIDE = 4;
export const INLINE_PEOPLE = 3;
export const PEOPLE_COUNTS = INLINE_PEOPLE + 2;

function itemFacetsOf({ kind, source, date, sources, firstPerson, people, persons }: SegmentColumns): ItemFacets {
  const { yearOf, years } = yearsOf(date);
  const byItem = new Uint32Array(date.length * FACETS_STRIDE);
  const overflow: number[] = [];
  for (let item = 0; item < date.length; item += 1) {
    const at = item * FACETS_STRIDE;
    const first = firstPerson[item] ?? 0;
    const end = firstPerson[item + 1] ?? 0;
    let count = putInline(people, first, end, byItem, at + 1);
    if (count > INLINE_PEOPLE) {
      const met = new Set<number>();
      for (let i = first; i < end; i += 1) met.add((people[i] ?? 0) & PERSON);
      byItem[at + 1] = overflow.length;
      byItem[at + 2] = met.size;
      byItem[at + 3] = 0;
      for (const person of met) overflow.push(person);
      count = INLINE_PEOPLE + 1;
    }
    const code = ((kind[item] ?? 0) * sources.length + (source[item] ?? 0)) * years.length + (yearOf[item] ?? 0);
    byItem[at] = code * PEOPLE_COUNTS + count;
  }
  const codes = KINDS.length * sources.length * years.length * PEOPLE_COUNTS;
  const isNarrow = Math.max(codes, persons.length, overflow.length) <= 2 ** 16;
  return { byItem: isNarrow ? new Uint16Array(byItem) : byItem, overflow: Uint32Array.from(overflow), years };
}

/** Of an entry of the column `people`; above it lie the roles. */
const PERSON = 0xffffff;

/** Puts different people, up to `INLINE_PEOPLE` of them, from `into` on. How many there are; one more than that when more. */
function putInline(people: Uint32Array, first: number, end: number, byItem: Uint32Array, into: number): number {
  let count = 0;
  for (let i = first; i < end; i += 1) {
    const person = (people[i] ?? 0) & PERSON;
    let n = 0;
    while (n < count && byItem[into + n] !== person) n += 1;
    if (n < count) continue;
    if (count === INLINE_PEOPLE) return INLINE_PEOPLE + 1;
    byItem[into + count] = person;
    count += 1;
  }
  return count;
}

function yearsOf(date: Float64Array): { yearOf: Uint32Array; years: number[] } {
  const yearOf = new Uint32Array(date.length);
  const years: number[] = [];
  const placeOf = new Map<number, number>();
  let [last, lastPlace] = [Number.NaN, 0];
  for (let item = 0; item < date.length; item += 1) {
    const year = yearAt(date[item] ?? Number.NaN);
    if (year !== last) {
      lastPlace = placeOf.get(year) ?? years.length;
      if (lastPlace === years.length) years.push(year);
      placeOf.set(year, lastPlace);
      last = year;
    }
    yearOf[item] = lastPlace;
  }
  return { yearOf, years };
}

const FIRST_YEAR = 1900;
const LAST_YEAR = 2200;
const YEAR_MS = 31_556_952_000;
/** When each year begins, from the one before the first to the one after the last. */
const BEGINNINGS = Float64Array.from({ length: LAST_YEAR - FIRST_YEAR + 3 }, (_, i) =>
  Date.UTC(FIRST_YEAR - 1 + i, 0, 1),
);

/** UTC; 0 for no date. Counted in years of the mean length it is off by one at most, which is far faster to mend than a date to make. */
function yearAt(at: number): number {
  const year = 1970 + Math.floor(at / YEAR_MS);
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return Number.isNaN(at) ? 0 : new Date(at).getUTCFullYear();
  const place = year - FIRST_YEAR + 1;
  if (at < (BEGINNINGS[place] ?? 0)) return year - 1;
  return at < (BEGINNINGS[place + 1] ?? 0) ? year : year + 1;
}

interface ShownPersons {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly hash: Uint32Array;
}

function shownPersonsOf({ bytes, starts, length }: StringTable): ShownPersons {
  const shown = { start: new Uint32Array(length), end: new Uint32Array(length), hash: new Uint32Array(length) };
  for (let person = 0; person < length; person += 1) {
    let start = starts[person] ?? 0;
    const last = starts[person + 1] ?? start;
    let end = start;
    while (end < last && bytes[end] !== 0) end += 1;
    if (end === start && end < last) {
      start = end + 1;
      end = last;
    }
    // FNV-1a; what is shown is never 0.
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
    shown.start[person] = start;
    shown.end[person] = end;
    shown.hash[person] = start === end ? 0 : hash >>> 0 || 1;
  }
  return shown;
}

function samePersons(segment: Segment, base: Segment): Uint32Array {
  const firstByHash = new Map<number, number>();
  const nextAlike = new Uint32Array(base.shownPersons.hash.length);
  const inBase = base.shownPersons.hash;
  for (let person = inBase.length - 1; person >= 0; person -= 1) {
    const hash = inBase[person] ?? 0;
    nextAlike[person] = firstByHash.get(hash) ?? 0;
    firstByHash.set(hash, person + 1);
  }
  const { hash } = segment.shownPersons;
  const same = new Uint32Array(hash.length);
  for (let person = 0; person < hash.length; person += 1) {
    let other = hash[person] === 0 ? 0 : (firstByHash.get(hash[person] ?? 0) ?? 0);
    while (other > 0 && compareShown(segment, person, base, other - 1) !== 0) other = nextAlike[other - 1] ?? 0;
    same[person] = other;
  }
  return same;
}

/** The bytewise order of what is shown of two persons. */
export function compareShown(a: Segment, personA: number, b: Segment, personB: number): number {
  const { start: startA, end: endA } = a.shownPersons;
  const { start: startB, end: endB } = b.shownPersons;
  const inA = a.columns.persons.bytes;
  const inB = b.columns.persons.bytes;
  return compareBytes(inA, startA[personA] ?? 0, endA[personA] ?? 0, inB, startB[personB] ?? 0, endB[personB] ?? 0);
}
