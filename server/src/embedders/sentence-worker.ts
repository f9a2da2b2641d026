/**
 * The thread in which a sentence model runs: tokenizes, pads, runs, pools, normalises. onnxruntime-node blocks its
 * thread while it computes, so it has this one to itself. One batch at a time; between two, questions go first.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { batchesOf, SENTENCE_BATCH } from "./batches.ts";
import { poolRow } from "./pool.ts";
import type { SentenceModel } from "./sentence-model.ts";

export interface WorkerSetup {
  readonly model: SentenceModel;
  /** Absolute paths of the two packages. */
  readonly runtime: { readonly onnxruntime: string; readonly tokenizers: string };
  readonly threads: number;
}

export interface WorkerAsk {
  readonly ask: number;
  readonly texts: readonly string[];
  readonly purpose: "passage" | "query";
}

export type WorkerAnswer =
  | { readonly ready: true; readonly dimensions: number }
  | { readonly ask: number; readonly dimensions: number; readonly vectors: Float32Array }
  | { readonly ask: number; readonly error: string }
  | { readonly failed: string };

/** What is read of a text, in UTF-16 units: far more than the longest that any model takes. */
const MOST_UNITS = 20_000;

// The one who starts this thread gives it a `WorkerSetup`, see sentence-embedder.ts.
const { model, runtime, threads } = workerData as WorkerSetup;
const port = parentPort;
if (!port) throw new Error("This file runs as a worker of sentence-embedder.ts.");

interface Batch {
  readonly of: Asked;
  readonly positions: readonly number[];
}
interface Asked {
  readonly ask: number;
  readonly ids: readonly (readonly number[])[];
  readonly vectors: Float32Array<ArrayBuffer>;
  left: number;
}

const waiting: { readonly query: Batch[]; readonly passage: Batch[] } = { query: [], passage: [] };
let running = false;

try {
  const { encode, run } = await open();
  const [probe] = await run([encode("ready?", "query")]);
  const dimensions = probe?.length ?? 0;
  port.on("message", ({ ask, texts, purpose }: WorkerAsk) => {
    try {
      const ids = texts.map((text) => encode(text, purpose));
      const asked: Asked = { ask, ids, vectors: new Float32Array(texts.length * dimensions), left: texts.length };
      if (texts.length === 0) return answer({ ask, dimensions, vectors: asked.vectors });
      const lengths = ids.map((list) => list.length);
      for (const positions of batchesOf(lengths, SENTENCE_BATCH)) waiting[purpose].push({ of: asked, positions });
      void work(run, dimensions);
    } catch (error) {
      answer({ ask, error: messageOf(error) });
    }
  });
  answer({ ready: true, dimensions });
} catch (error) {
  answer({ failed: messageOf(error) });
  port.close();
}

async function work(run: (ids: readonly (readonly number[])[]) => Promise<Float32Array[]>, dimensions: number) {
  if (running) return;
  running = true;
  for (;;) {
    // What came while the last batch ran is taken in before the next is chosen.
    await new Promise(setImmediate);
    const batch = waiting.query.shift() ?? waiting.passage.shift();
    if (!batch) break;
    const { of, positions } = batch;
    if (of.left <= 0) continue;
    try {
      const vectors = await run(positions.map((at) => of.ids[at] ?? []));
      for (const [i, at] of positions.entries()) of.vectors.set(vectors[i] ?? [], at * dimensions);
      of.left -= positions.length;
      if (of.left === 0) answer({ ask: of.ask, dimensions, vectors: of.vectors }, [of.vectors.buffer]);
    } catch (error) {
      // Its other batches are dropped.
      of.left = -1;
      answer({ ask: of.ask, error: messageOf(error) });
    }
  }
  running = false;
}

async function open() {
  const require = createRequire(import.meta.url);
  // The paths were resolved by runtime.ts to these very packages.
  const ort = require(runtime.onnxruntime) as typeof import("onnxruntime-node");
  const { Tokenizer } = require(runtime.tokenizers) as typeof import("@huggingface/tokenizers");
  const tokenizer: HfTokenizer = new Tokenizer(JSON.parse(await readFile(model.tokenizer, "utf8")), {});
  const session = await ort.InferenceSession.create(model.onnx, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  const encode = (text: string, purpose: "passage" | "query") =>
    cut(tokenizer, model.prompts[purpose] + text.slice(0, MOST_UNITS));
  const run = (ids: readonly (readonly number[])[]) => runBatch(ort, session, ids);
  return { encode, run };
}

/** The pieces of a text with their special tokens, cut to what the model takes; the special ones stay. */
function cut(tokenizer: HfTokenizer, text: string): number[] {
  const { ids } = tokenizer.encode(text);
  if (ids.length <= model.maxTokens) return ids;
  const body = tokenizer.encode(text, { add_special_tokens: false }).ids;
  const special = ids.length - body.length;
  let before = 0;
  while (before < special && !startsAt(ids, body, before)) before += 1;
  return [...ids.slice(0, before), ...body.slice(0, model.maxTokens - special), ...ids.slice(before + body.length)];
}

function startsAt(ids: readonly number[], body: readonly number[], at: number): boolean {
  return body.every((id, i) => ids[at + i] === id);
}

async function runBatch(
  ort: typeof import("onnxruntime-node"),
  session: InferenceSession,
  ids: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const width = Math.max(1, ...ids.map((list) => list.length));
  const size = ids.length * width;
  const inputIds = new BigInt64Array(size);
  const mask = new BigInt64Array(size);
  for (const [row, list] of ids.entries()) {
    for (const [column, id] of list.entries()) inputIds[row * width + column] = BigInt(id);
    mask.fill(1n, row * width, row * width + list.length);
  }
  const tensor = (values: BigInt64Array) => new ort.Tensor("int64", values, [ids.length, width]);
  const feeds: Record<string, Tensor> = { input_ids: tensor(inputIds), attention_mask: tensor(mask) };
  if (session.inputNames.includes("token_type_ids")) feeds.token_type_ids = tensor(new BigInt64Array(size));
  const outputs = await session.run(feeds);
  const output =
    outputs.sentence_embedding ?? outputs.last_hidden_state ?? outputs.token_embeddings ?? Object.values(outputs)[0];
  if (!output || !(output.data instanceof Float32Array)) throw new Error("The model gives no vectors of float32.");
  const dimensions = output.dims.at(-1) ?? 0;
  const { data } = output;
  const pooled = output.dims.length === 2;
  return ids.map((list, row) =>
    pooled
      ? poolRow(data.subarray(row * dimensions, (row + 1) * dimensions), dimensions, 1, "cls")
      : poolRow(data.subarray(row * width * dimensions), dimensions, list.length, model.pooling),
  );
}

function answer(message: WorkerAnswer, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
