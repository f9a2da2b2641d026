import { flush } from "./flushing.ts";
import type { Holdings } from "./holdings.ts";
import { mergeSealed } from "./merging.ts";
import type { Segment } from "./segment.ts";

/** Taking in: items and vectors are in RAM at once, and are sealed when there are many of them. */

/** Passages in RAM alone, and items whose vectors are, that make a put flush. */
const FLUSH_AT = 8_192;
const VECTORS_AT = 4_096;
/** Shelves in RAM past which a put waits until the small ones are merged; else that is done once it has resolved. */
const MANY_SHELVES = 40;

/**
 * Takes a segment that was made of items into RAM, where it is searched at once; what is awaited is the flush that it may
 * be time for. A replay after a crash finds the items again.
 */
export async function take(holdings: Holdings, segment: Segment): Promise<void> {
  holdings.list.place(segment, holdings.version);
  const mergeSmall = () => holdings.list.mergeSmall(holdings.flushing);
  if (holdings.shelvesInRam.length > MANY_SHELVES) mergeSmall();
  else setImmediate(mergeSmall);
  await flushWhenFull(holdings);
}

export async function flushWhenFull(holdings: Holdings): Promise<void> {
  const { list } = holdings;
  const unsealed = list.shelves.reduce((sum, { unsealedVectors }) => sum + unsealedVectors.size, 0);
  if (holdings.livePassages < FLUSH_AT && unsealed < VECTORS_AT) return;
  await holdings.inTurn(() => flush(holdings));
  await holdings.inTurn(() => mergeSealed(holdings));
}
