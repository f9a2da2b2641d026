import { ITEM_KINDS, type ItemKind } from "../item.ts";
import { oneEditApart } from "./edits.ts";
import { fold } from "./fold.ts";
import { HAS } from "./indexed.ts";
import type { Filter } from "./passage-index.ts";
import { parseDateSpan } from "./query-dates.ts";

/** The operators of the query language: their names, what each makes of its value, and the hint when it cannot. */
export type Operator =
  | "from"
  | "to"
  | "people"
  | "subject"
  | "in"
  | "kind"
  | "before"
  | "after"
  | "during"
  | "has"
  | "filename";

/** Other words for the operators; what people bring from elsewhere. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  from: "from",
  sender: "from",
  author: "from",
  to: "to",
  cc: "to",
  bcc: "to",
  people: "people",
  with: "people",
  subject: "subject",
  title: "subject",
  in: "in",
  source: "in",
  folder: "in",
  kind: "kind",
  is: "kind",
  type: "kind",
  before: "before",
  until: "before",
  older: "before",
  after: "after",
  since: "after",
  newer: "after",
  during: "during",
  date: "during",
  on: "during",
  has: "has",
  filename: "filename",
  file: "filename",
};
const TAUGHT = "from: to: cc: people: subject: in: kind: before: after: during: has: filename:";

const EXAMPLES: Readonly<Record<Operator, string>> = {
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

const KINDS: Readonly<Record<string, ItemKind>> = {
  email: "mail",
  "e-mail": "mail",
  message: "mail",
  document: "file",
  doc: "file",
  appointment: "event",
  meeting: "event",
  sms: "text",
  chat: "text",
  person: "contact",
  image: "photo",
  picture: "photo",
};

export interface OperatorOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** IANA. */
  readonly timeZone: string;
  /** Source id → name, for `in:`; without it the value is taken for an id. */
  readonly sources?: ReadonlyMap<string, string>;
}

/** A filter, or the sentence that says why there is none; both when what it asks for is nowhere. */
export interface Meaning {
  readonly filter?: Filter;
  readonly problem?: string;
}

export function operatorNamed(written: string): Operator | undefined {
  return Object.hasOwn(OPERATORS, written) ? OPERATORS[written] : undefined;
}

export function unknownOperator(written: string): string {
  const near = Object.keys(OPERATORS).find((known) => oneEditApart(known, written));
  const hint = near ? `Did you mean ${near}:?` : `The operators are ${TAUGHT}`;
  return `There is no operator ${written}: and it was searched as a word. ${hint}`;
}

export function lacksValue(written: string, operator: Operator): string {
  return `${written}: needs a value behind the colon, such as ${EXAMPLES[operator]}.`;
}

export function noDate(value: string): string {
  return `“${value}” is no date that is understood. Write 2025, 2025-03, 2025-03-14, or words such as "last March".`;
}

export function isDateOperator(operator: Operator): operator is "before" | "after" | "during" {
  return operator === "before" || operator === "after" || operator === "during";
}

/** What a date means; undefined when it is none. */
export function dateFilter(operator: "before" | "after" | "during", value: string, options: OperatorOptions) {
  const span = parseDateSpan(value, options.now, options.timeZone);
  if (!span) return undefined;
  if (operator === "before") return { before: span.from };
  return operator === "after" ? { after: span.from } : { after: span.from, before: span.to };
}

export function meaningOf(
  operator: Exclude<Operator, "before" | "after" | "during">,
  value: string,
  options: OperatorOptions,
): Meaning {
  switch (operator) {
    case "from":
      return { filter: { from: [value] } };
    case "to":
      return { filter: { to: [value] } };
    case "people":
      return { filter: { people: [value] } };
    case "subject":
      return { filter: { subject: [value] } };
    case "filename":
      return { filter: { filename: [value] } };
    case "kind": {
      const kind = kindOf(value);
      if (kind) return { filter: { kinds: [kind] } };
      const has = HAS.find((name) => name === fold(value));
      const hint = has ? `Did you mean has:${has}?` : `Kinds: ${ITEM_KINDS.join(", ")}.`;
      return { problem: `There is no kind “${value}”. ${hint}` };
    }
    case "has": {
      const wanted = fold(value);
      const has = HAS.find((name) => name === wanted || `${name}s` === wanted);
      if (has) return { filter: { has: [has] } };
      return { problem: `has: does not know “${value}”. It knows ${HAS.join(", ")}.` };
    }
    case "in":
      return sourceNamed(value, options.sources);
    default:
      return operator satisfies never;
  }
}

function kindOf(value: string): ItemKind | undefined {
  const wanted = fold(value);
  const one = wanted.endsWith("s") && wanted !== "sms" ? wanted.slice(0, -1) : wanted;
  return ITEM_KINDS.find((kind) => kind === one) ?? (Object.hasOwn(KINDS, one) ? KINDS[one] : undefined);
}

/** A source by its name, or a part of it. */
function sourceNamed(value: string, sources: ReadonlyMap<string, string> | undefined): Meaning {
  if (!sources) return { filter: { sources: [value] } };
  const wanted = fold(value);
  const all = [...sources];
  const exact = all.filter(([id, name]) => id === value || fold(name) === wanted);
  const chosen = exact.length > 0 ? exact : all.filter(([, name]) => fold(name).includes(wanted));
  const filter = { sources: chosen.map(([id]) => id) };
  if (chosen.length > 0) return { filter };
  const names = all.slice(0, 8).map(([, name]) => name);
  const known = names.length > 0 ? ` There are: ${names.join(", ")}.` : "";
  return { filter, problem: `No source is called “${value}”.${known}` };
}
