import type { Blobs } from "../../blobs.ts";
import { newId } from "../../ids.ts";
import type { ItemId } from "../../item.ts";
import { type Change, RecordsConflict } from "../../records.ts";
import type { Place, SealedRecords } from "../../vault/sealed-records.ts";

/**
 * The manifest: one sealed row that names the segments in force. Swapping it, under a condition on its version, is the
 * one moment at which a flush, a merge or a rewrite happens; before it the new blobs are orphans, after it the old ones
 * are, and orphans are swept at the next open. A segment is sealed under a data key of its own, which the swap that
 * drops the segment destroys with it.
 */
export interface Manifest {
  readonly format: 1;
  /** The number the next flush's items get. */
  readonly nextVersion: number;
  /** Every item up to this id is in a sealed segment (or gone, or has an `again` row); later ones are replayed. */
  readonly mark?: ItemId;
  readonly segments: readonly SegmentEntry[];
}

export interface SegmentEntry {
  readonly id: string;
  readonly kind: "words" | "vectors";
  readonly items: number;
  readonly bytes: number;
  /** The span of its items' ids: what must be read again should it be damaged. */
  readonly firstItem: ItemId;
  readonly lastItem: ItemId;
}

export class IndexTooNew extends Error {
  constructor(format: number) {
    super(`The search index was written by a newer Steward (format ${format}). Start the newer version again.`);
    this.name = "IndexTooNew";
  }
}

/** Somebody else swapped the manifest: two processes write one home. */
export class IndexBusy extends Error {
  constructor(cause: unknown) {
    super("Another process writes this home's search index. Stop one of them; nothing was lost.", { cause });
    this.name = "IndexBusy";
  }
}

export const PARTITION = "index";
const SCOPE = "house:index";
const PLACE: Place = { partition: PARTITION, sort: "manifest", scope: SCOPE, domain: "index" };
export const GONE = "gone/";
export const AGAIN = "again/";
const BLOB_PREFIX = "index/";
/** Changes of one write that are kept free for the manifest itself and keys. */
const ROWS_PER_WRITE = 60;

/** A sealed blob that is not in the manifest yet, and the change that makes its key durable with the swap. */
export interface Stored {
  readonly entry: SegmentEntry;
  readonly keyChange: Change;
}

export class ManifestStore {
  readonly #sealed: SealedRecords;
  readonly #blobs: Blobs;
  #version: number | undefined;

  constructor(sealed: SealedRecords, blobs: Blobs) {
    this.#sealed = sealed;
    this.#blobs = blobs;
  }

  async read(): Promise<Manifest> {
    const stored = await this.#sealed.get<Manifest>(PLACE);
    this.#version = stored?.version;
    if (!stored) return { format: 1, nextVersion: 1, segments: [] };
    if (stored.value.format > 1) throw new IndexTooNew(stored.value.format);
    return stored.value;
  }

  /** Seals the bytes under a fresh key and stores them. Nobody sees the blob until a swap names it. */
  async store(bytes: Uint8Array, about: Omit<SegmentEntry, "id" | "bytes">, now: number): Promise<Stored> {
    const id = newId(now);
    const { key, change } = this.#sealed.vault.create("index", scopeOf(id));
    const size = await this.#blobs.put(BLOB_PREFIX + id, key.seal(contextOf(id), bytes));
    return { entry: { ...about, id, bytes: size }, keyChange: change };
  }

  /** The opened bytes of a segment; throws when they are missing, damaged, or their key is gone. */
  async load(entry: SegmentEntry): Promise<Uint8Array> {
    const sealed = await this.#blobs.get(BLOB_PREFIX + entry.id);
    if (!sealed) throw new Error("its blob is missing");
    const key = await this.#sealed.vault.key("index", scopeOf(entry.id));
    return key.open(contextOf(entry.id), sealed);
  }

  /** Puts `next` in force. Once it resolves the dropped segments' keys are destroyed and their blobs deleted. */
  async swap(
    next: Manifest,
    stored: readonly Stored[],
    dropped: readonly SegmentEntry[],
    rows: readonly Change[],
    done: () => void,
  ): Promise<void> {
    const { vault } = this.#sealed;
    const key = await vault.standing("index", SCOPE);
    const condition = this.#version === undefined ? "absent" : { version: this.#version };
    try {
      await this.#sealed.write([
        this.#sealed.put(key, PLACE, next, { if: condition }),
        ...stored.map(({ keyChange }) => keyChange),
        ...dropped.map(({ id }) => vault.destroy("index", scopeOf(id))),
        ...rows.slice(0, ROWS_PER_WRITE),
      ]);
    } catch (error) {
      throw error instanceof RecordsConflict ? new IndexBusy(error) : error;
    }
    this.#version = (this.#version ?? 0) + 1;
    done();
    // From here on it has happened; what follows is sweeping, which the next open would do as well.
    for (const { id } of dropped) {
      vault.forgotten("index", scopeOf(id));
      await this.#blobs.delete(BLOB_PREFIX + id);
    }
    await this.writeRows(rows.slice(ROWS_PER_WRITE));
  }

  /** Blobs that no manifest names: left by a crash between storing and swapping, or between swapping and deleting. */
  async sweep(manifest: Manifest): Promise<void> {
    const named = new Set(manifest.segments.map(({ id }) => BLOB_PREFIX + id));
    const orphans: string[] = [];
    for await (const name of this.#blobs.list(BLOB_PREFIX)) if (!named.has(name)) orphans.push(name);
    for (const name of orphans) await this.#blobs.delete(name);
  }

  async rowChange(prefix: typeof GONE | typeof AGAIN, item: ItemId, there: boolean): Promise<Change> {
    const place = { ...PLACE, sort: prefix + item };
    if (!there) return { delete: { partition: PARTITION, sort: place.sort } };
    return this.#sealed.put(await this.#sealed.vault.standing("index", SCOPE), place, {});
  }

  async writeRows(changes: readonly Change[]): Promise<void> {
    for (let i = 0; i < changes.length; i += ROWS_PER_WRITE) {
      await this.#sealed.write(changes.slice(i, i + ROWS_PER_WRITE));
    }
  }

  /** The items that have a row of this kind. Their ids are all the rows say. */
  async rows(prefix: typeof GONE | typeof AGAIN): Promise<Set<ItemId>> {
    const items = new Set<ItemId>();
    for await (const row of this.#sealed.records.query(PARTITION, { prefix })) items.add(row.sort.slice(prefix.length));
    return items;
  }
}

function scopeOf(segment: string): string {
  return `segment:${segment}`;
}

function contextOf(segment: string) {
  return { table: "index", id: segment, field: "segment" };
}
