import type { TermReason } from "../passage-index.ts";
import { FIELD_WEIGHTS } from "./bm25.ts";
import type { Lexicon } from "./lexicon.ts";
import { fieldAt, PostingBuffer, positionOf } from "./postings.ts";
import { sequenceImpact, type Weighed } from "./score.ts";
import type { Segment } from "./segment.ts";

/**
 * Why a passage was found: of each clause what it added, and in which fields its terms stand. What a term added is
 * shared out among the fields by their weights, for the stored impact is of all of them together.
 */
export function whyOf(
  weighed: Weighed,
  segment: Segment,
  which: number,
  passage: number,
  lexicon: Lexicon,
): TermReason[] {
  const reasons: TermReason[] = [];
  for (const clause of [...weighed.phrases, ...weighed.clauses]) {
    let impact = 0;
    for (const id of clause.lists[which] ?? []) impact = Math.max(impact, segment.postings.impactIn(id, passage));
    for (const matched of clause.sequences[which] ?? []) {
      const here = matched.find(({ doc }) => doc === passage);
      if (here) impact = Math.max(impact, sequenceImpact(here.times));
    }
    if (impact === 0) continue;
    const terms: string[] = [];
    const times: Record<string, number> = {};
    let weight = 0;
    for (const { term } of clause.units.flat(2)) {
      const id = lexicon.idsOf(term)[which] ?? -1;
      const positions = id < 0 ? [] : positionsIn(segment, id, passage);
      if (positions.length === 0 || terms.includes(term)) continue;
      terms.push(term);
      for (const packed of positions) {
        const field = fieldAt(positionOf(packed));
        times[field] = (times[field] ?? 0) + 1;
        weight += FIELD_WEIGHTS[field].weight;
      }
    }
    const score = (impact * clause.idf) / 255;
    const fields = Object.fromEntries(
      FIELDS.flatMap((field) => {
        const count = times[field] ?? 0;
        return count === 0
          ? []
          : [[field, { times: count, score: (score * count * FIELD_WEIGHTS[field].weight) / weight }]];
      }),
    );
    reasons.push({ terms, score, idf: clause.idf, fields });
  }
  return reasons.sort((a, b) => b.score - a.score);
}

const FIELDS = ["body", "context", "subject", "people", "filename"] as const;

function positionsIn(segment: Segment, term: number, passage: number): readonly number[] {
  const buffer = new PostingBuffer();
  segment.postings.decode(term, buffer);
  const ordinal = buffer.docs.subarray(0, buffer.length).indexOf(passage);
  let found: readonly number[] = [];
  if (ordinal >= 0) segment.postings.positions(term, [ordinal], (_, positions) => (found = positions));
  return found;
}
