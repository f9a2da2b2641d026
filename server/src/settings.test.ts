import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { openSettings } from "./settings.ts";

function fresh() {
  const records = new MemoryRecords(new FakeClock());
  return openSettings(new SealedRecords(records, plainVault(records)));
}

test("settings begin with the defaults and keep what is patched", async () => {
  const settings = fresh();
  const standard = await settings.get();
  assert.equal(standard.dailyCapUsd, 2);
  assert.deepEqual(standard.addresses, []);
  assert.equal((await settings.patch({ name: "Ada", timeZone: "Europe/Paris" })).name, "Ada");
  assert.deepEqual(await settings.get(), { ...standard, name: "Ada", timeZone: "Europe/Paris" });
});

test("patches made at once all take effect", async () => {
  const settings = fresh();
  await Promise.all([
    settings.patch({ name: "Ada" }),
    settings.patch({ theme: "dark" }),
    settings.patch({ dailyCapUsd: 5 }),
    settings.patch({ addresses: ["ada@example.org"] }),
  ]);
  const { name, theme, dailyCapUsd, addresses } = await settings.get();
  assert.deepEqual([name, theme, dailyCapUsd, addresses], ["Ada", "dark", 5, ["ada@example.org"]]);
});
