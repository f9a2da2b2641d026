import type { ItemKind, PersonRole, Trust } from "../../item.ts";
import { ITEM_KINDS } from "../../item.ts";
import { fold } from "../fold.ts";
import { type PostingColumns, PostingReader } from "./postings.ts";
import type { StringTable } from "./strings.ts";

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
  readonly items: number;
  readonly passages: number;
  #itemOf: Uint32Array | undefined;
  #facetOf: FacetCodes | undefined;
  #shownPersons: ShownPersons | undefined;
  #foldedPersons: string[] | undefined;
  #foldedFilenames: string[] | undefined;

  constructor(columns: SegmentColumns) {
    this.columns = columns;
    this.postings = new PostingReader(columns);
    this.items = columns.ids.length;
    this.passages = columns.firstPassage[this.items] ?? 0;
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

  /**
   * By item one number that says what is counted of it: `(kind * sources + source) * years + year`, the year as its
   * position in `years` (UTC; 0 for items without a date).
   */
  get facetOf(): FacetCodes {
    this.#facetOf ??= facetCodesOf(this.columns);
    return this.#facetOf;
  }

  /** What is shown of each person, the name or else the address: where it lies in the table, and its hash, 0 for nothing. */
  get shownPersons(): ShownPersons {
    this.#shownPersons ??= shownPersonsOf(this.columns.persons);
    return this.#shownPersons;
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

  get bytes(): number {
    let bytes = 0;
    for (const column of Object.values(this.columns)) {
      bytes += "byteLength" in column ? column.byteLength : column.bytes.byteLength + column.starts.byteLength;
    }
    return bytes;
  }
}

function foldedAll(table: StringTable): string[] {
  return Array.from({ length: table.length }, (_, i) => fold(table.at(i)));
}

const decoder = new TextDecoder();

interface FacetCodes {
  readonly byItem: Uint32Array;
  readonly years: readonly number[];
}

function facetCodesOf({ kind, source, date, sources }: SegmentColumns): FacetCodes {
  const byItem = new Uint32Array(date.length);
  const years: number[] = [];
  const placeOf = new Map<number, number>();
  // Most dates lie in the year of the one before them, from `from` to before `end`.
  let place = 0;
  let from = Number.NaN;
  let end = Number.NaN;
  for (let item = 0; item < date.length; item += 1) {
    const at = date[item] ?? Number.NaN;
    if (!(at >= from && at < end)) {
      const year = Number.isNaN(at) ? 0 : new Date(at).getUTCFullYear();
      place = placeOf.get(year) ?? years.push(year) - 1;
      placeOf.set(year, place);
      // Years below 100 are others to `Date.UTC`.
      from = year < 100 ? Number.NaN : Date.UTC(year, 0, 1);
      end = Date.UTC(year + 1, 0, 1);
    }
    byItem[item] = place;
  }
  for (let item = 0; item < byItem.length; item += 1) {
    const pair = (kind[item] ?? 0) * sources.length + (source[item] ?? 0);
    byItem[item] = pair * years.length + (byItem[item] ?? 0);
  }
  return { byItem, years };
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
