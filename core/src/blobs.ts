/**
 * Blobs: the port for large sealed bytes. Two adapters: a folder at home, S3 on AWS.
 *
 * What an adapter promises (and `testing/blobs-contract.ts` checks):
 * - A blob is immutable. `put` of a name that exists is an error (`BlobExists`).
 * - `put` is atomic and durable: until it resolves no reader sees any of it; a crash leaves no half blob visible, and
 *   leftovers of a crash are removed at the next start. When it rejects nothing is visible.
 * - The bytes are sealed by the caller. Plain are only the name (an opaque id) and the size.
 */
export interface Blobs {
  /** Stores the bytes as they stream. Returns the size stored. */
  put(name: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<number>;
  /**
   * The bytes, or `range` of them: `length` bytes from `offset` (fewer at the end). Undefined when there is none. An
   * adapter may put them `into` the room given, of at least `length` bytes, and return a view of it.
   */
  get(name: string, range?: BlobRange): Promise<Uint8Array | undefined>;
  /** Its size in bytes, or undefined. */
  size(name: string): Promise<number | undefined>;
  /** Deleting what is not there is no error. */
  delete(name: string): Promise<void>;
  /** Names with the prefix, in no particular order. */
  list(prefix?: string): AsyncIterable<string>;
}

export interface BlobRange {
  readonly offset: number;
  readonly length: number;
  readonly into?: Uint8Array;
}

/**
 * Names are `[a-z0-9._-]`, at most 200 characters, with `/` between parts; anything else is an error. No capitals: many
 * disks take two names that differ only in case for one.
 */
export const BLOB_NAME = /^[a-z0-9_-][a-z0-9._-]*(?:\/[a-z0-9_-][a-z0-9._-]*)*$/;

export class BlobExists extends Error {
  constructor(name: string) {
    super(`A blob named ${name} already exists; blobs are immutable.`);
    this.name = "BlobExists";
  }
}
