import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { draftOf } from "../intake/draft.ts";
import type { Item, ItemKind, Person, Reading } from "../item.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryBlobs } from "../testing/memory-blobs.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import type { Embedder } from "./embedder.ts";
import { type FindDeps, find } from "./find.ts";
import { openPrivateIndex } from "./index/private-index.ts";
import { toIndexed } from "./indexed.ts";

const NOW = Date.UTC(2026, 10, 21, 12);

interface Given {
  readonly id: string;
  readonly text?: string;
  readonly title?: string;
  readonly kind?: ItemKind;
  readonly people?: readonly Person[];
  readonly date?: string;
  readonly pages?: readonly number[];
}

async function house(...given: readonly Given[]): Promise<FindDeps> {
  const clock = new FakeClock(NOW);
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const index = await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock, async *replay() {} });
  const drafts = new Map<string, { item: Item; reading: Reading }>();
  for (const { id, text = "", title = "", kind = "file", people = [], date, pages = [] } of given) {
    const draft = draftOf({
      id,
      document: {
        ...{ kind, title, text, people, mediaType: "text/plain", parts: [], warnings: [] },
        marks: pages.map((start, i) => ({ kind: "page" as const, start, end: pages[i + 1] ?? text.length })),
        ...(date === undefined ? {} : { date }),
      },
      source: { id: "s1", trust: "owner" },
      ...{ path: id, name: `${id}.txt`, size: text.length, takenInAt: 0, ownAddresses: new Set<string>() },
    });
    drafts.set(id, draft);
  }
  await index.put([...drafts.values()].map(({ item, reading }) => toIndexed(item, reading)));
  return {
    ...{ index, clock, timeZone: "Europe/Zurich" },
    sourceNames: async () => new Map([["s1", "Archive"]]),
    library: {
      items: async (ids) => ids.map((id) => drafts.get(id)?.item),
      reading: async (id) => drafts.get(id)?.reading,
    },
  };
}

const marked = (snippet: string, highlights: readonly (readonly [number, number])[]) =>
  highlights.map(([start, end]) => snippet.slice(start, end));

describe("find", () => {
  it("shows a window round the words and marks exactly them", async () => {
    const filler = "Nothing of interest happens in this sentence. ".repeat(20);
    const deps = await house({
      id: "a",
      text: `${filler}The plumber’s invoice: pay the INVOICES by Friday. ${filler}`,
    });
    const { hits } = await find(deps, "invoice plumber");
    const passage = hits[0]?.passage;
    assert.ok(passage);
    assert.deepEqual(marked(passage.snippet, passage.highlights), ["plumber", "invoice", "INVOICES"]);
    assert.ok(passage.snippet.startsWith("… ") && passage.snippet.endsWith(" …"), passage.snippet);
    assert.ok(passage.snippet.length <= 250, `${passage.snippet.length}`);
    assert.ok(passage.text.includes("The plumber’s invoice"));
  });

  it("marks words with accents, codes and emoji where they stand", async () => {
    const deps = await house({ id: "a", text: "Bring the Crème brûlée 🎉 and code NX4Q7L to 東京タワー." });
    const cases: [string, string[]][] = [
      ["creme", ["Crème"]],
      ["nx4q7l", ["NX4Q7L"]],
      ["🎉", ["🎉"]],
      ["東京", ["東京"]],
    ];
    for (const [query, expected] of cases) {
      const passage = (await find(deps, query)).hits[0]?.passage;
      assert.ok(passage, query);
      assert.deepEqual(marked(passage.snippet, passage.highlights), expected, query);
    }
  });

  it("says the page, from 1", async () => {
    const first = `The contents. ${"Words of the first page go on and on. ".repeat(40)}`;
    const second = `The annex tells of zebras. ${"Words of the second page go on. ".repeat(40)}`;
    const deps = await house({ id: "a", text: first + second, pages: [0, first.length] });
    assert.equal((await find(deps, "zebras")).hits[0]?.passage.page, 2);
    assert.equal((await find(deps, "contents")).hits[0]?.passage.page, 1);
    const plain = await house({ id: "b", text: "zebras" });
    assert.equal((await find(plain, "zebras")).hits[0]?.passage.page, undefined);
  });

  it("lists the newest for an empty query, and any order asked for", async () => {
    const deps = await house(
      { id: "old", text: "apples apples", date: "2024-01-01T00:00:00Z" },
      { id: "undated", text: "apples and pears" },
      { id: "new", text: "an apple among many other kinds of fruit", date: "2026-01-01T00:00:00Z" },
    );
    const ids = async (query: string, order?: "best" | "newest" | "oldest") =>
      (await find(deps, query, order ? { order } : {})).hits.map(({ id }) => id);
    assert.deepEqual(await ids(""), ["new", "old", "undated"]);
    assert.deepEqual(await ids("   "), ["new", "old", "undated"]);
    assert.deepEqual(await ids("apples", "newest"), ["new", "old", "undated"]);
    assert.deepEqual(await ids("apples", "oldest"), ["old", "new", "undated"]);
    assert.equal((await ids("apples"))[0], "old");
  });

  it("gives the same answer page by page as at once", async () => {
    const words = ["harbour", "lantern", "meadow", "orchard"];
    const deps = await house(
      ...Array.from({ length: 97 }, (_, i) => ({
        id: `item-${String(i).padStart(3, "0")}`,
        text: `${words[i % 4]} ${words[(i * 7) % 3]} number ${i % 11}`,
      })),
    );
    const all = (await find(deps, "harbour lantern", { limit: 200 })).hits.map(({ id }) => id);
    const paged: string[] = [];
    for (let offset = 0; ; offset += 10) {
      const { hits, total } = await find(deps, "harbour lantern", { limit: 10, offset });
      assert.ok(total >= all.length);
      if (hits.length === 0) break;
      paged.push(...hits.map(({ id }) => id));
    }
    assert.deepEqual(paged, all);
    assert.equal(new Set(paged).size, paged.length);
  });

  it("takes limits and offsets that are none", async () => {
    const deps = await house({ id: "a", text: "apples" });
    for (const odd of [Number.NaN, -3, 0.5, Number.POSITIVE_INFINITY]) {
      assert.ok((await find(deps, "apples", { limit: odd, offset: odd })).total === 1, String(odd));
    }
  });

  it("matches a quotation as it is written, but for case and accents", async () => {
    const deps = await house(
      { id: "one", text: "The night train leaves." },
      { id: "many", text: "The night trains leave." },
      { id: "accent", text: "A Night Träin, they say." },
    );
    const ids = async (query: string) => (await find(deps, query)).hits.map(({ id }) => id).sort();
    assert.deepEqual(await ids('"night train"'), ["accent", "one"]);
    assert.deepEqual(await ids('"night trains"'), ["many"]);
    assert.deepEqual(await ids('"leaves"'), ["one"]);
    assert.deepEqual(await ids('night -"night trains"'), ["accent", "one"]);
    assert.deepEqual(await ids("leaving"), ["many", "one"]);
  });

  it("finds people by the beginning of a name or of a part of an address", async () => {
    const from = (name: string, address: string): Pick<Given, "kind" | "people"> => ({
      kind: "mail",
      people: [{ role: "from", name, address }],
    });
    const deps = await house(
      { id: "ana", text: "hello one", ...from("Ana Souza", "souza@post.example") },
      { id: "santana", text: "hello two", ...from("Carlos Santana", "carlos@mariana.example") },
      { id: "address", text: "hello three", ...from("", "m.ana-lopez@quay.example") },
      { id: "japan", text: "hello four", ...from("山田太郎", "taro@quay.example") },
    );
    const ids = async (query: string) => (await find(deps, query)).hits.map(({ id }) => id).sort();
    assert.deepEqual(await ids("from:ana"), ["address", "ana"]);
    assert.deepEqual(await ids("from:ANA"), ["address", "ana"]);
    assert.deepEqual(await ids("people:santa"), ["santana"]);
    assert.deepEqual(await ids('from:"ana souza"'), ["ana"]);
    assert.deepEqual(await ids("from:@quay.example"), ["address", "japan"]);
    assert.deepEqual(await ids("from:taro@quay"), ["japan"]);
    assert.deepEqual(await ids("from:太郎"), ["japan"]);
    assert.deepEqual(await ids("hello -from:ana"), ["japan", "santana"]);
  });

  it("shows corrections in the words that people wrote", async () => {
    const deps = await house(
      { id: "a", text: "The invoices for the boiler. Another invoice." },
      { id: "b", title: "Invoice", text: "The reservation." },
    );
    assert.deepEqual((await find(deps, "invoicf")).corrected, [{ from: "invoicf", to: ["invoice"] }]);
    assert.deepEqual((await find(deps, "reservatiom")).corrected, [{ from: "reservatiom", to: ["reservation"] }]);
    assert.deepEqual((await find(deps, "reservation")).corrected, []);
  });

  it("asks no vectors about words that mean nothing to the embedder", async () => {
    const deps = await house({ id: "a", text: "the harbour" });
    const asked: string[] = [];
    const embedder: Embedder = {
      ...{ id: "e", label: "Mine", dimensions: 2, weight: 0.5 },
      knows: (text) => !text.includes("xqzzyv"),
      async embed(texts) {
        asked.push(...texts);
        return texts.map(() => Float32Array.of(1, 0));
      },
    };
    assert.equal((await find({ ...deps, embedder }, "xqzzyv")).embedder, undefined);
    assert.equal((await find({ ...deps, embedder }, "boat")).embedder, "Mine");
    assert.deepEqual(asked, ["boat"]);
  });

  it("counts kinds, years, sources by their names, and people over all that was found", async () => {
    const people: readonly Person[] = [{ role: "from", name: "Ana" }];
    const deps = await house(
      { id: "a", text: "harbour", kind: "mail", people, date: "2025-05-01T00:00:00Z" },
      { id: "b", text: "harbour", kind: "note", date: "2024-05-01T00:00:00Z" },
      { id: "c", text: "meadow", kind: "note" },
    );
    const { facets } = await find(deps, "harbour", { limit: 1 });
    assert.deepEqual(facets.kind, { mail: 1, note: 1 });
    assert.deepEqual(facets.year, { 2024: 1, 2025: 1 });
    assert.deepEqual(facets.source, { Archive: 2 });
    assert.deepEqual(facets.people, [{ person: "Ana", count: 1 }]);
    const gone = { ...deps, sourceNames: async () => new Map<string, string>() };
    assert.deepEqual((await find(gone, "harbour")).facets.source, {});
  });

  it("explains a hit when asked", async () => {
    const deps = await house(
      { id: "a", title: "Boiler", text: "The boiler and the plumber; the boiler again.", date: "2026-11-20T00:00:00Z" },
      { id: "b", text: "Somebody else." },
    );
    const hit = (await find(deps, "boilers plumber", { explain: true })).hits[0];
    assert.ok(hit?.why);
    const boiler = hit.why.find(({ terms }) => terms.includes("boiler"));
    assert.equal(boiler?.fields.body?.times, 2);
    assert.equal(boiler?.fields.subject?.times, 1);
    const shares = Object.values(boiler.fields).reduce((sum, field) => sum + field.score, 0);
    assert.ok(Math.abs(shares - boiler.score) < 1e-9);
    const words = hit.why.reduce((sum, reason) => sum + reason.score, 0);
    assert.ok(Math.abs(words - hit.parts.words) < 1e-4, "with all words there, the parts add up");
    assert.ok(hit.parts.recency > 0);
    assert.equal((await find(deps, "boiler")).hits[0]?.why, undefined);
  });
});
