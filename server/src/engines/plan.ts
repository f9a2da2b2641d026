import { tokensOf } from "@steward/core/search/analyze.ts";
import { oneEditApart } from "@steward/core/search/edits.ts";
import { fold } from "@steward/core/search/fold.ts";
import { idf } from "@steward/core/search/index/bm25.ts";
import { sequenceOf } from "@steward/core/search/index/filter.ts";
import type { Meant, Sequence } from "@steward/core/search/index/match.ts";
import type { Clause, IndexAnswer } from "@steward/core/search/passage-index.ts";
import { isStopWord } from "@steward/core/search/stop-words.ts";
import type { Queries } from "./sql.ts";
import { anyOf, tsqueryOf } from "./terms.ts";

/**
 * What a query's clauses mean in terms, as in the private index. The dictionary is asked once for all words, once more
 * when some stand nowhere, and the passages once when words must stand one behind the other.
 */
export interface Plan {
  /** Ranked; a passage needs at least one that is not weak. */
  readonly wanted: readonly Asked[];
  /** Strict: an item needs each in some passage; undefined is a phrase without a word, which stands nowhere. */
  readonly phrases: readonly (Asked | undefined)[];
  /** As `tsquery`. */
  readonly nots: readonly string[];
  readonly corrected: NonNullable<IndexAnswer["corrected"]>;
}

/** A clause, with what satisfies it: any of the terms, or any of the sequences (a `tsquery`). */
export interface Asked {
  readonly terms: readonly string[];
  readonly sequences: string | undefined;
  readonly idf: number;
  readonly weak: boolean;
}

/** Clauses that are scored; of a longer query the rarest words. */
const MOST_WANTED = 48;
/** As in the private index: a word in more than this share of an index of any size finds nothing by itself. */
const WEAK_SHARE = 0.25;
const WEAK_FROM = 400;

interface Unit {
  readonly written: string;
  readonly sequence: Sequence;
  readonly compound: readonly string[];
}

export async function planQuery(
  queries: Queries,
  schema: string,
  clauses: readonly Clause[],
  languages: readonly string[],
): Promise<Plan> {
  const words = clauses.filter((clause) => clause.type === "word");
  const contentful = words.filter((clause) => !isStopWord(fold(clause.text), languages));
  const wordUnits = distinct((contentful.length > 0 ? contentful : words).map((c) => unitsOf(c, languages, false)));
  const phraseUnits = clauses.filter((c) => c.type === "phrase").map((c) => unitsOf(c, languages, true));
  const nots = clauses.filter((c) => c.type === "not").map((c) => unitsOf(c, languages, c.phrase));
  const lexicon = await Lexicon.of(queries, schema, [...wordUnits, ...phraseUnits].flat());

  const corrections = await lexicon.correctionsOf(
    wordUnits.flat().flatMap(({ written, sequence: [only, ...more] }) => {
      const unknown = only && more.length === 0 && !only.some(({ term }) => lexicon.knows(term));
      return unknown ? [{ written, meant: only }] : [];
    }),
  );
  const wanted = wordUnits.flatMap((units) => lexicon.wantedOf(units, corrections));
  const asked = wanted.map((units) => lexicon.ask(units)).sort((a, b) => b.idf - a.idf);
  const scored = asked.filter((one) => asked.length <= MOST_WANTED || one.idf < lexicon.idfOfNothing);
  const strong = scored.some(({ weak }) => !weak) || phraseUnits.length > 0;
  return {
    wanted: scored.slice(0, MOST_WANTED).map((one) => (strong ? one : { ...one, weak: false })),
    phrases: phraseUnits.map((units) => (units.length === 0 ? undefined : lexicon.ask(units.map((u) => u.sequence)))),
    nots: nots.flatMap((units) => anyOf(units.map(({ sequence }) => tsqueryOf(sequence))) ?? []),
    corrected: [...corrections].map(([from, to]) => ({ from, to })),
  };
}

function unitsOf(clause: Clause, languages: readonly string[], asWritten: boolean): Unit[] {
  const texts = [clause.text, ...("alternatives" in clause ? (clause.alternatives ?? []) : [])];
  return texts.flatMap((written) => {
    const sequence = sequenceOf(written, languages, asWritten);
    return sequence.length === 0 ? [] : [{ written, sequence, compound: compoundsOf(written) }];
  });
}

/** A word typed twice counts once. */
function distinct(clauses: readonly Unit[][]): Unit[][] {
  const byMeaning = new Map(clauses.map((units) => [JSON.stringify(units.map((u) => u.sequence)), units]));
  return [...byMeaning.values()].filter((units) => units.length > 0);
}

/** The compound that spans the whole text, if the analysis makes one. */
function compoundsOf(text: string): string[] {
  const tokens = tokensOf(text);
  const start = tokens[0]?.start ?? 0;
  const end = tokens.reduce((most, token) => Math.max(most, token.end), 0);
  return tokens.filter((t) => t.compound && t.start === start && t.end === end).map(({ term }) => term);
}

/** What the database knows of the words of one query. */
class Lexicon {
  readonly #queries: Queries;
  readonly #schema: string;
  readonly #passages: number;
  /** By term, and by `tsquery`: passages in which it stands. */
  readonly #found: Map<string, number>;

  private constructor(queries: Queries, schema: string, passages: number, found: Map<string, number>) {
    this.#queries = queries;
    this.#schema = schema;
    this.#passages = passages;
    this.#found = found;
  }

  static async of(queries: Queries, schema: string, units: readonly Unit[]): Promise<Lexicon> {
    const terms = units.flatMap(({ sequence, compound }) => [...sequence.flat().map(({ term }) => term), ...compound]);
    const rows = await queries.query(
      `select term, found from ${schema}.terms where term = any($1::text[]) and found > 0
       union all select '', passages from ${schema}.tally`,
      [[...new Set(terms)]],
    );
    const found = new Map(rows.map((row) => [String(row.term), Number(row.found)]));
    const sequences = units.filter(({ sequence }) => !isAlone(sequence)).map(({ sequence }) => tsqueryOf(sequence));
    if (sequences.length > 0) {
      const counted = await queries.query(
        `select q, (select count(*)::int from ${schema}.passages where terms @@ q::tsquery) as found
         from unnest($1::text[]) as q`,
        [[...new Set(sequences)]],
      );
      for (const row of counted) found.set(String(row.q), Number(row.found));
    }
    return new Lexicon(queries, schema, found.get("") ?? 0, found);
  }

  knows(term: string): boolean {
    return this.#found.has(term);
  }

  get idfOfNothing(): number {
    return idf(0, this.#passages);
  }

  /** Usually one clause; several when a thing written together stands nowhere so and is searched by its parts. */
  wantedOf(units: readonly Unit[], corrections: ReadonlyMap<string, readonly string[]>): Sequence[][] {
    const whole: Sequence[] = [];
    const parts: Sequence[] = [];
    for (const { written, sequence, compound } of units) {
      if (sequence.length === 1) {
        whole.push(corrections.has(written) ? [(corrections.get(written) ?? []).map((term) => ({ term }))] : sequence);
        continue;
      }
      const known = compound.filter((term) => this.knows(term));
      if (known.length > 0) whole.push([known.map((term) => ({ term }))]);
      whole.push(sequence);
      parts.push(...sequence.map((meant) => [meant]));
    }
    const stands = whole.some((unit) =>
      isAlone(unit) ? unit.flat().some(({ term }) => this.knows(term)) : (this.#found.get(tsqueryOf(unit)) ?? 0) > 0,
    );
    return parts.length === 0 || units.length > 1 || stands ? [whole] : parts.map((unit) => [unit]);
  }

  ask(units: readonly Sequence[]): Asked {
    const terms = new Set(units.filter(isAlone).flatMap((unit) => unit.flat().map(({ term }) => term)));
    const sequences = units.filter((unit) => !isAlone(unit)).map((unit) => tsqueryOf(unit));
    const found = [...terms, ...sequences].reduce((sum, key) => sum + (this.#found.get(key) ?? 0), 0);
    return {
      terms: [...terms],
      sequences: anyOf(sequences),
      idf: idf(Math.min(found, this.#passages), this.#passages),
      weak: this.#passages > WEAK_FROM && found > this.#passages * WEAK_SHARE,
    };
  }

  /**
   * For words that stand nowhere: the commonest terms that begin with them (three letters or more), else those one edit
   * away (four or more), else the longest term they begin with (five or more). A number is right or wrong.
   */
  async correctionsOf(
    unknown: readonly { written: string; meant: readonly Meant[] }[],
  ): Promise<Map<string, readonly string[]>> {
    const corrections = new Map<string, readonly string[]>();
    const words = unknown
      .slice(0, MOST_WANTED)
      .map(({ written, meant }) => ({ written, prefix: fold(written), meant: meant.map(({ term }) => term) }))
      .filter(({ prefix }) => !(/^\P{L}+$/u.test(prefix) && /\d/.test(prefix)));
    if (words.length === 0) return corrections;

    const long = words.filter(({ prefix }) => [...prefix].length >= 3 || /\P{ASCII}/u.test(prefix));
    const begun = await this.#queries.query(
      `select w.prefix, t.term, t.found from unnest($1::text[]) as w(prefix) cross join lateral (
         select term, found from ${this.#schema}.terms
         where term >= w.prefix collate "C" and term < (w.prefix || U&'\\+10FFFF') collate "C" and found > 0
         order by found desc, term limit ${MOST_CORRECTIONS}) t`,
      [long.map(({ prefix }) => prefix)],
    );
    const rest: typeof words = [];
    for (const word of words) {
      const to = begun.filter((row) => row.prefix === word.prefix);
      if (to.length > 0) this.#correct(word.written, to, corrections);
      else if (!/\d/.test(word.prefix) && word.prefix.length >= 4 && word.prefix.length <= 32) rest.push(word);
    }
    if (rest.length === 0) return corrections;

    const near = await this.#queries.query(
      `select term, found from ${this.#schema}.terms
       where found > 0 and (term like any($1::text[]) or term = any($2::text[]))`,
      [
        rest.flatMap(({ prefix, meant }) => [prefix, ...meant].flatMap(oneEditPatterns)),
        rest.flatMap(({ prefix }) => stemsOf(prefix)),
      ],
    );
    for (const word of rest) {
      const edited = near.filter(({ term }) =>
        [word.prefix, ...word.meant].some((form) => oneEditApart(form, String(term))),
      );
      const stem = stemsOf(word.prefix).find((form) => near.some(({ term }) => term === form));
      const to = edited.length > 0 ? edited : near.filter(({ term }) => term === stem);
      if (to.length > 0) this.#correct(word.written, to, corrections);
    }
    return corrections;
  }

  #correct(
    written: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    corrections: Map<string, readonly string[]>,
  ): void {
    const best = rows
      .map((row) => ({ term: String(row.term), found: Number(row.found) }))
      .sort((a, b) => b.found - a.found || (a.term < b.term ? -1 : 1))
      .slice(0, MOST_CORRECTIONS);
    for (const { term, found } of best) this.#found.set(term, found);
    corrections.set(
      written,
      best.map(({ term }) => term),
    );
  }
}

const MOST_CORRECTIONS = 4;
const LEAST_STEM = 5;

/** A unit that is one word in any form: the terms say all. */
function isAlone(sequence: Sequence): boolean {
  return sequence.length === 1 && (sequence[0] ?? []).every(({ form }) => form === undefined);
}

/** `like` patterns of all that is one edit away, and a little more. */
function oneEditPatterns(word: string): string[] {
  const letters = [...word].map((letter) => (/[%_\\]/.test(letter) ? `\\${letter}` : letter));
  const patterns: string[] = [];
  for (let at = 0; at <= letters.length; at += 1) {
    const [before, after] = [letters.slice(0, at).join(""), letters.slice(at)];
    patterns.push(`${before}_${after.join("")}`);
    const [first = "", second = ""] = after;
    if (after.length > 0) patterns.push(before + after.slice(1).join(""), `${before}_${after.slice(1).join("")}`);
    if (after.length > 1) patterns.push(before + second + first + after.slice(2).join(""));
  }
  return patterns;
}

/** What the word begins with, the longest first. */
function stemsOf(word: string): string[] {
  const lengths = Array.from({ length: Math.max(0, word.length - LEAST_STEM) }, (_, i) => word.length - 1 - i);
  return lengths.map((length) => word.slice(0, length));
}
