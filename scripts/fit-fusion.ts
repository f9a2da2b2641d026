/**
 * `npm run fit:fusion -- [folder …]`: fits the weight of each embedder's vectors beside words (DESIGN §6) on judged sets
 * in the BEIR layout (those of the project itself without a folder). Every weight is taken on the first of every two
 * questions of each set; what is best in the mean of nDCG@10 and recall@10 over the sets is kept, and shown on the other
 * questions, which had no part in it, beside words alone and vectors alone. What it finds is written by hand where the embedder is: BUILT_IN_WEIGHT,
 * MINILM_WEIGHT.
 */
import { basename, resolve } from "node:path";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { embeddersAtHand } from "../bench/quality/embedders.ts";
import { type JudgedIndex, openJudgedIndex, reweighed } from "../bench/quality/judged-index.ts";
import { type JudgedSet, readJudgedSet } from "../bench/quality/judged-set.ts";
import { type Measured, meanOf, measure } from "../bench/quality/measures.ts";
import { ownSets } from "../bench/quality/own-sets.ts";

const WEIGHTS = Array.from({ length: 21 }, (_, i) => i / 20);
/**
 * A difference this small says nothing with a few hundred questions (its standard error is greater): of the weights
 * within it of the best, the middle one is kept, so that no spike is.
 */
const AS_GOOD = 0.01;

/** By weight. */
type Halves = readonly { readonly fitted: Measured; readonly held: Measured }[];

const folders = process.argv.slice(2);
const sets =
  folders.length === 0
    ? await ownSets()
    : await Promise.all(folders.map((folder) => readJudgedSet(resolve(folder), basename(folder))));
const atHand = await embeddersAtHand();
for (const set of sets) console.log(`${set.name}: ${set.drafts.size} documents, ${set.questions.length} questions`);
for (const embedder of atHand.embedders) {
  const halvesBySet: Halves[] = [];
  for (const set of sets) halvesBySet.push(await take(embedder, set));
  show(embedder, halvesBySet);
}
for (const missing of atHand.missing) console.log(`\n${missing}`);
await atHand.close();

async function take(embedder: Embedder, set: JudgedSet): Promise<Halves> {
  const index = await openJudgedIndex(set);
  await index.embed(embedder);
  const withWeight = reweighed(embedder);
  const halves: { fitted: Measured; held: Measured }[] = [];
  for (const weight of WEIGHTS) {
    const each: Measured[] = [];
    for (const { text, grades } of set.questions) {
      each.push({ ...measure(await ranked(index, text, weight, withWeight(weight)), grades), ms: 0 });
    }
    const half = (rest: number) => meanOf(each.filter((_, i) => i % 2 === rest));
    halves.push({ fitted: half(0), held: half(1) });
  }
  await index.close();
  return halves;
}

async function ranked(index: JudgedIndex, text: string, weight: number, embedder: Embedder) {
  if (weight === 1) return index.nearest(text, { embedder, limit: 10 });
  const { hits } = await index.search(text, { limit: 10, ...(weight === 0 ? {} : { embedder }) });
  return hits.map(({ id }) => id);
}

function show(embedder: Embedder, halvesBySet: readonly Halves[]): void {
  const means = WEIGHTS.map((_, w) => mean(halvesBySet.map((halves) => worth(halves[w]?.fitted))));
  const most = Math.max(...means);
  const good = WEIGHTS.filter((_, w) => (means[w] ?? 0) >= most - AS_GOOD);
  const chosen = good[good.length >> 1];
  console.log(`\n${embedder.label ?? embedder.id}, in use: ${embedder.weight}\n`);
  const heads = sets.map(({ name }) => `${name}: fitted on`.padEnd(30) + "the others".padEnd(16));
  console.log(`${"weight".padEnd(16)}${"mean".padEnd(8)}${heads.join("")}`);
  console.log(
    `${" ".repeat(24)}${sets.map(() => "nDCG@10 recall@10".padEnd(30) + "nDCG@10 r@10".padEnd(16)).join("")}`,
  );
  for (const [w, weight] of WEIGHTS.entries()) {
    const cells = halvesBySet.map((halves) => {
      const { fitted, held } = halves[w] ?? {};
      return `${pair(fitted).padEnd(30)}${pair(held).padEnd(16)}`;
    });
    const name = weight === 0 ? "words" : weight === 1 ? "vectors" : "";
    const mark = weight === chosen ? "← fitted" : "";
    console.log(
      `${`${weight.toFixed(2)} ${name}`.padEnd(16)}${(means[w] ?? 0).toFixed(3).padEnd(8)}${cells.join("")}${mark}`,
    );
  }
}

function pair(measured: Measured | undefined): string {
  return `${(measured?.ndcg10 ?? 0).toFixed(3)} ${(measured?.recall10 ?? 0).toFixed(3)}`;
}

function worth(measured: Measured | undefined): number {
  return ((measured?.ndcg10 ?? 0) + (measured?.recall10 ?? 0)) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
