import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { quantize } from "@steward/core/search/index/quantize.ts";
import { PassageVectors } from "@steward/core/search/index/vectors.ts";
import { plainKernel } from "@steward/core/search/kernel/kernel.ts";
import { randomFrom } from "@steward/core/testing/random.ts";
import { load } from "sqlite-vec";

/**
 * `npm run bench:vectors -- [--n 10000,100000] [--dimensions 384] [--queries 100] [--beside false]`: the vectors' part of a
 * search, beside sqlite-vec (bits, then 400 rescored with int8) over the same vectors in the same run, and recall@10
 * against exact products of the unrounded vectors. Vectors are made from a seed: topics, conversations within topics,
 * and what a passage has of its own, off the origin, some dimensions stronger than others, of length 1.
 */
const { values } = parseArgs({
  options: {
    n: { type: "string", default: "10000,100000" },
    dimensions: { type: "string", default: "384" },
    queries: { type: "string", default: "100" },
    beside: { type: "string", default: "true" },
  },
});
const dimensions = Number(values.dimensions);
const asked = Number(values.queries);
const TOP = 10;
/** Passages that vectors alone bring into a search. */
const NEAREST = 100;
const TOPICS = 300;
/** Passages of one conversation. */
const CONVERSATION = 25;
const FILTER_SHARE = 0.05;

/** Normal numbers from a table: a million vectors take hundreds of millions. */
const normals = (() => {
  const random = randomFrom(1);
  return Float32Array.from(
    { length: 65_536 },
    () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random()),
  );
})();

function vectorsFrom(count: number): { passage: () => Float32Array; query: () => Float32Array } {
  const random = randomFrom(2);
  const strength = Float32Array.from({ length: dimensions }, (_, i) => (1 + i) ** -0.2);
  const draw = (seed: () => number) => {
    const vector = new Float32Array(dimensions);
    for (let i = 0; i < dimensions; i += 2) {
      const word = seed() * 2 ** 32;
      vector[i] = (normals[word & 0xffff] ?? 0) * (strength[i] ?? 0);
      vector[i + 1] = (normals[word >>> 16] ?? 0) * (strength[i + 1] ?? 0);
    }
    return vector;
  };
  const offset = draw(random);
  const topics = Array.from({ length: TOPICS }, () => draw(random));
  const conversations = Math.ceil(count / CONVERSATION);
  const at = (next: () => number) => {
    const which = Math.floor(next() * conversations);
    // A conversation is what its number says, so that none need be kept.
    const conversation = draw(randomFrom(1_000 + which));
    const topic = topics[Math.floor(TOPICS * ((which * 0.618034) % 1) ** 1.5)] ?? offset;
    const own = draw(next);
    let length = 0;
    for (let i = 0; i < dimensions; i += 1) {
      own[i] = 0.4 * (offset[i] ?? 0) + 0.7 * (topic[i] ?? 0) + 0.6 * (conversation[i] ?? 0) + 0.7 * (own[i] ?? 0);
      length += (own[i] ?? 0) ** 2;
    }
    length = Math.sqrt(length);
    for (let i = 0; i < dimensions; i += 1) own[i] = (own[i] ?? 0) / length;
    return own;
  };
  const other = randomFrom(3);
  return { passage: () => at(random), query: () => at(other) };
}

/** The greatest `TOP` products of a query, unrounded. */
class Truth {
  readonly products: number[] = [];

  see(product: number): void {
    if (this.products.length === TOP && product <= (this.products[TOP - 1] ?? 0)) return;
    this.products.push(product);
    this.products.sort((a, b) => b - a);
    this.products.length = Math.min(TOP, this.products.length);
  }
}

function productOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function quantiles(ms: number[]): string {
  ms.sort((a, b) => a - b);
  const at = (share: number) => (ms[Math.floor(ms.length * share)] ?? 0).toFixed(3);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

function timed(rounds: number, work: (round: number) => void): number[] {
  return Array.from({ length: rounds }, (_, round) => {
    const from = performance.now();
    work(round);
    return performance.now() - from;
  });
}

const resident = () => process.memoryUsage().rss / 1e6;

for (const count of (values.n ?? "").split(",").map(Number)) {
  console.log(`\n${count} vectors of ${dimensions} dimensions`);
  const before = resident();
  const make = vectorsFrom(count);
  const queries = Array.from({ length: asked }, make.query);
  const random = randomFrom(4);
  const passes = Uint8Array.from({ length: count }, () => (random() < FILTER_SHARE ? 1 : 0));
  const itemOf = Uint32Array.from({ length: count }, (_, passage) => passage);
  const truths = queries.map(() => ({ plain: new Truth(), filtered: new Truth() }));
  const index = new PassageVectors("bench", dimensions, count);
  const beside = values.beside === "true" ? openBeside() : undefined;
  let adding = 0;
  beside?.db.exec("BEGIN");
  for (let passage = 0; passage < count; passage += 1) {
    const vector = make.passage();
    for (const [n, query] of queries.entries()) {
      const product = productOf(vector, query);
      truths[n]?.plain.see(product);
      if (passes[passage] === 1) truths[n]?.filtered.see(product);
    }
    const from = performance.now();
    index.set(passage, quantize(vector));
    adding += performance.now() - from;
    beside?.add(passage, vector);
  }
  beside?.db.exec("COMMIT");
  const first = timed(1, () => index.nearest(queries[0] ?? new Float32Array(dimensions), NEAREST))[0] ?? 0;
  console.log(
    `  taken       ${((adding / count) * 1_000).toFixed(1)} µs a vector; sketched ${((first / count) * 1_000).toFixed(1)} µs`,
  );
  console.log(`  memory      ${(resident() - before).toFixed(0)} MB resident${beside ? ", sqlite-vec's in it" : ""}`);

  // The products of what is found are measured again, unrounded, on vectors made again from the seed.
  const found = {
    plain: new Map<number, number[]>(),
    filtered: new Map<number, number[]>(),
    beside: new Map<number, number[]>(),
  };
  const note = (into: Map<number, number[]>, query: number, passages: Iterable<number>) => {
    for (const passage of passages) into.set(passage, [...(into.get(passage) ?? []), query]);
  };
  for (const [n, query] of queries.entries()) {
    note(found.plain, n, index.nearest(query, NEAREST).passages.subarray(0, TOP));
    note(found.filtered, n, index.nearest(query, NEAREST, passes, itemOf).passages.subarray(0, TOP));
  }
  const rounds = Math.max(300, asked);
  const fresh = (round: number) => (queries[round % asked] ?? new Float32Array(dimensions)).slice();
  console.log(`  plain       ${quantiles(timed(rounds, (round) => index.nearest(fresh(round), NEAREST)))}`);
  console.log(
    `  5 % filter  ${quantiles(timed(rounds, (round) => index.nearest(fresh(round), NEAREST, passes, itemOf)))}`,
  );
  const half = passes.map((_, passage) => passage & 1);
  console.log(
    `  50 % filter ${quantiles(timed(rounds, (round) => index.nearest(fresh(round), NEAREST, half, itemOf)))}`,
  );
  if (count <= 100_000) {
    const plain = new PassageVectors("bench", dimensions, count, plainKernel);
    for (let passage = 0; passage < count; passage += 1) {
      const vector = index.get(passage);
      if (vector) plain.set(passage, vector);
    }
    plain.nearest(fresh(0), NEAREST);
    console.log(`  no SIMD     ${quantiles(timed(20, (round) => plain.nearest(fresh(round), NEAREST)))}`);
  }
  if (beside) {
    const some = queries.slice(0, 30);
    const ms = timed(some.length, (n) => note(found.beside, n, beside.nearest(some[n] ?? fresh(n))));
    console.log(`  sqlite-vec  ${quantiles(ms)}`);
    beside.db.close();
  }
  const again = vectorsFrom(count);
  for (let n = 0; n < asked; n += 1) again.query();
  const hits = { plain: 0, filtered: 0, beside: 0 };
  for (let passage = 0; passage < count; passage += 1) {
    const vector = again.passage();
    for (const kind of ["plain", "filtered", "beside"] as const) {
      for (const n of found[kind].get(passage) ?? []) {
        const truth = truths[n]?.[kind === "filtered" ? "filtered" : "plain"].products.at(-1) ?? 1;
        if (productOf(vector, queries[n] ?? vector) >= truth) hits[kind] += 1;
      }
    }
  }
  const share = (hit: number, of: number) => (hit / (of * TOP)).toFixed(4);
  console.log(`  recall@10   plain ${share(hits.plain, asked)}, 5 % filter ${share(hits.filtered, asked)}`);
  if (beside) console.log(`  recall@10   sqlite-vec ${share(hits.beside, Math.min(30, asked))}`);
}

/** sqlite-vec as it is meant to be fast: signs first, then the nearest 400 by int8. */
function openBeside() {
  const db = new DatabaseSync(":memory:", { allowExtension: true });
  load(db);
  db.exec(`CREATE VIRTUAL TABLE v USING vec0(bits bit[${dimensions}], fine int8[${dimensions}])`);
  const insert = db.prepare("INSERT INTO v(rowid, bits, fine) VALUES (?, vec_quantize_binary(?), vec_int8(?))");
  const select = db.prepare(`
    WITH near AS MATERIALIZED (SELECT rowid, fine FROM v WHERE bits MATCH vec_quantize_binary(?) AND k = 400)
    SELECT rowid AS passage FROM near ORDER BY vec_distance_cosine(vec_int8(fine), vec_int8(?)) LIMIT ${TOP}`);
  const bytes = (vector: Float32Array) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  const fine = (vector: Float32Array) => new Uint8Array(quantize(vector).values.buffer);
  return {
    db,
    add: (passage: number, vector: Float32Array) => insert.run(BigInt(passage), bytes(vector), fine(vector)),
    nearest: (query: Float32Array) => select.all(bytes(query), fine(query)).map(({ passage }) => Number(passage)),
  };
}
