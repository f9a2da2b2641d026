import type { Blobs } from "../blobs.ts";
import { openIndexReader } from "../search/index/index-reader.ts";
import type { LeaseTerms } from "../search/index/lease.ts";
import { openPrivateIndex } from "../search/index/private-index.ts";
import type { IndexedItem } from "../search/passage-index.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import { MemoryRecords } from "./memory-records.ts";
import { plainVault } from "./plain-vault.ts";

/** What a private index stands on: rows, blobs and the library that it is made from. Several processes may open it. */
export class IndexStores {
  readonly clock = new FakeClock();
  readonly records = new MemoryRecords(this.clock);
  readonly blobs = new MemoryBlobs();
  /** The durable items. */
  readonly library = new Map<string, IndexedItem>();

  /** The stores as a process of its own uses them, with a vault of its own. */
  process(): { readonly sealed: SealedRecords; readonly blobs: Blobs } {
    return { sealed: new SealedRecords(this.records, plainVault(this.records)), blobs: this.blobs };
  }

  /** Opens the index to write it: alone, or where others may write it too. */
  open(shared?: LeaseTerms) {
    const replay = (after?: string) => this.replay(after);
    return openPrivateIndex({ ...this.process(), clock: this.clock, replay, ...(shared ? { shared } : {}) });
  }

  reader() {
    return openIndexReader(this.process());
  }

  /** The library by id, from the item after the one named. */
  async *replay(after = ""): AsyncGenerator<IndexedItem> {
    for (const id of [...this.library.keys()].sort()) {
      const item = this.library.get(id);
      if (item && id > after) yield item;
    }
  }
}
