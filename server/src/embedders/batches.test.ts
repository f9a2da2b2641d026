import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { batchesOf } from "./batches.ts";

test("texts of like length go together, within both limits", () => {
  assert.deepEqual(batchesOf([2, 9, 3, 10, 1], { texts: 2, pieces: 100 }), [[3, 1], [2, 0], [4]]);
  assert.deepEqual(batchesOf([2, 9, 3, 10, 1], { texts: 9, pieces: 12 }), [[3], [1], [2, 0, 4]]);
  assert.deepEqual(batchesOf([50], { texts: 9, pieces: 12 }), [[0]]);
  assert.deepEqual(batchesOf([], { texts: 9, pieces: 12 }), []);
});

test("every text is in exactly one batch, and no batch of several passes a limit", () => {
  const limits = fc.record({ texts: fc.integer({ min: 1, max: 9 }), pieces: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.array(fc.nat(40)), limits, (lengths, limit) => {
      const batches = batchesOf(lengths, limit);
      assert.deepEqual(
        batches.flat().sort((a, b) => a - b),
        [...lengths.keys()],
      );
      for (const batch of batches) {
        const padded = batch.length * Math.max(...batch.map((at) => lengths[at] ?? 0));
        assert.ok(batch.length === 1 || (batch.length <= limit.texts && padded <= limit.pieces));
      }
    }),
  );
});
