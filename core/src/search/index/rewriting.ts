import type { ItemId } from "../../item.ts";
import type { Holdings } from "./holdings.ts";
import { AGAIN, GONE } from "./manifest.ts";
import { mergeAtOnce } from "./merge.ts";
import { rewriteVectors, rewriteWords } from "./merging.ts";
import { OpenShelf } from "./open-shelf.ts";

/**
 * Rewriting for good, as forgetting asks: every segment that holds one of these items, living or dead, is written anew
 * without it, and the old one's key is destroyed. In turn; the items were removed before.
 */
export async function rewriteWithout(holdings: Holdings, items: readonly ItemId[]): Promise<number> {
  const { list, store } = holdings;
  const holding = list.shelves.filter((shelf) => items.some((id) => shelf.segment.columns.ids.find(id) >= 0));
  for (const shelf of holding) {
    if (shelf.sealed !== undefined) continue;
    const merged = mergeAtOnce([shelf]);
    list.replace([shelf], merged.segment.items > 0 ? new OpenShelf(merged.segment) : undefined, merged);
  }
  const words = holding.filter(({ sealed }) => sealed !== undefined);
  for (const shelf of words) {
    await holdings.lease.keep();
    await rewriteWords(holdings, [shelf]);
  }
  const vectors = holdings.manifest.segments.filter(
    ({ kind, firstItem, lastItem }) => kind === "vectors" && items.some((id) => id >= firstItem && id <= lastItem),
  );
  for (const entry of vectors) {
    await holdings.lease.keep();
    await rewriteVectors(holdings, [entry]);
  }
  await forgetRows(holdings, items);
  await store.clearAway();
  return words.length + vectors.length;
}

/** Nothing holds them any more, so nothing needs to be held back. */
function forgetRows(holdings: Holdings, items: readonly ItemId[]): Promise<void> {
  const { store, gone, again } = holdings;
  return holdings.inRowTurn(async () => {
    const rows = items.flatMap((id) => [
      store.rowChange(GONE, id, false),
      ...(again.has(id) ? [store.rowChange(AGAIN, id, false)] : []),
    ]);
    await store.writeRows(await Promise.all(rows));
    for (const id of items) {
      gone.delete(id);
      again.delete(id);
    }
  });
}
