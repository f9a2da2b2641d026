import { DEFAULT_LANGUAGE } from "../language.ts";
import type { Filter, IndexAnswer, IndexRequest, Listing } from "../passage-index.ts";
import { leastNearness } from "./background.ts";
import { byDate, Candidates, comparing, firstOf, nthGreatest } from "./candidates.ts";
import { facetsOf } from "./facets.ts";
import { applyFilter } from "./filter.ts";
import { addVectors, gatherAll, gatherWords, type Passing, scratch } from "./gather.ts";
import { hitsOf } from "./hit.ts";
import { marks } from "./item-marks.ts";
import { Lexicon } from "./lexicon.ts";
import { planQuery } from "./plan.ts";
import { strictPasses, weigh } from "./score.ts";
import type { Segment } from "./segment.ts";
import type { PassageVectors } from "./vectors.ts";

/** A segment as it is searched: which of its items are the living ones, and the vectors that belong to it. */
export interface Shelf {
  readonly segment: Segment;
  /** By item: 1 where neither removed nor put again elsewhere; undefined when all are. */
  readonly alive: Uint8Array | undefined;
  readonly vectors: PassageVectors | undefined;
}

/** How near, beside the nearest, what has none of the words must be. */
const NEAR_ENOUGH = 0.5;

/** Used again from query to query. */
export const pool = new Candidates();

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
  const corrected = plan.corrected.length > 0 ? { corrected: plan.corrected } : {};
  const candidates = pool;
  candidates.length = 0;
  candidates.leftOut = 0;
  marks.begin();
  if (weighed.impossible) {
    return { hits: [], total: 0, ...(request.facets ? { facets: facetsOf(candidates, segments) } : {}), ...corrected };
  }
  const asksWords = plan.wanted.length + plan.phrases.length > 0;
  // Clauses that were given but hold no word ("!!!") find nothing; no clauses at all mean everything.
  const asksNothing = !asksWords && !request.vector && request.clauses.every((clause) => clause.type === "not");

  const wanted = (request.offset ?? 0) + request.limit;
  // Some more than wanted leave room for duplicates.
  const keep = prune && (request.order ?? "best") === "best" ? wanted * 2 + 16 : Number.POSITIVE_INFINITY;
  // What vectors bring and what is counted may be anything that matched.
  const scored = request.vector || request.facets ? Number.POSITIVE_INFINITY : keep;
  const passing: Passing[] = [];
  for (let which = 0; which < shelves.length; which += 1) {
    const shelf = shelves[which];
    if (!shelf) continue;
    const { segment, alive, vectors } = shelf;
    const filtered = both(alive, applyFilter(segment, request.filter, languages));
    const passes = both(filtered, strictPasses(weighed, segment, which, scratch.buffer));
    const first = candidates.length;
    if (asksNothing) gatherAll(segment, which, passes, candidates);
    else gatherWords(segment, which, passes, weighed, scored, candidates);
    passing.push({ segment, vectors, passes, first, end: candidates.length });
  }
  const { vector } = request;
  if (vector) {
    addVectors(passing, vector, wanted, candidates);
    if (!vector.exact) candidates.dropFar(NEAR_ENOUGH, () => leastNearness(passing, vector));
  }
  const contenders = candidates.mix(segments, request, keep);
  const ordered = best(candidates, contenders, segments, request, keep);
  // Only an index full of duplicates needs more.
  const total = candidates.length + candidates.leftOut;
  if (ordered.length < wanted && keep < total) return undefined;
  const shown = ordered.slice(request.offset ?? 0, wanted);
  return {
    hits: hitsOf(candidates, shown, lexicon, weighed, request),
    total,
    ...(request.facets ? { facets: facetsOf(candidates, segments) } : {}),
    ...corrected,
  };
}

/** Items that pass, by date; the undated last either way. */
export function listShelves(
  shelves: readonly Shelf[],
  filter: Filter,
  options: { readonly order?: "newest" | "oldest"; readonly offset?: number; readonly limit: number },
): Listing {
  const languages = languagesOf(shelves.map((shelf) => shelf.segment));
  marks.begin();
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
  for (const segment of segments) for (const language of segment.languages) languages.add(language);
  return [...languages];
}

function both(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (!a || !b) return a ?? b;
  // `b` is the filter's own array, this search's alone.
  for (let i = 0; i < b.length; i += 1) b[i] = (a[i] ?? 0) & (b[i] ?? 0);
  return b;
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
  const compare = comparing(candidates, segments, request.order ?? "best");
  if ((request.order ?? "best") !== "best") return firstOf(contenders, wanted, compare);
  const { shelf, item, words } = candidates;
  const saysTheSame = (a: number, b: number) => {
    const [ofA, ofB] = [segments[shelf[a] ?? 0]?.columns, segments[shelf[b] ?? 0]?.columns];
    const [inA, inB] = [item[a] ?? 0, item[b] ?? 0];
    return (["kind", "hashA", "hashB"] as const).every((column) => ofA?.[column][inA] === ofB?.[column][inB]);
  };
  const seen = new Set<number>();
  const kept: number[] = [];
  for (const candidate of greatestOf(candidates, contenders, most).sort(compare)) {
    if (kept.length === wanted) break;
    const columns = segments[shelf[candidate] ?? 0]?.columns;
    const at = item[candidate] ?? 0;
    const hash = columns?.hashA[at] ?? 0;
    if ((words[candidate] ?? 0) > 0 && seen.has(hash) && kept.some((other) => saysTheSame(candidate, other))) continue;
    seen.add(hash);
    kept.push(candidate);
  }
  return kept;
}

/** The contenders whose scores are among the greatest `most`, equals of the last with them; in no order. */
function greatestOf({ score }: Candidates, contenders: readonly number[], most: number): number[] {
  if (contenders.length <= most) return [...contenders];
  const scores = new Float64Array(contenders.length);
  for (let i = 0; i < scores.length; i += 1) scores[i] = score[contenders[i] ?? 0] ?? 0;
  const least = nthGreatest(scores, most);
  const greatest: number[] = [];
  for (let i = 0; i < scores.length; i += 1) if ((scores[i] ?? 0) >= least) greatest.push(contenders[i] ?? 0);
  return greatest;
}
