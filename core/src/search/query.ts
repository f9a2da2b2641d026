import { fold } from "./fold.ts";
import { MOST_WANTED } from "./index/plan.ts";
import type { Clause, Filter } from "./passage-index.ts";
import { either, joinFilters, type Part } from "./query-join.ts";
import { isJoint, type Lexeme, lex } from "./query-lex.ts";
import {
  dateFilter,
  isDateOperator,
  lacksValue,
  meaningOf,
  noDate,
  type Operator,
  type OperatorOptions,
  operatorNamed,
  unknownOperator,
} from "./query-operators.ts";
import { isStopWord } from "./stop-words.ts";

/**
 * The query language (docs/search.md): `from: to: cc: people: subject: in: kind: before: after: during: has: filename:
 * "phrase" -not OR ( )` and plain words. Whatever is typed gives a query: what is not understood is reported with a hint
 * and searched as words, and nothing is silently ignored. Never throws.
 */
export function parseQuery(text: string, options: QueryOptions): ParsedQuery {
  const read = text.slice(0, MOST_CHARACTERS);
  const { lexemes, problems } = lex(read);
  const parser = new Parser(options, problems);
  for (let i = 0; i < lexemes.length; i += 1) i = parser.take(lexemes, i);
  return parser.done(text);
}

export type QueryOptions = OperatorOptions;

export interface ParsedQuery {
  readonly clauses: readonly Clause[];
  readonly filter: Filter;
  readonly understood: readonly Understood[];
  readonly problems: readonly Problem[];
}

/** An operator as understood; `start` and `end` are UTF-16 units into the query. A negated operator has a `-`. */
export interface Understood {
  readonly operator: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface Problem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/** Of a longer query the beginning is read. */
export const MOST_CHARACTERS = 20_000;
/** More different words than this are a pasted text, not a question: the rest is reported and left out. */
const MOST_CLAUSES = 256;
const MOST_PROBLEMS = 20;

type Span = Pick<Problem, "start" | "end">;

class Parser {
  readonly #options: QueryOptions;
  readonly #clauses: Clause[] = [];
  readonly #filters: Filter[] = [];
  readonly #understood: Understood[] = [];
  readonly #problems: Problem[];
  /** Plain words so far, folded: one typed twice counts once. */
  readonly #words = new Set<string>();
  #dropped: Lexeme | undefined;
  /** What stood before an OR that waits for its other side. */
  #before: { part: Part; understood: number } | undefined;
  #last: { part: Part; understood: number; closesAll: boolean } | undefined;
  #negateNext = false;

  constructor(options: QueryOptions, problems: readonly Problem[]) {
    this.#options = options;
    this.#problems = [...problems];
  }

  /** Takes the lexeme at `i` and what belongs to it; the position of the last one taken. */
  take(lexemes: readonly Lexeme[], i: number): number {
    const found = lexemes[i];
    if (!found) return i;
    if (isJoint(found)) {
      this.#joint(found, lexemes[i + 1]);
      return i;
    }
    const bare = !found.quoted && !found.operator && !found.negated;
    if (bare && found.value === "AND") return i;
    if (bare && found.value === "NOT" && lexemes[i + 1]) {
      this.#negateNext = true;
      return i;
    }
    const lexeme = this.#negateNext ? { ...found, negated: !found.negated } : found;
    this.#negateNext = false;
    if (lexeme.operator !== undefined) return this.#operator(lexemes, i, lexeme, lexeme.operator);
    this.#plain(lexeme);
    return i;
  }

  done(text: string): ParsedQuery {
    const read = text.slice(0, MOST_CHARACTERS);
    const whole = { start: 0, end: read.length };
    if (text.length > MOST_CHARACTERS) {
      const message = `Only the first ${count(MOST_CHARACTERS)} characters of this were read.`;
      this.#problem({ start: MOST_CHARACTERS, end: text.length }, message);
    }
    const wanted = [...this.#words].filter((word) => !isStopWord(word, ["en"])).length;
    if (this.#dropped) {
      const message = `Only the first ${MOST_CLAUSES} different words were read, and the ${MOST_WANTED} rarest of them searched; the rest was left out.`;
      this.#problem({ start: this.#dropped.start, end: read.length }, message);
    } else if (wanted > MOST_WANTED) {
      this.#problem(whole, `Of these ${wanted} words the ${MOST_WANTED} rarest were searched.`);
    }
    const asks = this.#clauses.length > 0 || this.#filters.length > 0;
    if (!asks && this.#problems.length === 0 && read.trim() !== "") {
      this.#problem(whole, `There is no word in “${read.trim().slice(0, 40)}” to search for, so everything is listed.`);
    }
    return {
      clauses: this.#clauses,
      filter: joinFilters(this.#filters),
      understood: this.#understood,
      problems: this.#problems,
    };
  }

  #joint(lexeme: Lexeme, next: Lexeme | undefined): void {
    const last = this.#last;
    if (!last || !next || isJoint(next)) {
      this.#problem(lexeme, "OR stands between two things; there is nothing on one side of it.");
    } else if (last.closesAll || next.opensAll) {
      this.#problem(lexeme, `${NOT_EITHER} Parentheses with several things in them cannot be one side of it.`);
    } else this.#before = last;
  }

  #plain(lexeme: Lexeme): void {
    const value = lexeme.value.trim();
    if (!/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(value)) {
      if (lexeme.quoted) this.#problem(lexeme, "There is no word between these quotation marks.");
      return;
    }
    if (lexeme.negated) {
      this.#add({ clause: { type: "not", text: value, phrase: lexeme.quoted } }, lexeme, "not", value);
    } else if (lexeme.quoted) this.#add({ clause: { type: "phrase", text: value } }, lexeme, "phrase", value);
    else this.#add({ clause: { type: "word", text: value } }, lexeme);
  }

  #operator(lexemes: readonly Lexeme[], i: number, lexeme: Lexeme, written: string): number {
    const operator = operatorNamed(written);
    if (operator === undefined) {
      this.#problem(lexeme, unknownOperator(written));
      const { operator: _, ...rest } = lexeme;
      for (const value of [written, lexeme.value])
        this.#plain({ ...rest, value, quoted: value !== written && lexeme.quoted });
      return i;
    }
    let last = i;
    let value = lexeme.value.trim();
    // `from: anna` is meant as one thing.
    const next = lexemes[i + 1];
    if (value === "" && !lexeme.quoted && next && !next.operator && !next.negated) {
      value = next.value.trim();
      last = i + 1;
    }
    if (value === "") {
      this.#problem(lexeme, lacksValue(written, operator));
      return last;
    }
    if (isDateOperator(operator)) return this.#date(operator, lexemes, last, value, lexeme);
    const { filter, problem } = meaningOf(operator, value, this.#options);
    const at = { start: lexeme.start, end: lexemes[last]?.end ?? lexeme.end };
    if (problem !== undefined) this.#problem(at, problem);
    if (filter) this.#filter(filter, operator, value, { ...lexeme, ...at });
    return last;
  }

  /** The longest run of words that is a date: `during:last March`. */
  #date(
    operator: "before" | "after" | "during",
    lexemes: readonly Lexeme[],
    i: number,
    first: string,
    lexeme: Lexeme,
  ): number {
    const values = [first];
    // In parentheses the operator and the - are said of every word, so of those that follow this one too.
    const group = lexeme.group?.start;
    if (!lexeme.quoted) {
      for (const more of lexemes.slice(i + 1, i + 5)) {
        const same = group !== undefined && more.group?.start === group;
        const bare = same ? more.negated === lexeme.negated : !more.negated && more.operator === undefined;
        if (more.quoted || !bare || isJoint(more)) break;
        values.push(more.value);
      }
    }
    for (let length = values.length; length > 0; length -= 1) {
      const value = values.slice(0, length).join(" ");
      const filter = dateFilter(operator, value, this.#options);
      if (!filter) continue;
      const last = i + length - 1;
      this.#filter(filter, operator, value, { ...lexeme, end: lexemes[last]?.end ?? lexeme.end });
      return last;
    }
    this.#problem({ start: lexeme.start, end: lexemes[i]?.end ?? lexeme.end }, noDate(first));
    return i;
  }

  #filter(filter: Filter, operator: Operator, value: string, lexeme: Lexeme): void {
    const part = { filter: lexeme.negated ? { not: [filter] } : filter };
    this.#add(part, lexeme, lexeme.negated ? `-${operator}` : operator, value);
  }

  #add(part: Part, lexeme: Lexeme, operator?: string, value = ""): void {
    const before = this.#before;
    this.#before = undefined;
    if (before) {
      const joined = either(before.part, part);
      if (joined) {
        if ("clause" in joined) this.#clauses[this.#clauses.length - 1] = joined.clause;
        else this.#filters[this.#filters.length - 1] = joined.filter;
        const understood = this.#understandEither(before.understood, lexeme, operator, value);
        this.#last = { part: joined, understood, closesAll: lexeme.closesAll === true };
        return;
      }
      this.#problem(lexeme, `${NOT_EITHER} Here both sides were searched together.`);
    }
    if ("filter" in part) this.#filters.push(part.filter);
    else if (!this.#addClause(part.clause, lexeme)) return;
    const understood = operator === undefined ? -1 : this.#understand(operator, value, lexeme);
    this.#last = { part, understood, closesAll: lexeme.closesAll === true };
  }

  #addClause(clause: Clause, lexeme: Lexeme): boolean {
    const word = clause.type === "word" ? fold(clause.text) : undefined;
    const known = word !== undefined && this.#words.has(word);
    if (!known && this.#clauses.length >= MOST_CLAUSES) {
      this.#dropped ??= lexeme;
      return false;
    }
    if (word !== undefined) this.#words.add(word);
    // The second time it may be one side of an OR, so it stays what was last said.
    if (!known) this.#clauses.push(clause);
    else this.#clauses.push(...this.#clauses.splice(this.#indexOfWord(word), 1));
    return true;
  }

  #indexOfWord(word: string): number {
    const at = this.#clauses.findIndex((clause) => clause.type === "word" && fold(clause.text) === word);
    return at < 0 ? this.#clauses.length : at;
  }

  /** What is said of parentheses is understood once, with all that is in them. Returns where it stands. */
  #understand(operator: string, value: string, { start, end, group }: Lexeme): number {
    if (group && this.#understood.at(-1)?.start === group.start) return this.#understood.length - 1;
    const { start: from, end: to, value: said } = group ?? { start, end, value };
    return this.#understood.push({ operator, value: said, start: from, end: to }) - 1;
  }

  /** Two operators joined are one, from the first to the last; words and quotations joined are text. */
  #understandEither(first: number, lexeme: Lexeme, operator: string | undefined, value: string): number {
    const known = this.#understood[first];
    const isWords = known === undefined || known.operator === "phrase" || operator === undefined;
    if (isWords) {
      if (known) this.#understood.splice(first, 1);
      return -1;
    }
    const { start, end } = lexeme.group ?? lexeme;
    if (known.start === start) return first;
    const same = known.operator === operator || known.operator === "either";
    const said = known.operator === "either" ? `${operator}:${value}` : value;
    this.#understood[first] = same
      ? { ...known, value: `${known.value} OR ${said}`, end }
      : {
          operator: "either",
          value: `${known.operator}:${known.value} OR ${operator}:${value}`,
          start: known.start,
          end,
        };
    return first;
  }

  #problem({ start, end }: Span, message: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push({ message, start, end });
  }
}

const NOT_EITHER = "OR joins two words or quotations, or two operators.";

function count(number: number): string {
  return number.toLocaleString("en-US");
}
