import { firstIdAt } from "../ids.ts";
import type { Memory } from "../memory.ts";
import type { Change, Key, Range } from "../records.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";
import type { DataKey } from "../vault/vault.ts";

/**
 * Memories by category and time, without a scan and without a readable category in the store: a partition is the HMAC of
 * the category, its sort keys are the memories' ids, which begin with the millisecond they were learned in. The rows are
 * empty and sealed under the memory's own key. What the owner said lies in one more such partition, since every turn looks
 * there.
 */
export interface PageRequest {
  readonly category?: string;
  /** Only what the owner said themself. */
  readonly own?: true;
  /** Milliseconds since the epoch: `since <= learned < before`. */
  readonly since?: number;
  readonly before?: number;
  readonly limit: number;
  /** From the page before: goes on behind it. */
  readonly cursor?: string;
}

export interface Page {
  readonly memories: readonly Memory[];
  /** Of the next page; absent on the last one. */
  readonly cursor?: string;
}

/** Which homes have all index rows for all their memories: those written before there was an index lack them. */
const MARK = { partition: "memory-index", sort: "v2", scope: "house:memory-index" } as const;

type Indexed = Pick<Memory, "id" | "category" | "trust">;

export class CategoryIndex {
  readonly #sealed: SealedRecords;
  #complete: Promise<void> | undefined;

  constructor(sealed: SealedRecords) {
    this.#sealed = sealed;
  }

  placesOf({ id, category, trust }: Indexed): Key[] {
    const partitions = [this.#partition(category), ...(trust === "owner" ? [this.#own()] : [])];
    return partitions.map((partition) => ({ partition, sort: id }));
  }

  entries(key: DataKey, memory: Indexed): Change[] {
    return this.placesOf(memory).map((place) => this.#sealed.put(key, { ...place, scope: memory.id }, {}));
  }

  /** All that are in a category; nothing is opened for it. */
  async ids(category: string): Promise<ReadonlySet<string>> {
    await this.#makeComplete();
    const ids = new Set<string>();
    for await (const { sort } of this.#sealed.records.query(this.#partition(category))) ids.add(sort);
    return ids;
  }

  async page(request: PageRequest, open: (ids: readonly string[]) => Promise<(Memory | undefined)[]>): Promise<Page> {
    const { category, own, limit, cursor } = request;
    if (category !== undefined || own) await this.#makeComplete();
    const partition = own ? this.#own() : category === undefined ? "memory" : this.#partition(category);
    const memories: Memory[] = [];
    for (let upper = cursor; ; ) {
      // One more than wanted tells whether there is a next page; the row at the bound itself was on the page before.
      const rows: string[] = [];
      const range = { ...rangeOf(request, upper), limit: limit - memories.length + 2 };
      for await (const { sort } of this.#sealed.records.query(partition, range)) if (sort !== upper) rows.push(sort);
      for (const memory of await open(rows)) {
        if (!memory) continue;
        const last = memories.at(-1);
        if (memories.length === limit && last) return { memories, cursor: last.id };
        memories.push(memory);
      }
      // Hidden ones leave gaps to be filled from what follows.
      if (rows.length === 0) return { memories };
      upper = rows.at(-1);
    }
  }

  #partition(category: string): string {
    const folded = category.normalize("NFC").trim().toLowerCase();
    return `memory-in:${this.#sealed.vault.hmac("private", "memory-category", folded)}`;
  }

  #own(): string {
    return `memory-in:${this.#sealed.vault.hmac("private", "memory-trust", "owner")}`;
  }

  #makeComplete(): Promise<void> {
    this.#complete ??= this.#addMissing().catch((error) => {
      this.#complete = undefined;
      throw error;
    });
    return this.#complete;
  }

  async #addMissing(): Promise<void> {
    const sealed = this.#sealed;
    if (await sealed.get(MARK)) return;
    for await (const { value } of sealed.query<Memory>("memory", {}, (sort) => sort)) {
      const rows = await sealed.records.getMany(this.placesOf(value));
      if (rows.every((row) => row !== undefined)) continue;
      const [key] = await sealed.vault.keys("private", [value.id]);
      // With the memory still there: it may be forgotten at this very moment.
      const there: Change = { check: { partition: "memory", sort: value.id }, if: { version: 1 } };
      if (key) await sealed.write([there, ...this.entries(key, value)]).catch(unlessGone);
    }
    await sealed.write([sealed.put(await sealed.vault.standing("private", MARK.scope), MARK, {})]);
  }
}

/** Newest first, from the cursor on, within the times. An id's text begins with its milliseconds in hexadecimal. */
function rangeOf({ since, before }: PageRequest, cursor: string | undefined): Range {
  const bounds = [cursor, before === undefined ? undefined : firstIdAt(before)].filter((bound) => bound !== undefined);
  const to = bounds.sort()[0];
  return {
    reverse: true,
    ...(since === undefined ? {} : { from: firstIdAt(since) }),
    ...(to === undefined ? {} : { to }),
  };
}

function unlessGone(error: unknown): void {
  if (!(error instanceof Error && error.name === "RecordsConflict")) throw error;
}
