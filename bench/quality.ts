/**
 * `npm run bench:quality -- <folder>`: how well the search finds what was judged relevant. Reads a set in the BEIR
 * layout (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`; `metadata` may say `conversation`, `position`, `date`,
 * `sender`), builds an index the way intake does and prints nDCG@10 and recall@5, @10, @100.
 * Without a folder it judges the sample archive's own set.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@steward/core/clock.ts";
import type { Draft } from "@steward/core/intake/draft.ts";
import { find } from "@steward/core/search/find.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import { toIndexed } from "@steward/core/search/indexed.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { writeJudged } from "../scripts/sample/judged.ts";
import { readJudgedSet } from "./quality/judged-set.ts";
import { ndcgAt, recallAt } from "./quality/measures.ts";

const DEPTH = 100;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  const made = await mkdtemp(join(tmpdir(), "steward-quality-"));
  try {
    await writeJudged(made);
    await measure(made);
  } finally {
    await rm(made, { recursive: true });
  }
} else await measure(folder);

async function measure(folder: string): Promise<void> {
  const { drafts, questions } = await readJudgedSet(folder);
  const search = await indexOf(drafts);

  const measured: Measured[] = [];
  for (const { text, grades } of questions) {
    const { ranked, ms } = await search(text);
    measured.push({
      ndcg10: ndcgAt(10, ranked, grades),
      recall5: recallAt(5, ranked, grades),
      recall10: recallAt(10, ranked, grades),
      recall100: recallAt(100, ranked, grades),
      ms,
    });
  }
  if (measured.length === 0) throw new Error(`No query of ${folder} has a judged document; is qrels/test.tsv there?`);
  console.log(`${drafts.size} documents, ${measured.length} judged queries`);
  console.log(`${"words".padEnd(14)}nDCG@10  recall@5  recall@10  recall@100  ms`);
  // Weights are fitted on every other query; the rest shows what they are worth.
  printMeans("all", measured);
  printMeans(
    "tune half",
    measured.filter((_, i) => i % 2 === 0),
  );
  printMeans(
    "held-out half",
    measured.filter((_, i) => i % 2 === 1),
  );
}

interface Measured {
  readonly ndcg10: number;
  readonly recall5: number;
  readonly recall10: number;
  readonly recall100: number;
  readonly ms: number;
}

function printMeans(name: string, rows: readonly Measured[]): void {
  const mean = (of: (row: Measured) => number) =>
    (rows.reduce((sum, row) => sum + of(row), 0) / Math.max(1, rows.length)).toFixed(3);
  console.log(
    `${name.padEnd(14)}${mean((r) => r.ndcg10).padStart(7)}${mean((r) => r.recall5).padStart(10)}${mean((r) => r.recall10).padStart(11)}${mean((r) => r.recall100).padStart(12)}  ${mean((r) => r.ms)}`,
  );
}

async function indexOf(drafts: ReadonlyMap<string, Draft>) {
  const records = new MemoryRecords(systemClock);
  const sealed = new SealedRecords(records, plainVault(records));
  async function* nothing() {}
  const index = await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock: systemClock, replay: nothing });
  await index.put([...drafts.values()].map(({ item, reading }) => toIndexed(item, reading)));
  const deps = {
    ...{ index, clock: systemClock, timeZone: "Europe/Zurich" },
    sourceNames: async () => new Map([["judged", "judged"]]),
    library: {
      items: async (ids: readonly string[]) => ids.map((id) => drafts.get(id)?.item),
      reading: async (id: string) => drafts.get(id)?.reading,
    },
  };
  return async (query: string) => {
    const { hits, ms } = await find(deps, query, { limit: DEPTH });
    return { ranked: hits.map(({ id }) => id), ms };
  };
}
