import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryBlobs } from "../testing/memory-blobs.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { indexedItem } from "../testing/passage-index-contract.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { tokensOf } from "./analyze.ts";
import { type FindDeps, find } from "./find.ts";
import { openPrivateIndex, type PrivateIndex } from "./index/private-index.ts";
import { parseQuery } from "./query.ts";
import { snippetOf } from "./snippet.ts";

const NOW = Date.UTC(2026, 10, 21);
const PIECES = [
  ...'from: to: subject: kind: before: after: during: has: filename: in: colour: OR AND | - -- " “ „ ( ) : :: -from: 2025-02-30'.split(
    " ",
  ),
  ...[
    "yesterday",
    "harbour",
    "harbuor",
    "1,240.50",
    "שלום עולם",
    "مرحبا",
    "東京タワー",
    "สวัสดี",
    "🎉👩‍👩‍👧",
    "\u0000",
    "\u202e",
    "\ud800",
    "e\u0301",
    "…",
  ],
];
/** Whatever a person, or a program, may send. */
const typed = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(" ")),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
);

describe("whatever is typed", () => {
  let index: PrivateIndex;
  let deps: FindDeps;
  before(async () => {
    const clock = new FakeClock(NOW);
    const records = new MemoryRecords(clock);
    const sealed = new SealedRecords(records, plainVault(records));
    index = await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock, async *replay() {} });
    await index.put(
      ["the harbour at night 🎉", "שלום לכולם", "東京タワーに行く", "", "\u0000\u202e", "x".repeat(20_000)].map(
        (text) => indexedItem(text, { people: [{ role: "from", name: "עמית 山田", address: "a@b.example" }] }),
      ),
    );
    deps = {
      ...{ index, clock, timeZone: "Asia/Kolkata" },
      sourceNames: async () => new Map(),
      library: { items: async (ids) => ids.map(() => undefined), reading: async () => undefined },
    };
  });
  after(() => index.close());

  it("is a query, whose parts lie within it", () => {
    fc.assert(
      fc.property(typed, (text) => {
        const { understood, problems, clauses } = parseQuery(text, { now: NOW, timeZone: "Asia/Kolkata" });
        for (const { start, end } of [...understood, ...problems]) {
          assert.ok(start >= 0 && start <= end && end <= text.length);
        }
        for (const clause of clauses) assert.notEqual(clause.text.trim(), "");
        assert.ok(problems.length <= 21);
      }),
      { numRuns: 1_500 },
    );
  });

  it("has an answer", async () => {
    await fc.assert(
      fc.asyncProperty(typed, async (text) => {
        const { total, ms } = await find(deps, text, { explain: true });
        assert.ok(total >= 0 && total <= 6 && ms >= 0);
      }),
      { numRuns: 600 },
    );
  });

  it("is answered at ten thousand characters too", async () => {
    for (const unit of [
      '"',
      "(",
      "-",
      "from:",
      'from:"',
      "OR ",
      "a ",
      "a",
      "a-b.",
      "東",
      "🎉",
      "\u0301",
      "1,",
      "\u0000 ",
      "-from:x OR ",
      "during:last ",
    ]) {
      const { total } = await find(deps, unit.repeat(Math.ceil(10_000 / unit.length)));
      assert.ok(total >= 0, JSON.stringify(unit));
    }
    assert.equal((await find(deps, `${"lorem ipsum ".repeat(5)} harbour ${"'".repeat(10_000)}`)).total, 1);
    assert.deepEqual((await find(deps, '"" -"" ( ) OR -')).problems.length > 0, true);
  });

  it("has tokens and snippets that lie within it", () => {
    fc.assert(
      fc.property(typed, fc.constantFrom("en", "de", "tr", "ja", "xx"), (text, language) => {
        const tokens = tokensOf(text, language);
        for (const { term, start, end } of tokens)
          assert.ok(term !== "" && 0 <= start && start < end && end <= text.length);
        const { snippet, highlights } = snippetOf(
          text,
          tokens.slice(0, 5).map(({ term }) => term),
          [language],
          60,
        );
        let last = 0;
        for (const [start, end] of highlights) {
          assert.ok(start >= last && start < end && end <= snippet.length);
          last = end;
        }
      }),
      { numRuns: 1_500 },
    );
  });
});
