import { MOST_RECENCY } from "../fuse.ts";
import { type Candidates, nthGreatest } from "./candidates.ts";
import type { Scratch } from "./scratch.ts";
import type { Segment } from "./segment.ts";

/**
 * What need not become a candidate. Once the words of a segment are scored, a sample says where the best scores begin, and
 * as many items as are wanted, looked at one by one, say for certain how good one must be. What is so far behind them that
 * recency cannot make up for it is counted, and nothing else is done with it.
 */

/** Who is this share of the best possible score behind may yet come first: by being of today, and a little for rounding. */
const LEAD = 1.01 * MOST_RECENCY;

/** Fewer matches are looked at sooner than they are cut. */
const WORTH_CUTTING = 1_024;

const SAMPLE = 16;
let sampled = new Float32Array(0);

/**
 * Puts to the front of what was met in a segment what may be among the best `wanted` items of all; how many passages those
 * are. `before` are the candidates of the segments before.
 */
export function cut(
  scratch: Scratch,
  segment: Segment,
  passes: Uint8Array | undefined,
  before: Candidates,
  wanted: number,
  totalIdf: number,
): number {
  const { count } = scratch;
  if (count < Math.max(WORTH_CUTTING, wanted)) return count;
  const behind = LEAD * totalIdf;
  if (before.length >= wanted) {
    return scratch.split(nthGreatest(before.words.subarray(0, before.length), wanted) - behind);
  }
  // A few more passages than items are wanted: some are of one item, or do not pass.
  for (let passages = 4 * wanted; passages < count; passages *= 8) {
    const least = aboutNthGreatest(scratch.scores.subarray(0, count), passages);
    const kept = scratch.split(least - behind);
    if (haveItems(scratch, kept, least, segment, passes, wanted)) return kept;
  }
  return count;
}

function aboutNthGreatest(scores: Float32Array, nth: number): number {
  const length = Math.floor(scores.length / SAMPLE);
  if (sampled.length < length) sampled = new Float32Array(2 * length);
  for (let i = 0; i < length; i += 1) sampled[i] = scores[i * SAMPLE] ?? 0;
  return nthGreatest(sampled.subarray(0, length), Math.ceil(nth / SAMPLE));
}

/** Whether among the first `kept` passages those not below `least` are of as many items that pass. */
function haveItems(
  { met, scores }: Scratch,
  kept: number,
  least: number,
  { itemOf }: Segment,
  passes: Uint8Array | undefined,
  wanted: number,
): boolean {
  const items = new Set<number>();
  for (let i = 0; i < kept && items.size < wanted; i += 1) {
    if ((scores[i] ?? 0) < least) continue;
    const item = itemOf[met[i] ?? 0] ?? 0;
    if (!passes || passes[item] === 1) items.add(item);
  }
  return items.size === wanted;
}
