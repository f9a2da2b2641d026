import assert from "node:assert/strict";
import { test } from "node:test";
import { ItemMarks } from "./item-marks.ts";

test("what is taken is the taker's until the next search, however much is taken after it", () => {
  const marks = new ItemMarks();
  marks.begin();
  const first = marks.take(100, 1);
  const second = marks.take(100_000, 0);
  const third = marks.take(50, 1);
  second.fill(7);
  assert.deepEqual([...new Set(first)], [1]);
  assert.deepEqual([...new Set(third)], [1]);
});

test("what was given back is taken again, marked anew, and so is all at the next search", () => {
  const marks = new ItemMarks();
  marks.begin();
  marks.take(1_000, 1);
  marks.begin();
  const kept = marks.take(10, 1);
  const lent = marks.take(10, 1);
  marks.giveBack(lent);
  const again = marks.take(10, 0);
  assert.equal(again.byteOffset, lent.byteOffset);
  assert.deepEqual([...new Set(again)], [0]);
  assert.deepEqual([...new Set(kept)], [1]);
  marks.begin();
  assert.equal(marks.take(10, 0).buffer, kept.buffer);
});

test("what was taken before the room grew is given back without harm to what came after", () => {
  const marks = new ItemMarks();
  marks.begin();
  const old = marks.take(600, 1);
  const next = marks.take(700, 1);
  marks.giveBack(old);
  marks.take(500, 0);
  assert.deepEqual([...new Set(next)], [1]);
});
