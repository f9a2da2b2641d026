import { LEAST_LIKENESS } from "../fuse.ts";
import type { IndexRequest } from "../passage-index.ts";
import type { Segment } from "./segment.ts";
import { NO_PRODUCT, type PassageVectors } from "./vectors.ts";

/** Passages that are asked, of all segments, spread evenly. */
const SAMPLE = 128;
/** What embedders say of two texts that have nothing to do with each other; a small index tells too little itself. */
const PRIOR = { passages: 24, mean: 0.1, deviation: 0.1 };
/** Passages of the sets that the floor was fitted on, at least. */
const FITTED_AT = 450;
/** As near as this is near, however much the passages of an index are all about one thing. */
const SURELY = 0.5;

/**
 * How near a passage must be where nothing has any of the words. A vector says something of any two texts, and how much depends
 * on the question: so it is held against what the vectors say of passages taken at random, in standard deviations.
 */
export function leastNearness(
  shelves: readonly { readonly segment: Pick<Segment, "passages">; readonly vectors: PassageVectors | undefined }[],
  asked: NonNullable<IndexRequest["vector"]>,
): number {
  const measurable = shelves.flatMap(({ segment, vectors }) =>
    vectors && vectors.embedder === asked.embedder && vectors.dimensions === asked.values.length
      ? [{ vectors, passages: segment.passages }]
      : [],
  );
  const there = measurable.reduce((all, { passages }) => all + passages, 0);
  const step = Math.max(1, Math.ceil(there / SAMPLE));
  const products: number[] = [];
  for (const { vectors, passages } of measurable) {
    const taken = Uint32Array.from({ length: Math.ceil(passages / step) }, (_, i) => i * step);
    products.push(...vectors.productsOf(asked.values, taken).filter((product) => product !== NO_PRODUCT));
  }
  return beyondUsual(products, (asked.floor ?? LEAST_LIKENESS) * chanceOf(there));
}

/**
 * The nearest of many is near by chance, of few hardly: the greatest of n normal values lies about √(2 ln n) deviations above
 * their mean. The floor was fitted where there are hundreds; below that it falls in this proportion.
 */
function chanceOf(passages: number): number {
  return Math.min(1, Math.sqrt(Math.log(Math.max(2, passages)) / Math.log(FITTED_AT)));
}

/** How near is near, beside these products of texts taken at random. */
export function beyondUsual(products: Iterable<number>, floor = LEAST_LIKENESS): number {
  let count = PRIOR.passages;
  let sum = PRIOR.passages * PRIOR.mean;
  let squares = PRIOR.passages * (PRIOR.mean ** 2 + PRIOR.deviation ** 2);
  for (const product of products) {
    count += 1;
    sum += product;
    squares += product * product;
  }
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return Math.min(SURELY, mean + floor * deviation);
}
