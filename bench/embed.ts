/**
 * `node bench/embed.ts`: how fast passages and questions become vectors. The built-in word vectors, and MiniLM in its
 * thread beside bare onnxruntime on the same batches, tokenized beforehand (goal: at least 70 % of it); a question's
 * p50 alone and while passages are being embedded. The model's folder is below STEWARD_MODELS, or ../shared/models.
 */
import { existsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { WordPiece } from "@steward/core/search/embedders/word-piece.ts";
import { readVocabulary } from "../scripts/distill/pieces.ts";
import { judgedCorpus } from "../scripts/sample/judged.ts";
import { batchesOf, SENTENCE_BATCH } from "../server/src/embedders/batches.ts";
import { builtInEmbedder } from "../server/src/embedders/built-in.ts";
import { findRuntime } from "../server/src/embedders/runtime.ts";
import { openSentenceEmbedder } from "../server/src/embedders/sentence-embedder.ts";
import { readSentenceModel } from "../server/src/embedders/sentence-model.ts";

const ROUNDS = 4;
const QUESTIONS = 200;

const passages = [...judgedCorpus()].map(({ title, text }) => `${title}\n${text}`);
const characters = Math.round(passages.reduce((sum, text) => sum + text.length, 0) / passages.length);
console.log(`${passages.length} passages of ${characters} characters, ${availableParallelism()} processors`);

const builtIn = builtInEmbedder();
await builtIn.embed(passages, "passage");
const ms = await best(() => builtIn.embed(passages, "passage"));
console.log(`built-in   ${((ms * 1000) / passages.length).toFixed(0)} µs a passage`);
report("built-in", await questionTimes(builtIn));

const folder = join(
  process.env.STEWARD_MODELS ?? resolve(import.meta.dirname, "../../shared/models"),
  "all-MiniLM-L6-v2",
);
const runtime = findRuntime(tmpdir());
if (!existsSync(folder) || !runtime) console.log("MiniLM is not at hand; set STEWARD_MODELS to the folder it is in.");
else {
  const model = await readSentenceModel(folder);
  const threads = Math.min(4, availableParallelism());
  const minilm = await openSentenceEmbedder({ model, runtime, weight: 0.5, threads });
  const bare = await bareRuntime(folder, model.onnx, model.maxTokens, threads);
  await minilm.embed(passages.slice(0, 64), "passage");
  let [bareMs, ourMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // In turns, so that a busy machine is busy for both.
  for (let round = 0; round < ROUNDS; round += 1) {
    bareMs = Math.min(bareMs, await timed(bare));
    ourMs = Math.min(ourMs, await timed(() => minilm.embed(passages, "passage")));
  }
  const rate = (ms: number) => `${((passages.length / ms) * 1000).toFixed(0)} passages/s`;
  console.log(`onnxruntime, bare   ${rate(bareMs)}`);
  console.log(`MiniLM   ${rate(ourMs)}: ${((bareMs / ourMs) * 100).toFixed(0)} % of bare (goal: 70)`);
  report("MiniLM", await questionTimes(minilm));
  const background = minilm.embed([...passages, ...passages, ...passages], "passage");
  report("MiniLM, busy", await questionTimes(minilm, 20));
  await background;
  await minilm.close();
}
console.log(`resident ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);

/** All passages through a session of its own, with the product's batches; tokens made beforehand. */
async function bareRuntime(
  folder: string,
  onnx: string,
  maxTokens: number,
  threads: number,
): Promise<() => Promise<void>> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  const tokenizer = new WordPiece(await readVocabulary(folder));
  const ids = passages.map((text) => [101, ...tokenizer.encode(text).slice(0, maxTokens - 2), 102]);
  const batches = batchesOf(
    ids.map((list) => list.length),
    SENTENCE_BATCH,
  ).map((positions) => {
    const width = Math.max(...positions.map((at) => ids[at]?.length ?? 0));
    const flat = (of: (at: number, column: number) => number) =>
      new Tensor(
        "int64",
        BigInt64Array.from(positions.flatMap((at) => Array.from({ length: width }, (_, i) => BigInt(of(at, i))))),
        [positions.length, width],
      );
    return {
      input_ids: flat((at, i) => ids[at]?.[i] ?? 0),
      attention_mask: flat((at, i) => (i < (ids[at]?.length ?? 0) ? 1 : 0)),
      token_type_ids: flat(() => 0),
    };
  });
  return async () => {
    for (const feeds of batches) await session.run(feeds);
  };
}

async function questionTimes(embedder: Embedder, count = QUESTIONS): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    times.push(await timed(() => embedder.embed([`when is the appointment with the dentist number ${i}`], "query")));
  }
  return times.sort((a, b) => a - b);
}

function report(name: string, times: readonly number[]): void {
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2);
  console.log(`${name}   a question: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

async function best(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(work));
  return Math.min(...times);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
