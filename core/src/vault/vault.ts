import type { Change } from "../records.ts";

/**
 * The vault: what the rest of the house may ask of sealing. `keys.ts` builds it, `seal.ts` does the cryptography.
 *
 * root key → domain keys → data keys. A domain key never seals content, only data keys; one data key per *scope*: an
 * item, a conversation, a memory, a task, a source, or a standing scope of the house (`house:jobs`, `house:settings`).
 * Destroying a scope's data key makes everything sealed under it unreadable, wherever copies of the ciphertext lie.
 */
export type Domain = "private" | "published" | "visitor" | "hands" | "index";
export const DOMAINS: readonly Domain[] = ["private", "published", "visitor", "hands", "index"];

/**
 * What a sealed value is bound to. With the tenant, the domain and the data key's id it becomes the C2SP context, so a
 * value moved to another row, table or field does not open.
 */
export interface SealContext {
  readonly table: string;
  readonly id: string;
  readonly field: string;
}

/**
 * Random access to sealed bytes: their total size and a way to read some of them. Only `openEach` reads
 * on before it is done with what it has: three pieces are in use at a time.
 */
export interface SealedSource {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export type TakePlain = (plain: Uint8Array, offset: number, size: number) => void;

export interface DataKey {
  readonly domain: Domain;
  readonly scope: string;
  /** C2SP chunked encryption: 72 bytes more than the plain ones, 16 more for each further 16 KiB. */
  seal(context: SealContext, plain: Uint8Array): Uint8Array;
  /** Throws `SealBroken` when a bit, the context or the key is not the one it was sealed with. */
  open(context: SealContext, sealed: Uint8Array): Uint8Array;
  /** Seals while it streams; holds one chunk. */
  sealStream(context: SealContext, plain: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Opens while it streams; yields only authenticated bytes; throws at the end when truncated. */
  openStream(context: SealContext, sealed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Opens `length` bytes from `offset` of the plain text, reading only the chunks they lie in. */
  openRange(context: SealContext, source: SealedSource, offset: number, length: number): Promise<Uint8Array>;
  /**
   * Opens everything, reading about `piece` sealed bytes at a time, and the next two pieces while one is opened. `take` is given the
   * plain bytes in their order, authentic ones only, with where they begin and how many there are in all; that the last
   * were there is known once it resolves. The plain bytes are gone when `take` returns: it copies what it keeps.
   */
  openEach(context: SealContext, source: SealedSource, piece: number, take: TakePlain): Promise<void>;
}

export interface Vault {
  /** A random id of this home, bound into every context. */
  readonly tenant: string;
  /**
   * A fresh data key for a scope, and the change that stores it wrapped. The caller writes that change together with
   * the first rows sealed under the key; until then the key is not durable.
   */
  create(domain: Domain, scope: string): { readonly key: DataKey; readonly change: Change };
  /** The data key of a scope; cached. Throws `KeyShredded` when there is none (any more). */
  key(domain: Domain, scope: string): Promise<DataKey>;
  /** Several at once, in the order asked; a shredded one is undefined. */
  keys(domain: Domain, scopes: readonly string[]): Promise<(DataKey | undefined)[]>;
  /** A standing scope's data key, made and stored at first use. */
  standing(domain: Domain, scope: `house:${string}`): Promise<DataKey>;
  /** The change that destroys a scope's data key; `forgotten(scope)` drops it from the cache once it is written. */
  destroy(domain: Domain, scope: string): Change;
  forgotten(domain: Domain, scope: string): void;
  /**
   * HMAC-SHA-256 under the domain's HMAC key (which survives rotation), base64url, over the purpose and the parts
   * length-prefixed: for dedupe and opaque keys.
   */
  hmac(domain: Domain, purpose: string, ...parts: readonly (string | Uint8Array)[]): string;
  /** Work counted, for tests and metrics. */
  readonly counts: VaultCounts;
}

export interface VaultCounts {
  /** Calls of the key ring's unwrap: one per domain and process. */
  ringUnwraps: number;
  dataKeysMade: number;
  dataKeysUnwrapped: number;
  dataKeysCached: number;
}

/** The bytes are not what was sealed here: damaged, truncated, moved from another place, or sealed under another key. */
export class SealBroken extends Error {
  constructor(what: string) {
    super(`${what} does not open: it is damaged, or was moved from where it was sealed.`);
    this.name = "SealBroken";
  }
}

/** The scope's data key does not exist: it was never made, or it was destroyed to forget what it sealed. */
export class KeyShredded extends Error {
  readonly scope: string;
  constructor(scope: string) {
    super(`Nothing sealed for ${scope} can be opened: its key was destroyed or never made.`);
    this.name = "KeyShredded";
    this.scope = scope;
  }
}
