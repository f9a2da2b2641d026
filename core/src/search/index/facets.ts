import type { Facets } from "../passage-index.ts";
import type { Candidates } from "./candidates.ts";
import { KINDS, type Segment } from "./segment.ts";
import { compareBytes } from "./strings.ts";

const MOST_PEOPLE = 12;

/**
 * Counts over everything that matched: kinds, years (UTC), sources and people. Thousands match and a dozen names are
 * shown, so nothing is decoded before it is known to be shown: kind, source and year are counted as one number by item
 * (`Segment.facetOf`), people by their place in the segment's table, and the segments' counts are added by the bytes of
 * the names.
 */
export function facetsOf(candidates: Candidates, segments: readonly Segment[]): Facets {
  const { shelf, item, length } = candidates;
  const kind: Record<string, number> = {};
  const year: Record<string, number> = {};
  const source: Record<string, number> = {};
  const people = new PeopleCounts(segments);
  for (let from = 0; from < length; ) {
    const which = shelf[from] ?? 0;
    let end = from + 1;
    while (end < length && shelf[end] === which) end += 1;
    const segment = segments[which];
    if (segment) {
      countProperties(segment, item.subarray(from, end), { kind, year, source });
      countPeople(segment, item.subarray(from, end));
      for (let i = 0; i < touchedCount; i += 1) {
        const person = touched[i] ?? 0;
        people.add(which, person, counts[person] ?? 0);
        counts[person] = 0;
      }
    }
    from = end;
  }
  return { kind, year, source, people: people.most(MOST_PEOPLE) };
}

/** Used again from query to query. Between runs `counts` is all zero; `seen` holds the `stamp` of an item counted before. */
let counts = new Uint32Array(0);
let seen = new Uint32Array(0);
let touched = new Uint32Array(0);
let touchedCount = 0;
let stamp = 0;

function reserve(size: number): void {
  if (counts.length >= size) return;
  counts = new Uint32Array(size * 2);
  seen = new Uint32Array(size * 2);
  touched = new Uint32Array(size * 2);
  stamp = 0;
}

function countProperties(
  segment: Segment,
  items: Uint32Array,
  into: Readonly<Record<"kind" | "year" | "source", Record<string, number>>>,
): void {
  const { byItem, years } = segment.facetOf;
  const sources = segment.columns.sources.length;
  reserve(KINDS.length * sources * years.length);
  let distinct = 0;
  for (let i = 0; i < items.length; i += 1) {
    const code = byItem[items[i] ?? 0] ?? 0;
    const before = counts[code] ?? 0;
    if (before === 0) touched[distinct++] = code;
    counts[code] = before + 1;
  }
  for (let i = 0; i < distinct; i += 1) {
    const code = touched[i] ?? 0;
    const count = counts[code] ?? 0;
    counts[code] = 0;
    const pair = Math.floor(code / years.length);
    addTo(into.kind, KINDS[Math.floor(pair / sources)] ?? "", count);
    addTo(into.source, segment.columns.sources.at(pair % sources), count);
    const itsYear = years[code % years.length];
    if (itsYear !== undefined && itsYear !== 0) addTo(into.year, String(itsYear), count);
  }
}

/** Leaves the persons in `touched` and how many of the items each belongs to in `counts`. */
function countPeople({ columns }: Segment, items: Uint32Array): void {
  const { firstPerson, people } = columns;
  reserve(columns.persons.length);
  touchedCount = 0;
  if (stamp + items.length > 0xffff_ffff) {
    seen.fill(0);
    stamp = 0;
  }
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i] ?? 0;
    stamp += 1;
    for (let at = firstPerson[item] ?? 0, end = firstPerson[item + 1] ?? 0; at < end; at += 1) {
      const person = (people[at] ?? 0) & 0xffffff;
      // Somebody who is both sender and recipient counts once.
      if (seen[person] === stamp) continue;
      seen[person] = stamp;
      const before = counts[person] ?? 0;
      if (before === 0) touched[touchedCount++] = person;
      counts[person] = before + 1;
    }
  }
}

function addTo(counted: Record<string, number>, name: string, count: number): void {
  counted[name] = (counted[name] ?? 0) + count;
}

interface PersonCount {
  readonly segment: Segment;
  readonly person: number;
  count: number;
}

/** Adds up people of several segments: a person is known by what is shown of them, the name or else the address. */
class PeopleCounts {
  readonly #segments: readonly Segment[];
  /** By the hash of what is shown; of one hash there may be several. */
  readonly #byHash = new Map<number, PersonCount[]>();

  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }

  add(which: number, person: number, count: number): void {
    const segment = this.#segments[which];
    if (!segment) return;
    const hash = segment.shownPersons.hash[person] ?? 0;
    if (hash === 0) return;
    const alike = this.#byHash.get(hash);
    if (!alike) {
      this.#byHash.set(hash, [{ segment, person, count }]);
      return;
    }
    const known = alike.find((other) => comparePersons(other.segment, other.person, segment, person) === 0);
    if (known) known.count += count;
    else alike.push({ segment, person, count });
  }

  /** The most frequent first; of equals by name. */
  most(wanted: number): { person: string; count: number }[] {
    const best: PersonCount[] = [];
    for (const alike of this.#byHash.values()) {
      for (const entry of alike) {
        const last = best[wanted - 1];
        if (last && inOrder(last, entry) <= 0) continue;
        let at = Math.min(best.length, wanted - 1);
        for (; at > 0; at -= 1) {
          const before = best[at - 1];
          if (before && inOrder(before, entry) <= 0) break;
          if (before) best[at] = before;
        }
        best[at] = entry;
      }
    }
    return best.map(({ segment, person, count }) => ({ person: segment.shownPerson(person), count }));
  }
}

function inOrder(a: PersonCount, b: PersonCount): number {
  return b.count - a.count || comparePersons(a.segment, a.person, b.segment, b.person);
}

function comparePersons(a: Segment, personA: number, b: Segment, personB: number): number {
  const inA = a.shownPersons;
  const inB = b.shownPersons;
  return compareBytes(
    ...([a.columns.persons.bytes, inA.start[personA] ?? 0, inA.end[personA] ?? 0] as const),
    ...([b.columns.persons.bytes, inB.start[personB] ?? 0, inB.end[personB] ?? 0] as const),
  );
}
