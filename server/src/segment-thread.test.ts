import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSegment } from "@steward/core/search/index/build.ts";
import type { IndexedItem } from "@steward/core/search/passage-index.ts";
import { indexedItem } from "@steward/core/testing/passage-index-contract.ts";
import { openSegmentThread, type SegmentThread } from "./segment-thread.ts";

const items = (count: number): IndexedItem[] =>
  Array.from({ length: count }, (_, i) => indexedItem(`The ${i}. boiler of Käthe was mended on 3 March, "at nine"`));

/** Asks until the thread has made one; it is not waited for while it starts. */
async function untilUp(thread: SegmentThread): Promise<void> {
  const many = items(64);
  for (let turn = 0; thread.made() === 0; turn += 1) {
    assert.ok(turn < 500, "the thread never came up");
    await thread.build(many);
    await sleep(20);
  }
}

describe("segments made in a thread", () => {
  test("are the same as those made here, column for column", async () => {
    const thread = openSegmentThread(assert.fail);
    await untilUp(thread);
    const many = items(300);
    const before = thread.made();
    const made = await thread.build(many);
    assert.equal(thread.made(), before + 1);
    const { columns } = buildSegment(many, 0);
    assert.deepEqual(made.columns.ids, columns.ids);
    assert.deepEqual(made.columns.terms, columns.terms);
    assert.deepEqual(made.columns.docs, columns.docs);
    assert.deepEqual(made.columns.positions, columns.positions);
    assert.deepEqual(made.columns.people, columns.people);
    await thread.close();
  });

  test("few are made here, and no thread is started for them", async () => {
    const thread = openSegmentThread(assert.fail);
    const few = items(3);
    assert.deepEqual((await thread.build(few)).columns, buildSegment(few, 0).columns);
    await sleep(50);
    assert.equal(thread.made(), 0);
    assert.equal(thread.isRunning(), false);
  });

  test("a book is made there even if the thread has to be started for it", async () => {
    const thread = openSegmentThread(assert.fail);
    const [item] = items(1);
    const passages = Array.from({ length: 1_024 }, (_, i) => ({ text: `${i} the boiler`, context: "" }));
    assert.ok(item);
    assert.equal((await thread.build([{ ...item, passages }])).passages, 1_024);
    assert.equal(thread.made(), 1);
    await thread.close();
  });

  test("what the thread was making when it ended is made here", async () => {
    const thread = openSegmentThread(assert.fail);
    await untilUp(thread);
    const many = items(400);
    const before = thread.made();
    const made = thread.build(many);
    await thread.close();
    assert.equal((await made).items, 400);
    assert.equal(thread.made(), before);
    await untilUp(thread);
    await thread.close();
  });

  test("ends when nothing is asked of it, and is started again by the next many", async () => {
    const thread = openSegmentThread(assert.fail, 500);
    await untilUp(thread);
    for (let turn = 0; thread.isRunning(); turn += 1) {
      assert.ok(turn < 200, "the thread never ended");
      await sleep(20);
    }
    assert.equal((await thread.build(items(64))).items, 64);
    assert.equal(thread.isRunning(), true);
    await thread.close();
  });
});
