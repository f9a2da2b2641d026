import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ITEM_KINDS } from "../../item.ts";
import { indexedItem } from "../../testing/passage-index-contract.ts";
import type { Clause, IndexedItem, IndexRequest } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { quantize } from "./quantize.ts";
import { ShelfList } from "./shelf-list.ts";

const NOW = Date.UTC(2026, 10, 21);
const EMBEDDER = "test";
const DIMENSIONS = 8;
/** Words that are their own stems and no stop words. */
const WORDS = ["harbour", "lantern", "meadow", "orchard", "pebbl", "quartz"];
const NAMES = ["Ana", "Ben", "Čapek", "東京", ""];

const aPassage = fc.record({
  text: fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((words) => words.join(" ")),
  vector: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS }),
});
const anItem = fc.record({
  kind: fc.constantFrom(...ITEM_KINDS),
  source: fc.constantFrom("mailbox", "folder"),
  days: fc.option(fc.integer({ min: 0, max: 4_000 })),
  names: fc.array(fc.constantFrom(...NAMES), { maxLength: 20 }),
  passages: fc.array(aPassage, { minLength: 1, maxLength: 3 }),
});

function unit(numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers);
  return Float32Array.from(numbers, (value) => (length > 0 ? value / length : 0));
}

function listOf(parts: readonly (readonly IndexedItem[])[], vectors: ReadonlyMap<string, Float32Array[]>): ShelfList {
  const list = new ShelfList();
  for (const part of parts) if (part.length > 0) list.place(buildSegment(part, 1), 1);
  list.setVectors(EMBEDDER, vectors);
  return list;
}

/** What is counted, item by item, without columns. */
function countedFacets(items: readonly IndexedItem[]) {
  const counts = { kind: new Map(), year: new Map(), source: new Map(), people: new Map<string, number>() };
  const add = (to: Map<string, number>, name: string) => to.set(name, (to.get(name) ?? 0) + 1);
  for (const { kind, source, date, people } of items) {
    add(counts.kind, kind);
    add(counts.source, source);
    if (date !== undefined) add(counts.year, String(new Date(date).getUTCFullYear()));
    const persons = new Map(people.map(({ name, address }) => [`${name} ${address}`, name || address || ""]));
    for (const shown of persons.values()) if (shown !== "") add(counts.people, shown);
  }
  return {
    kind: Object.fromEntries(counts.kind),
    year: Object.fromEntries(counts.year),
    source: Object.fromEntries(counts.source),
    people: [...counts.people]
      .map(([person, count]) => ({ person, count }))
      .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.person), Buffer.from(b.person)))
      .slice(0, 12),
  };
}

test("an answer does not depend on how the items lie in segments", () => {
  fc.assert(
    fc.property(
      fc.array(anItem, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 2, max: 6 }),
      fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }),
      fc.option(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })),
      fc.boolean(),
      (drawn, count, words, asked, filtered) => {
        const vectors = new Map<string, Float32Array[]>();
        const items = drawn.map(({ kind, source, days, names, passages }) => {
          const item = indexedItem("", {
            ...{ kind, source, title: "" },
            ...(days === null ? {} : { date: NOW - days * 86_400_000 }),
            people: names.map((name, i) => ({ role: i % 2 ? "to" : "from", name, address: name && "a@b.example" })),
            passages: passages.map(({ text }) => ({ text, context: "" })),
          });
          vectors.set(
            item.item,
            passages.map(({ vector }) => unit(vector)),
          );
          return item;
        });
        const parts = Array.from({ length: count }, (_, part) => items.filter((_, i) => i % count === part));
        const clauses: Clause[] = words.map((text) => ({ type: "word", text }));
        const request: IndexRequest = {
          ...{ clauses, limit: 12, now: NOW, facets: true },
          filter: filtered ? { sources: ["folder"] } : {},
          ...(asked ? { vector: { embedder: EMBEDDER, values: unit(asked), weight: 0.5, floor: -9 } } : {}),
        };
        const one = listOf([items], vectors).search(request);
        const several = listOf(parts, vectors).search(request);
        assert.equal(several.total, one.total);
        assert.deepEqual(several.facets, one.facets);
        assert.deepEqual(
          several.hits.map(({ score }) => score.toFixed(5)),
          one.hits.map(({ score }) => score.toFixed(5)),
        );
        const all = listOf(parts, vectors).search({ ...request, limit: 100, order: "newest" });
        const byId = new Map(items.map((item) => [item.item, item]));
        const found = all.hits.flatMap(({ item }) => byId.get(item) ?? []);
        assert.equal(found.length, all.total);
        assert.deepEqual(all.facets, countedFacets(found));
      },
    ),
    { numRuns: 400 },
  );
});

test("counts the same of items whose numbers need more than 16 bits as of others", () => {
  const items = Array.from({ length: 600 }, (_, n) =>
    indexedItem("harbour", {
      source: `source${n % 150}`,
      date: Date.UTC(1960 + (n % 64), 5, 1),
      people: Array.from({ length: n % 5 }, (_, p) => ({ role: "to", name: `Person${(n * (p + 1)) % 40}` })),
    }),
  );
  const list = listOf([items.slice(0, 20), items.slice(20)], new Map());
  const widths = list.shelves.map(({ segment }) => segment.facets.byItem.BYTES_PER_ELEMENT);
  assert.deepEqual(widths, [2, 4]);
  const { facets } = list.search({ clauses: [], filter: {}, limit: 1, now: NOW, facets: true });
  assert.deepEqual(facets, countedFacets(items));
});

test("of many segments no more vectors are measured than of one", () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const made = Array.from({ length: 12_000 }, () => unit(Array.from({ length: 96 }, random)));
  const values = unit(Array.from({ length: 96 }, random));
  const measured = (parts: number) => {
    const list = new ShelfList();
    const share = made.length / parts;
    let count = 0;
    for (let part = 0; part < parts; part += 1) {
      const items = Array.from({ length: share }, () => indexedItem("harbour", { title: "" }));
      const shelf = list.place(buildSegment(items, 1), 1);
      for (const n of items.keys()) shelf.setVectors(EMBEDDER, n, [quantize(made[part * share + n] ?? values)]);
      const vectors = shelf.vectors ?? assert.fail();
      const measure = vectors.measure.bind(vectors);
      vectors.measure = (n, products) => {
        count += n;
        measure(n, products);
      };
    }
    list.search({ clauses: [], filter: {}, vector: { embedder: EMBEDDER, values, floor: -9 }, limit: 10, now: NOW });
    return count;
  };
  const one = measured(1);
  assert.ok(one > 0 && one < 2_000, `${one} of 12000 were measured`);
  assert.ok(measured(2) <= one + 300, `${measured(2)} in two segments, ${one} in one`);
});
