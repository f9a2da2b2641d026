import type { ItemId } from "@steward/core/item.ts";
import type { IndexedItem } from "@steward/core/search/passage-index.ts";
import type { PostgresIndex } from "./postgres-index.ts";

/** Items may be put this many places out of the order of their ids, so this many of the newest are looked at again. */
const LAG = 512;
const BATCH = 256;

/**
 * Puts what the records have and the tables have not: an item whose rows were written just before a crash, or while the
 * database was away. Returns how many that were. An index that is empty is left to a rebuild, which shows its progress.
 */
export async function catchUp(
  index: Pick<PostgresIndex, "newest" | "holds" | "put" | "stats">,
  replay: (after: ItemId | undefined) => AsyncIterable<IndexedItem>,
): Promise<number> {
  if (index.stats().items === 0) return 0;
  let put = 0;
  let batch: IndexedItem[] = [];
  const take = async () => {
    const held = await index.holds(batch.map(({ item }) => item));
    const missing = batch.filter(({ item }) => !held.has(item));
    if (missing.length > 0) await index.put(missing);
    put += missing.length;
    batch = [];
  };
  for await (const item of replay(await index.newest(LAG))) {
    batch.push(item);
    if (batch.length === BATCH) await take();
  }
  if (batch.length > 0) await take();
  return put;
}
