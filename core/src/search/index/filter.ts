import { tokensOf } from "../analyze.ts";
import { fold } from "../fold.ts";
import type { Filter } from "../passage-index.ts";
import { marks } from "./item-marks.ts";
import { type Meant, matchSequence } from "./match.ts";
import { isInSubject } from "./postings.ts";
import { KINDS, ROLES, type Segment } from "./segment.ts";

/**
 * Filters before scoring: one byte per item, 1 where the item passes, the search's until the next one. What is asked of people and file names is asked
 * once of each distinct one, not of each item.
 */
export function applyFilter(segment: Segment, filter: Filter, languages: readonly string[]): Uint8Array | undefined {
  if (asksNothing(filter)) return undefined;
  const passes = marks.take(segment.items, 1);
  const { columns } = segment;

  for (const [wanted, roles] of [
    [filter.from, FROM],
    [filter.to, TO],
    [filter.people, undefined],
  ] as const) {
    for (const text of wanted ?? []) keepPeople(segment, text, roles, passes);
  }
  for (const text of filter.subject ?? []) keepSubject(segment, text, languages, passes);
  for (const text of filter.filename ?? []) {
    const words = wordsOf(text);
    const matching = segment.foldedFilenames.map((name) => words.every((word) => name.includes(word)));
    keep(passes, (item) => matching[(columns.filename[item] ?? 0) - 1] === true);
  }
  if (filter.kinds) {
    const wanted = markedOf(KINDS.length, filter.kinds, (kind) => KINDS.indexOf(kind));
    keep(passes, (item) => wanted[columns.kind[item] ?? 0] === 1);
  }
  if (filter.sources) {
    const wanted = markedOf(columns.sources.length, filter.sources, (source) => columns.sources.find(source));
    keep(passes, (item) => wanted[columns.source[item] ?? 0] === 1);
  }
  for (const name of filter.has ?? []) {
    const bit = columns.has.find(name);
    keep(passes, (item) => bit >= 0 && (((columns.hasBits[item] ?? 0) >>> bit) & 1) === 1);
  }
  // An item without a date is neither after nor before anything: NaN compares false.
  const { after, before } = filter;
  if (after !== undefined) keep(passes, (item) => (columns.date[item] ?? Number.NaN) >= after);
  if (before !== undefined) keep(passes, (item) => (columns.date[item] ?? Number.NaN) < before);
  if (filter.thread !== undefined) {
    const wanted = columns.threads.find(filter.thread) + 1;
    keep(passes, (item) => wanted > 0 && columns.thread[item] === wanted);
  }
  if (filter.items) {
    const wanted = markedOf(segment.items, filter.items, (id) => columns.ids.find(id));
    keep(passes, (item) => wanted[item] === 1);
  }
  for (const left of filter.not ?? []) {
    const out = applyFilter(segment, left, languages);
    // A filter that asks nothing passes everything, so its negation passes nothing.
    if (!out) passes.fill(0);
    else for (let item = 0; item < passes.length; item += 1) if (out[item] === 1) passes[item] = 0;
    if (out) marks.giveBack(out);
  }
  return passes;
}

function asksNothing(filter: Filter): boolean {
  for (const asked of Object.values(filter)) if (asked !== undefined) return false;
  return true;
}

const FROM = roleMask("from", "author", "organizer", "reply-to");
const TO = roleMask("to", "cc", "bcc", "attendee");

function roleMask(...roles: readonly string[]): number {
  return ROLES.reduce((mask, role, bit) => (roles.includes(role) ? mask | (1 << bit) : mask), 0);
}

function keep(passes: Uint8Array, test: (item: number) => boolean): void {
  for (let item = 0; item < passes.length; item += 1) if (passes[item] === 1 && !test(item)) passes[item] = 0;
}

/** A byte for each of so many, 1 at the places that these have; -1 is no place. */
function markedOf<T>(count: number, wanted: readonly T[], placeOf: (one: T) => number): Uint8Array {
  const marked = new Uint8Array(count);
  for (const one of wanted) {
    const place = placeOf(one);
    if (place >= 0) marked[place] = 1;
  }
  return marked;
}

function keepPeople(segment: Segment, text: string, roles: number | undefined, passes: Uint8Array): void {
  const { firstPerson, people } = segment.columns;
  const words = wordsOf(text);
  const matching = Uint8Array.from(segment.foldedPersons, (person) =>
    words.every((word) => beginsWord(person, word)) ? 1 : 0,
  );
  keep(passes, (item) => {
    for (let i = firstPerson[item] ?? 0; i < (firstPerson[item + 1] ?? 0); i += 1) {
      const entry = people[i] ?? 0;
      const inRole = roles === undefined || ((roles >>> (entry >>> 24)) & 1) === 1;
      if (inRole && matching[entry & 0xffffff] === 1) return true;
    }
    return false;
  });
}

/**
 * Whether `wanted` stands in a name or address from where a word or a part of the address begins: "ana" finds "Ana",
 * "Anabel" and post@ana.example, and does not find "Santana". Names written without spaces are found by any part.
 */
function beginsWord(text: string, wanted: string): boolean {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (at === 0 || !LETTER_OR_DIGIT.test(text[at - 1] ?? "") || !LETTER_OR_DIGIT.test(wanted[0] ?? "")) return true;
    if (UNSPACED.test(wanted[0] ?? "")) return true;
  }
  return false;
}

const LETTER_OR_DIGIT = /[\p{L}\p{M}\p{N}]/u;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** The words stand in the subject, one behind the other when there are several. */
function keepSubject(segment: Segment, text: string, languages: readonly string[], passes: Uint8Array): void {
  const sequence = sequenceOf(text, languages);
  const found = new Uint8Array(segment.items);
  if (sequence.length > 0) {
    for (const match of matchSequence(segment, sequence, isInSubject)) found[segment.itemOf[match.doc] ?? 0] = 1;
  }
  keep(passes, (item) => found[item] === 1);
}

/**
 * The terms a text may stand for, word by word: one for each language the index holds. `asWritten`: only where the
 * words stand as they are here, but for case and accents.
 */
export function sequenceOf(text: string, languages: readonly string[], asWritten = false): Meant[][] {
  const variants = languages.map((language) => tokensOf(text, language).filter((token) => !token.compound));
  return (variants[0] ?? []).map((_, i) => {
    const meant = new Map<string, Meant>();
    for (const tokens of variants) {
      const token = tokens[i];
      if (!token) continue;
      const { term, form } = token;
      if (asWritten) meant.set(`${term} ${form}`, { term, form });
      else meant.set(term, { term });
    }
    return [...meant.values()];
  });
}

function wordsOf(text: string): string[] {
  return fold(text)
    .split(/\s+/)
    .filter((word) => word !== "");
}
