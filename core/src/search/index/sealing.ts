import { asOpened } from "./codec.ts";
import type { Holdings } from "./holdings.ts";
import { inSlices } from "./in-slices.ts";
import { OpenShelf } from "./open-shelf.ts";
import { type Gathered, gatherVectors, type Picked, takeVectors } from "./vector-columns.ts";

/** Sealing: shelves, or vectors gathered from them, become a stored segment that the next swap can name. */

/** One segment of the living items of these, with a shelf that has their vectors; none when nothing lives. */
export async function sealWords(holdings: Holdings, group: readonly OpenShelf[]) {
  const merged = await holdings.list.merged(group);
  if (!merged || merged.segment.items === 0) return undefined;
  const stored = await holdings.storeWords(merged.segment);
  const { store, isFarAway } = holdings;
  const segment = isFarAway ? merged.segment : asOpened(merged.segment, store.reading(stored.entry));
  const shelf = new OpenShelf(segment, stored.entry.id);
  await inSlices(takeVectors(shelf, group, merged, holdings.list.embedder));
  return { stored, shelf, merged };
}

/** Stores what is picked as one segment; `settle` notes where it is sealed, but of what was set again meanwhile. */
export async function sealGathered(holdings: Holdings, picked: readonly Picked[], embedder: string | undefined) {
  const vectors = picked.find(({ shelf }) => shelf.vectors?.embedder === embedder)?.shelf.vectors;
  if (!vectors) return undefined;
  const known = holdings.frames.get(vectors.embedder);
  const gathered = await inSlices(gatherVectors(picked, vectors.embedder, vectors.dimensions, known));
  if (!gathered) return undefined;
  const stored = await holdings.storeVectors(gathered.columns);
  const number = holdings.numberOf(stored.entry.id);
  const settle = () => {
    holdings.knowFrame(gathered.columns);
    for (const [n, item] of gathered.items.entries()) {
      const shelf = gathered.shelves[gathered.from[n] ?? 0];
      if (!shelf || shelf.touched?.has(item)) continue;
      giveFrame(shelf, gathered, n);
      shelf.setHome(number, item, item + 1);
    }
  };
  return { stored, settle };
}

/**
 * A shelf that makes its sketches early, in the frame of the others, need not make all of them at the first search, nor
 * make them anew when it is merged.
 */
function giveFrame(shelf: OpenShelf, { columns, items }: Gathered, n: number): void {
  const { vectors } = shelf;
  if (!columns.frame || !vectors || vectors.frame || vectors.count > FEW) return;
  const item = items[n] ?? 0;
  shelf.takeRows(columns, columns.firstRow[n] ?? 0, item, item + 1);
}

/** Sketches that are made at once: some milliseconds. */
const FEW = 8_192;
