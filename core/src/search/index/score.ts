import { coverageFactor } from "../fuse.ts";
import { idf } from "./bm25.ts";
import { matchSequence, type SequenceMatch } from "./match.ts";
import type { Plan, PlannedClause, Unit } from "./plan.ts";
import { PostingBuffer } from "./postings.ts";
import type { Segment } from "./segment.ts";

/**
 * Scores the words of a query: term by term into one number per passage. A clause counts once per passage, by its best
 * unit. Phrases and exclusions come back as one byte per item.
 */
export interface WordScores {
  /** By passage; 0 where no clause matched. Belongs to the caller until the next `scoreWords` with the same scratch. */
  readonly scores: Float32Array;
  /** By item, where there are strict phrases or exclusions: 1 where all phrases stand and nothing excluded does. */
  readonly passes: Uint8Array | undefined;
  readonly matchedAny: boolean;
}

/** Arrays used again from query to query. */
export class Scratch {
  readonly buffer = new PostingBuffer();
  #scores = new Float32Array(0);
  #shares = new Float32Array(0);
  #clause = new Float32Array(0);

  arrays(passages: number) {
    if (this.#scores.length < passages) {
      this.#scores = new Float32Array(passages);
      this.#shares = new Float32Array(passages);
      this.#clause = new Float32Array(passages);
    }
    return {
      scores: this.#scores.subarray(0, passages).fill(0),
      shares: this.#shares.subarray(0, passages).fill(0),
      clause: this.#clause.subarray(0, passages),
    };
  }
}

/** What is the same for all segments: each clause's idf over the whole index, and its sequences' matches. */
export interface Weighed {
  readonly clauses: readonly WeighedClause[];
  readonly phrases: readonly WeighedClause[];
  readonly nots: readonly WeighedClause[];
  readonly totalIdf: number;
}

interface WeighedClause {
  readonly units: readonly Unit[];
  readonly idf: number;
  /** So common that it only ranks what other words found. */
  readonly weak: boolean;
  /** By segment, then by unit: the matches of a unit of several words. */
  readonly matches: readonly (readonly (readonly SequenceMatch[] | undefined)[])[];
}

export function weigh(plan: Plan, segments: readonly Segment[]): Weighed {
  const passages = segments.reduce((sum, segment) => sum + segment.passages, 0);
  const clauses = plan.wanted.map((clause) => weighClause(clause, segments, passages));
  const phrases = plan.phrases.map((clause) => weighClause(clause, segments, passages));
  const nots = plan.nots.map((clause) => weighClause(clause, segments, passages));
  const strong = clauses.some((clause) => !clause.weak) || phrases.length > 0;
  const ranked = strong ? clauses : clauses.map((clause) => ({ ...clause, weak: false }));
  return {
    clauses: ranked,
    phrases,
    nots,
    totalIdf: [...ranked, ...phrases].reduce((sum, clause) => sum + clause.idf, 0),
  };
}

/** A word in more than this share of an index of any size finds nothing by itself. */
const WEAK_SHARE = 0.25;
const WEAK_FROM = 400;

function weighClause(clause: PlannedClause, segments: readonly Segment[], passages: number): WeighedClause {
  let found = 0;
  const matches = segments.map((segment) =>
    clause.units.map((unit) => {
      if (unit.length === 1) {
        for (const text of unit[0] ?? []) {
          const term = segment.columns.terms.find(text);
          if (term >= 0) found += segment.postings.found(term);
        }
        return undefined;
      }
      const matched = matchSequence(segment, unit);
      found += matched.length;
      return matched;
    }),
  );
  return {
    units: clause.units,
    idf: idf(Math.min(found, passages), passages),
    weak: passages > WEAK_FROM && found > passages * WEAK_SHARE,
    matches,
  };
}

export function scoreWords(weighed: Weighed, segment: Segment, which: number, scratch: Scratch): WordScores {
  const { scores, shares, clause: best } = scratch.arrays(segment.passages);
  let matchedAny = false;
  const add = (clause: WeighedClause) => {
    if (addClause(clause, segment, which, scratch.buffer, scores, shares, best)) matchedAny = true;
  };
  for (const clause of weighed.phrases) add(clause);
  for (const clause of weighed.clauses) if (!clause.weak) add(clause);
  for (const clause of weighed.clauses) if (clause.weak) add(clause);
  const passes = strictPasses(weighed, segment, which, scratch.buffer);
  if (matchedAny && weighed.totalIdf > 0) {
    const all = weighed.totalIdf;
    for (let doc = 0; doc < scores.length; doc += 1) {
      const score = scores[doc] ?? 0;
      if (score > 0) scores[doc] = score * coverageFactor((shares[doc] ?? 0) / all);
    }
  }
  return { scores, passes, matchedAny };
}

/** A sequence that stands `times` in a passage weighs like a word that stands oftener. */
function sequenceImpact(times: number): number {
  return Math.round((255 * times) / (times + 0.4));
}

function addClause(
  clause: WeighedClause,
  segment: Segment,
  which: number,
  buffer: PostingBuffer,
  scores: Float32Array,
  shares: Float32Array,
  best: Float32Array,
): boolean {
  const perImpact = clause.idf / 255;
  const lists: number[] = [];
  for (const unit of clause.units) {
    if (unit.length !== 1) continue;
    for (const text of unit[0] ?? []) {
      const term = segment.columns.terms.find(text);
      if (term >= 0) lists.push(term);
    }
  }
  const sequences = (clause.matches[which] ?? []).filter((matched) => matched !== undefined && matched.length > 0);
  if (lists.length === 0 && sequences.length === 0) return false;

  if (lists.length === 1 && sequences.length === 0) {
    segment.postings.decode(lists[0] ?? 0, buffer);
    const { docs, impacts, length } = buffer;
    for (let i = 0; i < length; i += 1) {
      const doc = docs[i] ?? 0;
      if (clause.weak && shares[doc] === 0) continue;
      scores[doc] = (scores[doc] ?? 0) + (impacts[i] ?? 0) * perImpact;
      shares[doc] = (shares[doc] ?? 0) + clause.idf;
    }
    return true;
  }

  // Several ways to satisfy it: the best one counts, once.
  best.fill(0);
  const take = (doc: number, impact: number) => {
    const before = best[doc] ?? 0;
    if (impact <= before || (clause.weak && shares[doc] === 0)) return;
    if (before === 0) shares[doc] = (shares[doc] ?? 0) + clause.idf;
    scores[doc] = (scores[doc] ?? 0) + (impact - before) * perImpact;
    best[doc] = impact;
  };
  for (const term of lists) {
    segment.postings.decode(term, buffer);
    for (let i = 0; i < buffer.length; i += 1) take(buffer.docs[i] ?? 0, buffer.impacts[i] ?? 0);
  }
  for (const matched of sequences) for (const { doc, times } of matched ?? []) take(doc, sequenceImpact(times));
  return true;
}

function strictPasses(
  weighed: Weighed,
  segment: Segment,
  which: number,
  buffer: PostingBuffer,
): Uint8Array | undefined {
  if (weighed.phrases.length === 0 && weighed.nots.length === 0) return undefined;
  const passes = new Uint8Array(segment.items).fill(1);
  for (const phrase of weighed.phrases) {
    const stands = itemsOf(phrase, segment, which, buffer);
    for (let item = 0; item < passes.length; item += 1) if (stands[item] === 0) passes[item] = 0;
  }
  for (const not of weighed.nots) {
    const stands = itemsOf(not, segment, which, buffer);
    for (let item = 0; item < passes.length; item += 1) if (stands[item] === 1) passes[item] = 0;
  }
  return passes;
}

function itemsOf(clause: WeighedClause, segment: Segment, which: number, buffer: PostingBuffer): Uint8Array {
  const stands = new Uint8Array(segment.items);
  const { itemOf } = segment;
  for (const [n, unit] of clause.units.entries()) {
    if (unit.length > 1) {
      for (const { doc } of clause.matches[which]?.[n] ?? []) stands[itemOf[doc] ?? 0] = 1;
      continue;
    }
    for (const text of unit[0] ?? []) {
      const term = segment.columns.terms.find(text);
      if (term < 0) continue;
      segment.postings.decode(term, buffer);
      for (let i = 0; i < buffer.length; i += 1) stands[itemOf[buffer.docs[i] ?? 0] ?? 0] = 1;
    }
  }
  return stands;
}
