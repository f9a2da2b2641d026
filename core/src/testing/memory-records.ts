import type { Clock } from "../clock.ts";
import {
  type Change,
  type Condition,
  checkLimits,
  type Key,
  keyOf,
  type Range,
  type Records,
  RecordsConflict,
  type Row,
} from "../records.ts";

interface Partition {
  readonly rows: Map<string, Row>;
  /** The sort keys in order; made when asked for, dropped when a key comes or goes. */
  sorted: string[] | undefined;
}

/** Records in memory: for tests, and the plainest reading of what the port promises. Passes `testRecords`. */
export class MemoryRecords implements Records {
  readonly #clock: Clock;
  readonly #partitions = new Map<string, Partition>();
  /** Calls of `write` that wrote; tests of what is atomic count them. */
  writes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: Key): Promise<Row | undefined> {
    const row = this.#live(key);
    return row && { ...row, body: row.body.slice() };
  }

  async getMany(keys: readonly Key[]): Promise<(Row | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async *query(partition: string, range: Range = {}): AsyncIterable<Row> {
    const held = this.#partitions.get(partition);
    if (!held) return;
    held.sorted ??= [...held.rows.keys()].sort(compareUtf8);
    const sorts = held.sorted.filter((sort) => within(sort, range));
    if (range.reverse) sorts.reverse();
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    for (const sort of sorts) {
      if (left <= 0) return;
      const row = await this.get({ partition, sort });
      if (!row) continue;
      left -= 1;
      yield row;
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    checkLimits(changes);
    for (const change of changes) {
      if (change.if && !this.#holds(keyOf(change), change.if)) throw new RecordsConflict(pick(keyOf(change)));
    }
    for (const change of changes) {
      if ("put" in change) this.#put(change.put);
      else if ("delete" in change) this.#delete(change.delete);
    }
    this.writes += 1;
  }

  #put(row: Key & { body: Uint8Array; expiresAt?: number }): void {
    const version = (this.#live(row)?.version ?? 0) + 1;
    const held = this.#partitions.get(row.partition) ?? { rows: new Map(), sorted: undefined };
    this.#partitions.set(row.partition, held);
    if (!held.rows.has(row.sort)) held.sorted = undefined;
    held.rows.set(row.sort, {
      ...pick(row),
      body: row.body.slice(),
      version,
      ...(row.expiresAt === undefined ? {} : { expiresAt: row.expiresAt }),
    });
  }

  #delete(key: Key): void {
    const held = this.#partitions.get(key.partition);
    if (held?.rows.delete(key.sort)) held.sorted = undefined;
  }

  #live(key: Key): Row | undefined {
    const row = this.#partitions.get(key.partition)?.rows.get(key.sort);
    return row?.expiresAt !== undefined && row.expiresAt <= this.#clock.now() ? undefined : row;
  }

  #holds(key: Key, condition: Condition): boolean {
    const row = this.#live(key);
    return condition === "absent" ? row === undefined : row?.version === condition.version;
  }
}

function pick(key: Key): Key {
  return { partition: key.partition, sort: key.sort };
}

function within(sort: string, range: Range): boolean {
  return (
    (range.from === undefined || compareUtf8(sort, range.from) >= 0) &&
    (range.after === undefined || compareUtf8(sort, range.after) > 0) &&
    (range.to === undefined || compareUtf8(sort, range.to) <= 0) &&
    (range.prefix === undefined || sort.startsWith(range.prefix))
  );
}

/**
 * The order of the UTF-8 bytes, which is the order of the code points. JavaScript compares UTF-16 units, which puts
 * what lies beyond U+FFFF (surrogates, from 0xD800) before U+E000 to U+FFFF; the two are swapped back here.
 */
function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointOrder(x) - codePointOrder(y);
  }
  return a.length - b.length;
}

function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
