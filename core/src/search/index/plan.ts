import { tokensOf } from "../analyze.ts";
import { Sought } from "../edits.ts";
import { fold } from "../fold.ts";
import type { Clause } from "../passage-index.ts";
import { isStopWord } from "../stop-words.ts";
import { sequenceOf } from "./filter.ts";
import type { Lexicon } from "./lexicon.ts";
import { LONGEST_SEQUENCE, type Meant, matchSequence, type Sequence } from "./match.ts";
import type { Segment } from "./segment.ts";

/**
 * What a query's clauses mean in terms: each clause becomes units, any of which satisfies it; a unit is one word (as the
 * terms it may stand for) or several words one behind the other.
 */
export interface Plan {
  /** Ranked; a passage needs at least one of them. */
  readonly wanted: readonly PlannedClause[];
  /** Strict: an item needs each of them in some passage. They rank too. */
  readonly phrases: readonly PlannedClause[];
  readonly nots: readonly PlannedClause[];
  readonly corrected: readonly { readonly from: string; readonly to: readonly string[] }[];
}

export interface PlannedClause {
  readonly units: readonly Sequence[];
}

/** Clauses that are scored; of a longer query the rarest words. */
export const MOST_WANTED = 48;
/** Different words that are looked up. A request of more is no person's; the first ones say what it is about. */
const MOST_WORDS = 256;
/** Words that stand nowhere for which others are sought: each reads through the vocabulary. */
const MOST_CORRECTED = 8;

/** What was searched instead of what was written, and for how many words more that may be asked. */
interface Corrections {
  readonly made: { from: string; to: readonly string[] }[];
  left: number;
}

export function planQuery(clauses: readonly Clause[], lexicon: Lexicon, languages: readonly string[]): Plan {
  const corrections: Corrections = { made: [], left: MOST_CORRECTED };
  const words = clauses.filter((clause) => clause.type === "word");
  const contentful = words.filter((clause) => !isStopWord(fold(clause.text), languages));
  const wanted: PlannedClause[] = [];
  const seen = new Set<string>();
  for (const clause of firstDifferent(contentful.length > 0 ? contentful : words)) {
    for (const planned of planWord([clause.text, ...(clause.alternatives ?? [])], lexicon, languages, corrections)) {
      // A word typed twice counts once.
      const key = JSON.stringify(planned.units);
      if (!seen.has(key)) wanted.push(planned);
      seen.add(key);
    }
  }
  const strict = (clause: Clause) => ({
    units: [clause.text, ...("alternatives" in clause ? (clause.alternatives ?? []) : [])].flatMap((text) => {
      const unit = sequenceOf(text, languages, clause.type === "phrase" || (clause.type === "not" && clause.phrase));
      return unit.length > 0 ? [unit] : [];
    }),
  });
  return {
    wanted: wanted.length > MOST_WANTED ? rarest(wanted, lexicon) : wanted,
    phrases: clauses.filter((clause) => clause.type === "phrase").map(strict),
    nots: clauses.filter((clause) => clause.type === "not").map(strict),
    corrected: corrections.made,
  };
}

/** As many as are looked up; one typed again is passed over. */
function firstDifferent<T extends Clause>(words: readonly T[]): T[] {
  const different = new Map<string, T>();
  for (const word of words) {
    if (different.size === MOST_WORDS) break;
    const alternatives = "alternatives" in word ? (word.alternatives ?? []) : [];
    const key = [word.text, ...alternatives].join("\0");
    if (!different.has(key)) different.set(key, word);
  }
  return [...different.values()];
}

/** Usually one clause; several when a thing written together stands nowhere so and is searched by its parts. */
function planWord(
  texts: readonly string[],
  lexicon: Lexicon,
  languages: readonly string[],
  corrections: Corrections,
): PlannedClause[] {
  const units: Sequence[] = [];
  const parts: Sequence[] = [];
  for (const text of texts) {
    const sequence = sequenceOf(text, languages).slice(0, LONGEST_SEQUENCE);
    if (sequence.length === 0) continue;
    if (sequence.length === 1) {
      const [meant] = sequence;
      if (meant) units.push([known(meant, lexicon) ? meant : correct(text, meant, lexicon, corrections)]);
      continue;
    }
    const whole = compoundOf(text).filter(({ term }) => lexicon.knows(term));
    if (whole.length > 0) units.push([whole]);
    units.push(sequence);
    parts.push(...sequence.map((meant) => [meant]));
  }
  if (units.length === 0) return [];
  const stands = parts.length === 0 || texts.length > 1 || units.some((unit) => standsSomewhere(unit, lexicon));
  // A passage that has the parts apart is better than none.
  return stands ? [{ units }] : parts.map((unit) => ({ units: [unit] }));
}

/** The compound that spans the whole text, if the analysis makes one. */
function compoundOf(text: string): Meant[] {
  const tokens = tokensOf(text);
  const start = tokens[0]?.start ?? 0;
  const end = tokens.reduce((most, token) => Math.max(most, token.end), 0);
  return tokens
    .filter((token) => token.compound && token.start === start && token.end === end)
    .map(({ term }) => ({ term }));
}

function known(meant: readonly Meant[], lexicon: Lexicon): boolean {
  return meant.some(({ term }) => lexicon.knows(term));
}

function standsSomewhere(unit: Sequence, lexicon: Lexicon): boolean {
  if (unit.length === 1) return known(unit[0] ?? [], lexicon);
  return lexicon.segments.some((segment) => matchSequence(segment, unit).length > 0);
}

const MOST_CORRECTIONS = 4;
const LEAST_STEM = 5;

/**
 * For a word that stands nowhere: the commonest terms that begin with it (three letters or more), else those one edit
 * away (four or more), else the longest term it begins with (five or more): a slip in an ending hides the stem, and
 * compounds are written that stand nowhere. The word itself when there are none.
 */
function correct(
  written: string,
  meant: readonly Meant[],
  { segments }: Lexicon,
  corrections: Corrections,
): readonly Meant[] {
  if (corrections.left === 0) return meant;
  corrections.left -= 1;
  const foundByTerm = new Map<string, number>();
  const count = (segment: Segment, at: number) => {
    const term = segment.columns.terms.at(at);
    foundByTerm.set(term, (foundByTerm.get(term) ?? 0) + segment.postings.found(at));
  };
  const prefix = fold(written);
  // A number is right or wrong; only a code (letters among its digits) may be completed.
  if (/^\P{L}+$/u.test(prefix) && /\d/.test(prefix)) return meant;
  if ([...prefix].length >= 3 || /\P{ASCII}/u.test(prefix)) {
    for (const segment of segments) {
      const { first, end } = segment.columns.terms.prefixed(prefix);
      for (let at = first; at < Math.min(end, first + 2_000); at += 1) count(segment, at);
    }
  }
  if (foundByTerm.size === 0 && !/\d/.test(prefix) && prefix.length >= 4 && prefix.length <= 32) {
    const sought = [...new Set([prefix, ...meant.map(({ term }) => term)])].map((text) => new Sought(text));
    for (const segment of segments) {
      const { bytes, starts } = segment.columns.terms;
      for (let at = 0; at < segment.columns.terms.length; at += 1) {
        const start = starts[at] ?? 0;
        const end = starts[at + 1] ?? start;
        if (sought.some((wanted) => wanted.isOneEditFrom(bytes, start, end))) count(segment, at);
      }
    }
  }
  for (
    let length = prefix.length - 1;
    foundByTerm.size === 0 && length >= LEAST_STEM && !/\d/.test(prefix);
    length -= 1
  ) {
    const wanted = prefix.slice(0, length);
    for (const segment of segments) {
      const at = segment.columns.terms.find(wanted);
      if (at >= 0) count(segment, at);
    }
  }
  const best = [...foundByTerm].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MOST_CORRECTIONS);
  if (best.length === 0) return meant;
  const to = best.map(([term]) => term);
  corrections.made.push({ from: written, to });
  return to.map((term) => ({ term }));
}

function rarest(clauses: readonly PlannedClause[], lexicon: Lexicon): PlannedClause[] {
  const foundOf = ({ units }: PlannedClause) =>
    units.flatMap((unit) => unit[0] ?? []).reduce((sum, { term }) => sum + lexicon.found(term), 0);
  return clauses
    .map((clause) => ({ clause, found: foundOf(clause) }))
    .filter(({ found }) => found > 0)
    .sort((a, b) => a.found - b.found)
    .slice(0, MOST_WANTED)
    .map(({ clause }) => clause);
}
