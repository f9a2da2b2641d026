import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeClock } from "../../testing/fake-clock.ts";
import { MemoryBlobs } from "../../testing/memory-blobs.ts";
import { MemoryRecords } from "../../testing/memory-records.ts";
import { indexedItem } from "../../testing/passage-index-contract.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import type { IndexRequest } from "../passage-index.ts";
import { openPrivateIndex } from "./private-index.ts";

const E = "test-embedder";
const DIMENSIONS = 16;

/** The same numbers each time: a linear congruential generator, summed to be nearly normal. */
function unitVectors(seed: number): () => Float32Array {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => unit(Float32Array.from({ length: DIMENSIONS }, () => next() + next() + next() - 1.5));
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** A vector whose product with `to` is `likeness`, elsewhere as `other`. */
function like(to: Float32Array, other: Float32Array, likeness: number): Float32Array {
  const dot = to.reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0);
  const aside = unit(other.map((value, i) => value - dot * (to[i] ?? 0)));
  return to.map((value, i) => likeness * value + Math.sqrt(1 - likeness ** 2) * (aside[i] ?? 0));
}

async function indexOf(vectors: readonly Float32Array[]) {
  const clock = new FakeClock(0);
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const index = await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock, async *replay() {} });
  const items = vectors.map((_, i) => indexedItem("harbour lights", { item: `item-${i}` }));
  await index.put(items);
  await index.setVectors(E, new Map(vectors.map((vector, i) => [`item-${i}`, [vector]])));
  return async (values: Float32Array, more: Partial<NonNullable<IndexRequest["vector"]>> = {}) => {
    const vector = { embedder: E, values, ...more };
    const clauses = [{ type: "word" as const, text: "xqzzyv" }];
    const { hits } = await index.search({ clauses, filter: {}, vector, limit: 500, now: 0 });
    return hits.map(({ item }) => item).sort();
  };
}

describe("where nothing has any of the words, what vectors find", () => {
  it("is left out when it is no nearer than things taken at random, and stays when it stands out", async () => {
    const random = unitVectors(7);
    const question = random();
    // Near 0 to each other as vectors of few dimensions are: their products have a deviation of a quarter.
    const crowd = Array.from({ length: 300 }, () => like(question, random(), 0.05));
    const ask = await indexOf([...crowd, like(question, random(), 0.45), like(question, random(), 0.2)]);
    assert.deepEqual(await ask(question), ["item-300"]);
    assert.deepEqual(await ask(question, { floor: 0.5 }), ["item-300"], "half as near as the nearest is asked besides");
    assert.equal((await ask(question, { exact: true })).length, 302);
  });

  it("is found where everything is about one thing, and where there is little", async () => {
    const random = unitVectors(11);
    const question = random();
    const alike = Array.from({ length: 50 }, () => like(question, random(), 0.6));
    assert.equal((await (await indexOf(alike))(question)).length, 50);
    assert.deepEqual(await (await indexOf([like(question, random(), 0.55)]))(question), ["item-0"]);
    assert.deepEqual(
      await (await indexOf([like(question, random(), 0.25)]))(question),
      ["item-0"],
      "of one, not by chance",
    );
    assert.deepEqual(await (await indexOf([like(question, random(), 0.15)]))(question), []);
  });
});
