import { recencyOf } from "../fuse.ts";
import type { IndexHit, IndexRequest } from "../passage-index.ts";
import type { Candidates } from "./candidates.ts";
import { whyOf } from "./explain.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Weighed } from "./score.ts";

/** A candidate as it is answered: its best passage, the others that match, and the terms that stand there. */
export function hitOf(
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
      // A mixed score knows no unlikeness; who asks for every cosine is told it.
      vectors: Math.max(request.vector?.exact ? -1 : 0, candidates.product[candidate] ?? 0),
      recency: recencyOf(date[item] ?? Number.NaN, request.now),
    },
    terms: known.filter(({ at }) => segment.postings.has(at, passage)).map(({ term }) => term),
    ...(request.explain ? { why: whyOf(weighed, segment, which, passage, lexicon) } : {}),
  };
}
