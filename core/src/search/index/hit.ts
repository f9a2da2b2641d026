import { recencyOf } from "../fuse.ts";
import type { IndexHit, IndexRequest } from "../passage-index.ts";
import type { Candidates } from "./candidates.ts";
import { whyOf } from "./explain.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Weighed } from "./score.ts";
import type { Segment } from "./segment.ts";

/** Candidates as they are answered: each with its best passage, the others that match, and the terms that stand there. */
export function hitsOf(
  candidates: Candidates,
  shown: readonly number[],
  lexicon: Lexicon,
  weighed: Weighed,
  request: IndexRequest,
): IndexHit[] {
  const asked = new Set<string>();
  for (const { units } of [...weighed.clauses, ...weighed.phrases]) {
    for (const sequence of units) for (const word of sequence) for (const { term } of word) asked.add(term);
  }
  const knownByShelf = new Map<number, readonly Known[]>();
  return shown.map((candidate) => {
    const which = candidates.shelf[candidate] ?? 0;
    let known = knownByShelf.get(which);
    if (!known) {
      known = knownIn(asked, lexicon, which);
      knownByShelf.set(which, known);
    }
    return hitOf(candidates, candidate, known, lexicon, weighed, request);
  });
}

/** A term of the query that stands in a segment, and its position in the segment's table. */
interface Known {
  readonly term: string;
  readonly at: number;
}

function knownIn(terms: Iterable<string>, lexicon: Lexicon, which: number): Known[] {
  const known: Known[] = [];
  for (const term of terms) {
    const at = lexicon.idsOf(term)[which] ?? -1;
    if (at >= 0) known.push({ term, at });
  }
  return known;
}

function hitOf(
  candidates: Candidates,
  candidate: number,
  known: readonly Known[],
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
  return {
    item: ids.at(item),
    passage: passage - first,
    others: end - first > 1 ? othersOf(segment, known, first, end, passage) : [],
    score: candidates.score[candidate] ?? 0,
    parts: {
      words: candidates.words[candidate] ?? 0,
      // A mixed score knows no unlikeness; who asks for every cosine is told it.
      vectors: Math.max(request.vector?.exact ? -1 : 0, candidates.product[candidate] ?? 0),
      recency: recencyOf(date[item] ?? Number.NaN, request.now),
    },
    terms: termsIn(known, segment, passage),
    ...(request.explain ? { why: whyOf(weighed, segment, which, passage, lexicon) } : {}),
  };
}

function termsIn(known: readonly Known[], { postings }: Segment, passage: number): string[] {
  const terms: string[] = [];
  for (const { term, at } of known) if (postings.has(at, passage)) terms.push(term);
  return terms;
}

/** The item's other passages that have any of the terms: those with the most first. */
function othersOf(segment: Segment, known: readonly Known[], first: number, end: number, passage: number): number[] {
  const matched = new Uint16Array(end - first);
  for (const { at } of known) segment.postings.count(at, first, matched);
  matched[passage - first] = 0;
  const others: number[] = [];
  for (let i = 0; i < matched.length; i += 1) if ((matched[i] ?? 0) > 0) others.push(i);
  return others.sort((a, b) => (matched[b] ?? 0) - (matched[a] ?? 0) || a - b);
}
