import type { ItemId } from "../../item.ts";
import type { Holdings } from "./holdings.ts";
import { AGAIN } from "./manifest.ts";
import type { OpenShelf } from "./open-shelf.ts";
import { sealGathered, sealWords } from "./sealing.ts";
import { pick } from "./vector-columns.ts";

/**
 * Flushing: what is in RAM alone becomes sealed segments. Words: one segment of all shelves in RAM. Vectors: one of
 * those that came since the last flush, whose words are sealed or are being sealed.
 */

/** The mark stays this many items behind the newest sealed one. */
export const LAG = 512;

/** In turn. */
export async function flush(holdings: Holdings): Promise<void> {
  holdings.flushing = holdings.shelvesInRam;
  try {
    await holdings.watchingVectors(() => seal(holdings, holdings.flushing));
  } finally {
    holdings.flushing = [];
  }
}

async function seal(holdings: Holdings, ram: readonly OpenShelf[]): Promise<void> {
  const { list, manifest, again, store } = holdings;
  // What is put from here on is newer than what is sealed now.
  const version = holdings.version++;
  const words = await sealWords(holdings, ram);
  const vectors = await sealVectors(holdings, words?.shelf);
  const lost = manifest.segments.filter(({ id }) => holdings.damaged.some(({ segment }) => segment === id));
  const stored = [words?.stored, vectors?.stored].filter((one) => one !== undefined);
  if (stored.length === 0 && lost.length === 0) return list.replace(ram);
  const shelf = words?.shelf;
  // Of those put again since the merge began the row must stay.
  const done = [...again].filter((id) => {
    const at = list.locate(id);
    return shelf && shelf.segment.columns.ids.find(id) >= 0 && at !== undefined && ram.includes(at.shelf);
  });
  const sealed = list.shelves.filter((one) => one.sealed !== undefined);
  const base = {
    ...manifest,
    nextVersion: Math.max(manifest.nextVersion, version + 1),
    ...markOf(manifest.mark, shelf ? [...sealed, shelf] : sealed),
  };
  const rows = await Promise.all(done.map((id) => store.rowChange(AGAIN, id, false)));
  await holdings.swap({ stored, dropped: lost, rows, base }, () => {
    for (const id of done) again.delete(id);
    vectors?.settle();
    list.replace(ram, shelf, words?.merged, true);
  });
}

/** The vectors that are in RAM alone, of items that are sealed or about to be. */
async function sealVectors(holdings: Holdings, fresh: OpenShelf | undefined) {
  const { shelves, embedder } = holdings.list;
  const sealed = shelves.filter((shelf) => shelf.sealed !== undefined);
  const picked = [...sealed, ...(fresh ? [fresh] : [])].map((shelf) => {
    const { unsealedVectors: unsealed } = shelf;
    // Of an embedder that is not in force any more, or of what has died, nothing need be sealed.
    if (shelf.vectors?.embedder !== embedder) unsealed.clear();
    for (const item of unsealed) if (!shelf.isAlive(item)) unsealed.delete(item);
    return pick(
      shelf,
      [...unsealed].sort((a, b) => a - b),
    );
  });
  return sealGathered(holdings, picked, embedder);
}

/** `LAG` items behind the newest sealed one; never backwards. */
function markOf(mark: ItemId | undefined, shelves: readonly OpenShelf[]): { mark?: ItemId } {
  const later: string[] = [];
  for (const { segment } of shelves) {
    const { ids } = segment.columns;
    const from = mark === undefined ? 0 : ids.lowerBound(new TextEncoder().encode(mark));
    // Of one segment no more than LAG can lie behind the mark.
    for (let i = Math.max(from, ids.length - LAG - 1); i < ids.length; i += 1) later.push(ids.at(i));
  }
  later.sort();
  const next = later[later.length - 1 - LAG] ?? mark;
  if (next === undefined) return {};
  return { mark: mark !== undefined && mark > next ? mark : next };
}
