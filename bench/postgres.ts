/**
 * `node bench/postgres.ts [--n 10000] [--skip-quality]`: the engine past one machine, on PGlite (PostgreSQL in WebAssembly: one
 * thread, several times slower than a server's). First its quality beside the private index on the sample's judged
 * set, with the built-in word vectors; then vectors compared one by one beside pgvector's HNSW graph.
 */
import { parseArgs } from "node:util";
import { systemClock } from "@steward/core/clock.ts";
import { newId } from "@steward/core/ids.ts";
import { passageToEmbed } from "@steward/core/search/embedders/passage-text.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import type { IndexedItem, IndexRequest, PassageIndex } from "@steward/core/search/passage-index.ts";
import { parseQuery } from "@steward/core/search/query.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { randomFrom } from "@steward/core/testing/random.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { judgedCorpus, judgedQueries } from "../scripts/sample/judged.ts";
import { builtInEmbedder } from "../server/src/embedders/built-in.ts";
import { openPostgresIndex } from "../server/src/engines/postgres-index.ts";
import { openPglite } from "../server/src/engines/testing/pglite-client.ts";
import { ndcgAt, recallAt } from "./quality/measures.ts";

const { values } = parseArgs({
  options: { n: { type: "string", default: "10000" }, "skip-quality": { type: "boolean", default: false } },
});
const client = await openPglite();
if (!values["skip-quality"]) await compareQuality();
await compareVectors(Number(values.n));
await client.close();

async function compareQuality(): Promise<void> {
  const embedder = builtInEmbedder();
  const items = judgedCorpus().map(itemOf);
  const vectorsByItem = new Map<string, Float32Array[]>();
  for (const item of items) {
    const texts = item.passages.map((passage) => passageToEmbed(item, passage));
    vectorsByItem.set(item.item, [...(await embedder.embed(texts, "passage"))]);
  }
  const records = new MemoryRecords(systemClock);
  const sealed = new SealedRecords(records, plainVault(records));
  async function* nothing() {}
  const indexes: [string, PassageIndex][] = [
    [
      "private index",
      await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock: systemClock, replay: nothing }),
    ],
    ["PostgreSQL", await openPostgresIndex(client, { schema: "quality" })],
  ];
  console.log(`${items.length} documents, ${judgedQueries().length} judged queries`);
  console.log("                          nDCG@10  recall@10  recall@100  ms p50");
  for (const [name, index] of indexes) {
    await index.put(items);
    await index.setVectors(embedder.id, vectorsByItem);
    await index.flush();
    for (const mixed of [false, true]) {
      const rows: { ndcg: number; recall10: number; recall100: number; ms: number }[] = [];
      for (const { text, relevant } of judgedQueries()) {
        const { clauses, filter } = parseQuery(text, {
          now: Date.now(),
          timeZone: "Europe/Zurich",
          sources: new Map(),
        });
        const [asked] = mixed ? await embedder.embed([text], "query") : [];
        const request: IndexRequest = {
          ...{ clauses, filter, limit: 100, now: Date.now() },
          ...(asked ? { vector: { embedder: embedder.id, values: asked, weight: embedder.weight } } : {}),
        };
        const started = performance.now();
        const ranked = (await index.search(request)).hits.map(({ item }) => item);
        const ms = performance.now() - started;
        const grades = new Map(relevant.map((id) => [id, 1]));
        rows.push({
          ndcg: ndcgAt(10, ranked, grades),
          recall10: recallAt(10, ranked, grades),
          recall100: recallAt(100, ranked, grades),
          ms,
        });
      }
      const mean = (of: (row: (typeof rows)[number]) => number) =>
        (rows.reduce((sum, row) => sum + of(row), 0) / rows.length).toFixed(3);
      console.log(
        `${`${name}, ${mixed ? "both" : "words"}`.padEnd(26)}${mean((r) => r.ndcg).padStart(7)}${mean((r) => r.recall10).padStart(11)}${mean((r) => r.recall100).padStart(12)}${median(rows.map((r) => r.ms)).padStart(8)}`,
      );
    }
  }
}

/** Each document as an item of one passage: what is compared is the two indexes, not the splitting. */
function itemOf({ _id, title, text, metadata }: ReturnType<typeof judgedCorpus>[number]): IndexedItem {
  return {
    ...{ item: _id, kind: metadata.sender === undefined ? "file" : "mail", source: "judged", trust: "owner", title },
    ...(metadata.date === undefined ? {} : { date: Date.parse(metadata.date) }),
    people: metadata.sender === undefined ? [] : [{ role: "from", name: metadata.sender }],
    ...{ has: [], language: "en", passages: [{ text, context: "" }] },
  };
}

async function compareVectors(count: number): Promise<void> {
  const dimensions = 384;
  const random = randomFrom(7);
  // Clusters, as texts have them: evenly spread vectors are a graph's worst case and nobody's archive.
  const centres = Array.from({ length: 200 }, () => gaussian(random, dimensions));
  const vectorNear = () => {
    const centre = centres[Math.floor(random() * centres.length)] ?? [];
    const noise = gaussian(random, dimensions);
    return Float32Array.from(centre, (value, i) => value + 0.7 * (noise[i] ?? 0));
  };
  const items = Array.from(
    { length: count },
    (): IndexedItem => ({
      ...{ item: newId(1), kind: "note", source: "s", trust: "owner", title: "", people: [], has: [] },
      passages: [{ text: "", context: "" }],
    }),
  );
  const vectorsByItem = new Map(items.map(({ item }) => [item, [vectorNear()]]));
  const asked = Array.from({ length: 50 }, vectorNear);
  const truth: string[][] = [];
  console.log(`\n${count} vectors of ${dimensions} dimensions   recall@10  ms p50   filling`);
  for (const approximate of [false, true]) {
    const index = await openPostgresIndex(client, { schema: approximate ? "graph" : "exact", approximate });
    for (let at = 0; at < items.length; at += 1_000) await index.put(items.slice(at, at + 1_000));
    const started = performance.now();
    const all = [...vectorsByItem];
    for (let at = 0; at < all.length; at += 1_000) await index.setVectors("e", new Map(all.slice(at, at + 1_000)));
    const filling = (performance.now() - started) / 1_000;
    await index.flush();
    const times: number[] = [];
    let found = 0;
    for (const [i, values] of asked.entries()) {
      const begun = performance.now();
      const vector = { embedder: "e", values, weight: 0.5 };
      const answer = await index.search({ clauses: [], filter: {}, limit: 10, now: 1, vector });
      times.push(performance.now() - begun);
      const ids = answer.hits.map(({ item }) => item);
      if (!approximate) truth.push(ids);
      found += ids.filter((id) => truth[i]?.includes(id)).length;
    }
    console.log(
      `${(approximate ? "HNSW graph" : "one by one").padEnd(36)}${(found / (10 * asked.length)).toFixed(3)}${median(times).padStart(8)}${filling.toFixed(1).padStart(8)} s`,
    );
  }
}

function gaussian(random: () => number, length: number): number[] {
  return Array.from({ length }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

function median(values: readonly number[]): string {
  return ([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0).toFixed(1);
}
