import { analyze, type TokenSink } from "../analyze.ts";
import { stemmedAs } from "../language.ts";
import type { IndexedItem } from "../passage-index.ts";
import { type Field, impactOf, occurrenceWeight } from "./bm25.ts";
import { Numbers } from "./growing.ts";
import { bodyPosition, HEADER_FIELDS, headerPosition, PostingWriter, withForm } from "./postings.ts";
import { KINDS, ROLES, Segment, TRUSTS } from "./segment.ts";
import { orderOf, StringTable, sortStrings } from "./strings.ts";

/** Makes a segment of items as `buildSegment` does, of version 0, not necessarily in this thread. */
export type BuildSegment = (items: readonly IndexedItem[]) => Promise<Segment>;

/** Makes a segment of items; of one given twice the last form counts. `version` is the number of the flush that will seal them. */
export function buildSegment(items: readonly IndexedItem[], version: number): Segment {
  const latest = new Map(items.map((item) => [item.item, item]));
  const sorted = [...latest.values()].sort((a, b) => (a.item < b.item ? -1 : a.item > b.item ? 1 : 0));
  const occurrences = new Occurrences();
  const firstPassage = new Uint32Array(sorted.length + 1);
  const languages = new Set<string>();
  let passages = 0;
  for (const [i, item] of sorted.entries()) {
    firstPassage[i] = passages;
    const language = stemmedAs(item.language);
    languages.add(language);
    // An item without text (a picture, an empty mail) is still found by its subject, people and file name.
    const texts = item.passages.length > 0 ? item.passages : [NO_TEXT];
    for (const [n, passage] of texts.entries()) {
      occurrences.beginPassage(passages, language);
      occurrences.field(passage.quoted ? "quoted" : "body", passage.text);
      occurrences.field("context", passage.context);
      // What belongs to the whole item stands with its first passage; the others have it in their context.
      if (n === 0) {
        occurrences.field("subject", item.title);
        occurrences.field("people", item.people.map((p) => `${p.name ?? ""} ${p.address ?? ""}`).join(" · "));
        occurrences.field("filename", item.filename === undefined ? "" : spelledOut(item.filename));
      }
      occurrences.endPassage();
      passages += 1;
    }
  }
  firstPassage[sorted.length] = passages;

  const { terms, ...postings } = occurrences.done();
  const persons = intern(sorted.flatMap((item) => item.people.map(personKey)));
  const sources = intern(sorted.map((item) => item.source));
  const threads = intern(sorted.flatMap((item) => item.thread ?? []));
  const filenames = intern(sorted.flatMap((item) => item.filename ?? []));
  const has = intern(sorted.flatMap((item) => item.has));
  const firstPerson = new Uint32Array(sorted.length + 1);
  const people = new Numbers();
  for (const [i, item] of sorted.entries()) {
    firstPerson[i] = people.length;
    for (const person of item.people) {
      people.push(((ROLES.indexOf(person.role) << 24) | persons.at(personKey(person))) >>> 0);
    }
  }
  firstPerson[sorted.length] = people.length;
  const hashes = sorted.map(hashOf);
  return new Segment({
    ids: StringTable.from(sorted.map((item) => item.item)),
    terms,
    ...postings,
    persons: persons.table,
    sources: sources.table,
    threads: threads.table,
    filenames: filenames.table,
    has: has.table,
    languages: StringTable.from(sortStrings([...languages])),
    kind: Uint8Array.from(sorted, (item) => KINDS.indexOf(item.kind)),
    trust: Uint8Array.from(sorted, (item) => TRUSTS.indexOf(item.trust)),
    source: Uint32Array.from(sorted, (item) => sources.at(item.source)),
    date: Float64Array.from(sorted, (item) => item.date ?? Number.NaN),
    thread: Uint32Array.from(sorted, (item) => (item.thread === undefined ? 0 : threads.at(item.thread) + 1)),
    filename: Uint32Array.from(sorted, (item) => (item.filename === undefined ? 0 : filenames.at(item.filename) + 1)),
    hasBits: Uint32Array.from(sorted, (item) => item.has.reduce((bits, name) => bits | (1 << has.at(name)), 0) >>> 0),
    version: new Uint32Array(sorted.length).fill(version),
    hashA: Uint32Array.from(hashes, (hash) => hash[0]),
    hashB: Uint32Array.from(hashes, (hash) => hash[1]),
    firstPassage,
    firstPerson,
    people: people.done(),
  });
}

const NO_TEXT = { text: "", context: "", quoted: false };

/** "2025_Q1-reportFinal.pdf" also by its words. */
export function spelledOut(filename: string): string {
  return `${filename} ${filename.replaceAll(/[._-]+/g, " ").replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")}`;
}

function personKey(person: { readonly name?: string; readonly address?: string }): string {
  return `${person.name ?? ""}\0${person.address ?? ""}`;
}

function intern(texts: readonly string[]): { table: StringTable; at(text: string): number } {
  const sorted = sortStrings([...new Set(texts)]);
  const positions = new Map(sorted.map((text, i) => [text, i]));
  return { table: StringTable.from(sorted), at: (text) => positions.get(text) ?? 0 };
}

/** Title and text without regard to case and space; two 32-bit FNV-1a sums with different seeds. */
export function hashOf(item: IndexedItem): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  const take = (unit: number) => {
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  };
  for (const text of [item.title, ...item.passages.map((passage) => passage.text)]) {
    const lower = text.toLowerCase();
    let space = false;
    let begun = false;
    for (let i = 0; i < lower.length; i += 1) {
      const unit = lower.charCodeAt(i);
      if (isSpace(unit)) {
        space = begun;
        continue;
      }
      if (space) take(32);
      take(unit);
      space = false;
      begun = true;
    }
    a = Math.imul(a ^ 10, 0x01000193);
    b = Math.imul(b ^ 10, 0x85ebca6b);
  }
  return [a >>> 0, b >>> 0];
}

/** What `\s` matches. */
function isSpace(unit: number): boolean {
  if (unit <= 32) return unit === 32 || (unit >= 9 && unit <= 13);
  return unit >= 160 && OTHER_SPACES.includes(unit);
}

const OTHER_SPACES = [
  0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029,
  0x202f, 0x205f, 0x3000, 0xfeff,
];

/** Collects the occurrences of every term, passage by passage, and sorts them into postings at the end. */
class Occurrences implements TokenSink {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  /** By term: the posting it has in the passage at hand, when `#seenIn` says that it has one. */
  #posting = new Uint32Array(1024);
  #seenIn = new Int32Array(1024).fill(-1);
  /** By posting. */
  readonly #term = new Numbers();
  readonly #doc = new Numbers();
  readonly #first = new Numbers();
  readonly #impact: number[] = [];
  /** By occurrence: its position, and one more than the occurrence before it in the same posting. */
  readonly #position = new Numbers();
  readonly #before = new Numbers();
  /** Of the posting at hand. */
  #positions = new Uint32Array(64);

  #passage = 0;
  #language = "";
  #header = -1;
  #weight = 0;
  #started = 0;
  readonly #frequency: number[] = [];

  beginPassage(passage: number, language: string): void {
    this.#passage = passage;
    this.#language = language;
    this.#started = this.#doc.length;
    this.#frequency.length = 0;
  }

  field(field: Field, text: string): void {
    if (text === "") return;
    // biome-ignore lint/complexity/useIndexOf: the body's two fields are none of the names, so indexOf has no type for them
    this.#header = HEADER_FIELDS.findIndex((name) => name === field);
    this.#weight = occurrenceWeight(field, Math.max(1, text.length / UNITS_PER_WORD));
    analyze(text, this.#language, this);
  }

  token(term: string, place: number, _start: number, _end: number, _compound: boolean, form: number): void {
    let id = this.#ids.get(term);
    if (id === undefined) {
      id = this.#names.length;
      this.#ids.set(term, id);
      this.#names.push(term);
      if (id === this.#seenIn.length) this.#growTerms();
    }
    let posting: number;
    if (this.#seenIn[id] === this.#passage) {
      posting = this.#posting[id] ?? 0;
      this.#before.push((this.#first.array[posting] ?? 0) + 1);
    } else {
      posting = this.#doc.length;
      this.#seenIn[id] = this.#passage;
      this.#posting[id] = posting;
      this.#term.push(id);
      this.#doc.push(this.#passage);
      this.#first.push(0);
      this.#frequency.push(0);
      this.#before.push(0);
    }
    this.#first.array[posting] = this.#position.length;
    const position = this.#header < 0 ? bodyPosition(place) : headerPosition(place, this.#header);
    this.#position.push(withForm(position, form));
    const at = posting - this.#started;
    this.#frequency[at] = (this.#frequency[at] ?? 0) + this.#weight;
  }

  endPassage(): void {
    for (const frequency of this.#frequency) this.#impact.push(impactOf(frequency));
  }

  done() {
    const order = orderOf(this.#names);
    const rankOf = new Uint32Array(order.length);
    for (let rank = 0; rank < order.length; rank += 1) rankOf[order[rank] ?? 0] = rank;
    // Counting sort by term; stable, so a term's postings stay in the order of their passages.
    const starts = new Uint32Array(order.length + 1);
    const count = this.#term.length;
    for (let p = 0; p < count; p += 1) {
      const at = (rankOf[this.#term.array[p] ?? 0] ?? 0) + 1;
      starts[at] = (starts[at] ?? 0) + 1;
    }
    for (let t = 0; t < order.length; t += 1) starts[t + 1] = (starts[t + 1] ?? 0) + (starts[t] ?? 0);
    const ends = starts.slice();
    const byTerm = new Uint32Array(count);
    for (let p = 0; p < count; p += 1) {
      const at = rankOf[this.#term.array[p] ?? 0] ?? 0;
      byTerm[ends[at] ?? 0] = p;
      ends[at] = (ends[at] ?? 0) + 1;
    }
    const writer = new PostingWriter();
    for (let t = 0; t < order.length; t += 1) {
      writer.beginTerm();
      for (let i = starts[t] ?? 0; i < (starts[t + 1] ?? 0); i += 1) {
        const posting = byTerm[i] ?? 0;
        writer.add(this.#doc.array[posting] ?? 0, this.#impact[posting] ?? 1);
        writer.positions(this.#positions, this.#gatherPositions(posting));
      }
      writer.endTerm();
    }
    const terms = StringTable.from(Array.from(order, (id) => this.#names[id] ?? ""));
    return { terms, ...writer.done() };
  }

  /** Puts the positions of a posting into `#positions`, rising; returns how many. */
  #gatherPositions(posting: number): number {
    let count = 0;
    for (let next = (this.#first.array[posting] ?? 0) + 1; next > 0; next = this.#before.array[next - 1] ?? 0) {
      if (count === this.#positions.length) {
        const larger = new Uint32Array(count * 2);
        larger.set(this.#positions);
        this.#positions = larger;
      }
      this.#positions[count++] = this.#position.array[next - 1] ?? 0;
    }
    // The last came first.
    if (count > 1) sortRising(this.#positions.subarray(0, count).reverse());
    return count;
  }

  #growTerms(): void {
    const posting = new Uint32Array(this.#posting.length * 2);
    posting.set(this.#posting);
    const seenIn = new Int32Array(this.#seenIn.length * 2).fill(-1);
    seenIn.set(this.#seenIn);
    this.#posting = posting;
    this.#seenIn = seenIn;
  }
}

/** Few numbers, or such as rise already but for the ends of fields, by moving each to its place. */
function sortRising(numbers: Uint32Array): void {
  if (numbers.length > 64) {
    numbers.sort();
    return;
  }
  for (let i = 1; i < numbers.length; i += 1) {
    const number = numbers[i] ?? 0;
    let to = i;
    for (; to > 0 && (numbers[to - 1] ?? 0) > number; to -= 1) numbers[to] = numbers[to - 1] ?? 0;
    numbers[to] = number;
  }
}

/** A field's length in words is guessed from its characters: near enough for length normalisation. */
export const UNITS_PER_WORD = 6;
