import { flush } from "./flushing.ts";
import type { Holdings } from "./holdings.ts";
import type { SegmentEntry } from "./manifest.ts";
import type { OpenShelf } from "./open-shelf.ts";
import { sealGathered, sealWords } from "./sealing.ts";
import { pick } from "./vector-columns.ts";

/**
 * Merging: sealed segments of one size become one, and those that hold much that is dead are written anew. Words and
 * vectors each by themselves; one step takes a few segments, at most `LARGEST` and its like, and answers go on meanwhile.
 */

/** Segments of one size that are merged. */
const FAN = 4;
/** Bytes of the smallest size of vectors' segments; a segment of as many as the greater is merged no further. */
const SMALL_VECTORS = 1_500_000;
const LARGE_VECTORS = 24_000_000;
/** A vectors' segment is written anew when fewer of its items are living ones with these vectors. */
const LEAST_LIVING = 0.5;

/** In turn. Stops between two merges when aborted. */
export async function mergeSealed(holdings: Holdings, signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted) {
    const words = holdings.list.mergeable(FAN);
    const vectors = words ? undefined : mergeableVectors(holdings);
    if (!words && !vectors) return;
    await holdings.lease.keep();
    if (words) await rewriteWords(holdings, words);
    if (vectors) await rewriteVectors(holdings, vectors);
  }
}

/** One sealed segment of the living items of these; none when nothing lives. */
export async function rewriteWords(holdings: Holdings, group: readonly OpenShelf[]): Promise<void> {
  // A reader shows the older form of what was put again until the newer one is sealed.
  const isNewer = (id: string) =>
    !holdings.gone.has(id) && group.some(({ segment }) => segment.columns.ids.find(id) >= 0);
  if ([...holdings.again].some(isNewer)) await flush(holdings);
  await holdings.watchingVectors(async () => {
    const words = await sealWords(holdings, group);
    const ids = new Set(group.map(({ sealed }) => sealed));
    const dropped = holdings.manifest.segments.filter(({ id }) => ids.has(id));
    await holdings.swap({ stored: words ? [words.stored] : [], dropped }, () =>
      holdings.list.replace(group, words?.shelf, words?.merged, true),
    );
  });
}

/** One sealed segment of what is in force of these; none when nothing is. */
export async function rewriteVectors(holdings: Holdings, group: readonly SegmentEntry[]): Promise<void> {
  await holdings.watchingVectors(async () => {
    const numbers = new Set(group.map(({ id }) => holdings.numberOf(id)));
    const picked = holdings.list.shelves.map((shelf) => pick(shelf, itemsIn(shelf, numbers)));
    const embedder = picked.find(({ items }) => items.length > 0)?.shelf.vectors?.embedder;
    const vectors = await sealGathered(holdings, picked, embedder);
    await holdings.swap({ stored: vectors ? [vectors.stored] : [], dropped: group }, vectors?.settle);
  });
}

/** The living items of a shelf whose vectors are in these segments. */
function itemsIn(shelf: OpenShelf, numbers: ReadonlySet<number>): number[] {
  const items: number[] = [];
  for (let item = 0; item < shelf.segment.items; item += 1) {
    if (numbers.has(shelf.vectorsIn[item] ?? 0) && shelf.isAlive(item)) items.push(item);
  }
  return items;
}

/** Vectors' segments worth merging: `FAN` of one size and embedder, or one that is mostly dead. */
function mergeableVectors(holdings: Holdings): readonly SegmentEntry[] | undefined {
  const living = livingVectors(holdings);
  const bySize = new Map<number, SegmentEntry[]>();
  for (const entry of holdings.manifest.segments) {
    if (entry.kind !== "vectors") continue;
    const alive = living.get(holdings.numberOf(entry.id)) ?? 0;
    if (alive === 0) return [entry];
    // Another embedder's are about to be made anew.
    if ((entry.embedder ?? holdings.list.embedder) !== holdings.list.embedder) continue;
    if (alive < entry.items * LEAST_LIVING) return [entry];
    if (entry.bytes >= LARGE_VECTORS) continue;
    const size = Math.max(0, Math.floor(Math.log(entry.bytes / SMALL_VECTORS) / Math.log(FAN)));
    const group = bySize.get(size) ?? [];
    group.push(entry);
    bySize.set(size, group);
    if (group.length === FAN) return group;
  }
  return undefined;
}

/** How many living items have their vectors in each, by number. */
function livingVectors({ list }: Holdings): Map<number, number> {
  const living = new Map<number, number>();
  for (const shelf of list.shelves) {
    const { vectorsIn } = shelf;
    // Nearly always the same number follows itself.
    let number = 0;
    let count = 0;
    for (let item = 0; item <= vectorsIn.length; item += 1) {
      const next = vectorsIn[item] ?? 0;
      if (next !== number || item === vectorsIn.length) {
        if (number > 0) living.set(number, (living.get(number) ?? 0) + count);
        number = next;
        count = 0;
      }
      if (next > 0 && shelf.isAlive(item)) count += 1;
    }
  }
  return living;
}
