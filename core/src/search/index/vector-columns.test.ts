import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../../testing/random.ts";
import type { IndexedItem } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { decodeVectors, encodeVectors, SegmentMalformed } from "./codec.ts";
import { atOnce } from "./in-slices.ts";
import { OpenShelf } from "./open-shelf.ts";
import { quantize, VectorUnusable } from "./quantize.ts";
import { ShelfList } from "./shelf-list.ts";
import { copyVectors, gatherVectors, type Picked, pick, placeVectors, ROWS_AT_ONCE } from "./vector-columns.ts";

const DIMENSIONS = 100;

const random = randomFrom(2);
const vectorAtRandom = () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.3);
const idOf = (n: number) => `item-${String(n).padStart(5, "0")}`;

function itemsOf(numbers: readonly number[]): IndexedItem[] {
  return numbers.map((n) => ({
    item: idOf(n),
    kind: "note",
    source: "test",
    trust: "owner",
    title: "",
    people: [],
    has: [],
    // One passage, or two, or none.
    passages: Array.from({ length: n % 10 === 0 ? 2 : n % 10 === 1 ? 0 : 1 }, () => ({ text: "word", context: "" })),
  }));
}

function shelfOf(numbers: readonly number[], version: number, name: string): OpenShelf {
  return new OpenShelf(buildSegment(itemsOf(numbers), version), name);
}

function filled(count: number): OpenShelf {
  const shelf = shelfOf(
    Array.from({ length: count }, (_, n) => n),
    1,
    "a",
  );
  for (let item = 0; item < shelf.segment.items; item += 1) {
    const { first, end } = shelf.passagesOf(item);
    const vectors = Array.from({ length: end - first }, () => quantize(vectorAtRandom()));
    if (vectors.length > 0) assert.ok(shelf.setVectors("test", item, vectors));
  }
  return shelf;
}

const allOf = (shelf: OpenShelf): Picked => pick(shelf, [...Array(shelf.segment.items).keys()]);

function gathered(...shelves: readonly OpenShelf[]) {
  return atOnce(gatherVectors(shelves.map(allOf), "test", DIMENSIONS)) ?? assert.fail();
}

test("vectors that were sealed come back to their items with their sketches", () => {
  const from = filled(6_000);
  const query = vectorAtRandom();
  const expected = from.vectors?.nearest(query, 50) ?? assert.fail();
  assert.ok(from.vectors?.frame, "there are enough of them for sketches");
  const { columns } = gathered(from);
  const opened = decodeVectors(encodeVectors(columns));
  assert.ok(opened.sketches && opened.frame);
  const to = shelfOf(
    Array.from({ length: 6_000 }, (_, n) => n),
    1,
    "b",
  );
  placeVectors(opened, [to], 7);
  assert.deepEqual(to.vectors?.nearest(query, 50), expected);
  assert.deepEqual(to.vectors?.get(4_000)?.sketch, from.vectors?.get(4_000)?.sketch);
  assert.equal(to.vectors?.count, from.vectors?.count);
  assert.equal(to.vectorsIn[0], 7);
  assert.equal(to.vectorsIn[5_999], 7);
  assert.equal(to.unsealedVectors.size, 0);
});

test("vectors go to the put of an item that they are of, wherever it lies", () => {
  const from = filled(300);
  const { columns } = gathered(from);
  assert.equal(columns.sketches, undefined, "of so few no sketches are made");
  const opened = decodeVectors(encodeVectors(columns));
  const even = shelfOf(
    Array.from({ length: 150 }, (_, n) => 2 * n),
    1,
    "even",
  );
  const later = shelfOf([3, 5, 9_999], 2, "later");
  const odd = shelfOf([7, 9, 11], 1, "odd");
  placeVectors(opened, [even, later, odd], 7);
  const at = (shelf: OpenShelf, n: number) => shelf.vectorsOf(shelf.segment.columns.ids.find(idOf(n)));
  const was = (n: number) => at(from, n)?.map(({ values }) => [...values]);
  for (const n of [0, 10, 22, 298])
    assert.deepEqual(
      at(even, n)?.map(({ values }) => [...values]),
      was(n),
    );
  assert.deepEqual(
    at(odd, 9)?.map(({ values }) => [...values]),
    was(9),
  );
  assert.equal(later.vectors, undefined, "they were put again since");
});

test("they are gathered from several shelves in the order of the ids, each as it was", () => {
  const numbers = Array.from({ length: 900 }, (_, n) => n);
  const shelves = [0, 1, 2].map((part) => {
    const shelf = shelfOf(
      numbers.filter((n) => n % 3 === part),
      part + 1,
      `part ${part}`,
    );
    for (let item = 0; item < shelf.segment.items; item += 1) {
      const { first, end } = shelf.passagesOf(item);
      const vectors = Array.from({ length: end - first }, () => quantize(vectorAtRandom()));
      if (vectors.length > 0) shelf.setVectors("test", item, vectors);
    }
    return shelf;
  });
  const { columns, from, items } = gathered(...shelves);
  assert.equal(columns.ids.length, numbers.length);
  for (const [n, number] of numbers.entries()) {
    assert.equal(columns.ids.at(n), idOf(number));
    assert.equal(from[n], number % 3);
    assert.equal(columns.version[n], (number % 3) + 1);
    const was = shelves[number % 3]?.vectorsOf(items[n] ?? 0) ?? assert.fail();
    const row = columns.firstRow[n] ?? 0;
    assert.equal((columns.firstRow[n + 1] ?? 0) - row, was.length);
    assert.deepEqual(columns.rows.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS), was[0]?.values);
    assert.equal(columns.scales[row], was[0]?.scale);
  }
});

test("the work on them pauses after so many rows, however many there are", () => {
  const from = filled(6_000);
  from.vectors?.nearest(vectorAtRandom(), 1);
  const rows = from.segment.passages;
  const pauses = (steps: Generator<void, unknown>) => {
    let count = 0;
    while (!steps.next().done) count += 1;
    return count;
  };
  assert.ok(pauses(gatherVectors([allOf(from)], "test", DIMENSIONS)) >= rows / ROWS_AT_ONCE);
  const young = filled(6_000);
  // Its sketches are made anew in the frame of the other.
  young.vectors?.nearest(vectorAtRandom(), 1);
  const both = [from, shelfOf([], 1, "none")].map(allOf);
  assert.ok(pauses(gatherVectors(both, "test", DIMENSIONS)) >= rows / ROWS_AT_ONCE);
  const to = shelfOf(
    Array.from({ length: 6_000 }, (_, n) => n),
    1,
    "b",
  );
  const pairs = Uint32Array.from({ length: 12_000 }, (_, i) => i >>> 1);
  assert.ok(pauses(copyVectors(from, to, pairs)) >= rows / ROWS_AT_ONCE);
  assert.equal(to.vectors?.count, from.vectors?.count);
  assert.equal(to.unsealedVectors.size, from.unsealedVectors.size);
});

test("a mean that was taken of far fewer vectors is taken anew", () => {
  const from = filled(6_000);
  from.vectors?.nearest(vectorAtRandom(), 1);
  const frame = from.vectors?.frame ?? assert.fail();
  const young = filled(300);
  const { values, scale } = young.vectors?.get(0) ?? assert.fail();
  young.vectors?.set(0, { values, scale, frame: { ...frame, of: 30 } });
  const { columns } = gathered(young);
  assert.equal(columns.frame?.of, columns.scales.length);
  assert.notDeepEqual(columns.frame?.seed, frame.seed);
  const to = shelfOf(
    Array.from({ length: 300 }, (_, n) => n),
    1,
    "b",
  );
  placeVectors(columns, [to], 7);
  assert.deepEqual(to.vectors?.get(0)?.sketch, columns.sketches?.slice(0, 48));
});

test("columns that do not agree are named as damage", () => {
  const from = filled(5_000);
  from.vectors?.nearest(vectorAtRandom(), 1);
  const { columns } = gathered(from);
  const frame = columns.frame ?? assert.fail();
  for (const wrong of [
    { rows: columns.rows.subarray(1) },
    { scales: columns.scales.subarray(1) },
    { firstRow: columns.firstRow.subarray(1) },
    { sketches: columns.sketches?.subarray(16) ?? assert.fail() },
    { frame: { ...frame, mean: frame.mean.subarray(1) } },
    { frame: { ...frame, seed: frame.seed.subarray(1) } },
  ]) {
    assert.throws(() => decodeVectors(encodeVectors({ ...columns, ...wrong })), SegmentMalformed);
  }
});

test("a vector of another size or with a number that is none is refused, and nothing is lost", () => {
  const list = new ShelfList();
  list.shelves.push(filled(30));
  const held = () => list.shelves[0]?.vectors?.count;
  const before = held();
  const good = vectorAtRandom();
  for (const odd of [new Float32Array(7), Float32Array.from(good, (value, i) => (i === 3 ? Number.NaN : value))]) {
    const byItem = new Map([
      [idOf(2), [good]],
      [idOf(3), [odd]],
    ]);
    assert.throws(() => list.setVectors("test", byItem), VectorUnusable);
    assert.equal(held(), before);
    assert.notDeepEqual(list.shelves[0]?.vectorsOf(2)?.[0]?.values, quantize(good).values);
  }
  list.setVectors("test", new Map([[idOf(2), [good]]]));
  assert.deepEqual(list.shelves[0]?.vectorsOf(2)?.[0]?.values, quantize(good).values);
  // Another embedder takes the place of this one, whatever its size.
  list.setVectors("other", new Map([[idOf(2), [new Float32Array(7).fill(1)]]]));
  assert.equal(list.shelves[0]?.vectors?.dimensions, 7);
});
