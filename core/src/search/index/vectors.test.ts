import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../../testing/random.ts";
import { quantize, VectorUnusable } from "./quantize.ts";
import { NO_PRODUCT, PassageVectors } from "./vectors.ts";

/** Vectors about some hundred centres and off the origin, as those of texts are; of length 1. */
function clustered(dimensions: number, random: () => number): () => Float32Array {
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const centres = Array.from({ length: 200 }, () => Float32Array.from({ length: dimensions }, normal));
  const offset = Float32Array.from({ length: dimensions }, () => 0.6 * normal());
  return () => {
    const centre = centres[Math.floor(random() * centres.length)] ?? offset;
    const vector = centre.map((value, i) => (offset[i] ?? 0) + value + normal());
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
}

function product(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function indexOf(vectors: readonly Float32Array[], dimensions: number): PassageVectors {
  const index = new PassageVectors("test", dimensions, vectors.length);
  for (const [passage, vector] of vectors.entries()) index.set(passage, quantize(vector));
  return index;
}

for (const dimensions of [128, 384]) {
  test(`sketches lose little of the ten nearest: ${dimensions} dimensions`, () => {
    const next = clustered(dimensions, randomFrom(dimensions));
    const vectors = Array.from({ length: 8_000 }, next);
    const index = indexOf(vectors, dimensions);
    let found = 0;
    for (let n = 0; n < 20; n += 1) {
      const query = next();
      const products = vectors.map((vector) => product(vector, query));
      const least = products.toSorted((a, b) => b - a)[9] ?? 1;
      found += [...index.nearest(query, 10).passages].filter((passage) => (products[passage] ?? 0) >= least).length;
    }
    assert.ok(index.frame, "sketches were used");
    assert.ok(found / 200 >= 0.97, `recall ${found / 200}`);
  });
}

test("a filter is exact where few pass", () => {
  const next = clustered(96, randomFrom(1));
  const vectors = Array.from({ length: 6_000 }, next);
  const index = indexOf(vectors, 96);
  const itemOf = Uint32Array.from(vectors, (_, passage) => passage);
  const passes = Uint8Array.from(vectors, (_, passage) => (passage % 20 === 0 ? 1 : 0));
  const query = next();
  const expected = vectors
    .flatMap((vector, passage) => (passes[passage] ? [{ passage, product: product(vector, query) }] : []))
    .sort((a, b) => b.product - a.product)
    .slice(0, 5);
  const found = index.nearest(query, 50, passes, itemOf);
  assert.ok(expected.every(({ passage }) => found.passages.includes(passage)));
  for (const { passage, product: exact } of expected) {
    const at = found.passages.indexOf(passage);
    assert.ok(Math.abs((found.products[at] ?? 0) - exact) < 0.01);
  }
  assert.deepEqual(index.nearest(query, 10, new Uint8Array(6_000), itemOf).passages.length, 0);
});

test("items without passages, more of them than passages, do not shift the filter", () => {
  const index = indexOf([Float32Array.of(1, 0), Float32Array.of(0, 1)], 2);
  // Items 0 to 3 have no passage; item 4 has the first, item 5 the second.
  const found = index.nearest(Float32Array.of(1, 0), 2, Uint8Array.of(1, 1, 1, 1, 0, 1), Uint32Array.of(4, 5));
  assert.deepEqual([...found.passages], [1]);
});

test("none, one, and fewer vectors than passages", () => {
  const query = Float32Array.of(1, 0, 0);
  const none = new PassageVectors("test", 3, 0);
  assert.equal(none.nearest(query, 10).passages.length, 0);
  const some = new PassageVectors("test", 3, 10_000);
  assert.equal(some.nearest(query, 10).passages.length, 0);
  assert.deepEqual([...some.productsOf(query, Uint32Array.of(5))], [NO_PRODUCT]);
  some.set(7, quantize(Float32Array.of(0.5, 0.5, 0)));
  assert.deepEqual([...some.nearest(query, 10).passages], [7]);
  assert.equal(some.count, 1);
  some.set(7, quantize(query));
  assert.equal(some.count, 1);
  assert.ok(Math.abs((some.productsOf(query, Uint32Array.of(6, 7))[1] ?? 0) - 1) < 1e-3);
  assert.equal(some.get(6), undefined);
});

test("zero vectors and a zero question score zero", () => {
  const index = indexOf(
    Array.from({ length: 5_000 }, () => new Float32Array(96)),
    96,
  );
  const found = index.nearest(new Float32Array(96), 10);
  assert.equal(found.passages.length, 10);
  assert.ok(found.products.every((value) => value === 0));
});

test("of identical vectors the earliest are found, and never more than asked for", () => {
  const one = clustered(96, randomFrom(3))();
  const index = indexOf(
    Array.from({ length: 9_000 }, () => one),
    96,
  );
  assert.deepEqual([...index.nearest(one, 5).passages], [0, 1, 2, 3, 4]);
});

test("refuses numbers that are not finite", () => {
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const vector of [Float32Array.of(odd, 1), Float32Array.of(1, odd)]) {
      assert.throws(() => quantize(vector), VectorUnusable);
      assert.throws(() => indexOf([Float32Array.of(1, 0)], 2).nearest(vector, 1), VectorUnusable);
    }
  }
});

test("refuses vectors of the wrong size, and passages that are not there", () => {
  const index = indexOf([Float32Array.of(1, 0)], 2);
  assert.throws(() => index.set(0, quantize(Float32Array.of(1, 0, 0))), /3 numbers .* makes 2/);
  assert.throws(() => index.set(1, quantize(Float32Array.of(1, 0))), VectorUnusable);
  assert.throws(() => index.nearest(Float32Array.of(1), 1), VectorUnusable);
  assert.throws(() => new PassageVectors("test", 4_096, 2_000_000), /too many for one segment/);
});

test("a vector moves to another segment with its sketch, or is sketched again there", () => {
  const next = clustered(96, randomFrom(4));
  const from = indexOf(Array.from({ length: 5_000 }, next), 96);
  const query = next();
  from.nearest(query, 1);
  const other = indexOf(Array.from({ length: 5_000 }, next), 96);
  other.nearest(query, 1);
  const to = new PassageVectors("test", 96, 10_000);
  for (let passage = 0; passage < 5_000; passage += 1) {
    to.set(passage, from.get(passage) ?? assert.fail());
    to.set(5_000 + passage, other.get(passage) ?? assert.fail());
  }
  assert.equal(to.frame, from.frame);
  assert.deepEqual(to.get(9)?.sketch, from.get(9)?.sketch);
  // Of the other segment's vectors the sketch is in this one's frame.
  const again = new PassageVectors("test", 96, 1);
  const { values, scale } = to.get(5_009) ?? assert.fail();
  again.set(0, { values, scale, frame: to.frame ?? assert.fail() });
  assert.deepEqual(to.get(5_009)?.sketch, again.get(0)?.sketch);
  assert.notDeepEqual(to.get(5_009)?.sketch, other.get(9)?.sketch);
});
