/**
 * `npm run bench:quality -- [folder] [--json]`: how well the search finds what was judged relevant. Reads a judged set
 * (`quality/judged-set.ts` says how it is laid out), builds an index the way intake does and prints nDCG@10 and
 * recall@5, @10, @100 for words, for vectors and for both, with every embedder at hand. Without a folder it judges the
 * sets of the project itself. The halves are those of `npm run fit:fusion`: the weights in use were fitted on one.
 */
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { embeddersAtHand } from "./quality/embedders.ts";
import { type JudgedIndex, openJudgedIndex } from "./quality/judged-index.ts";
import { type JudgedSet, JudgedSetError, readJudgedSet } from "./quality/judged-set.ts";
import { MADE_UP } from "./quality/made-up.ts";
import { type Measured, meanOf, measure } from "./quality/measures.ts";
import { ownSets } from "./quality/own-sets.ts";

const DEPTH = 100;

interface Row {
  readonly set: string;
  readonly embedder?: string;
  readonly leg: "words" | "vectors" | "both";
  readonly weight: number;
  readonly all: Measured;
  readonly fitted: Measured;
  readonly held: Measured;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean" } } });
const say = values.json ? () => {} : (text: string) => console.log(text);
const tell = (text: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

try {
  const [folder] = positionals;
  const sets = folder === undefined ? await ownSets() : [await readJudgedSet(resolve(folder), basename(folder))];
  const atHand = await embeddersAtHand();
  try {
    const rows: Row[] = [];
    for (const set of sets) rows.push(...(await judge(set, atHand.embedders)));
    for (const missing of atHand.missing) say(missing);
    if (values.json) console.log(JSON.stringify(rows, null, 2));
  } finally {
    await atHand.close();
  }
} catch (error) {
  if (!(error instanceof JudgedSetError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function judge(set: JudgedSet, embedders: readonly Embedder[]): Promise<Row[]> {
  say(`${set.name}: ${set.drafts.size} documents, ${set.questions.length} judged questions`);
  if (set.missing.length > 0) {
    const some = set.missing.slice(0, 5).join(", ");
    console.error(`${set.missing.length} judged documents are not in corpus.jsonl and count as not found: ${some} …`);
  }
  say("                            nDCG@10  recall@5  recall@10  recall@100     ms   nDCG@10, recall@10 of each half");
  const index = await openJudgedIndex(set);
  const rows: Row[] = [];
  const add = async (leg: Row["leg"], embedder?: Embedder) => {
    const name = embedder?.label ?? embedder?.id;
    const each = await measured(index, set, leg, embedder, `${set.name}, ${leg}${name ? ` with ${name}` : ""}`);
    const half = (rest: number) => meanOf(each.filter((_, i) => i % 2 === rest));
    const row = { all: meanOf(each), fitted: half(0), held: half(1), leg, weight: weightOf(leg, embedder) };
    rows.push({ set: set.name, ...(name ? { embedder: name } : {}), ...row });
    print(`${name ? `${name}, ` : ""}${leg}`, row);
  };
  try {
    await add("words");
    for (const embedder of embedders) {
      const name = embedder.label ?? embedder.id;
      await index.embed(embedder, (done, of) => tell(`${set.name}: ${done} of ${of} passages embedded by ${name}`));
      await add("vectors", embedder);
      await add("both", embedder);
      say(`${name}, made-up words`.padEnd(28) + (await madeUp(index, embedder)));
    }
  } finally {
    await index.close();
  }
  say("");
  return rows;
}

function weightOf(leg: Row["leg"], embedder: Embedder | undefined): number {
  return leg === "vectors" ? 1 : (embedder?.weight ?? 0);
}

/** What vectors bring for words that there are none of: it should be nothing. */
async function madeUp(index: JudgedIndex, embedder: Embedder): Promise<string> {
  const found: number[] = [];
  for (const words of MADE_UP) found.push((await index.search(words, { embedder, limit: DEPTH })).total);
  return `${found.filter((total) => total === 0).length} of ${found.length} find nothing, the others ${Math.max(...found)} at most`;
}

async function measured(
  index: JudgedIndex,
  set: JudgedSet,
  leg: Row["leg"],
  embedder: Embedder | undefined,
  what: string,
): Promise<Measured[]> {
  const each: Measured[] = [];
  for (const { text, grades } of set.questions) {
    const began = performance.now();
    const ranked =
      leg === "vectors" && embedder
        ? await index.nearest(text, { embedder, limit: DEPTH })
        : (await index.search(text, { limit: DEPTH, ...(embedder ? { embedder } : {}) })).hits.map(({ id }) => id);
    each.push({ ...measure(ranked, grades), ms: performance.now() - began });
    if (each.length % 50 === 0) tell(`${what}: ${each.length} of ${set.questions.length} questions`);
  }
  tell("");
  return each;
}

function print(name: string, { all, fitted, held }: Pick<Row, "all" | "fitted" | "held">): void {
  const cell = (value: number, width: number, digits = 3) => value.toFixed(digits).padStart(width);
  const whole = `${cell(all.ndcg10, 7)}${cell(all.recall5, 10)}${cell(all.recall10, 11)}${cell(all.recall100, 12)}`;
  const halves = [fitted, held].map(({ ndcg10, recall10 }) => `${ndcg10.toFixed(3)}, ${recall10.toFixed(3)}`);
  say(`${name.padEnd(28)}${whole}${cell(all.ms, 7, 1)}   ${halves.join("   ")}`);
}
