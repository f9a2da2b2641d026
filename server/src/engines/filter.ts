import { fold } from "@steward/core/search/fold.ts";
import { sequenceOf } from "@steward/core/search/index/filter.ts";
import type { Filter } from "@steward/core/search/passage-index.ts";
import { storable, type Values } from "./sql.ts";
import { tsqueryOf } from "./terms.ts";

/** A filter as a condition on `items i`; undefined when it asks nothing. Never null, so that it can be negated. */
export function conditionOf(
  schema: string,
  filter: Filter,
  languages: readonly string[],
  values: Values,
): string | undefined {
  const conditions: string[] = [];
  const text = (value: string) => values.add(storable(value), "text");

  for (const [wanted, roles] of [
    [filter.from, ["from", "author", "organizer", "reply-to"]],
    [filter.to, ["to", "cc", "bcc", "attendee"]],
    [filter.people, undefined],
  ] as const) {
    for (const name of wanted ?? []) {
      const inRole = roles ? [`p.role = any(${values.add(roles, "text[]")})`] : [];
      const words = wordsOf(name).map((word) => `strpos(p.marked, ${text(markWords(word))}) > 0`);
      const all = ["p.item = i.id", ...inRole, ...words].join(" and ");
      conditions.push(`exists (select from ${schema}.people p where ${all})`);
    }
  }
  for (const subject of filter.subject ?? []) {
    const sequence = sequenceOf(subject, languages);
    conditions.push(sequence.length === 0 ? "false" : standsIn(schema, tsqueryOf(sequence, "A"), values));
  }
  for (const filename of filter.filename ?? []) {
    const words = wordsOf(filename).map((word) => `strpos(i.filename, ${text(word)}) > 0`);
    conditions.push(["i.filename <> ''", ...words].join(" and "));
  }
  if (filter.kinds) conditions.push(`i.kind = any(${values.add(filter.kinds, "text[]")})`);
  if (filter.sources) conditions.push(`i.source = any(${values.add(filter.sources.map(storable), "text[]")})`);
  if (filter.has?.length) conditions.push(`i.has @> ${values.add(filter.has.map(storable), "text[]")}`);
  // An item without a date is neither after nor before anything.
  if (filter.after !== undefined) conditions.push(`i.date >= ${values.add(filter.after, "float8")}`);
  if (filter.before !== undefined) conditions.push(`i.date < ${values.add(filter.before, "float8")}`);
  if (filter.thread !== undefined) conditions.push(`i.thread = ${text(filter.thread)}`);
  if (filter.items) conditions.push(`i.id = any(${values.add(filter.items.map(storable), "text[]")})`);
  for (const left of filter.not ?? []) {
    conditions.push(`not ${conditionOf(schema, left, languages, values) ?? "true"}`);
  }
  return conditions.length === 0 ? undefined : `coalesce(${conditions.join(" and ")}, false)`;
}

/** Whether the query holds in some passage of `items i`; no query holds nowhere. */
export function standsIn(schema: string, tsquery: string | undefined, values: Values): string {
  if (tsquery === undefined) return "false";
  return `exists (select from ${schema}.passages s where s.item = i.id and s.terms @@ ${values.add(tsquery, "tsquery")})`;
}

/**
 * Puts a mark before every character at which a word or a part of an address begins. With both the text and what is
 * wanted of it marked, "is contained" means "from the beginning of a word": "ana" is in "Anabel", not in "Santana".
 */
export function markWords(folded: string): string {
  let marked = "";
  let before = "";
  for (const character of folded) {
    const inside = LETTER_OR_DIGIT.test(before) && LETTER_OR_DIGIT.test(character) && !UNSPACED.test(character);
    marked += inside ? character : `\u0001${character}`;
    before = character;
  }
  return marked;
}

const LETTER_OR_DIGIT = /[\p{L}\p{M}\p{N}]/u;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

function wordsOf(text: string): string[] {
  return fold(text)
    .split(/\s+/)
    .filter((word) => word !== "");
}
