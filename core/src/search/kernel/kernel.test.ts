import assert from "node:assert/strict";
import { test } from "node:test";
import { buildKernel, moduleSource } from "../../../../scripts/build-kernel.ts";
import { randomFrom } from "../../testing/random.ts";
import { quantize } from "../index/quantize.ts";
import { PassageVectors } from "../index/vectors.ts";
import { type Kernel, plainKernel, wasmKernel } from "./kernel.ts";
import { KERNEL_MODULE } from "./module.ts";

/** Sets every number by what it was and where it is. */
function each(
  numbers: Uint8Array | Uint32Array | Int16Array | Float32Array,
  next: (was: number, at: number) => number,
) {
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = next(numbers[at] ?? 0, at);
}

test("the module is what its source compiles to, and small", async (context) => {
  const bytes = await buildKernel();
  if (!bytes) return context.skip("assemblyscript, a development tool, is not installed");
  assert.equal(Buffer.from(bytes).toString("base64"), KERNEL_MODULE);
  assert.ok(bytes.length <= 3_072, `${bytes.length} bytes`);
  assert.match(moduleSource(bytes), /^\/\*\* Made from kernel\.as/);
});

const make = wasmKernel;
test("Node has WebAssembly with SIMD", () => assert.ok(make));

/** Runs the same on both kernels and compares their whole memories. */
function alike(bytes: number, seed: number, work: (kernel: Kernel) => unknown, fill: "bits" | "floats" = "bits"): void {
  assert.ok(make);
  const kernels = [make(bytes), plainKernel(bytes)];
  const results = kernels.map((kernel) => {
    const random = randomFrom(seed);
    if (fill === "floats") each(new Float32Array(kernel.buffer, 0, bytes / 4), () => random() - 0.5);
    else each(new Uint8Array(kernel.buffer, 0, bytes), () => random() * 256);
    return work(kernel);
  });
  assert.deepEqual(results[0], results[1]);
  const [a, b] = kernels.map(({ buffer }) => Buffer.from(buffer, 0, bytes));
  assert.ok(a && b && a.equals(b), "the memories differ");
}

for (const words of [1, 2, 3, 6, 12]) {
  test(`both kernels keep the same rows of ${words * 128} bits`, () => {
    const count = 3_001;
    const query = 16;
    const sketches = 1_024;
    const present = sketches + count * words * 16;
    const itemOf = present + Math.ceil(count / 16) * 16;
    const rows = itemOf + count * 4 + 12;
    const distances = rows + 4_096;
    const counts = distances + 2_048;
    const bytes = counts + 8_192;
    const prepare = (kernel: Kernel) => {
      each(new Uint8Array(kernel.buffer, present, count), (value) => (value % 7 ? 1 : 0));
      each(new Uint32Array(kernel.buffer, itemOf, count), (_, i) => i >>> 1);
    };
    for (const [keep, room, below] of [
      [400, 1_024, words * 128 + 1],
      [400, 1_024, words * 63],
      [1, 2, words * 128 + 1],
      [100, 101, words * 64],
    ] as const) {
      for (const passes of [0, sketches]) {
        alike(bytes, words + keep, (kernel) => {
          prepare(kernel);
          const of = passes === 0 ? 0 : present;
          const places = [rows, distances, counts] as const;
          return kernel.scan(sketches, words, count, query, present, itemOf, of, keep, room, below, ...places);
        });
      }
    }
    alike(bytes, words, (kernel) => {
      prepare(kernel);
      return [
        kernel.collect(count, present, itemOf, 0, 50, rows),
        kernel.collect(count, present, itemOf, present, 900, rows),
      ];
    });
  });
}

test("the rows that are kept are the nearest, and of equals the earliest", () => {
  assert.ok(make);
  const count = 2_000;
  for (const kernel of [make(200_000), plainKernel(200_000)]) {
    const random = randomFrom(5);
    const bytes = new Uint8Array(kernel.buffer);
    // Few distances, many equals.
    for (let row = 0; row < count; row += 1) bytes[1_024 + row * 48] = random() * 256;
    const distanceOf = (row: number) => (bytes[1_024 + row * 48] ?? 0).toString(2).replaceAll("0", "").length;
    const scan = (below: number) =>
      kernel.scan(1_024, 3, count, 16, 0, 0, 0, 300, 350, below, 110_000, 120_000, 130_000);
    const n = scan(385);
    const expected = Array.from({ length: count }, (_, row) => row)
      .sort((a, b) => distanceOf(a) - distanceOf(b) || a - b)
      .slice(0, 300)
      .sort((a, b) => a - b);
    assert.deepEqual([...new Uint32Array(kernel.buffer, 110_000, n)], expected);
    const nearer = expected.filter((row) => distanceOf(row) < 2);
    assert.ok(nearer.length > 0 && nearer.length < 300);
    assert.deepEqual([...new Uint32Array(kernel.buffer, 110_000, scan(2))], nearer);
  }
});

for (const stride of [16, 96, 128, 384, 768, 1_536]) {
  test(`both kernels multiply and sketch rows of ${stride} bytes alike`, () => {
    const n = 65;
    const bits = Math.max(384, Math.ceil(stride / 128) * 128);
    const block = 2 ** Math.floor(Math.log2(bits));
    const query = 16;
    const list = query + stride * 2;
    const out = list + 272;
    const x = out + 272;
    const turns = x + bits * 4;
    const mean = turns + block * 16;
    const scales = mean + bits * 4;
    const present = scales + 272;
    const rows = present + 80;
    const sketches = rows + n * stride;
    const bytes = sketches + n * (bits >>> 3);
    alike(bytes, stride, (kernel) => {
      each(new Uint32Array(kernel.buffer, list, n), (_, i) => (i * 7) % n);
      each(new Int16Array(kernel.buffer, query, stride), (value) => value % 8_000);
      kernel.dots(rows, stride, list, n, query, out);
    });
    alike(
      bytes,
      stride,
      (kernel) => {
        kernel.rotate(x, bits, block, turns, 4);
        kernel.signs(x, bits, sketches);
      },
      "floats",
    );
    alike(
      bytes,
      stride,
      (kernel) => {
        // Dimensions that are no multiple of anything.
        const dimensions = stride - 13;
        kernel.sketch(rows, stride, dimensions, scales, present, 0, n, mean, x, bits, block, turns, 4, sketches);
      },
      "floats",
    );
  });
}

for (const dimensions of [3, 96, 100, 128, 384, 768, 1_536]) {
  test(`both kernels find the same in ${dimensions} dimensions`, () => {
    assert.ok(make);
    const random = randomFrom(dimensions);
    const count = dimensions > 400 ? 4_500 : 6_000;
    const vector = () => Float32Array.from({ length: dimensions }, () => random() - 0.4);
    const a = new PassageVectors("test", dimensions, count, make);
    for (let passage = 0; passage < count; passage += 1) a.set(passage, quantize(vector()));
    a.nearest(vector(), 1);
    const b = new PassageVectors("test", dimensions, count, plainKernel);
    for (let passage = 0; passage < count; passage += 1) {
      const { values, scale, frame } = a.get(passage) ?? assert.fail();
      // Without the sketch, so that the other kernel makes its own in the same frame.
      b.set(passage, frame ? { values, scale, frame } : { values, scale });
    }
    const itemOf = Uint32Array.from({ length: count }, (_, passage) => passage >>> 1);
    for (const share of [1, 0.9, 0.02]) {
      const passes = share === 1 ? undefined : Uint8Array.from({ length: count / 2 }, () => (random() < share ? 1 : 0));
      const query = vector();
      const found = a.nearest(query, 100, passes, itemOf);
      assert.deepEqual(found, b.nearest(query, 100, passes, itemOf));
      const allowed = passes ? 2 * passes.filter((passed) => passed === 1).length : count;
      assert.equal(found.passages.length, Math.min(100, allowed));
      assert.ok(!passes || found.passages.every((passage) => passes[passage >>> 1] === 1));
      assert.deepEqual(a.productsOf(query, found.passages), found.products);
    }
    const last = count - 1;
    assert.deepEqual(a.get(last)?.sketch, b.get(last)?.sketch);
  });
}

test("both kernels score words alike, and as counting does", () => {
  const passages = 5_000;
  const [sums, met, scores] = [0, 40_000, 60_016];
  const [bytes, docs, impacts] = [80_016, 95_024, 115_024];
  const random = randomFrom(3);
  // Distances of one byte and of two.
  const lists = [0.3, 0.01, 0.0006].map((share) =>
    Array.from({ length: passages }, (_, doc) => ({ doc, impact: Math.ceil(random() * 255) })).filter(
      ({ doc }) => doc === passages - 1 || random() < share,
    ),
  );
  const results = [make ?? assert.fail(), plainKernel].map((makeOne) => {
    const kernel = makeOne(impacts + passages);
    let count = 0;
    for (const [i, list] of lists.entries()) {
      new Uint8Array(kernel.buffer, bytes).set(stored(list));
      kernel.postings(bytes, list.length, docs, impacts);
      assert.deepEqual(
        [...new Uint32Array(kernel.buffer, docs, list.length)],
        list.map(({ doc }) => doc),
      );
      count += kernel.add(docs, impacts, list.length, i + 0.7, sums, met + 4 * count);
    }
    kernel.score(met, count, sums, 5.1, 0.35, 0.65, scores);
    const found = new Uint32Array(kernel.buffer, met, count);
    const scored = new Float32Array(kernel.buffer, scores, count);
    const before = Array.from(found, (doc, i) => ({ doc, score: scored[i] ?? 0 }));
    const kept = kernel.split(met, scores, count, 0.4);
    const after = Array.from(found, (doc, i) => ({ doc, score: scored[i] ?? 0 }));
    assert.ok(kept > 0 && kept < count);
    assert.deepEqual(
      after.slice(0, kept),
      before.filter(({ score }) => score >= 0.4),
    );
    const byDoc = (a: { doc: number }, b: { doc: number }) => a.doc - b.doc;
    assert.deepEqual(after.toSorted(byDoc), before.toSorted(byDoc));
    return after;
  });
  assert.deepEqual(results[0], results[1]);
  const expected = new Map<number, { sum: number; share: number }>();
  for (const [i, list] of lists.entries()) {
    for (const { doc, impact } of list) {
      const { sum, share } = expected.get(doc) ?? { sum: 0, share: 0 };
      expected.set(doc, { sum: sum + ((i + 0.7) * impact) / 255, share: share + i + 0.7 });
    }
  }
  assert.equal(results[0]?.length, expected.size);
  for (const { doc, score } of results[0] ?? []) {
    const { sum, share } = expected.get(doc) ?? assert.fail();
    assert.ok(Math.abs(score - sum * (0.35 + (0.65 * share) / 5.1)) < 1e-5);
  }
});

/** Postings as a segment has them. */
function stored(list: readonly { readonly doc: number; readonly impact: number }[]): Uint8Array {
  const bytes: number[] = [];
  let last = -1;
  for (const { doc, impact } of list) {
    let distance = doc - last;
    for (; distance > 127; distance >>>= 7) bytes.push((distance & 127) | 128);
    bytes.push(distance, impact);
    last = doc;
  }
  return Uint8Array.from(bytes);
}
