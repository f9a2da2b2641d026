/**
 * `node scripts/fit-fusion.ts [folder]`: fits the weight of each embedder's vectors beside words (DESIGN §6). Reads a
 * judged set in the BEIR layout (the sample archive's own without a folder), takes every weight on every second
 * question, keeps the best, and shows it on the other questions beside words alone and vectors alone. What it finds is
 * written by hand where the embedder is: BUILT_IN_WEIGHT, MINILM_WEIGHT.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemClock } from "@steward/core/clock.ts";
import type { Draft } from "@steward/core/intake/draft.ts";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { passageToEmbed } from "@steward/core/search/embedders/passage-text.ts";
import { find } from "@steward/core/search/find.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import { toIndexed } from "@steward/core/search/indexed.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { type JudgedSet, readJudgedSet } from "../bench/quality/judged-set.ts";
import { type Grades, ndcgAt, recallAt } from "../bench/quality/measures.ts";
import { builtInEmbedder } from "../server/src/embedders/built-in.ts";
import { findRuntime } from "../server/src/embedders/runtime.ts";
import { openSentenceEmbedder } from "../server/src/embedders/sentence-embedder.ts";
import { readSentenceModel } from "../server/src/embedders/sentence-model.ts";
import { writeJudged } from "./sample/judged.ts";

const WEIGHTS = Array.from({ length: 21 }, (_, i) => i / 20);

interface Measured {
  readonly ndcg: number;
  readonly recall: number;
}

const [folder] = process.argv.slice(2);
const judged = folder === undefined ? await sample() : await readJudgedSet(folder);
console.log(`${judged.drafts.size} documents, ${judged.questions.length} judged questions, every second for fitting`);
await fit(builtInEmbedder(), judged);
const minilm = await openMinilm();
if (minilm) await fit(minilm, judged).finally(() => minilm.close());
else console.log("\nMiniLM is not at hand; set STEWARD_MODELS to the folder it is in.");

async function fit(embedder: Embedder, { drafts, questions }: JudgedSet): Promise<void> {
  const measure = await indexWith(embedder, drafts);
  const rows: { weight: number; fitted: Measured; shown: Measured }[] = [];
  for (const weight of WEIGHTS) {
    const each: Measured[] = [];
    for (const { text, grades } of questions) each.push(await measure(text, grades, weight));
    const half = (rest: number) => meanOf(each.filter((_, i) => i % 2 === rest));
    rows.push({ weight, fitted: half(0), shown: half(1) });
  }
  // Of weights that are as good, the middle one stands firmest.
  const most = Math.max(...rows.map(({ fitted }) => fitted.ndcg));
  const good = rows.filter(({ fitted }) => fitted.ndcg >= most - 0.004);
  const chosen = good[good.length >> 1];
  console.log(
    `\n${embedder.id} (in use: ${embedder.weight})\n weight   fitted on: nDCG@10  recall@10   the others: nDCG@10  recall@10`,
  );
  for (const row of rows) {
    const { weight, fitted, shown } = row;
    const cells = [fitted.ndcg, fitted.recall, shown.ndcg, shown.recall].map((value) => value.toFixed(3).padStart(10));
    const name = weight === 0 ? "words" : weight === 1 ? "vectors" : "";
    console.log(` ${weight.toFixed(2)} ${name.padEnd(10)}${cells.join(" ")}${row === chosen ? "  ← fitted" : ""}`);
  }
}

async function indexWith(embedder: Embedder, drafts: ReadonlyMap<string, Draft>) {
  const records = new MemoryRecords(systemClock);
  const sealed = new SealedRecords(records, plainVault(records));
  async function* nothing() {}
  const index = await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock: systemClock, replay: nothing });
  const items = [...drafts.values()].map(({ item, reading }) => toIndexed(item, reading));
  await index.put(items);
  const vectors = new Map<string, Float32Array[]>();
  for (const item of items) {
    const texts = item.passages.map((passage) => passageToEmbed(item, passage));
    vectors.set(item.item, await embedder.embed(texts, "passage"));
  }
  await index.setVectors(embedder.id, vectors);
  const deps = {
    ...{
      index,
      clock: systemClock,
      timeZone: "Europe/Zurich",
      sourceNames: async () => new Map([["judged", "judged"]]),
    },
    library: {
      items: async (ids: readonly string[]) => ids.map((id) => drafts.get(id)?.item),
      reading: async (id: string) => drafts.get(id)?.reading,
    },
  };
  const embedded = new Map<string, Promise<Float32Array[]>>();
  return async (query: string, grades: Grades, weight: number): Promise<Measured> => {
    // Each question is embedded once for all the weights.
    const embed: Embedder["embed"] = ([text = ""]) => {
      const known = embedded.get(text) ?? embedder.embed([text], "query");
      embedded.set(text, known);
      return known;
    };
    const weighed = weight === 0 ? {} : { embedder: { ...embedder, weight, embed } };
    const { hits } = await find({ ...deps, ...weighed }, query, { limit: 10 });
    const ranked = hits.map(({ id }) => id);
    return { ndcg: ndcgAt(10, ranked, grades), recall: recallAt(10, ranked, grades) };
  };
}

function meanOf(rows: readonly Measured[]): Measured {
  const mean = (of: (row: Measured) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  return { ndcg: mean(({ ndcg }) => ndcg), recall: mean(({ recall }) => recall) };
}

async function openMinilm() {
  const models = process.env.STEWARD_MODELS ?? resolve(import.meta.dirname, "../../shared/models");
  const model = await readSentenceModel(join(models, "all-MiniLM-L6-v2")).catch(() => undefined);
  const runtime = findRuntime(tmpdir());
  return model && runtime ? openSentenceEmbedder({ model, runtime, weight: 0.5 }) : undefined;
}

async function sample(): Promise<JudgedSet> {
  const made = await mkdtemp(join(tmpdir(), "steward-fit-"));
  try {
    await writeJudged(made);
    return await readJudgedSet(made);
  } finally {
    await rm(made, { recursive: true });
  }
}
