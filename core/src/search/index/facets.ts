import type { Facets } from "../passage-index.ts";
import type { Candidates } from "./candidates.ts";
import { compareShown, FACETS_STRIDE, INLINE_PEOPLE, KINDS, PEOPLE_COUNTS, type Segment } from "./segment.ts";

const MOST_PEOPLE = 12;

/**
 * Counts over everything that matched: kinds, years (UTC), sources and people. Thousands match and a dozen names are
 * shown, so nothing is decoded before it is known to be shown: kind, source and year are counted as one number by item
 * (`Segment.facets`), people by their place in the segment's table, and the segments' counts are added by the bytes of
 * the names.
 */
export function facetsOf(candidates: Candidates, segments: readonly Segment[]): Facets {
  const { shelf, item, length } = candidates;
  const kinds = new Uint32Array(KINDS.length);
  const year: Record<string, number> = {};
  const source: Record<string, number> = {};
  const base = largest(segments);
  people.begin(segments);
  for (let from = 0; from < length; ) {
    const which = shelf[from] ?? 0;
    const end = endOfRun(shelf, from, length);
    const segment = segments[which];
    if (segment) countItems(segment, which, segments[base], item.subarray(from, end), kinds, year, source);
    from = end;
  }
  addBase(segments[base], base);
  const kind: Record<string, number> = {};
  for (const [i, count] of kinds.entries()) if (count > 0) kind[KINDS[i] ?? ""] = count;
  return { kind, year, source, people: people.most(MOST_PEOPLE) };
}

/** The position of the segment that knows most people. */
function largest(segments: readonly Segment[]): number {
  let base = 0;
  for (const [which, { columns }] of segments.entries()) {
    if (columns.persons.length > (segments[base]?.columns.persons.length ?? 0)) base = which;
  }
  return base;
}

function endOfRun(shelf: Uint16Array, from: number, length: number): number {
  const which = shelf[from];
  let end = from + 1;
  while (end < length && shelf[end] === which) end += 1;
  return end;
}

/** Counts in arrays that are used again from query to query; between them all zero. `touched` says which are not. */
class Counts {
  byKey = new Uint32Array(1_024);
  touched = new Uint32Array(1_024);

  reserve(size: number): void {
    if (this.byKey.length >= size) return;
    this.byKey = new Uint32Array(size * 2);
    this.touched = new Uint32Array(size * 2);
  }
}

/** What is told of items, which lie far apart in memory, fetched some hundreds at once: the waits for them overlap. */
const AT_ONCE = 256;
const fetched = new Uint32Array(AT_ONCE * FACETS_STRIDE);
const properties = new Counts();
const persons = new Counts();
/** By person of the segment that knows most, who are most of those of the others too. */
const inBase = new Counts();
let inBaseCount = 0;

function countItems(
  segment: Segment,
  which: number,
  base: Segment | undefined,
  items: Uint32Array,
  kinds: Uint32Array,
  year: Record<string, number>,
  source: Record<string, number>,
): void {
  const { byItem, overflow, years } = segment.facets;
  const { sources } = segment.columns;
  properties.reserve(KINDS.length * sources.length * years.length * PEOPLE_COUNTS);
  persons.reserve(segment.columns.persons.length);
  const { byKey: ofCode, touched: codes } = properties;
  const { byKey: ofPerson, touched: met } = persons;
  let [codeCount, metCount] = [0, 0];
  for (let begin = 0; begin < items.length; begin += AT_ONCE) {
    const n = Math.min(AT_ONCE, items.length - begin);
    for (let i = 0; i < n; i += 1) {
      const at = (items[begin + i] ?? 0) * FACETS_STRIDE;
      const to = i * FACETS_STRIDE;
      fetched[to] = byItem[at] ?? 0;
      fetched[to + 1] = byItem[at + 1] ?? 0;
      fetched[to + 2] = byItem[at + 2] ?? 0;
      fetched[to + 3] = byItem[at + 3] ?? 0;
    }
    for (let at = 0; at < n * FACETS_STRIDE; at += FACETS_STRIDE) {
      const code = fetched[at] ?? 0;
      const before = ofCode[code] ?? 0;
      codes[codeCount] = code;
      codeCount += before === 0 ? 1 : 0;
      ofCode[code] = before + 1;
      const people = code % PEOPLE_COUNTS;
      const inline = people <= INLINE_PEOPLE;
      const list = inline ? fetched : overflow;
      const first = inline ? at + 1 : (fetched[at + 1] ?? 0);
      const end = first + (inline ? people : (fetched[at + 2] ?? 0));
      for (let p = first; p < end; p += 1) {
        const person = list[p] ?? 0;
        const known = ofPerson[person] ?? 0;
        met[metCount] = person;
        metCount += known === 0 ? 1 : 0;
        ofPerson[person] = known + 1;
      }
    }
  }
  const bySource = new Uint32Array(sources.length);
  const byYear = new Uint32Array(years.length);
  for (let i = 0; i < codeCount; i += 1) {
    const counted = codes[i] ?? 0;
    const count = ofCode[counted] ?? 0;
    ofCode[counted] = 0;
    const code = Math.floor(counted / PEOPLE_COUNTS);
    const pair = Math.floor(code / years.length);
    addTo(byYear, code % years.length, count);
    addTo(bySource, pair % sources.length, count);
    addTo(kinds, Math.floor(pair / sources.length), count);
  }
  for (const [i, count] of bySource.entries()) {
    if (count === 0) continue;
    const name = sources.at(i);
    source[name] = (source[name] ?? 0) + count;
  }
  for (const [i, count] of byYear.entries()) {
    const name = years[i] ?? 0;
    if (count > 0 && name !== 0) year[name] = (year[name] ?? 0) + count;
  }
  if (!base) return;
  const { hash } = segment.shownPersons;
  const same = segment.personsIn(base);
  inBase.reserve(base.columns.persons.length);
  const { byKey: ofBase, touched: metInBase } = inBase;
  for (let i = 0; i < metCount; i += 1) {
    const person = met[i] ?? 0;
    const count = ofPerson[person] ?? 0;
    ofPerson[person] = 0;
    const known = (same[person] ?? 0) - 1;
    if (known < 0) {
      if (hash[person] !== 0) people.add(which, person, hash[person] ?? 0, count);
      continue;
    }
    const before = ofBase[known] ?? 0;
    if (before === 0) metInBase[inBaseCount++] = known;
    ofBase[known] = before + count;
  }
}

/** What was counted of people whom the largest segment knows. */
function addBase(base: Segment | undefined, which: number): void {
  const { byKey: ofBase, touched: met } = inBase;
  for (let i = 0; i < inBaseCount; i += 1) {
    const person = met[i] ?? 0;
    people.add(which, person, base?.shownPersons.hash[person] ?? 0, ofBase[person] ?? 0);
    ofBase[person] = 0;
  }
  inBaseCount = 0;
}

function addTo(counted: Uint32Array, at: number, count: number): void {
  counted[at] = (counted[at] ?? 0) + count;
}

/**
 * Adds up people of several segments: a person is known by what is shown of them, the name or else the address. A table
 * with open addressing, in arrays that are used again.
 */
class People {
  #segments: readonly Segment[] = [];
  #length = 0;
  /** By place of the hash: one more than the entry. */
  #table = new Uint32Array(1_024);
  /** By entry. */
  #shelf = new Uint16Array(512);
  #person = new Uint32Array(512);
  #hash = new Uint32Array(512);
  #count = new Uint32Array(512);

  begin(segments: readonly Segment[]): void {
    this.#segments = segments;
    this.#length = 0;
    this.#table.fill(0);
  }

  add(shelf: number, person: number, hash: number, count: number): void {
    const mask = this.#table.length - 1;
    let place = hash & mask;
    for (; ; place = (place + 1) & mask) {
      const entry = (this.#table[place] ?? 0) - 1;
      if (entry < 0) break;
      if (this.#hash[entry] !== hash || this.#compare(entry, shelf, person) !== 0) continue;
      addTo(this.#count, entry, count);
      return;
    }
    if (this.#length === this.#hash.length) {
      this.#grow();
      this.add(shelf, person, hash, count);
      return;
    }
    const entry = this.#length++;
    this.#table[place] = entry + 1;
    this.#shelf[entry] = shelf;
    this.#person[entry] = person;
    this.#hash[entry] = hash;
    this.#count[entry] = count;
  }

  /** The most frequent first; of equals by name. */
  most(wanted: number): { person: string; count: number }[] {
    const best: number[] = [];
    for (let entry = 0; entry < this.#length; entry += 1) {
      const last = best[wanted - 1];
      if (last !== undefined && this.#inOrder(last, entry) <= 0) continue;
      let at = Math.min(best.length, wanted - 1);
      for (; at > 0; at -= 1) {
        const before = best[at - 1] ?? 0;
        if (this.#inOrder(before, entry) <= 0) break;
        best[at] = before;
      }
      best[at] = entry;
    }
    const shown = best.map((entry) => ({
      person: this.#segments[this.#shelf[entry] ?? 0]?.shownPerson(this.#person[entry] ?? 0) ?? "",
      count: this.#count[entry] ?? 0,
    }));
    // A segment that is dropped must not be held by the last search.
    this.#segments = [];
    return shown;
  }

  #inOrder(a: number, b: number): number {
    const difference = (this.#count[b] ?? 0) - (this.#count[a] ?? 0);
    return difference !== 0 ? difference : this.#compare(a, this.#shelf[b] ?? 0, this.#person[b] ?? 0);
  }

  #compare(entry: number, shelf: number, person: number): number {
    const a = this.#segments[this.#shelf[entry] ?? 0];
    const b = this.#segments[shelf];
    return a && b ? compareShown(a, this.#person[entry] ?? 0, b, person) : 0;
  }

  #grow(): void {
    const size = this.#hash.length * 2;
    const larger = (from: Uint32Array) => {
      const to = new Uint32Array(size);
      to.set(from);
      return to;
    };
    const shelf = new Uint16Array(size);
    shelf.set(this.#shelf);
    this.#shelf = shelf;
    this.#person = larger(this.#person);
    this.#hash = larger(this.#hash);
    this.#count = larger(this.#count);
    this.#table = new Uint32Array(size * 2);
    const mask = this.#table.length - 1;
    for (let entry = 0; entry < this.#length; entry += 1) {
      let place = (this.#hash[entry] ?? 0) & mask;
      while (this.#table[place] !== 0) place = (place + 1) & mask;
      this.#table[place] = entry + 1;
    }
  }
}

const people = new People();
