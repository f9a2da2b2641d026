import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { readWordTable, writeWordTable } from "@steward/core/search/embedders/word-table.ts";
import { readVocabulary } from "./distill/pieces.ts";
import { covarianceOf, eigenOf } from "./distill/principal.ts";
import { weightsOf } from "./distill/weights.ts";
import { distill } from "./distill.ts";

const ROOT = resolve(import.meta.dirname, "..");
const MODEL = join(process.env.STEWARD_MODELS ?? join(ROOT, "..", "shared", "models"), "all-MiniLM-L6-v2");
const COMMITTED = readFileSync(join(ROOT, "server/assets/word-vectors.bin"));
const missing = !existsSync(MODEL) ? "no copy of MiniLM; set STEWARD_MODELS" : !hasRuntime() && "no onnxruntime-node";

describe("the built-in word vectors", () => {
  it("are made again by the script: to the byte on the recorded kind of processor", { skip: missing }, async () => {
    const made = await distill(MODEL);
    if (isRecordedKind()) {
      assert.ok(COMMITTED.equals(writeWordTable(made)), "other bytes than server/assets/word-vectors.bin");
      return;
    }
    const committed = readWordTable(COMMITTED);
    assert.deepEqual(made.vocabulary, committed.vocabulary);
    assert.deepEqual(made.weights, committed.weights);
    let [sum, rows] = [0, 0];
    for (let id = 0; id < committed.vocabulary.length; id += 1) {
      if (committed.scales[id] === 0) continue;
      sum += cosine(rowOf(made.rows, id), rowOf(committed.rows, id));
      rows += 1;
    }
    assert.ok(sum / rows >= 0.999, `mean cosine ${sum / rows}`);
  });

  it("are of the model's own vocabulary", { skip: missing }, async () => {
    assert.deepEqual(await readVocabulary(MODEL), readWordTable(COMMITTED).vocabulary);
  });

  it("say what they were made of, with its licence", () => {
    const { made, id, dimensions } = readWordTable(COMMITTED);
    assert.deepEqual([id, dimensions], ["word-vectors-128:all-MiniLM-L6-v2:1", 128]);
    assert.deepEqual([made.model, made.licence], ["sentence-transformers/all-MiniLM-L6-v2", "Apache-2.0"]);
    const notice = readFileSync(join(ROOT, "NOTICE"), "utf8");
    for (const part of [made.model, made.revision]) assert.ok(part && notice.includes(part), part ?? "");
  });

  it("weigh pieces by how rare they are, and stop words next to nothing", () => {
    const { vocabulary, weights } = readWordTable(COMMITTED);
    assert.deepEqual(weightsOf(vocabulary), weights);
    const weight = (piece: string) => weights[vocabulary.indexOf(piece)] ?? Number.NaN;
    assert.ok(weight("the") < 0.001 && weight(".") < 0.001 && weight("the") > 0);
    assert.ok(weight("dentist") > weight("house") && weight("house") > weight("first"));
    assert.equal(weight("[CLS]"), 0);
    assert.throws(() => weightsOf(["a"]), /no 'the'/);
  });
});

describe("principal components", () => {
  it("are the eigenvectors of the covariance, largest first, largest entry positive", () => {
    // Spread 9 along (3, 4) / 5 and 1 across it, around (10, 20).
    const points = [-3, 3].flatMap((along) => [-1, 1].map((across) => [along, across] as const));
    const rows = Float64Array.from(points.flatMap(([a, b]) => [10 + a * 0.6 - b * 0.8, 20 + a * 0.8 + b * 0.6]));
    const { mean, covariance } = covarianceOf(rows, 2);
    const { values, vectors } = eigenOf(covariance, 2);
    const near = (actual: Iterable<number>, expected: readonly number[]) =>
      [...actual].forEach((value, i) => {
        assert.ok(Math.abs(value - (expected[i] ?? Number.NaN)) < 1e-12, `${i}: ${value}`);
      });
    near(mean, [10, 20]);
    near(values, [9, 1]);
    near(vectors, [0.6, 0.8, 0.8, -0.6]);
  });
});

function rowOf(rows: Int8Array, id: number): Int8Array {
  return rows.subarray(id * 128, (id + 1) * 128);
}

function cosine(a: Int8Array, b: Int8Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/** What `made.processor` of the table names. */
function isRecordedKind(): boolean {
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  return /\bavx512_vnni\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
}

function hasRuntime(): boolean {
  try {
    createRequire(import.meta.url).resolve("onnxruntime-node");
    return true;
  } catch {
    return false;
  }
}
