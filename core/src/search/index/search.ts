import { recencyOf, scaled, USUAL_VECTOR_WEIGHT } from "../fuse.ts";
import { DEFAULT_LANGUAGE } from "../language.ts";
import type { Filter, IndexAnswer, IndexHit, IndexRequest, Listing } from "../passage-index.ts";
import { facetsOf } from "./facets.ts";
import { applyFilter } from "./filter.ts";
import { planQuery } from "./plan.ts";
import { Scratch, scoreWords, type Weighed, weigh } from "./score.ts";
import type { Segment } from "./segment.ts";
import type { PassageVectors } from "./vectors.ts";

/** A segment as it is searched: which of its items are the living ones, and the vectors that belong to it. */
export interface Shelf {
  readonly segment: Segment;
  /** By item: 1 where neither removed nor put again elsewhere; undefined when all are. */
  readonly alive: Uint8Array | undefined;
  readonly vectors: PassageVectors | undefined;
}

/** An item that matched. */
export interface Candidate {
  readonly shelf: number;
  readonly item: number;
  passage: number;
  words: number;
  product: number;
  score: number;
}

/** No inner product of unit vectors is as low. */
const NO_VECTOR = -2;
/** Items that vectors alone may bring in. */
const BY_VECTORS = 100;

const scratch = new Scratch();

/** Filters, scores words, scans vectors, mixes, groups by item. Synchronous: nothing changes meanwhile. */
export function searchShelves(shelves: readonly Shelf[], request: IndexRequest): IndexAnswer {
  const segments = shelves.map((shelf) => shelf.segment);
  const languages = languagesOf(segments);
  const plan = planQuery(request.clauses, segments, languages);
  const weighed = weigh(plan, segments);
  const asksWords = plan.wanted.length + plan.phrases.length > 0;
  // Clauses that were given but hold no word ("!!!") find nothing; no clauses at all mean everything.
  const asksNothing = !asksWords && !request.vector && request.clauses.every((clause) => clause.type === "not");

  const candidates: Candidate[] = [];
  for (const [which, shelf] of shelves.entries()) {
    const passes = both(shelf.alive, applyFilter(shelf.segment, request.filter, languages));
    gather(shelf, which, passes, weighed, request, asksNothing, candidates);
  }
  mix(candidates, shelves, request);
  const ordered = best(candidates, shelves, request);
  const first = request.offset ?? 0;
  return {
    hits: ordered
      .slice(first, first + request.limit)
      .map((candidate) => hitOf(candidate, shelves, weighed, request.now)),
    total: candidates.length,
    ...(request.facets ? { facets: facetsOf(candidates, segments) } : {}),
    ...(plan.corrected.length > 0 ? { corrected: plan.corrected } : {}),
  };
}

/** Items that pass, by date; the undated last either way. */
export function listShelves(
  shelves: readonly Shelf[],
  filter: Filter,
  options: { readonly order?: "newest" | "oldest"; readonly offset?: number; readonly limit: number },
): Listing {
  const languages = languagesOf(shelves.map((shelf) => shelf.segment));
  const items: { date: number; shelf: number; item: number }[] = [];
  for (const [which, { segment, alive }] of shelves.entries()) {
    const passes = both(alive, applyFilter(segment, filter, languages));
    for (let item = 0; item < segment.items; item += 1) {
      if (passes && passes[item] === 0) continue;
      items.push({ date: segment.columns.date[item] ?? Number.NaN, shelf: which, item });
    }
  }
  const idOf = (entry: { shelf: number; item: number }) =>
    shelves[entry.shelf]?.segment.columns.ids.at(entry.item) ?? "";
  const oldest = options.order === "oldest";
  items.sort((a, b) => byDate(a.date, b.date, oldest) || (idOf(a) < idOf(b) ? -1 : 1));
  const first = options.offset ?? 0;
  return { items: items.slice(first, first + options.limit).map(idOf), total: items.length };
}

export function languagesOf(segments: readonly Segment[]): string[] {
  const languages = new Set([DEFAULT_LANGUAGE]);
  for (const { columns } of segments) {
    for (let i = 0; i < columns.languages.length; i += 1) languages.add(columns.languages.at(i));
  }
  return [...languages];
}

function both(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (!a || !b) return a ?? b;
  // `b` is the filter's own array, made for this query.
  for (let i = 0; i < b.length; i += 1) b[i] = (a[i] ?? 0) & (b[i] ?? 0);
  return b;
}

/** The items of a shelf that match, each by its best passage. */
function gather(
  shelf: Shelf,
  which: number,
  allowed: Uint8Array | undefined,
  weighed: Weighed,
  request: IndexRequest,
  everything: boolean,
  into: Candidate[],
): void {
  const { segment } = shelf;
  const { firstPassage } = segment.columns;
  const words = scoreWords(weighed, segment, which, scratch);
  const passes = words.passes ? both(allowed, words.passes) : allowed;
  const products = scanVectors(shelf, passes, request);
  const byVectors = products ? leastOfBest(products, segment, BY_VECTORS) : 2;
  if (!everything && !words.matchedAny && !products) return;
  const { scores } = words;
  const { itemOf } = segment;
  const { length } = scores;
  for (let doc = 0; doc < length; ) {
    const score = scores[doc] ?? 0;
    if (score === 0 && !everything && (!products || (products[doc] ?? NO_VECTOR) < byVectors)) {
      doc += 1;
      continue;
    }
    const item = itemOf[doc] ?? 0;
    const end = firstPassage[item + 1] ?? doc + 1;
    if (!passes || passes[item] === 1) {
      into.push(bestPassage(which, item, firstPassage[item] ?? doc, end, scores, products));
    }
    doc = end;
  }
}

function bestPassage(
  shelf: number,
  item: number,
  first: number,
  end: number,
  scores: Float32Array,
  products: Float32Array | undefined,
): Candidate {
  let passage = first;
  let words = scores[first] ?? 0;
  let product = products?.[first] ?? NO_VECTOR;
  let nearest = first;
  for (let doc = first + 1; doc < end; doc += 1) {
    const score = scores[doc] ?? 0;
    if (score > words) {
      words = score;
      passage = doc;
    }
    const near = products?.[doc] ?? NO_VECTOR;
    if (near > product) {
      product = near;
      nearest = doc;
    }
  }
  return { shelf, item, passage: words > 0 ? passage : nearest, words, product, score: 0 };
}

function scanVectors(shelf: Shelf, passes: Uint8Array | undefined, request: IndexRequest): Float32Array | undefined {
  const { vectors, segment } = shelf;
  const asked = request.vector;
  if (!vectors || !asked || vectors.embedder !== asked.embedder) return undefined;
  if (vectors.dimensions !== asked.values.length) return undefined;
  const { itemOf } = segment;
  return vectors.scan(asked.values, (passage) => !passes || passes[itemOf[passage] ?? 0] === 1);
}

/** The product that the `count` nearest passages reach at least. */
function leastOfBest(products: Float32Array, segment: Segment, count: number): number {
  if (segment.passages <= count) return NO_VECTOR + 0.5;
  const sorted = products.slice().sort();
  return Math.max(sorted[sorted.length - count] ?? NO_VECTOR, NO_VECTOR + 0.5);
}

function mix(candidates: readonly Candidate[], shelves: readonly Shelf[], request: IndexRequest): void {
  let mostWords = 0;
  let mostProduct = NO_VECTOR;
  for (const candidate of candidates) {
    mostWords = Math.max(mostWords, candidate.words);
    mostProduct = Math.max(mostProduct, candidate.product);
  }
  const weight = mostProduct > NO_VECTOR ? (request.vector?.weight ?? USUAL_VECTOR_WEIGHT) : 0;
  const wordsWeight = mostWords > 0 ? 1 - weight : 0;
  // Below zero a vector says "unlike"; so zero is the scale's other end.
  for (const candidate of candidates) {
    const words = mostWords > 0 ? candidate.words / mostWords : 0;
    const vectors = weight > 0 ? scaled(candidate.product, 0, mostProduct) : 0;
    const date = shelves[candidate.shelf]?.segment.columns.date[candidate.item] ?? Number.NaN;
    candidate.score = wordsWeight * words + (1 - wordsWeight) * vectors + recencyOf(date, request.now);
  }
}

/** The candidates in order, as many as are asked for, without exact duplicates of better ones. */
function best(candidates: readonly Candidate[], shelves: readonly Shelf[], request: IndexRequest): Candidate[] {
  const wanted = (request.offset ?? 0) + request.limit;
  const order = request.order ?? "best";
  const dateOf = (c: Candidate) => shelves[c.shelf]?.segment.columns.date[c.item] ?? Number.NaN;
  const compare = (a: Candidate, b: Candidate): number =>
    (order === "best" ? b.score - a.score : byDate(dateOf(a), dateOf(b), order === "oldest")) ||
    byDate(dateOf(a), dateOf(b), order === "oldest") ||
    a.shelf - b.shelf ||
    a.item - b.item;
  const seen = new Set<string>();
  const kept: Candidate[] = [];
  // Twice as many as wanted leaves room for duplicates; only an index full of them needs all.
  for (const pool of [top(candidates, wanted * 2 + 16, compare), undefined]) {
    kept.length = 0;
    seen.clear();
    for (const candidate of pool ?? [...candidates].sort(compare)) {
      const columns = shelves[candidate.shelf]?.segment.columns;
      const hash = `${columns?.kind[candidate.item]}.${columns?.hashA[candidate.item]}.${columns?.hashB[candidate.item]}`;
      if (order === "best" && candidate.words > 0 && seen.has(hash)) continue;
      seen.add(hash);
      kept.push(candidate);
      if (kept.length === wanted) return kept;
    }
    if (!pool || pool.length === candidates.length) return kept;
  }
  return kept;
}

/** The first `count` by `compare`, in order: a heap whose root is the last of those kept. */
function top(
  candidates: readonly Candidate[],
  count: number,
  compare: (a: Candidate, b: Candidate) => number,
): Candidate[] {
  if (candidates.length <= count) return [...candidates].sort(compare);
  const heap = candidates.slice(0, count).sort((a, b) => compare(b, a));
  for (let i = count; i < candidates.length; i += 1) {
    const candidate = candidates[i];
    const root = heap[0];
    if (!candidate || !root || compare(candidate, root) >= 0) continue;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= count) break;
      const right = left + 1;
      const a = heap[left];
      const b = heap[right];
      if (!a) break;
      const [child, later] = b && compare(b, a) > 0 ? [right, b] : [left, a];
      if (compare(later, candidate) <= 0) break;
      heap[at] = later;
      at = child;
    }
    heap[at] = candidate;
  }
  return heap.sort(compare);
}

function byDate(a: number, b: number, oldest: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return oldest ? a - b : b - a;
}

function hitOf(candidate: Candidate, shelves: readonly Shelf[], weighed: Weighed, now: number): IndexHit {
  const shelf = shelves[candidate.shelf];
  if (!shelf) throw new Error("A hit lies in no segment; this is a fault of the index.");
  const { segment } = shelf;
  const { ids, firstPassage, terms, date } = segment.columns;
  const first = firstPassage[candidate.item] ?? 0;
  const end = firstPassage[candidate.item + 1] ?? first;
  const asked = new Set([...weighed.clauses, ...weighed.phrases].flatMap((clause) => clause.units.flat(2)));
  const known = [...asked].flatMap((term) => {
    const at = terms.find(term);
    return at < 0 ? [] : [{ term, at }];
  });
  const others: { passage: number; matched: number }[] = [];
  for (let doc = first; doc < end && end - first > 1; doc += 1) {
    if (doc === candidate.passage) continue;
    const matched = known.filter(({ at }) => segment.postings.has(at, doc)).length;
    if (matched > 0) others.push({ passage: doc - first, matched });
  }
  others.sort((a, b) => b.matched - a.matched || a.passage - b.passage);
  return {
    item: ids.at(candidate.item),
    passage: candidate.passage - first,
    others: others.map((other) => other.passage),
    score: candidate.score,
    parts: {
      words: candidate.words,
      vectors: Math.max(0, candidate.product),
      recency: recencyOf(date[candidate.item] ?? Number.NaN, now),
    },
    terms: known.filter(({ at }) => segment.postings.has(at, candidate.passage)).map(({ term }) => term),
  };
}
