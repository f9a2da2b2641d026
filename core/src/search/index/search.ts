import { recencyOf } from "../fuse.ts";
import { DEFAULT_LANGUAGE } from "../language.ts";
import type { Filter, IndexAnswer, IndexHit, IndexRequest, Listing } from "../passage-index.ts";
import { byDate, Candidates, comparing, firstOf, NO_VECTOR } from "./candidates.ts";
import { whyOf } from "./explain.ts";
import { facetsOf } from "./facets.ts";
import { applyFilter } from "./filter.ts";
import { Lexicon } from "./lexicon.ts";
import { planQuery } from "./plan.ts";
import { Scratch, scoreOf, scoreWords, strictPasses, type Weighed, weigh } from "./score.ts";
import type { Segment } from "./segment.ts";
import type { PassageVectors } from "./vectors.ts";

/** A segment as it is searched: which of its items are the living ones, and the vectors that belong to it. */
export interface Shelf {
  readonly segment: Segment;
  /** By item: 1 where neither removed nor put again elsewhere; undefined when all are. */
  readonly alive: Uint8Array | undefined;
  readonly vectors: PassageVectors | undefined;
}

/** Items that vectors alone may bring in, and how near they must be beside the nearest. */
const BY_VECTORS = 100;
const NEAR_ENOUGH = 0.5;
/** Items of a segment, found by words, whose vectors are measured. */
const MEASURED = 400;

const scratch = new Scratch();
const pool = new Candidates();
/** By item of the segment at hand: one more than its candidate; between segments all zero. */
let slots = new Uint32Array(0);

/** Filters, scores words, scans vectors, mixes, groups by item. Synchronous: nothing changes meanwhile. */
export function searchShelves(shelves: readonly Shelf[], request: IndexRequest): IndexAnswer {
  return searched(shelves, request, true) ?? searched(shelves, request, false) ?? { hits: [], total: 0 };
}

/** With `prune`, what cannot be among the best is not scored to the end; undefined when that left too few to show. */
function searched(shelves: readonly Shelf[], request: IndexRequest, prune: boolean): IndexAnswer | undefined {
  const segments = shelves.map((shelf) => shelf.segment);
  const lexicon = new Lexicon(segments);
  const languages = languagesOf(segments);
  const plan = planQuery(request.clauses, lexicon, languages);
  const weighed = weigh(plan, lexicon);
  const asksWords = plan.wanted.length + plan.phrases.length > 0;
  // Clauses that were given but hold no word ("!!!") find nothing; no clauses at all mean everything.
  const asksNothing = !asksWords && !request.vector && request.clauses.every((clause) => clause.type === "not");

  const candidates = pool;
  candidates.length = 0;
  const wanted = (request.offset ?? 0) + request.limit;
  // Some more than wanted leave room for duplicates.
  const keep = prune && (request.order ?? "best") === "best" ? wanted * 2 + 16 : Number.POSITIVE_INFINITY;
  for (const [which, shelf] of shelves.entries()) {
    const filtered = both(shelf.alive, applyFilter(shelf.segment, request.filter, languages));
    const passes = both(filtered, strictPasses(weighed, shelf.segment, which, scratch.buffer));
    if (asksNothing) gatherAll(shelf.segment, which, passes, candidates);
    else gather(shelf, which, passes, weighed, request, candidates);
  }
  if (request.vector && !request.vector.exact) candidates.dropFar(NEAR_ENOUGH);
  const contenders = candidates.mix(segments, request, keep);
  const ordered = best(candidates, contenders, segments, request, keep);
  // Only an index full of duplicates needs more.
  if (ordered.length < wanted && keep < candidates.length) return undefined;
  const shown = ordered.slice(request.offset ?? 0, wanted);
  return {
    hits: shown.map((candidate) => hitOf(candidates, candidate, lexicon, weighed, request)),
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

function gatherAll(segment: Segment, which: number, passes: Uint8Array | undefined, into: Candidates): void {
  const { firstPassage } = segment.columns;
  for (let item = 0; item < segment.items; item += 1) {
    if (!passes || passes[item] === 1) into.add(which, item, firstPassage[item] ?? 0, 0);
  }
}

/** The items of a shelf that match, each by its best passage. */
function gather(
  shelf: Shelf,
  which: number,
  passes: Uint8Array | undefined,
  weighed: Weighed,
  request: IndexRequest,
  into: Candidates,
): void {
  const { segment } = shelf;
  const { itemOf } = segment;
  const before = into.length;
  if (slots.length < segment.items) slots = new Uint32Array(segment.items);
  scratch.begin(segment.passages);
  scoreWords(weighed, segment, which, scratch);
  const { met, count, sums } = scratch;
  for (let i = 0; i < count; i += 1) {
    const doc = met[i] ?? 0;
    const item = itemOf[doc] ?? 0;
    if (passes !== undefined && passes[item] !== 1) continue;
    const score = scoreOf(sums[2 * doc] ?? 0, sums[2 * doc + 1] ?? 0, weighed);
    const slot = slots[item] ?? 0;
    if (slot === 0) {
      slots[item] = into.add(which, item, doc, score) + 1;
      continue;
    }
    const known = into.words[slot - 1] ?? 0;
    if (score < known || (score === known && doc > (into.passage[slot - 1] ?? 0))) continue;
    into.words[slot - 1] = score;
    into.passage[slot - 1] = doc;
  }
  scratch.end();
  addVectors(shelf, which, passes, request, into, before);
  for (let c = before; c < into.length; c += 1) slots[into.item[c] ?? 0] = 0;
}

/**
 * The nearest passages become candidates too, and the candidates get the product of their nearest passage: all of a few,
 * of many those that the words find best, since the others are near only if they are among the nearest.
 */
function addVectors(
  { segment, vectors }: Shelf,
  which: number,
  passes: Uint8Array | undefined,
  request: IndexRequest,
  into: Candidates,
  before: number,
): void {
  const asked = request.vector;
  if (!vectors || !asked || vectors.embedder !== asked.embedder) return;
  if (vectors.dimensions !== asked.values.length) return;
  const { itemOf } = segment;
  const { firstPassage } = segment.columns;
  const byWords = bestByWords(into, before, (request.offset ?? 0) + request.limit);
  const nearest = asked.exact
    ? nearestItems(
        segment,
        vectors.scan(asked.values, (doc) => !passes || passes[itemOf[doc] ?? 0] === 1),
      )
    : vectors.nearest(asked.values, BY_VECTORS, passes, itemOf);
  for (const [i, doc] of nearest.passages.entries()) {
    const item = itemOf[doc] ?? 0;
    let slot = slots[item] ?? 0;
    if (slot === 0) {
      slot = into.add(which, item, doc, 0) + 1;
      slots[item] = slot;
    }
    // The nearest first, so the first is the item's nearest.
    if ((into.product[slot - 1] ?? 0) === NO_VECTOR) into.product[slot - 1] = nearest.products[i] ?? NO_VECTOR;
  }
  const owners: number[] = [];
  const docs: number[] = [];
  for (const c of byWords) {
    if (into.product[c] !== NO_VECTOR) continue;
    const item = into.item[c] ?? 0;
    for (let doc = firstPassage[item] ?? 0; doc < (firstPassage[item + 1] ?? 0); doc += 1) {
      owners.push(c);
      docs.push(doc);
    }
  }
  const products = vectors.productsOf(asked.values, Uint32Array.from(docs));
  for (const [i, c] of owners.entries()) {
    into.product[c] = Math.max(into.product[c] ?? NO_VECTOR, products[i] ?? NO_VECTOR);
  }
}

/** Of measured passages the best one of each of the nearest items, the nearest first. */
function nearestItems({ items, itemOf }: Shelf["segment"], products: Float32Array) {
  const best = new Float32Array(items).fill(NO_VECTOR);
  const passageOf = new Uint32Array(items);
  for (let doc = 0; doc < products.length; doc += 1) {
    const item = itemOf[doc] ?? 0;
    const product = products[doc] ?? NO_VECTOR;
    if (product <= (best[item] ?? NO_VECTOR)) continue;
    best[item] = product;
    passageOf[item] = doc;
  }
  const least = best.slice().sort()[Math.max(0, items - BY_VECTORS)] ?? NO_VECTOR;
  const passages = passageOf
    .filter((_, item) => (best[item] ?? NO_VECTOR) >= least && (best[item] ?? NO_VECTOR) > NO_VECTOR)
    .sort((a, b) => (products[b] ?? 0) - (products[a] ?? 0) || a - b);
  return { passages, products: Float32Array.from(passages, (doc) => products[doc] ?? NO_VECTOR) };
}

/** Candidates from `before` on that are measured: as many for every usual page, so that pages agree with each other. */
function bestByWords(into: Candidates, before: number, wanted: number): number[] {
  const count = into.length - before;
  const all = () => Array.from({ length: count }, (_, i) => before + i);
  if (count <= MEASURED || wanted * 2 > MEASURED) return all();
  const { words } = into;
  return firstOf(count, MEASURED, (a, b) => (words[before + b] ?? 0) - (words[before + a] ?? 0) || a - b).map(
    (i) => before + i,
  );
}

/** The candidates in order, as many as are asked for, without exact duplicates of better ones; of the best `most`. */
function best(
  candidates: Candidates,
  contenders: readonly number[],
  segments: readonly Segment[],
  request: IndexRequest,
  most: number,
): number[] {
  const wanted = (request.offset ?? 0) + request.limit;
  const order = request.order ?? "best";
  const { shelf, item, words } = candidates;
  const { length } = contenders;
  const inOrder = comparing(candidates, segments, order);
  const compare = (a: number, b: number) => inOrder(contenders[a] ?? 0, contenders[b] ?? 0);
  const seen = new Set<string>();
  const kept: number[] = [];
  for (const place of firstOf(length, Math.min(length, most), compare)) {
    if (kept.length === wanted) break;
    const candidate = contenders[place] ?? 0;
    const columns = segments[shelf[candidate] ?? 0]?.columns;
    const at = item[candidate] ?? 0;
    const hash = `${columns?.kind[at]}.${columns?.hashA[at]}.${columns?.hashB[at]}`;
    if (order === "best" && (words[candidate] ?? 0) > 0 && seen.has(hash)) continue;
    seen.add(hash);
    kept.push(candidate);
  }
  return kept;
}

function hitOf(
  candidates: Candidates,
  candidate: number,
  lexicon: Lexicon,
  weighed: Weighed,
  request: IndexRequest,
): IndexHit {
  const which = candidates.shelf[candidate] ?? 0;
  const item = candidates.item[candidate] ?? 0;
  const passage = candidates.passage[candidate] ?? 0;
  const segment = lexicon.segments[which];
  if (!segment) throw new Error("A hit lies in no segment; this is a fault of the index.");
  const { ids, firstPassage, date } = segment.columns;
  const first = firstPassage[item] ?? 0;
  const end = firstPassage[item + 1] ?? first;
  const asked = new Set(
    [...weighed.clauses, ...weighed.phrases].flatMap(({ units }) => units.flat(2).map(({ term }) => term)),
  );
  const known = [...asked].flatMap((term) => {
    const at = lexicon.idsOf(term)[which] ?? -1;
    return at < 0 ? [] : [{ term, at }];
  });
  const others: { passage: number; matched: number }[] = [];
  for (let doc = first; doc < end && end - first > 1; doc += 1) {
    if (doc === passage) continue;
    const matched = known.filter(({ at }) => segment.postings.has(at, doc)).length;
    if (matched > 0) others.push({ passage: doc - first, matched });
  }
  others.sort((a, b) => b.matched - a.matched || a.passage - b.passage);
  return {
    item: ids.at(item),
    passage: passage - first,
    others: others.map((other) => other.passage),
    score: candidates.score[candidate] ?? 0,
    parts: {
      words: candidates.words[candidate] ?? 0,
      vectors: Math.max(0, candidates.product[candidate] ?? 0),
      recency: recencyOf(date[item] ?? Number.NaN, request.now),
    },
    terms: known.filter(({ at }) => segment.postings.has(at, passage)).map(({ term }) => term),
    ...(request.explain ? { why: whyOf(weighed, segment, which, passage, lexicon) } : {}),
  };
}
