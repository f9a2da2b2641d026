import assert from "node:assert/strict";
import { test } from "node:test";
import type { Memory } from "../memory.ts";
import type { Embedder } from "../search/embedder.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { Ledger } from "./ledger.ts";

const DIMENSIONS = 24;
let state = 5;
const random = () => {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648 - 0.5;
};

function unit(): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, random);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Makes nothing: every memory is stored with its vector. */
const embedder: Embedder = {
  ...{ id: "e", dimensions: DIMENSIONS, weight: 1 },
  embed: (texts) => Promise.resolve(texts.map(unit)),
};

async function house(count: number) {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const hiddenIds = new Set<string>();
  const ledger = new Ledger({ clock, sealed, hidden: (id) => hiddenIds.has(id) });
  const kept: { memory: Memory; values: Float32Array }[] = [];
  const store = async (category: string, values = unit()) => {
    const memory = await ledger.store({
      text: `m${kept.length}`,
      key: "k",
      category,
      vector: { embedder: "e", values },
    });
    kept.push({ memory, values });
    return memory;
  };
  for (let n = 0; n < count; n += 1) await store(n % 7 === 0 ? "rare" : "common");
  const expected = (query: Float32Array, limit: number, passes: (memory: Memory) => boolean = () => true) =>
    kept
      .filter(({ memory }) => passes(memory) && !hiddenIds.has(memory.id))
      .map(({ memory, values }) => ({
        id: memory.id,
        score: values.reduce((sum, v, i) => sum + v * (query[i] ?? 0), 0),
      }))
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  return { ledger, sealed, store, expected, hiddenIds };
}

const idsOf = ({ hits }: { hits: readonly { memory: Memory }[] }) => hits.map(({ memory }) => memory.id);

test("the nearest are the nearest by hand, of all or of a category, with the hidden ones passed over", async () => {
  const { ledger, expected, hiddenIds } = await house(400);
  const values = unit();
  for (const { id } of expected(values, 25)) hiddenIds.add(id);
  for (const limit of [1, 10, 100]) {
    const near = await ledger.vectors.near({ embedder, values, limit });
    const byHand = expected(values, limit);
    assert.deepEqual(
      idsOf(near),
      byHand.map(({ id }) => id),
    );
    for (const [i, { score }] of near.hits.entries()) assert.ok(Math.abs(score - (byHand[i]?.score ?? 9)) < 1e-5);
    const rare = await ledger.vectors.near({ embedder, values, limit, category: " RARE " });
    assert.deepEqual(
      idsOf(rare),
      expected(values, limit, ({ category }) => category === "rare").map(({ id }) => id),
    );
  }
  const far = await ledger.vectors.near({ embedder, values, limit: 400 });
  assert.ok((far.hits.at(-1)?.score ?? 1) < 0, "those that point away are given too");
  assert.deepEqual([far.scored, far.waiting, far.hits.length], [400, 0, 375]);
  assert.deepEqual((await ledger.vectors.near({ embedder, values, limit: 5, category: "none" })).hits, []);
});

test("searches at once do not mix, and each finds what was stored before it", async () => {
  const { ledger, store, expected } = await house(200);
  const queries = Array.from({ length: 12 }, unit);
  const near = await Promise.all(queries.map((values) => ledger.vectors.near({ embedder, values, limit: 7 })));
  for (const [i, values] of queries.entries()) {
    assert.deepEqual(
      near[i] && idsOf(near[i]),
      expected(values, 7).map(({ id }) => id),
      `query ${i}`,
    );
  }
  const values = unit();
  const running = ledger.vectors.near({ embedder, values, limit: 1 });
  const { id } = await store("common", values);
  const [after, again] = await Promise.all([1, 2].map(() => ledger.vectors.near({ embedder, values, limit: 1 })));
  assert.deepEqual([after && idsOf(after), again && idsOf(again)], [[id], [id]]);
  await running;
});

test("of equal ones the earlier comes first, and each is given once however many are asked for", async () => {
  const { ledger, store } = await house(0);
  const same = unit();
  const ids: string[] = [];
  for (let n = 0; n < 150; n += 1) ids.push((await store("x", same)).id);
  assert.deepEqual(idsOf(await ledger.vectors.near({ embedder, values: same, limit: 140 })), ids.slice(0, 140));
});
