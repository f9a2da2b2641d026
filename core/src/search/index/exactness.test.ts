import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { randomFrom } from "../../testing/random.ts";
import { coverageFactor, recencyOf } from "../fuse.ts";
import type { Clause, IndexedItem } from "../passage-index.ts";
import { idf, impactOf, occurrenceWeight } from "./bm25.ts";
import { buildSegment } from "./build.ts";
import { decodeSegment, encodeSegment, SegmentMalformed, SegmentTooNew } from "./codec.ts";
import { mergeSegments } from "./merge.ts";
import { pool, searchShelves } from "./search.ts";
import { ShelfList } from "./shelf-list.ts";

const NOW = Date.UTC(2026, 10, 21);
/** Words that are their own stems and no stop words. */
const WORDS = ["harbour", "lantern", "meadow", "orchard", "pebbl", "quartz", "raven", "thistl"];

const anItem = fc.record({
  passages: fc.array(
    fc.record({
      text: fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(" ")),
      context: fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }).map((words) => words.join(" ")),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  title: fc.array(fc.constantFrom(...WORDS), { maxLength: 2 }).map((words) => words.join(" ")),
  day: fc.integer({ min: 0, max: 2_000 }),
});

/** What the search does, without postings, segments or candidates: every passage is counted through. */
function counted(items: readonly IndexedItem[], clauses: readonly Clause[]) {
  const passages = items.flatMap((item) =>
    item.passages.map(({ text, context }, n) => {
      const frequency = new Map<string, number>();
      const fields = [
        ["body", text],
        ["context", context],
        ["subject", n === 0 ? item.title : ""],
      ] as const;
      for (const [field, written] of fields) {
        const weight = occurrenceWeight(field, Math.max(1, written.length / 6));
        for (const word of written.split(" ")) if (word) frequency.set(word, (frequency.get(word) ?? 0) + weight);
      }
      return { item, n, frequency };
    }),
  );
  const wanted = [...new Set(clauses.filter(({ type }) => type === "word").map(({ text }) => text))];
  const nots = clauses.filter(({ type }) => type === "not").map(({ text }) => text);
  const idfs = new Map(
    wanted.map((word) => [word, idf(passages.filter(({ frequency }) => frequency.has(word)).length, passages.length)]),
  );
  const total = [...idfs.values()].reduce((sum, value) => sum + value, 0);
  const bestByItem = new Map<string, { words: number; n: number; date: number }>();
  for (const { item, n, frequency } of passages) {
    if (nots.some((not) => passages.some((other) => other.item === item && other.frequency.has(not)))) continue;
    const here = wanted.filter((word) => frequency.has(word));
    if (here.length === 0) continue;
    const sum = here.reduce((all, word) => all + (impactOf(frequency.get(word) ?? 0) * (idfs.get(word) ?? 0)) / 255, 0);
    const share = here.reduce((all, word) => all + (idfs.get(word) ?? 0), 0) / total;
    const words = sum * coverageFactor(share);
    const known = bestByItem.get(item.item);
    if (!known || words > known.words + 1e-5) bestByItem.set(item.item, { words, n, date: item.date ?? Number.NaN });
  }
  const most = Math.max(0, ...[...bestByItem.values()].map(({ words }) => words));
  return new Map(
    [...bestByItem].map(([id, { words, n, date }]) => [id, { score: words / most + recencyOf(date, NOW), words, n }]),
  );
}

describe("the scoring of words", () => {
  it("is what counting through every passage gives, over any segments, merged or not", () => {
    fc.assert(
      fc.property(
        fc.array(anItem, { minLength: 1, maxLength: 25 }),
        fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }),
        fc.option(fc.constantFrom(...WORDS), { nil: undefined }),
        fc.integer({ min: 1, max: 5 }),
        (drawn, words, not, parts) => {
          const items = drawn.map(({ day, ...item }) => indexedItem("", { ...item, date: NOW - day * 86_400_000 }));
          const list = new ShelfList();
          for (let part = 0; part < parts; part += 1) {
            const own = items.filter((_, i) => i % parts === part);
            if (own.length > 0) list.place(buildSegment(own, 1), 1);
          }
          const clauses: Clause[] = words.map((text) => ({ type: "word", text }));
          if (not !== undefined) clauses.push({ type: "not", text: not, phrase: false });
          const expected = counted(items, clauses);
          // By date, so that no duplicates are folded and all are compared.
          const request = { ...wordsOf(""), clauses, order: "newest" as const, limit: 100, now: NOW };
          const merged = list.shelves.length > 1 ? mergeSegments(list.shelves) : undefined;
          for (const shelves of [
            list.shelves,
            ...(merged ? [[{ segment: merged, alive: undefined, vectors: undefined }]] : []),
          ]) {
            const { hits, total } = searchShelves(shelves, request);
            assert.equal(total, expected.size);
            assert.equal(hits.length, expected.size);
            for (const hit of hits) {
              const wanted = expected.get(hit.item);
              assert.ok(wanted);
              assert.ok(Math.abs(hit.score - wanted.score) < 1e-4, `${hit.score} ${wanted.score}`);
              assert.ok(Math.abs(hit.parts.words - wanted.words) < 1e-4);
            }
            const best = searchShelves(shelves, { ...request, order: "best", limit: 10 }).hits;
            for (const [i, hit] of best.entries()) {
              const before = best[i - 1];
              assert.ok(!before || before.score >= hit.score);
            }
            const most = Math.max(...[...expected.values()].map(({ score }) => score));
            if (best[0]) assert.ok(Math.abs(best[0].score - most) < 1e-4, "the best is found");
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("what is left unscored because it cannot be among the best", () => {
  it("is not among the best", () => {
    const random = randomFrom(7);
    const list = new ShelfList();
    for (let part = 0; part < 3; part += 1) {
      const items = Array.from({ length: 400 }, (_, i) => {
        const passages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
          // The first words stand nearly everywhere, so that they only rank.
          const words = WORDS.flatMap((word, rank) =>
            Array.from({ length: Math.floor(random() * 3) }, () => (random() < 1.4 / (rank + 1) ? word : "")),
          );
          return {
            text: `${words.join(" ")} code${part}x${i}`,
            context: random() < 0.3 ? WORDS.slice(0, 2).join(" ") : "",
          };
        });
        return indexedItem("", { passages, date: NOW - Math.floor(random() * 1_000) * 86_400_000 });
      });
      list.place(buildSegment(items, 1), 1);
    }
    for (const shelf of list.shelves) for (let item = 0; item < 400; item += 7) shelf.bury(item);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 20 }),
        fc.boolean(),
        (words, limit, offset, filtered) => {
          const filter = filtered ? { after: NOW - 300 * 86_400_000 } : {};
          const request = { ...wordsOf(words.join(" ")), filter, now: NOW };
          // In the order of dates everything is scored to the end.
          const all = list.search({ ...request, order: "newest", limit: 5_000 });
          const best = list.search({ ...request, limit, offset });
          assert.equal(best.total, all.total);
          const scores = all.hits.map(({ score }) => score).sort((a, b) => b - a);
          assert.deepEqual(
            best.hits.map(({ score }) => score.toFixed(5)),
            scores.slice(offset, offset + limit).map((score) => score.toFixed(5)),
          );
          for (const hit of best.hits) {
            const same = all.hits.find(({ item }) => item === hit.item);
            assert.ok(same && Math.abs(same.score - hit.score) < 1e-5 && same.passage === hit.passage);
          }
        },
      ),
      { numRuns: 250 },
    );
  });
});

describe("what is counted and not scored", () => {
  it("changes neither the best nor the total", () => {
    const random = randomFrom(11);
    const list = new ShelfList();
    for (const size of [3_000, 4_000]) {
      const items = Array.from({ length: size }, () => {
        const passages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
          // From a fifth of the passages down to one in five hundred.
          const words = WORDS.flatMap((word, rank) =>
            random() < 0.22 / 2 ** rank ? Array.from({ length: 1 + Math.floor(random() * 4) }, () => word) : [],
          );
          return { text: `${words.join(" ")} ${"x ".repeat(Math.floor(random() * 9))}`, context: "" };
        });
        return indexedItem("", { title: "", passages, date: NOW - Math.floor(random() * 2_000) * 86_400_000 });
      });
      list.place(buildSegment(items, 1), 1);
    }
    for (const { segment } of list.shelves) {
      for (let item = 0; item < segment.items; item += 9) list.bury(segment.columns.ids.at(item));
    }
    let left = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 20 }),
        fc.boolean(),
        (words, limit, offset, filtered) => {
          const filter = filtered ? { after: NOW - 300 * 86_400_000 } : {};
          const clauses: Clause[] = words.map((text) => ({ type: "word", text }));
          const request = { ...wordsOf(""), clauses, filter, now: NOW, offset, limit };
          const best = list.search(request);
          left += pool.leftOut;
          // Where everything is counted by kind and year, everything is scored.
          assert.deepEqual(
            { ...list.search({ ...request, facets: true }), facets: undefined },
            { ...best, facets: undefined },
          );
        },
      ),
      { numRuns: 250 },
    );
    assert.ok(left > 10_000, `${left} were left`);
  });
});

describe("the bytes of a segment", () => {
  const segment = () =>
    buildSegment(
      ["the invoices", "ünïcödé 東京 🎉", ""].map((text, i) =>
        indexedItem(text, {
          filename: `f${i}.pdf`,
          has: ["pdf"],
          thread: "t",
          people: [{ role: "from", name: "Ana" }],
        }),
      ),
      3,
    );

  it("come back as they were", () => {
    const before = segment();
    const after = decodeSegment(encodeSegment(before));
    assert.deepEqual(after.columns, before.columns);
    const odd = new Uint8Array(encodeSegment(before).length + 1);
    odd.set(encodeSegment(before), 1);
    assert.deepEqual(decodeSegment(odd.subarray(1)).columns, before.columns, "at any alignment");
  });

  it("are refused when they are newer, older, cut off or something else", () => {
    const bytes = encodeSegment(segment());
    const changed = (at: number, value: number) => {
      const copy = bytes.slice();
      new DataView(copy.buffer).setUint32(at, value, true);
      return copy;
    };
    assert.throws(() => decodeSegment(changed(4, 99)), SegmentTooNew);
    assert.throws(() => decodeSegment(changed(4, 1)), SegmentMalformed);
    assert.throws(() => decodeSegment(changed(0, 7)), SegmentMalformed);
    assert.throws(() => decodeSegment(changed(8, 1_000_000)), SegmentMalformed);
    for (const length of [0, 15, 40, bytes.length >>> 1]) {
      assert.throws(() => decodeSegment(bytes.slice(0, length)), SegmentMalformed, `${length}`);
    }
  });

  it("are the same merged as built at once, and hold nothing of the dead", () => {
    const items = ["alpha invoices", "beta invoiced", "gamma", "delta 2025", "alpha again"].map((text) =>
      indexedItem(text, { people: [{ role: "from", name: text }], filename: `${text}.txt` }),
    );
    const [a, b, c, d, e] = items;
    assert.ok(a && b && c && d && e);
    const inputs = [[a, c, e], [b], [d]].map((part) => ({ segment: buildSegment(part, 1), isAlive: () => true }));
    assert.deepEqual(mergeSegments(inputs).columns, buildSegment(items, 1).columns);
    const without = inputs.map((input) => ({
      ...input,
      isAlive: (item: number) => input.segment.columns.ids.at(item) !== b.item,
    }));
    assert.deepEqual(mergeSegments(without).columns, buildSegment([a, c, d, e], 1).columns);
  });
});
