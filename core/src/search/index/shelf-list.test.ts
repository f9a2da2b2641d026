import assert from "node:assert/strict";
import { test } from "node:test";
import { indexedItem } from "../../testing/passage-index-contract.ts";
import { buildSegment } from "./build.ts";
import { ShelfList } from "./shelf-list.ts";

test("small shelves are merged as they come, and what has become large waits for the flush", () => {
  const list = new ShelfList();
  const put = (count: number) => {
    const items = Array.from({ length: count }, (_, i) => indexedItem(`number${i} of some`));
    list.place(buildSegment(items, 1), 1);
    list.mergeSmall();
  };
  for (let i = 0; i < 400; i += 1) {
    put(1);
    assert.ok(list.shelves.length <= 24, `${list.shelves.length} shelves of single items`);
  }
  assert.equal(list.passages, 400);
  for (let i = 0; i < 12; i += 1) put(100);
  const merged = list.shelves.filter((shelf) => shelf.segment.passages > 128);
  assert.ok(merged.length > 0);
  // What one merge may take on, and with it how long a search waits.
  for (const shelf of merged) assert.ok(shelf.segment.passages <= 12 * 128);
  const before = list.shelves.length;
  for (let i = 0; i < 15; i += 1) put(128);
  assert.equal(list.shelves.length, before + 15);
});
