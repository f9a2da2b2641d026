import { idf } from "./bm25.ts";
import type { Lexicon } from "./lexicon.ts";
import { type Meant, matchSequence, type Sequence, type SequenceMatch } from "./match.ts";
import type { Plan, PlannedClause } from "./plan.ts";
import type { PostingBuffer } from "./postings.ts";
import type { Scratch } from "./scratch.ts";
import type { Segment } from "./segment.ts";

/**
 * Scores the words of a query, term by term, into two numbers per passage: the score, and the share (by idf) of the
 * words asked for that the passage has. A clause counts once per passage, by its best unit. Everything that matched is
 * counted and faceted, so no list may be left unread; what is saved is everything else: only passages that were met
 * are visited again, and nothing is allocated while lists are read. A list that says all of a clause is added by the kernel.
 */

/** A word in more than this share of an index of any size finds nothing by itself. */
const WEAK_SHARE = 0.25;
const WEAK_FROM = 400;

/** What is the same for all segments: each clause's idf over the whole index, and where its terms stand. */
export interface Weighed {
  readonly clauses: readonly WeighedClause[];
  readonly phrases: readonly WeighedClause[];
  readonly nots: readonly WeighedClause[];
  readonly totalIdf: number;
  /** A strict phrase stands nowhere, so nothing can be found; the rest was not weighed. */
  readonly impossible: boolean;
}

export interface WeighedClause {
  readonly units: readonly Sequence[];
  readonly idf: number;
  /** So common that it only ranks what other words found. */
  readonly weak: boolean;
  /** By segment: the terms that satisfy it alone. */
  readonly lists: readonly (readonly number[])[];
  /** By segment: where units of several words, or of words as written, match. */
  readonly sequences: readonly (readonly (readonly SequenceMatch[])[])[];
}

export function weigh(plan: Plan, lexicon: Lexicon): Weighed {
  const phrases: WeighedClause[] = [];
  for (const clause of plan.phrases) {
    const phrase = weighClause(clause, lexicon);
    phrases.push(phrase);
    const nowhere = [...phrase.lists, ...phrase.sequences].every((found) => found.length === 0);
    if (nowhere) return { clauses: [], phrases, nots: [], totalIdf: 0, impossible: true };
  }
  const clauses = plan.wanted.map((clause) => weighClause(clause, lexicon));
  const nots = plan.nots.map((clause) => weighClause(clause, lexicon));
  const strong = clauses.some((clause) => !clause.weak) || phrases.length > 0;
  const ranked = strong ? clauses : clauses.map((clause) => ({ ...clause, weak: false }));
  return {
    clauses: ranked,
    phrases,
    nots,
    totalIdf: [...ranked, ...phrases].reduce((sum, clause) => sum + clause.idf, 0),
    impossible: false,
  };
}

const NOWHERE: readonly number[] = [];
const UNMATCHED: readonly (readonly SequenceMatch[])[] = [];

function weighClause({ units }: PlannedClause, lexicon: Lexicon): WeighedClause {
  const { passages } = lexicon;
  let found = 0;
  const lists: (readonly number[])[] = [];
  const sequences: (readonly (readonly SequenceMatch[])[])[] = [];
  for (let which = 0; which < lexicon.segments.length; which += 1) {
    const segment = lexicon.segments[which];
    if (!segment) continue;
    let alone = NOWHERE;
    let matched = UNMATCHED;
    for (const unit of units) {
      const terms = aloneOf(unit);
      if (!terms) {
        const matches = matchSequence(segment, unit);
        found += matches.length;
        if (matches.length > 0) matched = [...matched, matches];
      } else {
        for (const { term } of terms) {
          const id = lexicon.idsOf(term)[which] ?? -1;
          if (id < 0 || alone.includes(id)) continue;
          found += segment.postings.found(id);
          alone = [...alone, id];
        }
      }
    }
    lists.push(alone);
    sequences.push(matched);
  }
  return {
    units,
    idf: idf(Math.min(found, passages), passages),
    weak: passages > WEAK_FROM && found > passages * WEAK_SHARE,
    lists,
    sequences,
  };
}

/** The terms of a unit that is one word in any form: its postings say all. */
function aloneOf(unit: Sequence): readonly Meant[] | undefined {
  const [only] = unit;
  return unit.length === 1 && only?.every(({ form }) => form === undefined) ? only : undefined;
}

/**
 * Leaves in the scratch the passages that were met, with their sums and shares; from `begin` to `end` it is the
 * caller's. Weak clauses come last: they meet no passage of their own.
 */
export function scoreWords(weighed: Weighed, segment: Segment, which: number, scratch: Scratch): void {
  for (const clause of weighed.phrases) addClause(clause, segment, which, scratch);
  for (const clause of weighed.clauses) if (!clause.weak) addClause(clause, segment, which, scratch);
  if (scratch.count === 0) return;
  for (const clause of weighed.clauses) if (clause.weak) addClause(clause, segment, which, scratch);
}

/** A sequence that stands `times` in a passage weighs like a word that stands oftener. */
export function sequenceImpact(times: number): number {
  return Math.round((255 * times) / (times + 0.4));
}

function addClause(clause: WeighedClause, segment: Segment, which: number, scratch: Scratch): void {
  const lists = clause.lists[which] ?? [];
  const sequences = clause.sequences[which] ?? [];
  const [only] = lists;
  if (lists.length === 1 && sequences.length === 0 && only !== undefined) {
    if (clause.weak) {
      addToMet(scratch, segment.postings.dense(only, segment.passages, scratch.buffer), clause.idf);
      return;
    }
    scratch.add(segment.postings.bytesOf(only), segment.postings.found(only), clause.idf);
    return;
  }
  addBest(clause, lists, sequences, segment, scratch);
}

function addToMet({ sums, met, count }: Scratch, impacts: Uint8Array, weight: number): void {
  const perImpact = weight / 255;
  for (let i = 0; i < count; i += 1) {
    const doc = met[i] ?? 0;
    const impact = impacts[doc] ?? 0;
    if (impact === 0) continue;
    sums[2 * doc] = (sums[2 * doc] ?? 0) + impact * perImpact;
    sums[2 * doc + 1] = (sums[2 * doc + 1] ?? 0) + weight;
  }
}

/** Several ways to satisfy it: the best one counts, once. */
function addBest(
  clause: WeighedClause,
  lists: readonly number[],
  sequences: readonly (readonly SequenceMatch[])[],
  segment: Segment,
  scratch: Scratch,
): void {
  const { sums, best, met, buffer } = scratch;
  const perImpact = clause.idf / 255;
  const take = (doc: number, impact: number) => {
    const before = best[doc] ?? 0;
    if (impact <= before) return;
    const share = sums[2 * doc + 1] ?? 0;
    if (share === 0) {
      if (clause.weak) return;
      met[scratch.count++] = doc;
    }
    if (before === 0) sums[2 * doc + 1] = share + clause.idf;
    sums[2 * doc] = (sums[2 * doc] ?? 0) + (impact - before) * perImpact;
    best[doc] = impact;
  };
  for (const term of lists) {
    segment.postings.decode(term, buffer);
    for (let i = 0; i < buffer.length; i += 1) take(buffer.docs[i] ?? 0, buffer.impacts[i] ?? 0);
  }
  for (const matched of sequences) for (const { doc, times } of matched) take(doc, sequenceImpact(times));
  for (let i = 0; i < scratch.count; i += 1) best[met[i] ?? 0] = 0;
}

/** By item, where there are strict phrases or exclusions: 1 where all phrases stand and nothing excluded does. */
export function strictPasses(
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
  for (const matched of clause.sequences[which] ?? []) for (const { doc } of matched) stands[itemOf[doc] ?? 0] = 1;
  for (const term of clause.lists[which] ?? []) {
    segment.postings.decode(term, buffer);
    for (let i = 0; i < buffer.length; i += 1) stands[itemOf[buffer.docs[i] ?? 0] ?? 0] = 1;
  }
  return stands;
}
