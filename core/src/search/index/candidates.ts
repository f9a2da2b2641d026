import { MOST_RECENCY, recencyOf, scaled, USUAL_VECTOR_WEIGHT } from "../fuse.ts";
import type { IndexRequest } from "../passage-index.ts";
import type { Segment } from "./segment.ts";

/** No inner product of unit vectors is as low. */
export const NO_VECTOR = -2;

/** The items that matched, as columns: thousands of them are ranked for the ten that are shown. */
export class Candidates {
  length = 0;
  /** How many more items matched that are not among them. */
  leftOut = 0;
  shelf = new Uint16Array(1024);
  item = new Uint32Array(1024);
  /** The best passage, by its number in the segment. */
  passage = new Uint32Array(1024);
  words = new Float32Array(1024);
  product = new Float32Array(1024);
  score = new Float64Array(1024);

  add(shelf: number, item: number, passage: number, words: number): number {
    const at = this.length;
    this.reserve(at + 1);
    this.shelf[at] = shelf;
    this.item[at] = item;
    this.passage[at] = passage;
    this.words[at] = words;
    this.product[at] = NO_VECTOR;
    this.length = at + 1;
    return at;
  }

  /**
   * Words, vectors and recency in one score: a convex mix of what is scaled to the best of each. With `most`, whole only of
   * those that may be among the best `most`, which are the contenders returned; that of the others lacks the recency.
   * Asked for `exact`, the score is the cosine and nothing else.
   */
  mix(segments: readonly Segment[], request: IndexRequest, most = Number.POSITIVE_INFINITY): number[] {
    const { length, words, product, shelf, item, score } = this;
    if (request.vector?.exact) {
      score.set(product.subarray(0, length));
      return Array.from({ length }, (_, i) => i);
    }
    let mostWords = 0;
    let mostProduct = NO_VECTOR;
    for (let i = 0; i < length; i += 1) {
      const byWords = words[i] ?? 0;
      const byVector = product[i] ?? NO_VECTOR;
      if (byWords > mostWords) mostWords = byWords;
      if (byVector > mostProduct) mostProduct = byVector;
    }
    const weight = mostProduct > NO_VECTOR ? (request.vector?.weight ?? USUAL_VECTOR_WEIGHT) : 0;
    const wordsWeight = mostWords > 0 ? 1 - weight : 0;
    const perWord = mostWords > 0 ? wordsWeight / mostWords : 0;
    for (let i = 0; i < length; i += 1) {
      const own = product[i] ?? NO_VECTOR;
      const byWords = perWord * (words[i] ?? 0);
      // Below zero a vector says "unlike"; so zero is the scale's other end.
      const counts = weight > 0 && (own > 0 || mostProduct <= 0);
      score[i] = counts ? byWords + (1 - wordsWeight) * scaled(own, 0, mostProduct) : byWords;
    }
    // The date is far away in memory, so it is not looked at where it cannot matter.
    const least =
      length > most ? nthGreatest(score.subarray(0, length), most) - MOST_RECENCY : Number.NEGATIVE_INFINITY;
    const contenders: number[] = [];
    for (let i = 0; i < length; i += 1) {
      const mixed = score[i] ?? 0;
      if (mixed < least) continue;
      score[i] = mixed + recencyOf(segments[shelf[i] ?? 0]?.columns.date[item[i] ?? 0] ?? Number.NaN, request.now);
      contenders.push(i);
    }
    return contenders;
  }

  /**
   * Leaves out what has none of the words and is less than `share` as near as the nearest; where nothing has any of the
   * words, also what is less near than `least` says. A passage always has some nearness to any question, and a person who
   * asks for one thing is not helped by a hundred that are hardly like it.
   */
  dropFar(share: number, least: () => number): void {
    const { words, product } = this;
    let mostWords = 0;
    let mostProduct = NO_VECTOR;
    for (let i = 0; i < this.length; i += 1) {
      mostWords = Math.max(mostWords, words[i] ?? 0);
      mostProduct = Math.max(mostProduct, product[i] ?? NO_VECTOR);
    }
    const near = mostWords > 0 ? share * mostProduct : Math.max(share * mostProduct, least());
    let kept = 0;
    for (let i = 0; i < this.length; i += 1) {
      if ((words[i] ?? 0) === 0 && (product[i] ?? 0) > NO_VECTOR && (product[i] ?? 0) < near) continue;
      if (kept < i) {
        this.shelf[kept] = this.shelf[i] ?? 0;
        this.item[kept] = this.item[i] ?? 0;
        this.passage[kept] = this.passage[i] ?? 0;
        words[kept] = words[i] ?? 0;
        product[kept] = product[i] ?? NO_VECTOR;
      }
      kept += 1;
    }
    this.length = kept;
  }

  /** Makes room for so many in all. */
  reserve(count: number): void {
    if (count <= this.item.length) return;
    const size = count * 2;
    this.shelf = copied(new Uint16Array(size), this.shelf);
    this.item = copied(new Uint32Array(size), this.item);
    this.passage = copied(new Uint32Array(size), this.passage);
    this.words = copied(new Float32Array(size), this.words);
    this.product = copied(new Float32Array(size), this.product);
    this.score = new Float64Array(size);
  }
}

let selected = new Float64Array(1_024);

/**
 * The nth greatest, from 1, of values none of which is NaN; -Infinity when there are fewer. Of many, a sample says below
 * what it cannot well lie, so that only a few more than `nth` are put in order.
 */
export function nthGreatest(values: Float32Array | Float64Array, nth: number): number {
  if (nth > values.length) return Number.NEGATIVE_INFINITY;
  if (selected.length < values.length) selected = new Float64Array(2 * values.length);
  const most = selected;
  let least = Number.NEGATIVE_INFINITY;
  if (values.length >= 64 * SAMPLE) {
    const sampled = Math.floor(values.length / SAMPLE);
    for (let i = 0; i < sampled; i += 1) most[i] = values[i * SAMPLE] ?? 0;
    const rank = Math.ceil((1.5 * nth) / SAMPLE) + 4;
    if (rank < sampled) least = select(most, sampled, rank);
  }
  let n = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    most[n] = value;
    n += value >= least ? 1 : 0;
  }
  if (n < nth) {
    most.set(values);
    n = values.length;
  }
  return select(most, n, nth);
}

const SAMPLE = 16;

/** The nth greatest of the first `n` values, whose order it changes (Hoare's quickselect). */
function select(values: Float64Array, n: number, nth: number): number {
  let [first, last] = [0, n - 1];
  while (first < last) {
    const pivot = values[(first + last) >>> 1] ?? 0;
    let [left, right] = [first, last];
    while (left <= right) {
      while ((values[left] ?? 0) > pivot) left += 1;
      while ((values[right] ?? 0) < pivot) right -= 1;
      if (left > right) break;
      const swapped = values[left] ?? 0;
      values[left] = values[right] ?? 0;
      values[right] = swapped;
      left += 1;
      right -= 1;
    }
    if (nth - 1 <= right) last = right;
    else if (nth - 1 >= left) first = left;
    else break;
  }
  return values[nth - 1] ?? Number.NEGATIVE_INFINITY;
}

function copied<T extends Uint16Array | Uint32Array | Float32Array>(larger: T, from: T): T {
  larger.set(from);
  return larger;
}

/** The order of an answer; below 0 when `a` comes first. Of equals the newer, then the lower id: pages are stable. */
export function comparing(
  candidates: Candidates,
  segments: readonly Segment[],
  order: NonNullable<IndexRequest["order"]>,
): (a: number, b: number) => number {
  const { shelf, item, score } = candidates;
  const dateOf = (c: number) => segments[shelf[c] ?? 0]?.columns.date[item[c] ?? 0] ?? Number.NaN;
  const idOf = (c: number) => segments[shelf[c] ?? 0]?.columns.ids.at(item[c] ?? 0) ?? "";
  const oldest = order === "oldest";
  return (a, b) => {
    if (order === "best") {
      const [ofA, ofB] = [score[a] ?? 0, score[b] ?? 0];
      // Not their difference: that is a number of its own on the heap.
      if (ofA !== ofB) return ofA > ofB ? -1 : 1;
    }
    const dated = byDate(dateOf(a), dateOf(b), oldest);
    if (dated !== 0 || a === b) return dated;
    return shelf[a] === shelf[b] ? (item[a] ?? 0) - (item[b] ?? 0) : idOf(a) < idOf(b) ? -1 : 1;
  };
}

export function byDate(a: number, b: number, oldest: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return oldest ? a - b : b - a;
}

/** The first `most` by `compare`, in order: a heap whose root is the last of those kept. */
export function firstOf(
  candidates: readonly number[],
  most: number,
  compare: (a: number, b: number) => number,
): number[] {
  const heap = candidates.slice(0, most).sort((a, b) => compare(b, a));
  for (let i = heap.length; i < candidates.length && most > 0; i += 1) {
    const candidate = candidates[i] ?? 0;
    if (compare(candidate, heap[0] ?? 0) >= 0) continue;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const later = right < heap.length && compare(heap[right] ?? 0, heap[left] ?? 0) > 0 ? right : left;
      if (compare(heap[later] ?? 0, candidate) <= 0) break;
      heap[at] = heap[later] ?? 0;
      at = later;
    }
    heap[at] = candidate;
  }
  return heap.sort(compare);
}
