import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../testing/fake-clock.ts";
import { MemoryBlobs } from "../../testing/memory-blobs.ts";
import { MemoryRecords } from "../../testing/memory-records.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import { openPrivateIndex } from "./private-index.ts";

const ITEMS = 6_000;
const DIMENSIONS = 256;

test("asked for exactly, every item is given, the nearest first, with its cosine", async () => {
  let state = 7;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
  const unit = () => {
    const vector = Float32Array.from({ length: DIMENSIONS }, random);
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  const records = new MemoryRecords(new FakeClock());
  const sealed = new SealedRecords(records, plainVault(records));
  const index = await openPrivateIndex({
    sealed,
    blobs: new MemoryBlobs(),
    clock: new FakeClock(),
    async *replay() {},
  });
  const vectors = new Map<string, readonly Float32Array[]>();
  const common = { kind: "note", source: "s", trust: "owner", title: "t", people: [], has: [] } as const;
  for (let n = 0; n < ITEMS; n += 1) vectors.set(`item-${String(n).padStart(5, "0")}`, [unit()]);
  await index.put([...vectors.keys()].map((item) => ({ ...common, item, passages: [{ text: item, context: "" }] })));
  await index.setVectors("e", vectors);
  const values = unit();
  const cosines = new Map(
    [...vectors].map(([item, [vector]]) => [item, vector?.reduce((sum, v, i) => sum + v * (values[i] ?? 0), 0) ?? 0]),
  );
  const vector = { embedder: "e", values, weight: 1, exact: true };
  const { hits } = await index.search({ clauses: [], filter: {}, vector, limit: ITEMS, now: 0 });
  assert.equal(new Set(hits.map(({ item }) => item)).size, ITEMS);
  const scores = hits.map(({ score }) => score);
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  assert.ok((scores.at(-1) ?? 0) < 0);
  // Eight bits a number round a cosine by about a thousandth.
  for (const { item, score } of hits) assert.ok(Math.abs(score - (cosines.get(item) ?? 0)) < 0.003, item);
  await index.close();
});
