import assert from "node:assert/strict";
import { test } from "node:test";
import { firstIdAt, newId, timeOfId } from "../ids.ts";
import type { Memory } from "../memory.ts";
import type { Embedder } from "../search/embedder.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { Ledger } from "./ledger.ts";
import { vectorChange } from "./memory-vectors.ts";

const values = Float32Array.of(1, 0);
const embedder: Embedder = {
  ...{ id: "test", label: "test", dimensions: 2, weight: 0.5 },
  embed: async (texts) => texts.map(() => values),
};

test("an id sorts behind the beginning of its moment", () => {
  const id = newId(1_700_000_000_000);
  const at = timeOfId(id);
  assert.ok(firstIdAt(at) <= id && id < firstIdAt(at + 1));
});

test("a memory that another process stored under an older id is found once it has arrived", async () => {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const here = new Ledger({ clock, sealed, othersMs: 60_000 });
  const alone = new Ledger({ clock, sealed });
  const vector = { embedder: "test", values };
  const young = await here.store({ text: "young", key: "k", vector });
  const near = async (ledger: Ledger) =>
    (await ledger.vectors.near({ embedder, values, limit: 9 })).hits.map(({ memory }) => memory.text).sort();
  assert.deepEqual(await near(here), ["young"]);
  assert.deepEqual(await near(alone), ["young"]);

  // Its clock is half a minute behind.
  const id = `${firstIdAt(timeOfId(young.id) - 30_000)}-7000-8000-000000000000`;
  const { key, change } = sealed.vault.create("private", id);
  const late: Memory = { ...young, id, text: "late" };
  await sealed.write([
    change,
    sealed.put(key, { partition: "memory", sort: id, scope: id }, late),
    vectorChange(sealed, key, id, vector),
  ]);
  assert.deepEqual(await near(here), ["late", "young"]);
  assert.deepEqual(await near(alone), ["young"], "a process that is alone looks only forward");
});
