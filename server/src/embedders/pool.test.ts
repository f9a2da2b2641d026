import assert from "node:assert/strict";
import { test } from "node:test";
import { poolRow } from "./pool.ts";

/** Three pieces of two numbers, then padding. */
const STATES = Float32Array.of(3, 0, 0, 8, 6, 4, 99, 99);
const pooled = (pooling: Parameters<typeof poolRow>[3]) =>
  [...poolRow(STATES, 2, 3, pooling)].map((value) => Math.round(value * 1e4) / 1e4);

test("the pieces of a text make one vector, as its model was trained to, without the padding", () => {
  assert.deepEqual(pooled("mean"), [0.6, 0.8]);
  assert.deepEqual(pooled("mean_sqrt_len_tokens"), [0.6, 0.8]);
  assert.deepEqual(pooled("cls"), [1, 0]);
  assert.deepEqual(pooled("max"), [0.6, 0.8]);
  assert.deepEqual(pooled("lasttoken"), [0.8321, 0.5547]);
});

test("a vector without direction, or that is no number, is an error", () => {
  assert.throws(() => poolRow(new Float32Array(4), 2, 2, "mean"), /without direction/);
  assert.throws(() => poolRow(Float32Array.of(Number.NaN, 1), 2, 1, "cls"), /without direction/);
});
