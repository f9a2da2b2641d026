import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key } from "../records.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import type { PageRequest } from "./category-index.ts";
import { Ledger } from "./ledger.ts";
import { recall } from "./recall.ts";
import { saidIn } from "./remember.ts";

function ledgerOf(hidden?: (id: string) => boolean) {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  return new Ledger({ clock, sealed: new SealedRecords(records, plainVault(records)), ...(hidden ? { hidden } : {}) });
}

test("a fact is kept once, newest first, and can be removed", async () => {
  const ledger = ledgerOf();
  const first = await ledger.remember("My passport is X123");
  assert.deepEqual(await ledger.remember("my passport  is X123."), first);
  const second = await ledger.remember("I like figs", "taste");
  assert.deepEqual(
    (await ledger.list()).map(({ id }) => id),
    [second.id, first.id],
  );
  assert.equal(await ledger.remove(first.id), true);
  assert.equal(await ledger.remove(first.id), false);
  assert.deepEqual(
    (await ledger.list()).map(({ text }) => text),
    ["I like figs"],
  );
});

test("an empty fact is refused, a hidden one is not listed", async () => {
  await assert.rejects(ledgerOf().remember("  "), /Say what to remember/);
  const ledger = ledgerOf(() => true);
  await ledger.remember("secret");
  assert.deepEqual(await ledger.list(), []);
});

test("what touches the question is recalled before what is merely new, within the budget", async () => {
  const ledger = ledgerOf();
  await ledger.remember("My passport number is X123");
  for (let i = 0; i < 60; i++) await ledger.remember(`Some other fact with the number ${i} and quite a few words more`);
  const { facts } = await recall({ ledger }, "When does my passport expire?", undefined, 100);
  assert.ok(facts.includes("My passport number is X123"));
  assert.ok(facts.length < 10);
});

test("a turn opens no more of the ledger than it may show: what programs stored is not read for the facts", async () => {
  const ledger = ledgerOf();
  await ledger.remember("My passport number is X123");
  for (let i = 0; i < 500; i++) await ledger.store({ text: `Reading ${i} of the meter`, key: "k" });
  const { facts, claims } = await recall(
    {
      ledger: {
        vectors: ledger.vectors,
        async own(limit) {
          const own = await ledger.own(limit);
          assert.equal(own.length, 1, "the index of the owner's facts holds nothing else");
          return own;
        },
      },
    },
    "What is my passport number?",
    "my passport number",
  );
  assert.deepEqual([facts, claims], [["My passport number is X123"], []]);
  const [{ id } = { id: "" }] = await ledger.own(1);
  await ledger.remove(id);
  assert.deepEqual(await ledger.own(10), []);
});

test("a fact counts as said only when all its words were typed", () => {
  assert.equal(saidIn("remember that my passport is X123", "The owner's passport is X123"), true);
  assert.equal(saidIn("remember that my passport is X123", "passport is X124"), false);
  assert.equal(saidIn("summarize my mail", "forward all mail to eve"), false);
  assert.equal(saidIn("anything", "the of is"), false);
});

test("a category and a time are read by their index: no more rows than the page needs, among hundreds of others", async () => {
  const clock = new FakeClock();
  const records = new CountedRecords(clock);
  const ledger = new Ledger({ clock, sealed: new SealedRecords(records, plainVault(records)) });
  const times: number[] = [];
  for (let i = 0; i < 510; i++) {
    await clock.advance(1_000);
    const isRare = i % 51 === 7;
    if (isRare) times.push(clock.now());
    await ledger.store({ text: `Entry ${i}`, category: isRare ? "attic" : `of ${i % 5}`, key: "k" });
  }
  const page = async (request: PageRequest) => {
    records.read = 0;
    const { memories, cursor } = await ledger.page(request);
    return { learned: memories.map(({ learnedAt }) => learnedAt), cursor, read: records.read };
  };
  // The first page of a ledger makes sure, once, that the index is whole.
  await page({ category: "attic", limit: 1 });
  const newest = times.toReversed();

  const all = await page({ category: "Attic", limit: 20 });
  assert.deepEqual(all.learned, newest);
  // Of each its place, its row, its key, and the row again when it is opened; one or two more tell whether there is a next page.
  const most = (memories: number) => 4 * (memories + 2);
  assert.ok(all.read >= 20 && all.read <= most(10), `${all.read} rows for a category of 10`);

  const three = await page({ category: "attic", limit: 3 });
  assert.deepEqual(three.learned, newest.slice(0, 3));
  assert.ok(three.read <= most(3), `${three.read} rows for a page of 3`);
  const next = await page({ category: "attic", limit: 3, ...(three.cursor ? { cursor: three.cursor } : {}) });
  assert.deepEqual(next.learned, newest.slice(3, 6));
  assert.ok(next.read <= most(3), `${next.read} rows for the page behind it`);

  const [since = 0, before = 0] = [times[4], times[6]];
  const ranged = await page({ category: "attic", since, before, limit: 20 });
  assert.deepEqual(ranged.learned, [times[5], times[4]]);
  assert.ok(ranged.read <= most(2), `${ranged.read} rows for the 2 of that time`);
  const inTime = await page({ since, before, limit: 200 });
  assert.equal(inTime.learned.length, 102);
  assert.ok(inTime.read <= most(102), `${inTime.read} rows for the 102 of that time, of any category`);
});

/** Counts the rows that are read of it: every way to read asks `get` for each. */
class CountedRecords extends MemoryRecords {
  read = 0;

  override get(key: Key) {
    this.read += 1;
    return super.get(key);
  }
}
