import { ITEM_KINDS, type ItemKind } from "../item.ts";
import { oneEditApart } from "./edits.ts";
import { fold } from "./fold.ts";
import { HAS } from "./indexed.ts";
import type { Clause, Filter } from "./passage-index.ts";
import { parseDateSpan } from "./query-dates.ts";

/**
 * The query language (docs/search.md): `from: to: cc: people: subject: in: kind: before: after: during: has: filename:
 * "phrase" -not OR` and plain words. Whatever is typed gives a query: what is not understood is reported with a hint
 * and searched as words, and nothing is silently ignored. Never throws.
 */
export function parseQuery(text: string, options: QueryOptions): ParsedQuery {
  const parser = new Parser(options);
  const tokens = lex(text);
  for (let i = 0; i < tokens.length; i += 1) i = parser.take(tokens, i);
  return parser.done();
}

export interface QueryOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** IANA. */
  readonly timeZone: string;
  /** Source id → name, for `in:`; without it the value is taken for an id. */
  readonly sources?: ReadonlyMap<string, string>;
}

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

/** More plain words than this are a pasted text, not a question: the rest is reported and left out. */
const MOST_CLAUSES = 256;
const MOST_PROBLEMS = 20;

interface Lexeme {
  readonly start: number;
  readonly end: number;
  readonly negated: boolean;
  /** Lower-cased, without the colon. */
  readonly operator?: string;
  readonly value: string;
  readonly quoted: boolean;
  /** A quote that nobody closed. */
  readonly open?: boolean;
}

const OPERATOR = /^([\p{L}][\p{L}_-]*):/u;
const SPACE = /[\s\p{Cc}()]/u;
const QUOTE: Readonly<Record<string, string>> = { '"': '"', "“": "”", "„": "“”", "«": "»" };

function lex(text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  let i = 0;
  while (i < text.length) {
    if (SPACE.test(text[i] ?? "")) {
      i += 1;
      continue;
    }
    const start = i;
    const negated = text[i] === "-" && i + 1 < text.length && !SPACE.test(text[i + 1] ?? "") && text[i + 1] !== "-";
    if (negated) i += 1;
    const operator = OPERATOR.exec(text.slice(i, i + 40));
    const name = operator?.[1]?.toLowerCase();
    // `http://…` is an address, not an operator.
    const isOperator = operator !== null && !text.startsWith("//", i + operator[0].length);
    if (isOperator) i += operator[0].length;
    const close = QUOTE[text[i] ?? ""];
    if (close !== undefined) {
      let end = i + 1;
      while (end < text.length && !close.includes(text[end] ?? "")) end += 1;
      const open = end >= text.length;
      const value = text.slice(i + 1, end);
      i = Math.min(end + 1, text.length);
      lexemes.push({
        start,
        end: i,
        negated,
        value,
        quoted: true,
        open,
        ...(isOperator && name ? { operator: name } : {}),
      });
      continue;
    }
    const from = i;
    while (i < text.length && !SPACE.test(text[i] ?? "") && QUOTE[text[i] ?? ""] === undefined) i += 1;
    const value = text.slice(from, i);
    lexemes.push({ start, end: i, negated, value, quoted: false, ...(isOperator && name ? { operator: name } : {}) });
    if (i === start) i += 1;
  }
  return lexemes;
}

/** Other words for the operators; what people bring from elsewhere. */
const OPERATORS: Readonly<Record<string, string>> = {
  from: "from",
  to: "to",
  cc: "to",
  people: "people",
  with: "people",
  subject: "subject",
  title: "subject",
  in: "in",
  source: "in",
  kind: "kind",
  is: "kind",
  before: "before",
  until: "before",
  after: "after",
  since: "after",
  during: "during",
  date: "during",
  on: "during",
  has: "has",
  filename: "filename",
  file: "filename",
};
const TAUGHT = "from: to: cc: people: subject: in: kind: before: after: during: has: filename:";

const KINDS: Readonly<Record<string, ItemKind>> = {
  email: "mail",
  "e-mail": "mail",
  message: "mail",
  document: "file",
  doc: "file",
  appointment: "event",
  meeting: "event",
  sms: "text",
  person: "contact",
  image: "photo",
  picture: "photo",
};

type Part = { readonly filter: Filter } | { readonly clause: Clause };

class Parser {
  readonly #options: QueryOptions;
  readonly #clauses: Clause[] = [];
  readonly #filters: Filter[] = [];
  readonly #understood: Understood[] = [];
  readonly #problems: Problem[] = [];
  #dropped: Lexeme | undefined;
  /** What stood before an OR that waits for its other side. */
  #before: Part | undefined;
  #last: Part | undefined;

  constructor(options: QueryOptions) {
    this.#options = options;
  }

  /** Takes the lexeme at `i` and what belongs to it; the position of the last one taken. */
  take(lexemes: readonly Lexeme[], i: number): number {
    const lexeme = lexemes[i];
    if (!lexeme) return i;
    const bare = !lexeme.quoted && !lexeme.operator && !lexeme.negated;
    if (bare && (lexeme.value === "OR" || lexeme.value === "|")) {
      if (this.#last && i + 1 < lexemes.length) this.#before = this.#last;
      else this.#problem(lexeme, "OR stands between two things; there is nothing on one side of it.");
      return i;
    }
    if (bare && lexeme.value === "AND") return i;
    if (lexeme.open)
      this.#problem(lexeme, 'This quotation has no closing ". Everything behind it was taken as quoted.');
    if (lexeme.operator === undefined) {
      this.#plain(lexeme);
      return i;
    }
    return this.#operator(lexemes, i, lexeme, lexeme.operator);
  }

  done(): ParsedQuery {
    if (this.#dropped) {
      this.#problem(this.#dropped, `Only the first ${MOST_CLAUSES} words were searched; the rest was left out.`);
    }
    return {
      clauses: this.#clauses,
      filter: joinFilters(this.#filters),
      understood: this.#understood,
      problems: this.#problems,
    };
  }

  #plain(lexeme: Lexeme): void {
    const value = lexeme.value.trim();
    if (!/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(value)) {
      if (lexeme.quoted) this.#problem(lexeme, "There is no word between these quotation marks.");
      return;
    }
    if (lexeme.negated) {
      this.#add({ clause: { type: "not", text: value, phrase: lexeme.quoted } }, lexeme);
      this.#understand("not", value, lexeme);
    } else {
      this.#add({ clause: { type: lexeme.quoted ? "phrase" : "word", text: value } }, lexeme);
      if (lexeme.quoted) this.#understand("phrase", value, lexeme);
    }
  }

  #operator(lexemes: readonly Lexeme[], i: number, lexeme: Lexeme, written: string): number {
    const operator = OPERATORS[written];
    if (operator === undefined) {
      const near = Object.keys(OPERATORS).find((known) => oneEditApart(known, written));
      const hint = near ? `Did you mean ${near}:?` : `The operators are ${TAUGHT}`;
      this.#problem(lexeme, `There is no operator ${written}: and it was searched as a word. ${hint}`);
      for (const value of [written, lexeme.value])
        this.#plain({ ...lexeme, value, quoted: value !== written && lexeme.quoted });
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
      this.#problem(lexeme, `${written}: needs a value behind the colon, such as ${EXAMPLES[operator]}.`);
      return last;
    }
    const at = { start: lexeme.start, end: lexemes[last]?.end ?? lexeme.end };
    if (operator === "before" || operator === "after" || operator === "during") {
      return this.#date(operator, lexemes, last, value, at, lexeme);
    }
    const filter = this.#valueFilter(operator, value, at);
    if (filter) this.#addFilter(filter, operator, value, lexeme, at);
    return last;
  }

  /** The longest run of words that is a date: `during:last March`. */
  #date(
    operator: "before" | "after" | "during",
    lexemes: readonly Lexeme[],
    i: number,
    first: string,
    at: { start: number; end: number },
    lexeme: Lexeme,
  ): number {
    const { now, timeZone } = this.#options;
    const values = [first];
    if (!lexeme.quoted) {
      for (const more of lexemes.slice(i + 1, i + 4)) {
        if (more.quoted || more.negated || more.operator || more.value === "OR") break;
        values.push(more.value);
      }
    }
    for (let count = values.length; count > 0; count -= 1) {
      const value = values.slice(0, count).join(" ");
      const span = parseDateSpan(value, now, timeZone);
      if (!span) continue;
      const filter =
        operator === "before"
          ? { before: span.from }
          : operator === "after"
            ? { after: span.from }
            : { after: span.from, before: span.to };
      const last = i + count - 1;
      this.#addFilter(filter, operator, value, lexeme, { start: at.start, end: lexemes[last]?.end ?? at.end });
      return last;
    }
    this.#problem(
      at,
      `“${first}” is no date that is understood. Write 2025, 2025-03, 2025-03-14, or words such as "last March".`,
    );
    return i;
  }

  #valueFilter(operator: string, value: string, at: { start: number; end: number }): Filter | undefined {
    switch (operator) {
      case "from":
        return { from: [value] };
      case "to":
        return { to: [value] };
      case "people":
        return { people: [value] };
      case "subject":
        return { subject: [value] };
      case "filename":
        return { filename: [value] };
      case "kind": {
        const kind = kindOf(value);
        if (kind) return { kinds: [kind] };
        const has = HAS.find((name) => name === fold(value));
        this.#problem(
          at,
          `There is no kind “${value}”. ${has ? `Did you mean has:${has}?` : `Kinds: ${ITEM_KINDS.join(", ")}.`}`,
        );
        return undefined;
      }
      case "has": {
        const wanted = fold(value);
        const has = HAS.find((name) => name === wanted || `${name}s` === wanted);
        if (has) return { has: [has] };
        this.#problem(at, `has: does not know “${value}”. It knows ${HAS.join(", ")}.`);
        return undefined;
      }
      default:
        return this.#source(value, at);
    }
  }

  #source(value: string, at: { start: number; end: number }): Filter {
    const { sources } = this.#options;
    if (!sources) return { sources: [value] };
    const wanted = fold(value);
    const all = [...sources];
    const exact = all.filter(([id, name]) => id === value || fold(name) === wanted);
    const chosen = exact.length > 0 ? exact : all.filter(([, name]) => fold(name).includes(wanted));
    if (chosen.length === 0) {
      const names = all.slice(0, 8).map(([, name]) => name);
      this.#problem(at, `No source is called “${value}”.${names.length > 0 ? ` There are: ${names.join(", ")}.` : ""}`);
    }
    return { sources: chosen.map(([id]) => id) };
  }

  #addFilter(
    filter: Filter,
    operator: string,
    value: string,
    lexeme: Lexeme,
    at: { start: number; end: number },
  ): void {
    this.#add({ filter: lexeme.negated ? { not: [filter] } : filter }, lexeme);
    this.#understand(lexeme.negated ? `-${operator}` : operator, value, at);
  }

  #add(part: Part, lexeme: Lexeme): void {
    const before = this.#before;
    this.#before = undefined;
    if (before) {
      const joined = either(before, part);
      if (joined) {
        if ("clause" in joined) this.#clauses[this.#clauses.length - 1] = joined.clause;
        else this.#filters[this.#filters.length - 1] = joined.filter;
        this.#last = joined;
        return;
      }
      this.#problem(
        lexeme,
        "OR joins two words or quotations, or two operators; here both sides were searched together.",
      );
    }
    if ("clause" in part) {
      if (this.#clauses.length >= MOST_CLAUSES) {
        this.#dropped ??= lexeme;
        return;
      }
      this.#clauses.push(part.clause);
    } else this.#filters.push(part.filter);
    this.#last = part;
  }

  #understand(operator: string, value: string, at: { start: number; end: number }): void {
    this.#understood.push({ operator, value, start: at.start, end: at.end });
  }

  #problem(at: { start: number; end: number }, message: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push({ message, start: at.start, end: at.end });
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  from: "from:anna",
  to: "to:ben",
  people: "people:anna",
  subject: "subject:invoice",
  in: "in:archive",
  kind: "kind:mail",
  before: "before:2025-03",
  after: "after:2025-03-14",
  during: "during:2025",
  has: "has:attachment",
  filename: "filename:report",
};

function kindOf(value: string): ItemKind | undefined {
  const wanted = fold(value);
  const one = wanted.endsWith("s") && wanted !== "sms" ? wanted.slice(0, -1) : wanted;
  return ITEM_KINDS.find((kind) => kind === one) ?? KINDS[one];
}

/** `a OR b`: two clauses that rank, or two filters (by De Morgan: not neither). */
function either(a: Part, b: Part): Part | undefined {
  if ("clause" in a && "clause" in b) {
    if (a.clause.type === "not" || b.clause.type === "not") return undefined;
    const type = a.clause.type === "phrase" && b.clause.type === "phrase" ? "phrase" : "word";
    return { clause: { type, text: a.clause.text, alternatives: [...(a.clause.alternatives ?? []), b.clause.text] } };
  }
  if ("filter" in a && "filter" in b) {
    // Three in a row: `a OR b` is already a "not neither", and takes the third in.
    const neither = a.filter.not?.[0]?.not;
    const joined = neither && Object.keys(a.filter).length === 1 ? [...neither, b.filter] : [a.filter, b.filter];
    return { filter: { not: [{ not: joined }] } };
  }
  return undefined;
}

/** All of them must hold; several kinds or several sources mean any of these. */
function joinFilters(filters: readonly Filter[]): Filter {
  const texts = (of: (filter: Filter) => readonly string[] | undefined) =>
    filters.flatMap((filter) => of(filter) ?? []);
  const from = texts((f) => f.from);
  const to = texts((f) => f.to);
  const people = texts((f) => f.people);
  const subject = texts((f) => f.subject);
  const filename = texts((f) => f.filename);
  const has = texts((f) => f.has);
  const kinds = filters.flatMap((f) => f.kinds ?? []);
  const sources = filters.flatMap((f) => f.sources ?? []);
  const afters = filters.flatMap((f) => (f.after === undefined ? [] : [f.after]));
  const befores = filters.flatMap((f) => (f.before === undefined ? [] : [f.before]));
  const not = filters.flatMap((f) => f.not ?? []);
  return {
    ...(from.length > 0 ? { from } : {}),
    ...(to.length > 0 ? { to } : {}),
    ...(people.length > 0 ? { people } : {}),
    ...(subject.length > 0 ? { subject } : {}),
    ...(filename.length > 0 ? { filename } : {}),
    ...(has.length > 0 ? { has } : {}),
    ...(kinds.length > 0 ? { kinds } : {}),
    ...(filters.some((f) => f.sources) ? { sources } : {}),
    ...(afters.length > 0 ? { after: Math.max(...afters) } : {}),
    ...(befores.length > 0 ? { before: Math.min(...befores) } : {}),
    ...(not.length > 0 ? { not } : {}),
  };
}
