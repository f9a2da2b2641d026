import type { Blobs } from "../../blobs.ts";
import type { Clock } from "../../clock.ts";
import type { ItemId } from "../../item.ts";
import type { Change } from "../../records.ts";
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
import { hashOf } from "./build.ts";
import { decodeSegment, decodeVectors, encodeSegment, encodeVectors, SegmentTooNew } from "./codec.ts";
import { IndexWriterLost, type LeaseTerms, WriterLease } from "./lease.ts";
import { AGAIN, GONE, isDamage, type Manifest, ManifestStore, type SegmentEntry, type Stored } from "./manifest.ts";
import { mergeAtOnce } from "./merge.ts";
import { buryOlder } from "./older-forms.ts";
import { OpenShelf, ShelfList } from "./shelf-list.ts";
import { collectVectors, placeVectors } from "./vector-columns.ts";

/**
 * The private index: sealed immutable segments, opened into RAM, and fresh items in small segments that are in RAM
 * alone until a flush seals them.
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
}

export interface PrivateIndex extends KeptIndex {
  /** Segments that could not be opened, and were read again from the readings. */
  readonly damaged: readonly { readonly segment: string; readonly reason: string }[];
}

/**
 * @throws IndexHeld while another process writes it; IndexTooNew, SegmentTooNew when a newer version of Steward wrote it.
 */
export async function openPrivateIndex(deps: PrivateIndexDeps): Promise<PrivateIndex> {
  const lease = await WriterLease.take(deps, deps.shared);
  try {
    const index = new SealedIndex(deps, lease);
    await index.open();
    return index;
  } catch (error) {
    await lease.release().catch(() => undefined);
    throw error;
  }
}

/** The mark stays this many items behind the newest sealed one. */
export const LAG = 512;
/** Passages in RAM alone that make a put flush. */
const FLUSH_AT = 8_192;
/** Segments of one size that make a merge, in RAM and sealed. */
const RAM_FAN = 8;
const SEALED_FAN = 4;
const VECTOR_FAN = 4;
const REPLAY_BATCH = 256;

interface Swap {
  readonly stored?: readonly Stored[];
  readonly dropped?: readonly SegmentEntry[];
  readonly rows?: readonly Change[];
  readonly base?: Manifest;
}

class SealedIndex implements PrivateIndex {
  readonly damaged: { segment: string; reason: string }[] = [];
  readonly #deps: PrivateIndexDeps;
  readonly #lease: WriterLease;
  readonly #store: ManifestStore;
  readonly #list = new ShelfList();
  readonly #gone = new Set<ItemId>();
  /** Of items whose removal is under way, or failed: their rows may be there. */
  readonly #goneMaybe = new Set<ItemId>();
  readonly #again = new Set<ItemId>();
  #manifest: Manifest = { format: 1, nextVersion: 1, segments: [] };
  #version = 1;
  /** The shelves that a flush is sealing: an item of theirs that is put again waits until they are sealed. */
  #flushing: readonly OpenShelf[] = [];
  #busy: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(deps: PrivateIndexDeps, lease: WriterLease) {
    this.#deps = deps;
    this.#lease = lease;
    this.#store = new ManifestStore(deps.sealed, deps.blobs, lease);
  }

  async open(): Promise<void> {
    this.#manifest = await this.#store.read();
    this.#version = this.#manifest.nextVersion;
    for (const item of await this.#store.rows(GONE)) this.#gone.add(item);
    for (const item of await this.#store.rows(AGAIN)) this.#again.add(item);
    const broken = await this.#openSegments();
    buryOlder(this.#list.shelves);
    for (const item of this.#gone) this.#list.bury(item);
    await this.#replay(broken);
    await this.#store.sweep(this.#manifest);
    if (broken.length > 0) await this.flush();
  }

  async #openSegments(): Promise<SegmentEntry[]> {
    const broken: SegmentEntry[] = [];
    const vectors: SegmentEntry[] = [];
    for (const entry of this.#manifest.segments) {
      if (entry.kind === "vectors") vectors.push(entry);
      else if (
        !(await this.#try(entry, (bytes) => this.#list.shelves.push(new OpenShelf(decodeSegment(bytes), entry.id))))
      ) {
        broken.push(entry);
      }
    }
    // Vectors find their items by id and version, so the words' segments come first.
    for (const entry of vectors) {
      const opened = await this.#try(entry, (bytes) => placeVectors(decodeVectors(bytes), this.#list.shelves));
      if (!opened) broken.push(entry);
    }
    return broken;
  }

  async #try(entry: SegmentEntry, use: (bytes: Uint8Array) => void): Promise<boolean> {
    try {
      use(await this.#store.load(entry));
      return true;
    } catch (error) {
      if (error instanceof SegmentTooNew) throw error;
      // Where others write too the store is far away, and may just not have answered. A disk that does not is damaged.
      if (this.#deps.shared && !isDamage(error)) throw error;
      this.damaged.push({ segment: entry.id, reason: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }

  async #replay(broken: readonly SegmentEntry[]): Promise<void> {
    const lost = broken.filter((entry) => entry.kind === "words");
    const { mark } = this.#manifest;
    // What is read again lies anywhere; then all ids are passed, and only what is missing is taken.
    const from = lost.length > 0 || [...this.#again].some((id) => mark !== undefined && id <= mark) ? undefined : mark;
    let batch: IndexedItem[] = [];
    for await (const item of this.#deps.replay(from)) {
      const { item: id } = item;
      if (this.#gone.has(id)) continue;
      const wasLost = lost.some((entry) => id >= entry.firstItem && id <= entry.lastItem);
      if (!wasLost && !this.#again.has(id) && this.#holds(item)) continue;
      batch.push(item);
      if (batch.length < REPLAY_BATCH) continue;
      await this.#take(batch);
      batch = [];
    }
    await this.#take(batch);
  }

  /** Whether the index has the item as it is now: a crash may lie between its rows and its being put again. */
  #holds(item: IndexedItem): boolean {
    const at = this.#list.locate(item.item);
    if (!at) return false;
    const { hashA, hashB } = at.shelf.segment.columns;
    const [a, b] = hashOf(item);
    return hashA[at.item] === a && hashB[at.item] === b;
  }

  async put(items: readonly IndexedItem[]): Promise<void> {
    this.#assertOpen();
    // What another writer has not seen durable yet must not be ours alone.
    if (!this.#lease.isLive) await this.#inTurn(() => this.#lease.keep());
    const doubtful = [...new Set(items.map(({ item }) => item))].filter((id) => this.#needsRow(id));
    if (doubtful.length === 0) return this.#take(items);
    // In turn with the flush, which removes the rows of what it sealed.
    await this.#inTurn(async () => {
      const changes = await Promise.all(
        doubtful.flatMap((id) => [
          this.#store.rowChange(AGAIN, id, true),
          ...(this.#gone.has(id) || this.#goneMaybe.has(id) ? [this.#store.rowChange(GONE, id, false)] : []),
        ]),
      );
      await this.#store.writeRows(changes);
      for (const id of doubtful) {
        this.#again.add(id);
        this.#gone.delete(id);
        this.#goneMaybe.delete(id);
      }
      this.#list.add(items, this.#version);
    });
    await this.#flushWhenFull();
  }

  /** Whether a replay after a crash would pass this put over. */
  #needsRow(id: ItemId): boolean {
    const { mark } = this.#manifest;
    if (this.#gone.has(id) || this.#goneMaybe.has(id) || (mark !== undefined && id <= mark)) return true;
    const shelf = this.#list.locate(id)?.shelf;
    return shelf !== undefined && (shelf.sealed !== undefined || this.#flushing.includes(shelf));
  }

  async #take(items: readonly IndexedItem[]): Promise<void> {
    if (items.length === 0) return;
    this.#list.add(items, this.#version);
    this.#list.mergeSmall(RAM_FAN, this.#flushing);
    await this.#flushWhenFull();
  }

  async #flushWhenFull(): Promise<void> {
    if (this.#livePassages() < FLUSH_AT) return;
    await this.flush();
    await this.#inTurn(() => this.#mergeSealed());
  }

  async remove(items: readonly ItemId[]): Promise<void> {
    this.#assertOpen();
    const fresh = [...new Set(items)].filter((id) => !this.#gone.has(id));
    await this.#inTurn(async () => {
      for (const id of fresh) this.#goneMaybe.add(id);
      await this.#store.writeRows(await Promise.all(fresh.map((id) => this.#store.rowChange(GONE, id, true))));
      for (const id of fresh) {
        this.#goneMaybe.delete(id);
        this.#gone.add(id);
        this.#list.bury(id);
      }
    });
  }

  async setVectors(embedder: string, vectorsByItem: ReadonlyMap<ItemId, readonly Float32Array[]>): Promise<void> {
    this.#assertOpen();
    this.#list.setVectors(embedder, vectorsByItem);
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

  flush(): Promise<void> {
    this.#assertOpen();
    return this.#inTurn(() => this.#flush());
  }

  async #flush(): Promise<void> {
    this.#flushing = this.#list.shelves.filter((shelf) => shelf.sealed === undefined);
    try {
      await this.#seal(this.#flushing);
    } finally {
      this.#flushing = [];
    }
  }

  async #seal(ram: readonly OpenShelf[]): Promise<void> {
    // What is put from here on is newer than what is sealed now.
    const version = this.#version++;
    const stored: Stored[] = [];
    let sealed: OpenShelf | undefined;
    const merged = await this.#list.merged(ram);
    if (merged && merged.segment.items > 0) {
      const kept = await this.#storeWords(merged.segment);
      stored.push(kept);
      sealed = new OpenShelf(merged.segment, kept.entry.id);
    }
    const before = new Set(this.#manifest.segments.map(({ id }) => id));
    const lost = this.#manifest.segments.filter(({ id }) => this.damaged.some(({ segment }) => segment === id));
    const vectors = await this.#storeVectors(sealed, ram);
    if (vectors) stored.push(vectors.stored);
    if (stored.length === 0 && lost.length === 0) {
      this.#list.replace(ram, undefined);
      return;
    }
    const settled = [...this.#again].filter((id) => sealed && sealed.segment.columns.ids.find(id) >= 0);
    // Put again since the merge began: its row must stay.
    const done = settled.filter((id) => {
      const at = this.#list.locate(id);
      return at !== undefined && ram.includes(at.shelf);
    });
    const base = {
      ...this.#manifest,
      nextVersion: Math.max(this.#manifest.nextVersion, version + 1),
      ...markOf(this.#manifest.mark, [...this.#list.shelves.filter((s) => s.sealed && before.has(s.sealed)), sealed]),
    };
    const rows = await Promise.all(done.map((id) => this.#store.rowChange(AGAIN, id, false)));
    await this.#swap({ stored, dropped: lost, rows, base }, () => {
      for (const id of done) this.#again.delete(id);
      this.#list.replace(ram, sealed, merged);
      vectors?.settle();
    });
  }

  async #storeWords(segment: OpenShelf["segment"]): Promise<Stored> {
    const { ids } = segment.columns;
    return this.#store.store(
      encodeSegment(segment),
      { kind: "words", items: segment.items, firstItem: ids.at(0), lastItem: ids.at(ids.length - 1) },
      this.#deps.clock.now(),
    );
  }

  /** The vectors that are in RAM alone, of items that are sealed or about to be. */
  async #storeVectors(sealed: OpenShelf | undefined, ram: readonly OpenShelf[]) {
    const collected = collectVectors(this.#list.shelves, sealed, ram, (shelf, item) => !shelf.vectorsSealed.has(item));
    if (!collected) return undefined;
    const { columns, taken } = collected;
    const stored = await this.#store.store(
      encodeVectors(columns),
      {
        kind: "vectors",
        items: columns.ids.length,
        firstItem: columns.ids.at(0),
        lastItem: columns.ids.at(columns.ids.length - 1),
      },
      this.#deps.clock.now(),
    );
    return {
      stored,
      settle: () => {
        for (const { id } of taken) {
          const at = this.#list.locate(id);
          if (at) at.shelf.vectorsSealed.add(at.item);
        }
      },
    };
  }

  /** `then` runs at the moment the new manifest is in force, before the old blobs are swept away. */
  async #swap(what: Swap, then: () => void = () => {}): Promise<void> {
    const { stored = [], dropped = [], rows = [], base = this.#manifest } = what;
    const out = new Set(dropped.map(({ id }) => id));
    const next: Manifest = {
      ...base,
      segments: [...this.#manifest.segments.filter(({ id }) => !out.has(id)), ...stored.map(({ entry }) => entry)],
    };
    await this.#store.swap(next, stored, dropped, rows, () => {
      this.#manifest = next;
      then();
    });
  }

  async tidy(signal?: AbortSignal): Promise<void> {
    this.#assertOpen();
    await this.flush();
    await this.#inTurn(() => this.#mergeSealed(signal));
  }

  async #mergeSealed(signal?: AbortSignal): Promise<void> {
    while (!signal?.aborted) {
      const group = this.#list.mergeable(SEALED_FAN);
      if (!group) break;
      await this.#lease.keep();
      await this.#rewrite(group);
    }
    if (!signal?.aborted) await this.#mergeVectors(VECTOR_FAN);
  }

  /** One sealed segment of the living items of these; none when nothing lives. */
  async #rewrite(group: readonly OpenShelf[]): Promise<void> {
    // A reader shows the older form of what was put again until the newer one is sealed.
    if ([...this.#again].some((id) => group.some((shelf) => shelf.segment.columns.ids.find(id) >= 0))) {
      await this.#flush();
    }
    const merged = await this.#list.merged(group);
    const stored = merged && merged.segment.items > 0 ? await this.#storeWords(merged.segment) : undefined;
    const ids = new Set(group.map(({ sealed }) => sealed));
    const dropped = this.#manifest.segments.filter(({ id }) => ids.has(id));
    await this.#swap({ stored: stored ? [stored] : [], dropped }, () =>
      this.#list.replace(group, merged && stored ? new OpenShelf(merged.segment, stored.entry.id) : undefined, merged),
    );
  }

  /** All sealed vectors as one segment, when there are at least `fan` of them. */
  async #mergeVectors(fan: number): Promise<void> {
    const old = this.#manifest.segments.filter(({ kind }) => kind === "vectors");
    if (old.length < fan) return;
    const collected = collectVectors(this.#list.shelves, undefined, [], (shelf, item) => shelf.vectorsSealed.has(item));
    if (!collected) return this.#swap({ dropped: old });
    const { ids } = collected.columns;
    const about = {
      kind: "vectors",
      items: ids.length,
      firstItem: ids.at(0),
      lastItem: ids.at(ids.length - 1),
    } as const;
    const stored = await this.#store.store(encodeVectors(collected.columns), about, this.#deps.clock.now());
    await this.#swap({ stored: [stored], dropped: old });
  }

  async rewriteWithout(items: readonly ItemId[]): Promise<{ segmentsRewritten: number }> {
    this.#assertOpen();
    await this.remove(items);
    return this.#inTurn(async () => {
      const holds = (shelf: OpenShelf) => items.some((id) => shelf.segment.columns.ids.find(id) >= 0);
      const holding = this.#list.shelves.filter(holds);
      for (const shelf of holding.filter(({ sealed }) => sealed === undefined)) {
        const merged = mergeAtOnce([shelf]);
        this.#list.replace([shelf], merged.segment.items > 0 ? new OpenShelf(merged.segment) : undefined, merged);
      }
      const sealed = holding.filter(({ sealed }) => sealed !== undefined);
      for (const shelf of sealed) await this.#rewrite([shelf]);
      let segmentsRewritten = sealed.length;
      const span = (entry: SegmentEntry) => items.some((id) => id >= entry.firstItem && id <= entry.lastItem);
      const vectors = this.#manifest.segments.filter((entry) => entry.kind === "vectors" && span(entry));
      if (vectors.length > 0) {
        await this.#mergeVectors(1);
        segmentsRewritten += vectors.length;
      }
      // Nothing holds them any more, so nothing needs to be held back.
      const rows = items.flatMap((id) => [
        this.#store.rowChange(GONE, id, false),
        ...(this.#again.has(id) ? [this.#store.rowChange(AGAIN, id, false)] : []),
      ]);
      await this.#store.writeRows(await Promise.all(rows));
      for (const id of items) {
        this.#gone.delete(id);
        this.#again.delete(id);
      }
      await this.#store.clearAway();
      return { segmentsRewritten };
    });
  }

  async rebuild(all: AsyncIterable<IndexedItem>, progress?: (items: number) => void): Promise<void> {
    this.#assertOpen();
    await this.flush();
    await this.#inTurn(async () => {
      const old = this.#list.shelves.filter((shelf) => shelf.sealed !== undefined);
      const fresh = new ShelfList();
      const version = this.#version++;
      const stored: Stored[] = [];
      const sealed: OpenShelf[] = [];
      const seal = async () => {
        const merged = await fresh.merged(fresh.shelves);
        fresh.shelves = [];
        if (!merged || merged.segment.items === 0) return;
        const kept = await this.#storeWords(merged.segment);
        stored.push(kept);
        sealed.push(new OpenShelf(merged.segment, kept.entry.id));
      };
      let count = 0;
      let batch: IndexedItem[] = [];
      for await (const item of all) {
        batch.push(item);
        count += 1;
        if (batch.length < REPLAY_BATCH) continue;
        fresh.add(batch, version);
        fresh.mergeSmall(RAM_FAN, this.#flushing);
        batch = [];
        await this.#lease.keep();
        if (fresh.passages >= FLUSH_AT) await seal();
        progress?.(count);
      }
      fresh.add(batch, version);
      await seal();
      progress?.(count);
      const words = this.#manifest.segments.filter(({ kind }) => kind === "words");
      const base = { ...this.#manifest, nextVersion: version + 1 };
      await this.#swap({ stored, dropped: words, base }, () => this.#list.adopt(sealed, old, this.#gone));
    });
    // The sealed vectors are of the items' older forms; those that were kept are sealed anew.
    const outdated = this.#manifest.segments.filter(({ kind }) => kind === "vectors");
    await this.flush();
    if (outdated.length > 0) await this.#inTurn(() => this.#swap({ dropped: outdated }));
  }

  async withoutVectors(embedder: string, limit: number): Promise<ItemId[]> {
    return this.#list.withoutVectors(embedder, limit);
  }

  stats(): IndexStats {
    let items = 0;
    let passages = 0;
    let embedded = 0;
    let bytes = 0;
    for (const shelf of this.#list.shelves) {
      items += shelf.living;
      passages += shelf.segment.passages;
      embedded += shelf.vectors?.count ?? 0;
      if (shelf.sealed === undefined) bytes += shelf.segment.bytes;
    }
    for (const entry of this.#manifest.segments) bytes += entry.bytes;
    const { segments } = this.#manifest;
    return { items, passages, livePassages: this.#livePassages(), segments: segments.length, embedded, bytes };
  }

  /** Seals what is in RAM, so that the next start has nothing to replay. */
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
      await this.#lease.release();
    }
  }

  #livePassages(): number {
    return this.#list.shelves.reduce(
      (sum, shelf) => sum + (shelf.sealed === undefined ? shelf.segment.passages : 0),
      0,
    );
  }

  /** One change of the manifest or its rows after the other. A failed one does not stop the next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#busy.then(work);
    this.#busy = mine.catch(() => undefined);
    return mine;
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error("The search index is closed.");
  }
}

/** `LAG` items behind the newest sealed one; never backwards. */
function markOf(mark: ItemId | undefined, shelves: readonly (OpenShelf | undefined)[]): { mark?: ItemId } {
  const later: string[] = [];
  for (const shelf of shelves) {
    const ids = shelf?.segment.columns.ids;
    if (!ids) continue;
    const from = mark === undefined ? 0 : ids.lowerBound(new TextEncoder().encode(mark));
    // Of one segment no more than LAG can lie behind the mark.
    for (let i = Math.max(from, ids.length - LAG - 1); i < ids.length; i += 1) later.push(ids.at(i));
  }
  later.sort();
  const next = later[later.length - 1 - LAG] ?? mark;
  if (next === undefined) return {};
  return { mark: mark !== undefined && mark > next ? mark : next };
}
