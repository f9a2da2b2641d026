import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newId } from "../ids.ts";
import type { Filter, IndexedItem, IndexRequest, PassageIndex } from "../search/passage-index.ts";

/** Opened anew, and empty, for each case. */
export interface OpenedPassageIndex {
  readonly index: PassageIndex;
  close(): Promise<void>;
}

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);

/** An item with ids that rise; everything else as said. */
export function indexedItem(text: string, more: Partial<IndexedItem> = {}): IndexedItem {
  return {
    item: newId(NOW),
    kind: "mail",
    source: "archive",
    date: NOW - 30 * DAY,
    trust: "contact",
    title: "",
    people: [],
    has: [],
    language: "en",
    passages: [{ text, context: "" }],
    ...more,
  };
}

/** A request for plain words. */
export function wordsOf(text: string, more: Partial<IndexRequest> = {}): IndexRequest {
  const clauses = text.split(" ").flatMap((word) => (word === "" ? [] : [{ type: "word" as const, text: word }]));
  return { clauses, filter: {}, limit: 20, now: NOW, ...more };
}

/** What every PassageIndex must pass. */
export function testPassageIndex(name: string, open: () => Promise<OpenedPassageIndex>): void {
  const withIndex = (work: (index: PassageIndex) => Promise<void>) => async () => {
    const opened = await open();
    try {
      await work(opened.index);
    } finally {
      await opened.close();
    }
  };
  const found = async (index: PassageIndex, request: IndexRequest) =>
    (await index.search(request)).hits.map((h) => h.item);

  describe(`PassageIndex: ${name}`, () => {
    it(
      "finds an item by its words as soon as it is put, flushed or not",
      withIndex(async (index) => {
        const invoice = indexedItem("The total of the invoice is € 1,240.50, code NX4Q7L, seat 12A.");
        const hotel = indexedItem("We stay at the Hotel Miradouro; write to desk@miradouro.example.", {
          title: "Lisbon",
        });
        await index.put([invoice, hotel]);
        for (const flushed of [false, true]) {
          if (flushed) await index.flush();
          for (const query of ["invoices", "1240.50", "1,240.50", "1240", "nx4q7l", "12a"]) {
            assert.deepEqual(await found(index, wordsOf(query)), [invoice.item], query);
          }
          for (const query of ["lisbon", "hotel", "desk@miradouro.example", "miradouro"]) {
            assert.deepEqual(await found(index, wordsOf(query)), [hotel.item], query);
          }
          assert.deepEqual(await found(index, wordsOf("helicopter")), []);
        }
      }),
    );

    it(
      "ranks the passage with more of the words first, and groups by item",
      withIndex(async (index) => {
        const both = indexedItem("", {
          passages: [
            { text: "The plumber came.", context: "" },
            { text: "The plumber wants ninety euros for the boiler.", context: "" },
            { text: "Nothing to see.", context: "" },
          ],
        });
        const one = indexedItem("Call the plumber.");
        await index.put([one, both]);
        const answer = await index.search(wordsOf("plumber boiler"));
        assert.equal(answer.total, 2);
        assert.deepEqual(
          answer.hits.map(({ item, passage, others }) => ({ item, passage, others })),
          [
            { item: both.item, passage: 1, others: [0] },
            { item: one.item, passage: 0, others: [] },
          ],
        );
        assert.ok((answer.hits[0]?.score ?? 0) > (answer.hits[1]?.score ?? 0));
        assert.deepEqual([...(answer.hits[0]?.terms ?? [])].sort(), ["boiler", "plumber"]);
      }),
    );

    it(
      "holds phrases and exclusions strictly",
      withIndex(async (index) => {
        const near = indexedItem("the night train to Porto");
        const far = indexedItem("the train leaves at night to Porto");
        await index.put([near, far]);
        const ask = (clauses: IndexRequest["clauses"]) => found(index, { ...wordsOf(""), clauses });
        assert.deepEqual(await ask([{ type: "phrase", text: "night train" }]), [near.item]);
        assert.deepEqual(await ask([{ type: "phrase", text: "train night" }]), []);
        assert.deepEqual(
          await ask([
            { type: "word", text: "porto" },
            { type: "not", text: "leaves", phrase: false },
          ]),
          [near.item],
        );
        assert.deepEqual(
          await ask([
            { type: "word", text: "porto" },
            { type: "not", text: "night train", phrase: true },
          ]),
          [far.item],
        );
        assert.deepEqual(await ask([{ type: "phrase", text: "train night", alternatives: ["leaves at"] }]), [far.item]);
      }),
    );

    it(
      "applies every filter, and its negation",
      withIndex(async (index) => {
        const anna = indexedItem("the report", {
          title: "Yearly report",
          date: Date.UTC(2025, 2, 14),
          people: [
            { role: "from", name: "Anna Müller", address: "anna@north.example" },
            { role: "to", address: "me@home.example" },
          ],
          has: ["attachment", "pdf"],
          thread: "t1",
        });
        const file = indexedItem("the report", {
          kind: "file",
          source: "folder",
          date: Date.UTC(2026, 0, 1),
          filename: "Budget_2026.xlsx",
          has: ["spreadsheet"],
          people: [{ role: "author", name: "Ben" }],
        });
        const undated = indexedItem("the report", { kind: "note", title: "" });
        const { date: _, ...withoutDate } = undated;
        await index.put([anna, file, withoutDate]);
        await index.flush();
        const cases: [Filter, string[]][] = [
          [{ from: ["muller"] }, [anna.item]],
          [{ from: ["anna@north"] }, [anna.item]],
          [{ from: ["ben"] }, [file.item]],
          [{ from: ["me@home"] }, []],
          [{ to: ["me@home.example"] }, [anna.item]],
          [{ people: ["ben"] }, [file.item]],
          [{ subject: ["reports"] }, [anna.item]],
          [{ filename: ["budget"] }, [file.item]],
          [{ kinds: ["file", "note"] }, [file.item, undated.item]],
          [{ sources: ["folder"] }, [file.item]],
          [{ sources: [] }, []],
          [{ has: ["pdf"] }, [anna.item]],
          [{ has: ["attachment", "spreadsheet"] }, []],
          [{ after: Date.UTC(2025, 2, 14), before: Date.UTC(2025, 2, 15) }, [anna.item]],
          [{ before: Date.UTC(2025, 2, 14) }, []],
          [{ thread: "t1" }, [anna.item]],
          [{ items: [undated.item, "nowhere"] }, [undated.item]],
          [{ not: [{ kinds: ["mail"] }, { has: ["spreadsheet"] }] }, [undated.item]],
          [{ not: [{ not: [{ from: ["anna"] }, { from: ["ben"] }] }] }, [anna.item, file.item]],
        ];
        for (const [filter, expected] of cases) {
          assert.deepEqual(
            (await found(index, wordsOf("report", { filter }))).sort(),
            expected.sort(),
            JSON.stringify(filter),
          );
          const listed = await index.list(filter, { limit: 10 });
          assert.deepEqual([...listed.items].sort(), expected.sort(), JSON.stringify(filter));
          assert.equal(listed.total, expected.length);
        }
      }),
    );

    it(
      "lists by date either way, the undated last, in pages",
      withIndex(async (index) => {
        const items = [3, 1, 2].map((day) => indexedItem("x", { date: Date.UTC(2026, 0, day) }));
        const { date: _, ...undated } = indexedItem("x");
        await index.put([undated, ...items]);
        const [third, first, second] = items.map(({ item }) => item);
        assert.deepEqual(await index.list({}, { limit: 9 }), { items: [third, second, first, undated.item], total: 4 });
        assert.deepEqual((await index.list({}, { order: "oldest", limit: 9 })).items, [
          first,
          second,
          third,
          undated.item,
        ]);
        assert.deepEqual((await index.list({}, { offset: 1, limit: 2 })).items, [second, first]);
        assert.deepEqual(await found(index, wordsOf("", { order: "oldest", limit: 2 })), [first, second]);
      }),
    );

    it(
      "replaces an item put again, whole",
      withIndex(async (index) => {
        const item = indexedItem("about apples", { title: "Fruit" });
        await index.put([item]);
        await index.flush();
        await index.put([{ ...item, title: "", passages: [{ text: "about pears", context: "" }] }]);
        for (const flushed of [false, true]) {
          if (flushed) await index.flush();
          assert.deepEqual(await found(index, wordsOf("apples")), []);
          assert.deepEqual(await found(index, wordsOf("fruit")), []);
          assert.deepEqual(await found(index, wordsOf("pears")), [item.item]);
          assert.equal(index.stats().items, 1);
        }
      }),
    );

    it(
      "finds no removed item, and finds it again when it is put again",
      withIndex(async (index) => {
        const kept = indexedItem("apples here");
        const removed = indexedItem("apples there");
        await index.put([kept, removed]);
        await index.flush();
        await index.remove([removed.item, "never-there"]);
        assert.deepEqual(await found(index, wordsOf("apples")), [kept.item]);
        assert.equal((await index.list({}, { limit: 9 })).total, 1);
        await index.put([removed]);
        assert.equal((await found(index, wordsOf("apples"))).length, 2);
      }),
    );

    it(
      "mixes vectors in when they are there, of the embedder asked for",
      withIndex(async (index) => {
        const near = indexedItem("a canine barks");
        const far = indexedItem("a spreadsheet of sums");
        const manyPassages = indexedItem("", {
          passages: [
            { text: "one", context: "" },
            { text: "two", context: "" },
          ],
        });
        await index.put([near, far, manyPassages]);
        await index.setVectors(
          "e1",
          new Map([
            [near.item, [Float32Array.of(1, 0, 0)]],
            [far.item, [Float32Array.of(0, 1, 0)]],
            // One vector for two passages, and an item that is not there: neither is taken.
            [manyPassages.item, [Float32Array.of(1, 0, 0)]],
            ["nowhere", [Float32Array.of(1, 0, 0)]],
          ]),
        );
        const ask = (embedder: string, values: Float32Array) =>
          index.search(wordsOf("dog", { vector: { embedder, values, weight: 0.5 } }));
        for (const flushed of [false, true]) {
          if (flushed) await index.flush();
          const answer = await ask("e1", Float32Array.of(0.9, 0.1, 0));
          assert.equal(answer.hits[0]?.item, near.item);
          assert.ok((answer.hits[0]?.parts.vectors ?? 0) > 0.85);
          assert.ok(answer.hits.every(({ item }) => item !== manyPassages.item));
          assert.deepEqual((await ask("e2", Float32Array.of(0.9, 0.1, 0))).hits, []);
          assert.deepEqual((await ask("e1", Float32Array.of(1, 0))).hits, []);
          assert.equal(index.stats().embedded, 2);
        }
      }),
    );

    it(
      "asked for exact cosines, gives every item by its cosine alone, those that point away too",
      withIndex(async (index) => {
        // From 1 to -1 in equal steps; the less near, the newer. More than a search by meaning would bring in.
        const cosines = Array.from({ length: 130 }, (_, n) => 1 - (2 * n) / 129);
        const items = cosines.map((_, n) =>
          indexedItem(`note ${n}`, { date: NOW - (130 - n) * 30 * DAY, kind: n % 2 === 0 ? "note" : "mail" }),
        );
        await index.put(items);
        const vectors = cosines.map((cosine) => Float32Array.of(cosine, Math.sqrt(1 - cosine ** 2), 0));
        await index.setVectors("e1", new Map(items.map(({ item }, n) => [item, [vectors[n] ?? new Float32Array(3)]])));
        const without = indexedItem("has no vector");
        await index.put([without]);
        const vector = { embedder: "e1", values: Float32Array.of(1, 0, 0), weight: 1, exact: true };
        const ids = items.map(({ item }) => item);
        for (const flushed of [false, true]) {
          if (flushed) await index.flush();
          const { hits, total } = await index.search(wordsOf("", { vector, limit: 200 }));
          assert.deepEqual(
            hits.map(({ item }) => item),
            ids,
          );
          assert.equal(total, 130);
          for (const [n, { score, parts }] of hits.entries()) {
            assert.ok(Math.abs(score - (cosines[n] ?? 0)) < 0.007, `${n}: ${score} for ${cosines[n]}`);
            assert.equal(parts.vectors, score);
          }
          const page = wordsOf("", { vector, filter: { kinds: ["mail"] }, offset: 60, limit: 3 });
          assert.deepEqual(await found(index, page), [ids[121], ids[123], ids[125]]);
          const byWords = await found(index, wordsOf("vector", { vector, limit: 200 }));
          assert.deepEqual(byWords, [...ids, without.item]);
        }
      }),
    );

    it(
      "says what it searched for a word that stands nowhere",
      withIndex(async (index) => {
        const item = indexedItem("the reservation for Lisbon, booking 88213");
        await index.put([item]);
        for (const [typed, meant] of [
          ["lisb", "lisbon"],
          ["lsibon", "lisbon"],
          ["lisbom", "lisbon"],
        ] as const) {
          const answer = await index.search(wordsOf(typed));
          assert.deepEqual(
            answer.hits.map((hit) => hit.item),
            [item.item],
            typed,
          );
          assert.deepEqual(answer.corrected, [{ from: typed, to: [meant] }]);
        }
        // A number is right or wrong.
        assert.equal((await index.search(wordsOf("88214"))).total, 0);
      }),
    );

    it(
      "counts facets over all that matched, and folds exact duplicates",
      withIndex(async (index) => {
        const people = [{ role: "from" as const, name: "Anna" }];
        const newsletters = [1, 2, 3].map((day) =>
          indexedItem("weekly news of cheese", { date: Date.UTC(2025, 0, day), people }),
        );
        const note = indexedItem("cheese is good", { kind: "note", source: "notes", date: Date.UTC(2024, 5, 1) });
        await index.put([...newsletters, note]);
        const answer = await index.search(wordsOf("cheese", { facets: true }));
        assert.equal(answer.hits.length, 2);
        assert.deepEqual(answer.facets, {
          kind: { mail: 3, note: 1 },
          year: { "2025": 3, "2024": 1 },
          source: { archive: 3, notes: 1 },
          people: [{ person: "Anna", count: 3 }],
        });
      }),
    );

    it(
      "takes what is odd: no passages, no words, other scripts, many words",
      withIndex(async (index) => {
        const picture = indexedItem("", { kind: "photo", passages: [], title: "Beach", filename: "IMG_0042.jpg" });
        const marks = indexedItem("!!! \u0000 … ", { title: "" });
        const tokyo = indexedItem("東京タワーに行く。", { language: "ja" });
        const hebrew = indexedItem("שָׁלוֹם לכולם 🎉");
        await index.put([picture, marks, tokyo, hebrew]);
        await index.flush();
        assert.deepEqual(await found(index, wordsOf("beach")), [picture.item]);
        assert.deepEqual(await found(index, wordsOf("0042")), [picture.item]);
        assert.deepEqual(await found(index, wordsOf("東京")), [tokyo.item]);
        assert.deepEqual(await found(index, wordsOf("行")), [tokyo.item]);
        assert.deepEqual(await found(index, wordsOf("שלום")), [hebrew.item]);
        assert.deepEqual(await found(index, wordsOf("🎉")), [hebrew.item]);
        assert.deepEqual(await found(index, wordsOf("!!!")), []);
        assert.deepEqual(await found(index, wordsOf(`${"lorem ipsum dolor ".repeat(500)}beach`)), [picture.item]);
        await index.put([]);
        await index.remove([]);
      }),
    );
  });
}
