import type { Facets } from "../passage-index.ts";
import type { Candidates } from "./candidates.ts";
import { KINDS, type Segment } from "./segment.ts";

const MOST_PEOPLE = 12;

/** Counts over everything that matched: kinds, years (UTC), sources and people. */
export function facetsOf(candidates: Candidates, segments: readonly Segment[]): Facets {
  const kind: Record<string, number> = {};
  const year: Record<string, number> = {};
  const source: Record<string, number> = {};
  const people = new Map<string, number>();
  for (const [which, segment] of segments.entries()) {
    const { columns } = segment;
    const kinds = new Uint32Array(KINDS.length);
    const sources = new Uint32Array(columns.sources.length);
    const years = new Map<number, number>();
    const persons = new Uint32Array(columns.persons.length);
    const lastItem = new Int32Array(columns.persons.length).fill(-1);
    for (let candidate = 0; candidate < candidates.length; candidate += 1) {
      if (candidates.shelf[candidate] !== which) continue;
      const item = candidates.item[candidate] ?? 0;
      const itemKind = columns.kind[item] ?? 0;
      kinds[itemKind] = (kinds[itemKind] ?? 0) + 1;
      const itemSource = columns.source[item] ?? 0;
      sources[itemSource] = (sources[itemSource] ?? 0) + 1;
      const itemYear = segment.years[item] ?? 0;
      if (itemYear !== 0) years.set(itemYear, (years.get(itemYear) ?? 0) + 1);
      for (let i = columns.firstPerson[item] ?? 0; i < (columns.firstPerson[item + 1] ?? 0); i += 1) {
        const person = (columns.people[i] ?? 0) & 0xffffff;
        // Somebody who is both sender and recipient counts once.
        if (lastItem[person] === item) continue;
        lastItem[person] = item;
        persons[person] = (persons[person] ?? 0) + 1;
      }
    }
    addTo(kind, kinds, (i) => KINDS[i] ?? "");
    addTo(source, sources, (i) => columns.sources.at(i));
    for (const [value, count] of years) year[value] = (year[value] ?? 0) + count;
    for (const [person, count] of persons.entries()) {
      if (count === 0) continue;
      const [name, address] = columns.persons.at(person).split("\0");
      const shown = name || address || "";
      if (shown !== "") people.set(shown, (people.get(shown) ?? 0) + count);
    }
  }
  return {
    kind,
    year,
    source,
    people: [...people]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, MOST_PEOPLE)
      .map(([person, count]) => ({ person, count })),
  };
}

function addTo(counts: Record<string, number>, from: Uint32Array, nameOf: (index: number) => string): void {
  for (const [i, count] of from.entries()) {
    if (count > 0) counts[nameOf(i)] = (counts[nameOf(i)] ?? 0) + count;
  }
}
