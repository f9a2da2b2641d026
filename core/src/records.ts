/**
 * Records: the port for small rows. Two adapters: node:sqlite at home, one DynamoDB table on AWS; the shape fits both.
 *
 * What an adapter promises (and `testing/records-contract.ts` checks):
 * - `write` is atomic: after a crash either every change of a call is there or none. When it resolves the changes are
 *   durable (they survive the loss of power at home, of an instance on AWS).
 * - Reads are strongly consistent: a resolved write is seen by every later read.
 * - `query` is no snapshot: rows written while iterating may or may not appear; no row appears twice.
 * - An expired row (`expiresAt <= now`) is never returned and counts as absent in a condition, whether or not a sweeper
 *   has removed it yet.
 * - The adapter never sees plain content: `body` is sealed by the caller. Plain are only partition, sort, version,
 *   expiry and the body's size.
 * - Nobody retries inside: a refused condition is `RecordsConflict`, anything else is thrown with its cause.
 */
export interface Records {
  get(key: Key): Promise<Row | undefined>;
  /** Several keys at once, in the order asked; a missing or expired row is undefined. */
  getMany(keys: readonly Key[]): Promise<(Row | undefined)[]>;
  /** The rows of a partition by sort key (bytewise UTF-8 order). */
  query(partition: string, range?: Range): AsyncIterable<Row>;
  /** All or none: at most 100 changes and 3.5 MB of bodies, each key once. */
  write(changes: readonly Change[]): Promise<void>;
}

export interface Key {
  readonly partition: string;
  readonly sort: string;
}

export interface Row extends Key {
  /** Sealed bytes, at most `MAX_BODY` of them. */
  readonly body: Uint8Array;
  /** 1 when created, one more with every put. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}

export interface Range {
  /** Inclusive lower bound of the sort key. */
  readonly from?: string;
  /** Exclusive lower bound: rows strictly after this sort key. */
  readonly after?: string;
  /** Inclusive upper bound. */
  readonly to?: string;
  /** Only sort keys with this prefix. */
  readonly prefix?: string;
  /** Newest (largest sort key) first. */
  readonly reverse?: boolean;
  readonly limit?: number;
}

export type Change =
  | { readonly put: NewRow; readonly if?: Condition }
  | { readonly delete: Key; readonly if?: Condition }
  /** Writes nothing; the whole call fails unless the condition holds. */
  | { readonly check: Key; readonly if: Condition };

export interface NewRow extends Key {
  readonly body: Uint8Array;
  readonly expiresAt?: number;
}

/** `"absent"`: no live row has the key. A number: the live row has this version. */
export type Condition = "absent" | { readonly version: number };

/** 350 kB: a DynamoDB item is at most 400 KB with its keys and attributes. */
export const MAX_BODY = 350_000;
export const MAX_CHANGES = 100;
export const MAX_WRITE_BYTES = 3_500_000;

/** A condition did not hold; nothing was written. `key` is the first key that refused. */
export class RecordsConflict extends Error {
  readonly key: Key;
  constructor(key: Key) {
    super(`The row ${key.partition}/${key.sort} has been changed by someone else; read it again and retry.`);
    this.name = "RecordsConflict";
    this.key = key;
  }
}

/** The call breaks a limit of the port (a body over 350 kB, a key twice, over 100 changes or 3.5 MB). A programming error. */
export class RecordsLimit extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RecordsLimit";
  }
}

/**
 * Throws `RecordsLimit` when a call of `write` breaks a limit of the port. Every adapter calls it before it touches
 * anything, so that a caller meets the same limits at home, on AWS and in a test.
 */
export function checkLimits(changes: readonly Change[]): void {
  if (changes.length > MAX_CHANGES) {
    throw new RecordsLimit(`One write holds at most ${MAX_CHANGES} changes, not ${changes.length}; write in several.`);
  }
  const seen = new Set<string>();
  let bytes = 0;
  for (const change of changes) {
    const { partition, sort } = keyOf(change);
    const key = `${partition.length} ${partition}${sort}`;
    if (seen.has(key)) throw new RecordsLimit(`The row ${partition}/${sort} stands twice in one write; say it once.`);
    seen.add(key);
    if (!("put" in change)) continue;
    const size = change.put.body.byteLength;
    if (size > MAX_BODY) {
      throw new RecordsLimit(
        `The row ${partition}/${sort} has ${size} bytes, over ${MAX_BODY}; keep what is larger in a blob.`,
      );
    }
    bytes += size;
  }
  if (bytes > MAX_WRITE_BYTES) {
    throw new RecordsLimit(`One write holds at most ${MAX_WRITE_BYTES} bytes, not ${bytes}; write in several.`);
  }
}

/** The key a change is about. */
export function keyOf(change: Change): Key {
  return "put" in change ? change.put : "delete" in change ? change.delete : change.check;
}
