import type { IndexRequest } from "../passage-index.ts";
import { type Candidates, NO_VECTOR, nthGreatest } from "./candidates.ts";
import { cut } from "./cut.ts";
import { type Nearest, nearestOf } from "./nearest.ts";
import { scoreWords, type Weighed } from "./score.ts";
import { Scratch } from "./scratch.ts";
import type { Segment } from "./segment.ts";
import type { PassageVectors } from "./vectors.ts";

/** A segment's part in a search: which of its items pass, and its candidates, from `first` to before `end`. */
export interface Passing {
  readonly segment: Segment;
  readonly vectors: PassageVectors | undefined;
  readonly passes: Uint8Array | undefined;
  readonly first: number;
  readonly end: number;
}

/** Passages that vectors alone may bring in, of all segments; asked for `exact`, every item is brought in. */
const BY_VECTORS = 100;
/** Items found by words whose vectors are measured, of all segments. */
const MEASURED = 400;

/** Used again from query to query. */
export const scratch = new Scratch();
/** By item of the segment at hand: one more than its candidate; between segments all zero. */
let slots = new Uint32Array(0);
/** By item of the segment at hand; all zero between. */
let counted = new Uint8Array(0);
/** Matches that are looked at together, and their items. */
const AT_ONCE = 256;
const matched = new Uint32Array(AT_ONCE + 1);

export function gatherAll(segment: Segment, which: number, passes: Uint8Array | undefined, into: Candidates): void {
  const { firstPassage } = segment.columns;
  for (let item = 0; item < segment.items; item += 1) {
    if (!passes || passes[item] === 1) into.add(which, item, firstPassage[item] ?? 0, 0);
  }
}

/**
 * The items of a segment that have any of the words, each by its best passage. Of those that cannot be among the best
 * `keep` by words and recency many are only counted.
 */
export function gatherWords(
  segment: Segment,
  which: number,
  passes: Uint8Array | undefined,
  weighed: Weighed,
  keep: number,
  into: Candidates,
): void {
  const { itemOf } = segment;
  const before = into.length;
  const totalIdf = weighed.totalIdf || 1;
  scratch.begin(segment.passages);
  scoreWords(weighed, segment, which, scratch);
  scratch.score(totalIdf);
  const kept = cut(scratch, segment, passes, into, keep, totalIdf);
  const { met, scores } = scratch;
  if (slots.length < segment.items) slots = new Uint32Array(segment.items);
  into.reserve(before + kept);
  // Hundreds of thousands may match: nothing is looked up in the loop that could be before it.
  const slotOf = slots;
  const { shelf, item: items, passage: passages, words, product } = into;
  let { length } = into;
  for (let begin = 0; begin < kept; begin += AT_ONCE) {
    const end = Math.min(begin + AT_ONCE, kept);
    fetchItems(itemOf, begin, end);
    for (let i = begin; i < end; i += 1) {
      const item = matched[i - begin] ?? 0;
      if (passes !== undefined && passes[item] !== 1) continue;
      const doc = met[i] ?? 0;
      const score = scores[i] ?? 0;
      const slot = slotOf[item] ?? 0;
      if (slot === 0) {
        items[length] = item;
        passages[length] = doc;
        words[length] = score;
        length += 1;
        slotOf[item] = length;
        continue;
      }
      const known = words[slot - 1] ?? 0;
      if (score < known || (score === known && doc > (passages[slot - 1] ?? 0))) continue;
      words[slot - 1] = score;
      passages[slot - 1] = doc;
    }
  }
  shelf.fill(which, before, length);
  product.fill(NO_VECTOR, before, length);
  into.length = length;
  for (let c = before; c < length; c += 1) slotOf[items[c] ?? 0] = 0;
  if (kept < scratch.count) into.leftOut += countOthers(kept, segment, passes, items.subarray(before, length));
  scratch.end();
}

/** How many items the matches from `first` on are of, besides the candidates. */
function countOthers(
  first: number,
  { items, itemOf }: Segment,
  passes: Uint8Array | undefined,
  candidates: Uint32Array,
): number {
  const { met, count } = scratch;
  if (counted.length < items) counted = new Uint8Array(items);
  const isCounted = counted;
  for (let c = 0; c < candidates.length; c += 1) isCounted[candidates[c] ?? 0] = 1;
  let others = 0;
  for (let i = first; i < count; i += 1) {
    const item = itemOf[met[i] ?? 0] ?? 0;
    if (passes === undefined || passes[item] === 1) others += 1 - (isCounted[item] ?? 0);
    isCounted[item] = 1;
  }
  isCounted.fill(0, 0, items);
  return others;
}

/**
 * The items of the matches from `begin` to before `end`. What is told of matches lies far apart in memory: fetched with no
 * decision between, the waits for it overlap.
 */
function fetchItems(itemOf: Uint32Array, begin: number, end: number): void {
  const { met } = scratch;
  for (let i = begin; i < end; i += 1) matched[i - begin] = itemOf[met[i] ?? 0] ?? 0;
  let slot = 0;
  for (let i = 0; i < end - begin; i += 1) slot |= slots[matched[i] ?? 0] ?? 0;
  // Kept, so that the compiler keeps the loop.
  matched[AT_ONCE] = slot;
}

/**
 * The nearest passages become candidates too, and the candidates get the product of their nearest passage: all of a few,
 * of many those that the words find best, since the others are near only if they are among the nearest.
 */
export function addVectors(
  passing: readonly Passing[],
  asked: NonNullable<IndexRequest["vector"]>,
  wanted: number,
  into: Candidates,
): void {
  const measurable = passing.flatMap(({ segment, vectors, passes }, which) =>
    vectors && vectors.embedder === asked.embedder && vectors.dimensions === asked.values.length
      ? [{ which, segment, vectors, passes, itemOf: segment.itemOf }]
      : [],
  );
  const byWords = bestByWords(into, wanted);
  if (asked.exact) {
    for (const { which, segment, vectors, passes, itemOf } of measurable) {
      const all = vectors.scan(asked.values, (doc) => !passes || passes[itemOf[doc] ?? 0] === 1);
      takeNearest(nearestByItem(segment, all), which, passing[which], into);
    }
  } else {
    const nearest = nearestOf(measurable, asked.values, BY_VECTORS);
    for (let place = 0; place < measurable.length; place += 1) {
      const which = measurable[place]?.which ?? 0;
      const own = ownOf(nearest, place);
      if (own.length > 0) takeNearest(own, which, passing[which], into);
    }
  }
  let first = 0;
  for (const { which, segment, vectors } of measurable) {
    // The candidates found by words lie by segment.
    while (first < byWords.length && (into.shelf[byWords[first] ?? 0] ?? 0) < which) first += 1;
    let end = first;
    while (end < byWords.length && into.shelf[byWords[end] ?? 0] === which) end += 1;
    if (end > first) measure(byWords.subarray(first, end), segment, vectors, asked.values, into);
    first = end;
  }
}

interface Near {
  readonly doc: number;
  readonly product: number;
}

function ownOf({ which, passages, products }: Nearest, place: number): Near[] {
  const own: Near[] = [];
  for (let i = 0; i < which.length; i += 1) {
    if (which[i] === place) own.push({ doc: passages[i] ?? 0, product: products[i] ?? NO_VECTOR });
  }
  return own;
}

/** `nearest`: of one segment, the nearest first, so the first of an item's passages is its nearest. */
function takeNearest(nearest: readonly Near[], which: number, own: Passing | undefined, into: Candidates): void {
  if (!own) return;
  const { itemOf } = own.segment;
  if (slots.length < own.segment.items) slots = new Uint32Array(own.segment.items);
  for (let i = 0; i < nearest.length; i += 1) {
    const item = itemOf[nearest[i]?.doc ?? 0] ?? 0;
    if (slots[item] === 0) slots[item] = i + 1;
  }
  // The candidates are many and the nearest few: a candidate among them takes its product, the others become candidates.
  const slotOf = slots;
  const { item: items, product: products } = into;
  for (let c = own.first; c < own.end; c += 1) {
    const slot = slotOf[items[c] ?? 0] ?? 0;
    if (slot === 0) continue;
    products[c] = nearest[slot - 1]?.product ?? NO_VECTOR;
    slotOf[items[c] ?? 0] = 0;
  }
  for (let i = 0; i < nearest.length; i += 1) {
    const { doc = 0, product = NO_VECTOR } = nearest[i] ?? {};
    const item = itemOf[doc] ?? 0;
    if (slotOf[item] !== i + 1) continue;
    slotOf[item] = 0;
    const added = into.add(which, item, doc, 0);
    into.product[added] = product;
  }
}

/** Passages that are measured, and whose each is. */
const measured = { docs: new Uint32Array(0), owners: new Uint32Array(0) };

/** Candidates of one segment that have no product yet get that of their nearest passage. */
function measure(
  candidates: Uint32Array,
  segment: Segment,
  vectors: PassageVectors,
  question: Float32Array,
  into: Candidates,
): void {
  const { firstPassage } = segment.columns;
  const { item: items, product } = into;
  let count = 0;
  for (let i = 0; i < candidates.length; i += 1) {
    const c = candidates[i] ?? 0;
    if (product[c] !== NO_VECTOR) continue;
    const item = items[c] ?? 0;
    const end = firstPassage[item + 1] ?? 0;
    for (let doc = firstPassage[item] ?? 0; doc < end; doc += 1) {
      if (count === measured.docs.length) growMeasured();
      measured.docs[count] = doc;
      measured.owners[count] = c;
      count += 1;
    }
  }
  if (count === 0) return;
  const products = vectors.productsOf(question, measured.docs.subarray(0, count));
  for (let i = 0; i < count; i += 1) {
    const c = measured.owners[i] ?? 0;
    const own = products[i] ?? NO_VECTOR;
    if (own > (product[c] ?? NO_VECTOR)) product[c] = own;
  }
}

function growMeasured(): void {
  const { docs, owners } = measured;
  const size = Math.max(1_024, docs.length * 2);
  measured.docs = new Uint32Array(size);
  measured.docs.set(docs);
  measured.owners = new Uint32Array(size);
  measured.owners.set(owners);
}

/** Of measured passages the nearest one of each item. */
function nearestByItem({ items, itemOf }: Segment, products: Float32Array): Near[] {
  const best = new Float32Array(items).fill(NO_VECTOR);
  const passageOf = new Uint32Array(items);
  for (let doc = 0; doc < products.length; doc += 1) {
    const item = itemOf[doc] ?? 0;
    const product = products[doc] ?? NO_VECTOR;
    if (product <= (best[item] ?? NO_VECTOR)) continue;
    best[item] = product;
    passageOf[item] = doc;
  }
  const nearest: Near[] = [];
  for (let item = 0; item < items; item += 1) {
    const product = best[item] ?? NO_VECTOR;
    if (product > NO_VECTOR) nearest.push({ doc: passageOf[item] ?? 0, product });
  }
  return nearest;
}

/** The candidates that are measured, rising: as many for every usual page, so that pages agree with each other. */
function bestByWords({ words, length }: Candidates, wanted: number): Uint32Array {
  const all = length <= MEASURED || wanted * 2 > MEASURED;
  const least = all ? Number.NEGATIVE_INFINITY : nthGreatest(words.subarray(0, length), MEASURED);
  let room = MEASURED;
  for (let c = 0; c < length; c += 1) if ((words[c] ?? 0) > least) room -= 1;
  const best = new Uint32Array(all ? length : MEASURED);
  let count = 0;
  for (let c = 0; c < length; c += 1) {
    const score = words[c] ?? 0;
    // Of equals the earlier, as many as there is room for.
    if (score > least || (score === least && room-- > 0)) best[count++] = c;
  }
  return best;
}
