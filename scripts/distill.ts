/**
 * `npm run distill`: makes the built-in word vectors (DESIGN §6) from a copy of all-MiniLM-L6-v2 and writes them to
 * server/assets/word-vectors.bin. The model's folder is `STEWARD_MODELS`/all-MiniLM-L6-v2, `../shared/models` when that
 * is not set, or the first argument; the second argument is where to write.
 *
 * Each WordPiece of the vocabulary goes through the model alone; the mean of all is taken away; the first 128 principal
 * components, each divided by the square root of its singular value (so that the first ones do not drown the rest), are
 * kept as int8 with one scale a piece.
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type WordTable, writeWordTable } from "@steward/core/search/embedders/word-table.ts";
import { embedPieces, readVocabulary, standsInTexts } from "./distill/pieces.ts";
import { covarianceOf, eigenOf } from "./distill/principal.ts";
import { weightsOf } from "./distill/weights.ts";

export const DIMENSIONS = 128;
const ONNX = join("onnx", "model_int8.onnx");

export async function distill(model: string): Promise<WordTable> {
  const vocabulary = await readVocabulary(model);
  const kept = [...vocabulary.keys()].filter((id) => standsInTexts(vocabulary[id] ?? ""));
  const onnx = join(model, ONNX);
  const projected = project(await embedPieces(onnx, kept), kept.length);
  const { rows, scales } = quantize(projected, kept, vocabulary.length);
  return {
    id: `word-vectors-${DIMENSIONS}:all-MiniLM-L6-v2:1`,
    dimensions: DIMENSIONS,
    ...{ vocabulary, scales, rows, weights: weightsOf(vocabulary) },
    made: {
      model: "sentence-transformers/all-MiniLM-L6-v2",
      revision: "1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
      licence: "Apache-2.0",
      onnx: createHash("sha256")
        .update(await readFile(onnx))
        .digest("hex"),
      by: "scripts/distill.ts with onnxruntime-node 1.30.0",
      processor: "x86-64 with AVX-512 VNNI",
    },
  };
}

/** The rows' first principal components, each divided by the square root of its singular value. */
function project(rows: Float64Array, count: number): Float64Array {
  const width = rows.length / count;
  const { mean, covariance } = covarianceOf(rows, width);
  const { values, vectors } = eigenOf(covariance, width);
  const projected = new Float64Array(count * DIMENSIONS);
  for (let r = 0; r < count; r += 1) {
    for (let k = 0; k < DIMENSIONS; k += 1) {
      let sum = 0;
      for (let d = 0; d < width; d += 1) {
        sum += ((rows[r * width + d] ?? 0) - (mean[d] ?? 0)) * (vectors[k * width + d] ?? 0);
      }
      // A component's singular value is the square root of its variance, but for a factor that all share.
      projected[r * DIMENSIONS + k] = sum / Math.sqrt(Math.sqrt(values[k] ?? 1));
    }
  }
  return projected;
}

/** Each row by a scale of its own, so that its largest number is 127. */
function quantize(projected: Float64Array, kept: readonly number[], pieces: number) {
  const rows = new Int8Array(pieces * DIMENSIONS);
  const scales = new Float32Array(pieces);
  for (const [r, id] of kept.entries()) {
    const row = projected.subarray(r * DIMENSIONS, (r + 1) * DIMENSIONS);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest === 0) continue;
    scales[id] = largest / 127;
    for (const [k, value] of row.entries()) rows[id * DIMENSIONS + k] = Math.round((value / largest) * 127);
  }
  return { rows, scales };
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..");
  const models = process.env.STEWARD_MODELS ?? join(root, "..", "shared", "models");
  const [model = join(models, "all-MiniLM-L6-v2"), out = join(root, "server", "assets", "word-vectors.bin")] =
    process.argv.slice(2);
  const started = performance.now();
  const bytes = writeWordTable(await distill(model));
  await writeFile(out, bytes);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${out}: ${bytes.length} bytes in ${seconds} s, SHA-256 ${createHash("sha256").update(bytes).digest("hex")}`,
  );
}
