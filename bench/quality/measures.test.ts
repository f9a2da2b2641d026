import assert from "node:assert/strict";
import { test } from "node:test";
import { ndcgAt, recallAt } from "./measures.ts";

const grades = new Map([
  ["a", 1],
  ["b", 1],
]);

test("a perfect ranking has 1, one without anything relevant 0", () => {
  assert.equal(ndcgAt(10, ["b", "a", "x"], grades), 1);
  assert.equal(ndcgAt(10, ["x", "y"], grades), 0);
  assert.equal(recallAt(10, ["a", "x", "b"], grades), 1);
});

test("relevant documents further down count less, by the log2 of their rank", () => {
  const expected = (1 / Math.log2(3) + 1 / Math.log2(4)) / (1 + 1 / Math.log2(3));
  assert.ok(Math.abs(ndcgAt(10, ["x", "a", "b"], grades) - expected) < 1e-12);
});

test("what stands below k does not count", () => {
  assert.equal(recallAt(2, ["x", "a", "b"], grades), 0.5);
  assert.equal(ndcgAt(1, ["x", "a"], grades), 0);
});

test("grades above 1 gain more and decide the ideal order", () => {
  const graded = new Map([
    ["a", 2],
    ["b", 1],
  ]);
  assert.equal(ndcgAt(10, ["a", "b"], graded), 1);
  assert.ok(ndcgAt(10, ["b", "a"], graded) < 1);
});
