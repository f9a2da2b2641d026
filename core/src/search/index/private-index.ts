import type { Blobs } from "../../blobs.ts";
import type { Clock } from "../../clock.ts";
import type { ItemId } from "../../item.ts";
import type { SealedRecords } from "../../vault/sealed-records.ts";
import type {
  Filter,
  IndexAnswer,
  IndexedItem,
  IndexRequest,
  IndexStats,
  KeptIndex,
  Listing,
} from "../passage-index.ts";
import type { BuildSegment } from "./build.ts";
import { flush } from "./flushing.ts";
import { Holdings } from "./holdings.ts";
import { IndexWriterLost, type LeaseTerms, WriterLease } from "./lease.ts";
import { AGAIN, GONE, ManifestStore } from "./manifest.ts";
import { mergeSealed } from "./merging.ts";
import { open } from "./opening.ts";
import { rebuild } from "./rebuilding.ts";
import { rewriteWithout } from "./rewriting.ts";
import type { Segment } from "./segment.ts";
import { flushWhenFull, take } from "./taking.ts";

/**
 * The private index: sealed immutable segments, opened into RAM, and fresh items in small segments that are in RAM
 * alone until a flush seals them. One process writes it; others read it with `openIndexReader`.
 *
 * What survives a crash: what a manifest names. Everything else is replayed from the readings. A removal and a second
 * put of an item that may already be sealed are written as rows before they resolve (`gone/…`, `again/…`), because a
 * replay of newer items would not bring them back.
 */
export interface PrivateIndexDeps {
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /**
   * The items whose rows are durable, by id, from the one after `afterItem` (all of them when undefined). Items may be
   * put up to `LAG` places out of the order of their ids. Of an older item that is put again the caller repeats a put
   * that did not resolve: a replay need not reach back to it.
   */
  replay(afterItem: ItemId | undefined): AsyncIterable<IndexedItem>;
  /**
   * Where other processes may write this index too. Left out, the caller knows that it is alone (it has the home's
   * lock): whoever held the writer's lease is gone, so it is taken at once and needs no renewing.
   */
  readonly shared?: LeaseTerms;
  /** Where segments of what is put are made; left out, in this thread, which answers nobody meanwhile. */
  readonly build?: BuildSegment;
}

export interface PrivateIndex extends KeptIndex {
  /** Segments that could not be opened, and were read again from the readings. */
  readonly damaged: readonly { readonly segment: string; readonly reason: string }[];
}

/**
 * @throws IndexHeld while another process writes it; IndexTooNew, SegmentTooNew when a newer version of Steward wrote it.
 */
export async function openPrivateIndex(deps: PrivateIndexDeps): Promise<PrivateIndex> {
  // Of what a newer version made nothing is touched, not even the lease.
  await new ManifestStore(deps.sealed, deps.blobs).read();
  const lease = await WriterLease.take(deps, deps.shared);
  const holdings = new Holdings(deps, lease);
  try {
    await open(holdings, deps.replay);
    return new SealedIndex(holdings);
  } catch (error) {
    await lease.release().catch(() => undefined);
    throw error;
  }
}

class SealedIndex implements PrivateIndex {
  readonly damaged: PrivateIndex["damaged"];
  readonly #holdings: Holdings;
  #closed = false;

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
    this.damaged = holdings.damaged;
  }

  async put(items: readonly IndexedItem[]): Promise<void> {
    const holdings = this.#open();
    if (items.length === 0) return;
    const segment = await holdings.make(items);
    // What the next writer has not read must not be ours alone.
    if (!holdings.lease.isLive) await holdings.lease.keep();
    const doubtful = [...new Set(items.map(({ item }) => item))].filter((id) => this.#needsRow(id));
    if (doubtful.length === 0) return take(holdings, segment);
    // In turn with the flush, which removes the rows of what it sealed.
    await holdings.inTurn(() => holdings.inRowTurn(() => this.#putAgain(segment, doubtful)));
    await flushWhenFull(holdings);
  }

  /** Whether a replay after a crash would pass this put over. */
  #needsRow(id: ItemId): boolean {
    const { manifest, gone, goneMaybe, list, flushing } = this.#holdings;
    if (gone.has(id) || goneMaybe.has(id) || (manifest.mark !== undefined && id <= manifest.mark)) return true;
    const shelf = list.locate(id)?.shelf;
    return shelf !== undefined && (shelf.sealed !== undefined || flushing.includes(shelf));
  }

  async #putAgain(segment: Segment, doubtful: readonly ItemId[]): Promise<void> {
    const { store, gone, goneMaybe, again, list, version } = this.#holdings;
    const changes = doubtful.flatMap((id) => [
      store.rowChange(AGAIN, id, true),
      ...(gone.has(id) || goneMaybe.has(id) ? [store.rowChange(GONE, id, false)] : []),
    ]);
    await store.writeRows(await Promise.all(changes));
    for (const id of doubtful) {
      again.add(id);
      gone.delete(id);
      goneMaybe.delete(id);
    }
    list.place(segment, version);
  }

  async remove(items: readonly ItemId[]): Promise<void> {
    const { store, gone, goneMaybe, list, made } = this.#open();
    await made;
    await this.#holdings.inRowTurn(async () => {
      const fresh = [...new Set(items)].filter((id) => !gone.has(id));
      for (const id of fresh) goneMaybe.add(id);
      await store.writeRows(await Promise.all(fresh.map((id) => store.rowChange(GONE, id, true))));
      for (const id of fresh) {
        goneMaybe.delete(id);
        gone.add(id);
        list.bury(id);
      }
    });
  }

  async setVectors(embedder: string, vectorsByItem: ReadonlyMap<ItemId, readonly Float32Array[]>): Promise<void> {
    const holdings = this.#open();
    holdings.list.setVectors(embedder, vectorsByItem);
    await flushWhenFull(holdings);
  }

  async search(request: IndexRequest): Promise<IndexAnswer> {
    const { list } = this.#open();
    return list.answer(() => list.search(request));
  }

  async list(
    filter: Filter,
    options: { order?: "newest" | "oldest"; offset?: number; limit: number },
  ): Promise<Listing> {
    const { list } = this.#open();
    return list.answer(() => list.list(filter, options));
  }

  async flush(): Promise<void> {
    const holdings = this.#open();
    await holdings.made;
    await holdings.inTurn(() => flush(holdings));
  }

  async tidy(signal?: AbortSignal): Promise<void> {
    const holdings = this.#open();
    await holdings.inTurn(() => flush(holdings));
    await holdings.inTurn(async () => {
      await mergeSealed(holdings, signal);
      await holdings.store.clearAway();
    });
  }

  async rewriteWithout(items: readonly ItemId[]): Promise<{ segmentsRewritten: number }> {
    const holdings = this.#open();
    await this.remove(items);
    return { segmentsRewritten: await holdings.inTurn(() => rewriteWithout(holdings, items)) };
  }

  async rebuild(all: AsyncIterable<IndexedItem>, progress?: (items: number) => void): Promise<void> {
    const holdings = this.#open();
    await holdings.inTurn(() => rebuild(holdings, all, progress));
  }

  async withoutVectors(embedder: string, limit: number): Promise<readonly ItemId[]> {
    return this.#open().list.withoutVectors(embedder, limit);
  }

  stats(): IndexStats {
    const { list, manifest, livePassages } = this.#holdings;
    let items = 0;
    let passages = 0;
    let embedded = 0;
    let bytes = 0;
    for (const shelf of list.shelves) {
      items += shelf.living;
      passages += shelf.segment.passages;
      embedded += shelf.vectors?.count ?? 0;
      if (shelf.sealed === undefined) bytes += shelf.segment.bytes;
    }
    for (const entry of manifest.segments) bytes += entry.bytes;
    return { items, passages, livePassages, segments: manifest.segments.length, embedded, bytes };
  }

  /** Seals what is in RAM, so that the next start has nothing to replay, and gives the lease back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const flushed = this.flush();
    this.#closed = true;
    try {
      await flushed;
    } catch (error) {
      // Whoever writes it now has read what was put here from the readings.
      if (!(error instanceof IndexWriterLost)) throw error;
    } finally {
      await this.#holdings.lease.release();
    }
  }

  #open(): Holdings {
    if (this.#closed) throw new Error("The search index is closed.");
    return this.#holdings;
  }
}
