import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { extractiveChatModel } from "./extractive/model.ts";
import { Spend } from "./spend.ts";

const caps = { timeZone: "Europe/Zurich", dailyCapUsd: 1, dailyTokenCap: 1000 };
const { price: _, ...free } = extractiveChatModel();
const paid = { ...free, local: false, price: { inputPerM: 100_000, outputPerM: 100_000 } };
const unpriced = { ...free, local: false };

function spendAt(now: string) {
  const clock = new FakeClock(Date.parse(now));
  const records = new MemoryRecords(clock);
  return { clock, spend: new Spend({ clock, sealed: new SealedRecords(records, plainVault(records)) }) };
}

test("however many calls are reserved at once, the cap holds exactly", async () => {
  const { spend } = spendAt("2026-11-21T10:00:00Z");
  const tries = await Promise.all(Array.from({ length: 30 }, () => spend.reserve(paid, 1, 1, caps)));
  assert.equal(tries.filter(({ ok }) => ok).length, 5);
  assert.ok(Math.abs((await spend.today(caps.timeZone)).usd - 1) < 1e-9);
});

test("what was held and not used is given back", async () => {
  const { spend } = spendAt("2026-11-21T10:00:00Z");
  const gate = await spend.reserve(paid, 3, 5, caps);
  assert.ok(gate.ok);
  await spend.settle(gate.reservation, paid, 2, 1);
  assert.ok(Math.abs((await spend.today(caps.timeZone)).usd - 0.3) < 1e-9);
});

test("a model without a price counts tokens, a local one nothing", async () => {
  const { spend } = spendAt("2026-11-21T10:00:00Z");
  assert.equal((await spend.reserve(unpriced, 900, 200, caps)).ok, false);
  assert.equal((await spend.reserve(unpriced, 900, 100, caps)).ok, true);
  assert.equal((await spend.reserve(free, 1e9, 1e9, caps)).ok, true);
  assert.deepEqual(await spend.today(caps.timeZone), { usd: 0, tokens: 1000 });
});

test("a day ends at midnight in the owner's zone", async () => {
  const { spend, clock } = spendAt("2026-11-21T22:30:00Z");
  await spend.reserve(unpriced, 900, 100, caps);
  await clock.advance(31 * 60_000);
  assert.deepEqual(await spend.today(caps.timeZone), { usd: 0, tokens: 0 });
});
