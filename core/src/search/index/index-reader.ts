import type { Blobs } from "../../blobs.ts";
import type { ItemId } from "../../item.ts";
import type { SealedRecords } from "../../vault/sealed-records.ts";
import type { Filter, IndexAnswer, IndexRequest, IndexStats, Listing, PassageIndex } from "../passage-index.ts";
import { decodeSegment, decodeVectors, type VectorColumns } from "./codec.ts";
import { loadInOrder } from "./loading.ts";
import { GONE, isDamage, type Manifest, ManifestStore, vectorsInOrder } from "./manifest.ts";
import { buryOlder } from "./older-forms.ts";
import { OpenShelf } from "./open-shelf.ts";
import type { Segment } from "./segment.ts";
import { ShelfList } from "./shelf-list.ts";
import { passVectorsOn, placeVectors } from "./vector-columns.ts";

/**
 * The index as a process reads it that does not write it: the segments the manifest names, and the rows of removed
 * items. It writes nothing, and any number of them may be open beside the writer.
 *
 * It answers from what the last `refresh` found. What was removed before a refresh began is in no answer after it; what
 * was put is found once the writer has sealed it.
 */
export interface IndexReader extends Pick<PassageIndex, "search" | "list" | "stats" | "close"> {
  /**
   * Brings it up to date, all at once: an answer is of before or of after. Whether anything had changed. When nothing
   * had, it costs the reading of one row and of the rows of removed items.
   */
  refresh(): Promise<boolean>;
  /** Segments of the manifest that cannot be opened. The next writer makes them anew. */
  readonly damaged: readonly { readonly segment: string; readonly reason: string }[];
}

export interface IndexReaderDeps {
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
}

/** @throws IndexTooNew, SegmentTooNew when a newer version of Steward wrote it. */
export async function openIndexReader(deps: IndexReaderDeps): Promise<IndexReader> {
  const reader = new SegmentsReader(deps);
  await reader.refresh();
  return reader;
}

/** Times the manifest is read again because its segments were merged away while they were loaded. */
const MOST_TRIES = 12;

/** The writer swapped the manifest again and again while it was being read. */
export class IndexRestless extends Error {
  constructor() {
    super("The search index is rewritten faster than it can be read here. Ask again in a moment.");
    this.name = "IndexRestless";
  }
}

class SegmentsReader implements IndexReader {
  damaged: { segment: string; reason: string }[] = [];
  readonly #store: ManifestStore;
  readonly #list = new ShelfList();
  #manifest: Manifest | undefined;
  /** Of the manifest that answers now. */
  #version = -1;
  #gone: ReadonlySet<ItemId> = new Set();
  /** The vectors' segments that were given to the shelves. */
  #placed: ReadonlySet<string> = new Set();
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<boolean> | undefined;
  #closed = false;

  constructor(deps: IndexReaderDeps) {
    this.#store = new ManifestStore(deps.sealed, deps.blobs);
  }

  refresh(): Promise<boolean> {
    this.#assertOpen();
    // One that has begun may have read already what changed before this call; one that waits has not.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const refreshed = this.#refresh();
      this.#running = refreshed.catch(() => undefined);
      return refreshed;
    });
    return this.#next;
  }

  async #refresh(): Promise<boolean> {
    const loaded = new Map<string, Segment | VectorColumns>();
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      // In this order: the row of a removed item goes only once no segment of the manifest holds it.
      const gone = await this.#store.rows(GONE);
      const manifest = await this.#store.read();
      const { version } = this.#store;
      if (version === this.#version) return this.#bury(gone);
      const damaged = await this.#load(manifest, loaded);
      if (damaged.length > 0) {
        await this.#store.read();
        if (this.#store.version !== version) continue;
      }
      this.#adopt(manifest, loaded, gone);
      this.#version = version;
      this.damaged = damaged;
      return true;
    }
    throw new IndexRestless();
  }

  /** Loads what is neither open nor loaded; what cannot be opened, and why. */
  async #load(manifest: Manifest, loaded: Map<string, Segment | VectorColumns>) {
    const damaged: { segment: string; reason: string }[] = [];
    const open = new Set([...this.#placed, ...this.#list.shelves.map(({ sealed }) => sealed)]);
    const missing = manifest.segments.filter(({ id }) => !open.has(id) && !loaded.has(id));
    for await (const one of loadInOrder(this.#store, missing)) {
      const { entry } = one;
      try {
        if ("error" in one) throw one.error;
        loaded.set(entry.id, entry.kind === "words" ? decodeSegment(one.bytes) : decodeVectors(one.bytes));
      } catch (error) {
        if (!isDamage(error)) throw error;
        damaged.push({ segment: entry.id, reason: error.message });
      }
    }
    return damaged;
  }

  /** From one moment to the next: nothing here waits. */
  #adopt(manifest: Manifest, loaded: ReadonlyMap<string, Segment | VectorColumns>, gone: ReadonlySet<ItemId>): void {
    const old = this.#list.shelves;
    const shelves: OpenShelf[] = [];
    const fresh: OpenShelf[] = [];
    for (const { id } of manifest.segments) {
      const segment = loaded.get(id);
      const kept = old.find(({ sealed }) => sealed === id);
      if (kept) shelves.push(kept);
      if (!segment || !("postings" in segment)) continue;
      fresh.push(new OpenShelf(segment, id));
      shelves.push(...fresh.slice(-1));
    }
    const isInForce = ({ vectors }: OpenShelf) =>
      !vectors || vectors.embedder === (manifest.embedder ?? vectors.embedder);
    for (const shelf of old.filter(isInForce)) passVectorsOn(shelf, fresh);
    for (const { id } of vectorsInOrder(manifest)) {
      const vectors = loaded.get(id);
      if (vectors && !("postings" in vectors)) placeVectors(vectors, shelves, SEALED);
    }
    buryOlder(shelves);
    this.#forgetKeys(manifest);
    this.#placed = new Set(manifest.segments.flatMap(({ id, kind }) => (kind === "vectors" ? [id] : [])));
    this.#manifest = manifest;
    this.#list.shelves = shelves;
    this.#gone = new Set();
    this.#bury(gone);
  }

  /** Nothing sealed by them is read again, and the writer has destroyed them. */
  #forgetKeys(next: Manifest): void {
    const still = new Set(next.segments.map(({ id }) => id));
    for (const { id } of this.#manifest?.segments ?? []) if (!still.has(id)) this.#store.forget(id);
  }

  /** An item whose row goes without a new manifest was put again; what is sealed of it is its older form, and stays buried. */
  #bury(gone: ReadonlySet<ItemId>): boolean {
    let changed = false;
    for (const item of gone) if (!this.#gone.has(item) && this.#list.bury(item)) changed = true;
    this.#gone = gone;
    return changed;
  }

  async search(request: IndexRequest): Promise<IndexAnswer> {
    this.#assertOpen();
    return this.#list.search(request);
  }

  async list(
    filter: Filter,
    options: { order?: "newest" | "oldest"; offset?: number; limit: number },
  ): Promise<Listing> {
    this.#assertOpen();
    return this.#list.list(filter, options);
  }

  stats(): IndexStats {
    const segments = this.#manifest?.segments ?? [];
    let items = 0;
    let passages = 0;
    let embedded = 0;
    for (const shelf of this.#list.shelves) {
      items += shelf.living;
      passages += shelf.segment.passages;
      embedded += shelf.vectors?.count ?? 0;
    }
    const bytes = segments.reduce((sum, entry) => sum + entry.bytes, 0);
    return { items, passages, livePassages: 0, segments: segments.length, embedded, bytes };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#list.shelves = [];
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error("The search index is closed.");
  }
}

/** In which segment vectors are sealed matters to the writer alone. */
const SEALED = 1;
