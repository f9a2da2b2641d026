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
  #years: Int16Array | undefined;
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

  /** The UTC year of each item; 0 without a date. */
  get years(): Int16Array {
    if (!this.#years) {
      this.#years = Int16Array.from(this.columns.date, (date) =>
        Number.isNaN(date) ? 0 : new Date(date).getUTCFullYear(),
      );
    }
    return this.#years;
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
