import type { Blobs } from "../../blobs.ts";
import type { Clock } from "../../clock.ts";
import type { ItemId } from "../../item.ts";
import type { SealedRecords } from "../../vault/sealed-records.ts";
import type { IndexedItem, IndexStats, PassageIndex } from "../passage-index.ts";
import { ShelfList } from "./shelf-list.ts";

export interface PrivateIndexDeps {
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** The items whose rows are durable, from the one after `afterItem` (all when undefined), by id. */
  replay(afterItem: ItemId | undefined): AsyncIterable<IndexedItem>;
}

export interface PrivateIndex extends PassageIndex {
  tidy(signal?: AbortSignal): Promise<void>;
  rewriteWithout(items: readonly ItemId[]): Promise<{ segmentsRewritten: number }>;
  rebuild(all: AsyncIterable<IndexedItem>, progress?: (done: number) => void): Promise<void>;
}

export async function openPrivateIndex(deps: PrivateIndexDeps): Promise<PrivateIndex> {
  const list = new ShelfList();
  for await (const item of deps.replay(undefined)) list.add([item], 1);
  return {
    async put(items) {
      list.add(items, 1);
    },
    async remove(items) {
      for (const item of items) list.bury(item);
    },
    async setVectors(embedder, vectorsByItem) {
      list.setVectors(embedder, vectorsByItem);
    },
    async search(request) {
      return list.search(request);
    },
    async list(filter, options) {
      return list.list(filter, options);
    },
    async flush() {},
    stats: (): IndexStats => ({
      items: list.shelves.reduce((n, s) => n + s.living, 0),
      passages: list.shelves.reduce((n, s) => n + s.segment.passages, 0),
      livePassages: 0,
      segments: list.shelves.length,
      embedded: 0,
      bytes: list.shelves.reduce((n, s) => n + s.segment.bytes, 0),
    }),
    async close() {},
    async tidy() {},
    async rewriteWithout() {
      return { segmentsRewritten: 0 };
    },
    async rebuild(all) {
      for await (const item of all) list.add([item], 1);
    },
  };
}
