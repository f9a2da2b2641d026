import { compareBytes, type StringTable } from "./strings.ts";

/**
 * Walks several sorted string tables at once, least string first. Each table's next string is compared by a number made
 * of six of its bytes, and only where those are alike by the rest.
 */
export class TableWalk {
  /** The tables that have the string at hand, in their order. */
  readonly holders: number[] = [];
  /** By table: the position of its next string, which in a holder is the one at hand. */
  readonly at: Uint32Array;
  readonly #tables: readonly StringTable[];
  /** By table: the next string's bytes behind `#shared`, as a number; infinite where none is left. */
  readonly #key: Float64Array;
  /** Bytes that all strings of all tables begin with (ids of one time do). */
  readonly #shared: number;

  constructor(tables: readonly StringTable[]) {
    this.#tables = tables;
    this.at = new Uint32Array(tables.length);
    this.#key = new Float64Array(tables.length);
    this.#shared = sharedBy(tables);
    for (let table = 0; table < tables.length; table += 1) this.#read(table);
  }

  /** Goes on to the next string; false at the end. */
  next(): boolean {
    const { holders } = this;
    for (const table of holders) {
      this.at[table] = (this.at[table] ?? 0) + 1;
      this.#read(table);
    }
    holders.length = 0;
    let best = Number.POSITIVE_INFINITY;
    for (let table = 0; table < this.#key.length; table += 1) {
      const key = this.#key[table] ?? best;
      if (key > best || key === Number.POSITIVE_INFINITY) continue;
      const order = key < best ? -1 : this.#compare(table, holders[0] ?? 0);
      if (order > 0) continue;
      if (order < 0) holders.length = 0;
      holders.push(table);
      best = key;
    }
    return holders.length > 0;
  }

  #compare(a: number, b: number): number {
    const x = this.#tables[a];
    const y = this.#tables[b];
    if (!x || !y) return 0;
    const xAt = this.at[a] ?? 0;
    const yAt = this.at[b] ?? 0;
    const xStart = x.starts[xAt] ?? 0;
    const yStart = y.starts[yAt] ?? 0;
    return compareBytes(x.bytes, xStart, x.starts[xAt + 1] ?? 0, y.bytes, yStart, y.starts[yAt + 1] ?? 0);
  }

  #read(table: number): void {
    const { bytes, starts, length } = this.#tables[table] ?? NONE;
    const at = this.at[table] ?? 0;
    this.#key[table] =
      at < length ? keyOf(bytes, (starts[at] ?? 0) + this.#shared, starts[at + 1] ?? 0) : Number.POSITIVE_INFINITY;
  }
}

const NONE = { bytes: new Uint8Array(0), starts: new Uint32Array(0), length: 0 };

/** Six bytes as a whole number; where the string ends, zeros. */
function keyOf(bytes: Uint8Array, from: number, end: number): number {
  let key = 0;
  for (let i = from; i < from + 6; i += 1) key = key * 256 + (i < end ? (bytes[i] ?? 0) : 0);
  return key;
}

function sharedBy(tables: readonly StringTable[]): number {
  const ends = tables
    .filter((table) => table.length > 0)
    .flatMap((table) => [table.bytesAt(0), table.bytesAt(table.length - 1)]);
  const [first = new Uint8Array(0), ...others] = ends;
  let shared = first.length;
  // They are sorted, so what the first and the last of a table share stands in all between.
  for (const other of others) {
    let same = 0;
    while (same < shared && first[same] === other[same]) same += 1;
    shared = same;
  }
  return shared;
}
