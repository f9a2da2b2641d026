/**
 * Fusion: words, vectors and recency in one score. A convex mix of min-max scaled scores; measured against reciprocal
 * ranks, which make mail search worse when the vectors are weak (DESIGN §6).
 */

/** Of vectors beside words when the request does not say what was fitted for its embedder. */
export const USUAL_VECTOR_WEIGHT = 0.3;

/**
 * How near things must be to be found by vectors alone, in standard deviations above what the vectors say of any passage:
 * fitted for the built-in vectors and for MiniLM with words that are none (docs/search.md).
 */
export const LEAST_LIKENESS = 3;

/** What being of today adds to a score of at most 1; it halves in a year. */
export const MOST_RECENCY = 0.04;
export const YEAR = 365 * 86_400_000;

export function recencyOf(date: number, now: number): number {
  if (Number.isNaN(date)) return 0;
  return MOST_RECENCY / (1 + Math.max(0, now - date) / YEAR);
}

/** `value` in [least, most] → [0, 1]. */
export function scaled(value: number, least: number, most: number): number {
  if (most <= least) return value >= most ? 1 : 0;
  return Math.min(1, Math.max(0, (value - least) / (most - least)));
}

/** How much of the words' score remains for a passage that has only `share` (by idf) of the words asked for. */
export function coverageFactor(share: number): number {
  return 0.35 + 0.65 * share;
}
