import type { Blobs } from "../../blobs.ts";
import { newId } from "../../ids.ts";
import type { ItemId } from "../../item.ts";
import { type Change, RecordsConflict } from "../../records.ts";
import type { Place, SealedRecords } from "../../vault/sealed-records.ts";
import { type DataKey, KeyShredded, SealBroken, type SealedSource } from "../../vault/vault.ts";
import { joined, SegmentMalformed } from "./codec.ts";
import { breathing, inPieces } from "./in-slices.ts";
import { IndexWriterLost, type WriterLease } from "./lease.ts";
import type { Desk } from "./loading.ts";
import type { ReadSealed } from "./positions.ts";

/**
 * The manifest: one sealed row that names the segments in force. Swapping it, under a condition on its version and on
 * the writer's lease, is the one moment at which a flush, a merge or a rewrite happens; before it the new blobs are
 * orphans, after it the old ones are, and orphans are swept at the next open. A segment is sealed under a data key of
 * its own, which the swap that drops the segment destroys with it.
 */
export interface Manifest {
  readonly format: 1;
  /** The number the next flush's items get. */
  readonly nextVersion: number;
  /** Every item up to this id is in a sealed segment (or gone, or has an `again` row); later ones are replayed. */
  readonly mark?: ItemId;
  /** Whose vectors are in force; there may be some of an older embedder still. */
  readonly embedder?: string;
  /** Of two that hold an item's vectors the later has them as they are. */
  readonly segments: readonly SegmentEntry[];
}

export interface SegmentEntry {
  readonly id: string;
  readonly kind: "words" | "vectors";
  /** Of vectors: who made them. Not there in manifests of the first days. */
  readonly embedder?: string;
  readonly items: number;
  readonly bytes: number;
  /** The span of its items' ids: what must be read again should it be damaged. */
  readonly firstItem: ItemId;
  readonly lastItem: ItemId;
}

/** The vectors' segments as they are to be placed: an older embedder's first, since it gives way where both have some. */
export function vectorsInOrder({ segments, embedder }: Manifest): SegmentEntry[] {
  const vectors = segments.filter(({ kind }) => kind === "vectors");
  const isOlder = (entry: SegmentEntry) => embedder !== undefined && (entry.embedder ?? embedder) !== embedder;
  return [...vectors.filter(isOlder), ...vectors.filter((entry) => !isOlder(entry))];
}

export class IndexTooNew extends Error {
  constructor(format: number) {
    super(
      `The search index was written by a newer Steward (format ${format}; this one reads 1). ` +
        "Nothing was changed: update this Steward, or start the newer one again.",
    );
    this.name = "IndexTooNew";
  }
}

class SegmentMissing extends Error {
  constructor() {
    super("its blob is missing");
    this.name = "SegmentMissing";
  }
}

/** Whether this says that a segment is not what was stored, rather than that the store did not answer. */
export function isDamage(error: unknown): error is Error {
  return [SegmentMissing, SegmentMalformed, SealBroken, KeyShredded].some((kind) => error instanceof kind);
}

export const PARTITION = "index";
const SCOPE = "house:index";
const PLACE: Place = { partition: PARTITION, sort: "manifest", scope: SCOPE, domain: "index" };
export const GONE = "gone/";
export const AGAIN = "again/";
const BLOB_PREFIX = "index/";
/** Changes of one write, so that the lease and the manifest find room beside them. */
const ROWS_PER_WRITE = 90;

/** A sealed blob that is not in the manifest yet, and the change that makes its key durable with the swap. */
export interface Stored {
  readonly entry: SegmentEntry;
  readonly keyChange: Change;
}

export class ManifestStore {
  readonly #sealed: SealedRecords;
  readonly #blobs: Blobs;
  readonly #lease: WriterLease | undefined;
  #version: number | undefined;
  /** A swap failed in a way that does not tell whether it happened. */
  #isUnsure = false;
  /** Blobs that were stored for a swap which has not happened yet. */
  readonly #unnamed = new Set<string>();
  /** Those of them whose keys were written ahead of it, because there were too many for one write. */
  readonly #early = new Set<string>();
  /** Rows and blobs that swaps have made needless. */
  readonly #left: Change[] = [];
  readonly #litter: string[] = [];

  /** Without the lease it is for reading, or for whoever knows that no index is open. */
  constructor(sealed: SealedRecords, blobs: Blobs, lease?: WriterLease) {
    this.#sealed = sealed;
    this.#blobs = blobs;
    this.#lease = lease;
  }

  /** Of the manifest that was read, or swapped in, last; 0 while there is none. */
  get version(): number {
    return this.#version ?? 0;
  }

  async read(): Promise<Manifest> {
    const stored = await this.#stored();
    this.#version = stored?.version;
    return stored?.value ?? { format: 1, nextVersion: 1, segments: [] };
  }

  async #stored(): Promise<{ value: Manifest; version: number } | undefined> {
    const stored = await this.#sealed.get<Manifest>(PLACE);
    if (stored && stored.value.format > 1) throw new IndexTooNew(stored.value.format);
    return stored;
  }

  /** Seals the bytes under a fresh key and stores them. Nobody sees the blob until a swap names it. */
  async store(pieces: readonly Uint8Array[], about: Omit<SegmentEntry, "id" | "bytes">, now: number): Promise<Stored> {
    // Room that can be made is made before more is taken.
    await this.clearAway().catch(() => undefined);
    const id = newId(now);
    const { key, change } = this.#sealed.vault.create("index", scopeOf(id));
    const plain = pieces.reduce((sum, { length }) => sum + length, 0);
    const sealed =
      plain <= AT_ONCE
        ? key.seal(contextOf(id), joined(pieces))
        : inPieces(key.sealStream(contextOf(id), breathing(pieces)));
    this.#unnamed.add(id);
    const bytes = await this.#blobs.put(BLOB_PREFIX + id, sealed);
    return { entry: { ...about, id, bytes }, keyChange: change };
  }

  /** Deletes what was stored for a swap that then failed, as far as the store lets us. */
  async discard(): Promise<void> {
    // A swap that may have happened may name them.
    if (this.#isUnsure) return;
    this.#litter.push(...this.#unnamed);
    this.#unnamed.clear();
    this.#left.push(...[...this.#early].map((id) => this.#sealed.vault.destroy("index", scopeOf(id))));
    this.#early.clear();
    await this.clearAway().catch(() => undefined);
  }

  /**
   * The opened bytes of a segment, all of which are authentic; throws when they are missing, damaged, or their key is
   * gone. On a desk they are what the desk keeps of them.
   */
  async load(entry: SegmentEntry, desk?: Desk): Promise<Uint8Array> {
    const key = await this.#key(entry);
    let opened: Uint8Array = new Uint8Array(0);
    const source = this.#source(entry, desk);
    await key.openEach(contextOf(entry.id), source, desk?.piece ?? FAR_PIECE, (plain, offset, size) => {
      if (offset === 0) opened = desk?.room(entry.kind, plain, size) ?? new Uint8Array(size);
      if (offset < opened.length) opened.set(plain.subarray(0, opened.length - offset), offset);
    });
    return opened;
  }

  /** Reads some of them; only these are opened. */
  reading(entry: SegmentEntry): ReadSealed {
    return async (offset, length) => {
      const key = await this.#key(entry);
      return key.openRange(contextOf(entry.id), this.#source(entry), offset, length);
    };
  }

  #key({ id }: SegmentEntry): Promise<DataKey> {
    return this.#sealed.vault.key("index", scopeOf(id));
  }

  #source({ id, bytes: size }: SegmentEntry, desk?: Desk): SealedSource {
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const into = desk?.next(length);
      const bytes = await this.#blobs.get(BLOB_PREFIX + id, { offset, length, ...(into ? { into } : {}) });
      if (!bytes) throw new SegmentMissing();
      return bytes;
    };
    return { size, read };
  }

  /**
   * Puts `next` in force, and calls `done` at that moment. Once it resolves the dropped segments' keys are destroyed and
   * their blobs deleted. What is more than one write holds is written before it (keys of blobs that nothing names yet)
   * or after it (keys of blobs that nothing names any more), as sweeping would. @throws IndexWriterLost
   */
  async swap(
    next: Manifest,
    stored: readonly Stored[],
    dropped: readonly SegmentEntry[],
    rows: readonly Change[],
    done: () => void,
  ): Promise<void> {
    const { vault } = this.#sealed;
    await this.#assertInStep();
    const key = await vault.standing("index", SCOPE);
    const keys = [...stored];
    while (keys.length > ROWS_PER_WRITE) {
      const early = keys.splice(0, ROWS_PER_WRITE);
      await this.#write(early.map(({ keyChange }) => keyChange));
      for (const { entry } of early) this.#early.add(entry.id);
    }
    const after = [
      ...keys.map(({ keyChange }) => keyChange),
      ...dropped.map(({ id }) => vault.destroy("index", scopeOf(id))),
      ...rows,
    ];
    const condition = this.#version === undefined ? "absent" : { version: this.#version };
    try {
      await this.#write([this.#sealed.put(key, PLACE, next, { if: condition }), ...after.splice(0, ROWS_PER_WRITE)]);
    } catch (error) {
      if (error instanceof RecordsConflict) throw new IndexWriterLost(error);
      if (error instanceof IndexWriterLost || !(await this.#happened(next))) throw error;
    }
    this.#version = this.version + 1;
    for (const { entry } of stored) this.#unnamed.delete(entry.id);
    this.#early.clear();
    done();
    for (const { id } of dropped) this.forget(id);
    this.#left.push(...after);
    this.#litter.push(...dropped.map(({ id }) => id));
    // From here on it has happened. What cannot be cleared away now is by the next swap, or the next open.
    await this.clearAway().catch(() => undefined);
  }

  /** Lets go of the key of a segment that no manifest names any more. */
  forget(segment: string): void {
    this.#sealed.vault.forgotten("index", scopeOf(segment));
  }

  /** Destroys and deletes what swaps have dropped, as far as that has not been done. */
  async clearAway(): Promise<void> {
    for (; this.#left.length > 0; this.#left.splice(0, ROWS_PER_WRITE)) {
      await this.#write(this.#left.slice(0, ROWS_PER_WRITE));
    }
    for (; this.#litter.length > 0; this.#litter.shift()) await this.#blobs.delete(BLOB_PREFIX + this.#litter[0]);
  }

  /** Whether a swap that failed is in force all the same: its answer may have been what failed. */
  async #happened(next: Manifest): Promise<boolean> {
    this.#isUnsure = true;
    try {
      const stored = await this.#stored();
      this.#isUnsure = false;
      return stored?.version === this.version + 1 && JSON.stringify(stored.value) === JSON.stringify(next);
    } catch {
      // The store answers nothing at all now; the next swap looks again.
      return false;
    }
  }

  /** @throws IndexWriterLost when a swap that seemed to fail happened, so that RAM is behind it. */
  async #assertInStep(): Promise<void> {
    if (!this.#isUnsure) return;
    if (((await this.#stored())?.version ?? 0) !== this.version) throw new IndexWriterLost();
    this.#isUnsure = false;
  }

  #write(changes: readonly Change[]): Promise<void> {
    return this.#lease ? this.#lease.write(changes) : this.#sealed.write(changes);
  }

  /** Blobs that no manifest names, and their keys: left by a crash before a swap, or between it and its sweeping. */
  async sweep(manifest: Manifest): Promise<void> {
    const named = new Set(manifest.segments.map(({ id }) => id));
    const orphans: string[] = [];
    for await (const name of this.#blobs.list(BLOB_PREFIX)) {
      const id = name.slice(BLOB_PREFIX.length);
      if (!named.has(id)) orphans.push(id);
    }
    // The keys first: a key whose blob is gone would be found by nobody.
    await this.writeRows(orphans.map((id) => this.#sealed.vault.destroy("index", scopeOf(id))));
    for (const id of orphans) await this.#blobs.delete(BLOB_PREFIX + id);
  }

  async rowChange(prefix: typeof GONE | typeof AGAIN, item: ItemId, there: boolean): Promise<Change> {
    const place = { ...PLACE, sort: prefix + item };
    if (!there) return { delete: { partition: PARTITION, sort: place.sort } };
    return this.#sealed.put(await this.#sealed.vault.standing("index", SCOPE), place, {});
  }

  async writeRows(changes: readonly Change[]): Promise<void> {
    for (let i = 0; i < changes.length; i += ROWS_PER_WRITE) {
      await this.#write(changes.slice(i, i + ROWS_PER_WRITE));
    }
  }

  /** The items that have a row of this kind. Their ids are all the rows say. */
  async rows(prefix: typeof GONE | typeof AGAIN): Promise<Set<ItemId>> {
    const items = new Set<ItemId>();
    for await (const row of this.#sealed.records.query(PARTITION, { prefix })) items.add(row.sort.slice(prefix.length));
    return items;
  }
}

/** Bytes that are asked for at once of a store that may be far away. */
const FAR_PIECE = 2 ** 24;

/** Bytes that are sealed in one go: some milliseconds. Of more the rest of the house must not wait for all. */
const AT_ONCE = 1_000_000;

function scopeOf(segment: string): string {
  return `segment:${segment}`;
}

function contextOf(segment: string) {
  return { table: "index", id: segment, field: "segment" };
}
