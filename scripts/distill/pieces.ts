import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import type { Lane } from "./lane.ts";

/** The pieces of a model's vocabulary by id, from its `tokenizer.json`. Throws when it is no WordPiece tokenizer. */
export async function readVocabulary(model: string): Promise<string[]> {
  const file = join(model, "tokenizer.json");
  const { model: pieces } = Tokenizer.parse(JSON.parse(await readFile(file, "utf8")));
  const vocabulary: string[] = [];
  for (const [piece, id] of Object.entries(pieces.vocab)) vocabulary[id] = piece;
  for (let id = 0; id < vocabulary.length; id += 1) {
    if (vocabulary[id] === undefined) throw new Error(`${file} has no piece with the id ${id}.`);
  }
  return vocabulary;
}

const Tokenizer = z.object({
  model: z.object({ type: z.literal("WordPiece"), vocab: z.record(z.string(), z.int().min(0)) }),
});

/** `[unused12]`, `[CLS]` and their kind stand in no text. `[UNK]` stands for what a text has and the table has not. */
export function standsInTexts(piece: string): boolean {
  return piece === "[UNK]" || !/^\[[A-Za-z]+\d*\]$/.test(piece);
}

/**
 * Each piece through the model alone (`[CLS] piece [SEP]`), mean-pooled; row by row, not normalised. One piece a run,
 * because the int8 model scales its activations by all that is in a run: so no piece depends on its neighbours, and the
 * result not on how many threads share the work.
 */
export async function embedPieces(onnx: string, ids: readonly number[]): Promise<Float64Array> {
  const lanes = Math.min(4, availableParallelism());
  const each = Math.ceil(ids.length / lanes);
  const parts = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => runLane({ onnx, ids: ids.slice(lane * each, (lane + 1) * each) })),
  );
  const rows = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  return rows;
}

async function runLane(workerData: Lane): Promise<Float64Array> {
  const worker = new Worker(new URL("./lane.ts", import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("A thread of the distillation ended before its work was done.")));
  });
}
