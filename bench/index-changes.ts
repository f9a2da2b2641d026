import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Clock } from "@steward/core/clock.ts";
import { openPrivateIndex, type PrivateIndex } from "@steward/core/search/index/private-index.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { memoryKit, memoryRing } from "@steward/core/testing/memory-keys.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { openFolderBlobs } from "../server/src/stores/folder-blobs.ts";
import { openSqliteRecords } from "../server/src/stores/sqlite-records.ts";
import { archiveItem, EMBEDDER, idOf, itemsOf, NOW, questions, vectorsOf } from "./archive.ts";

/**
 * `npm run bench:changes [-- --n 100000] [--dimensions 384] [--changes 1000]`: how long it takes to add one item to a
 * full index and to delete one, once with everything in memory and once with the home's own stores (SQLite on the disk,
 * every row synced), and how long merging keeps a search waiting meanwhile.
 */
const { values } = parseArgs({
  options: {
    n: { type: "string", default: "100000" },
    dimensions: { type: "string", default: "384" },
    changes: { type: "string", default: "1000" },
  },
});
const items = itemsOf(Number(values.n));
const dimensions = Number(values.dimensions);
const changes = Number(values.changes);
const { ofItem } = vectorsOf(dimensions);

for (const where of ["memory", "disk"] as const) {
  const folder = where === "disk" ? await mkdtemp(join(tmpdir(), "steward-changes-")) : undefined;
  const clock: Clock = new FakeClock(NOW);
  const records = folder ? openSqliteRecords(join(folder, "steward.db"), clock) : new MemoryRecords(clock);
  const blobs = folder ? await openFolderBlobs(join(folder, "blobs")) : new MemoryBlobs();
  const vault = await openVault({ records, ring: memoryRing(), kit: memoryKit(), clock });
  const sealed = new SealedRecords(records, vault);
  const index = await openPrivateIndex({ sealed, blobs, clock, async *replay() {} });
  await fill(index);
  await index.tidy();
  const { passages, segments, embedded } = index.stats();
  console.log(`\nin ${where}: ${items} items, ${passages} passages, ${embedded} vectors, ${segments} segments`);
  const fresh = Array.from({ length: changes }, (_, n) => archiveItem(items + n));
  print("add one", await timed(fresh, (item) => index.put([item])));
  const known = Array.from({ length: changes }, (_, n) => idOf(Math.floor((n * items) / changes)));
  print("delete one", await timed(known, (id) => index.remove([id])));
  print("search", await searches(index, () => undefined));
  print("search while it merges", await searches(index, () => rewriteAll(index)));
  await index.close();
  if ("close" in records) records.close();
  if (folder) await rm(folder, { recursive: true });
}

/** As intake and the embedder do: items in batches, vectors behind them. */
async function fill(index: PrivateIndex): Promise<void> {
  for (let first = 0; first < items; first += 64) {
    const numbers = Array.from({ length: Math.min(64, items - first) }, (_, n) => first + n);
    await index.put(numbers.map(archiveItem));
    await index.setVectors(EMBEDDER, new Map(numbers.map((n) => [idOf(n), ofItem(n)])));
  }
}

async function timed<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<number[]> {
  const ms: number[] = [];
  for (const one of all) {
    const since = performance.now();
    await work(one);
    ms.push(performance.now() - since);
    // One change after the other, as they come: what is done behind them is not theirs.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return ms;
}

/** Deletes a third, fifty at a time, and merges: every segment is written anew, words and vectors. */
async function rewriteAll(index: PrivateIndex): Promise<void> {
  const gone = Array.from({ length: Math.floor(items / 3) }, (_, n) => idOf(n * 3));
  for (let first = 0; first < gone.length; first += 50) {
    await index.remove(gone.slice(first, first + 50));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const since = performance.now();
  await index.tidy();
  console.log(`  merged all in ${((performance.now() - since) / 1_000).toFixed(1)} s`);
}

/** From the moment a search is due to its answer, one due every 5 ms: what somebody who asks has to wait. */
async function searches(index: PrivateIndex, beside: () => Promise<void> | undefined): Promise<number[]> {
  const asked = questions(200, items, dimensions, 5);
  const ms: number[] = [];
  let working = true;
  const work = beside();
  work?.finally(() => {
    working = false;
  });
  for (let n = 0; work ? working : n < asked.length; n += 1) {
    const question = asked[n % asked.length];
    const due = performance.now() + 5;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await index.search({
      clauses: (question?.content ?? []).map((text) => ({ type: "word", text })),
      ...(question ? { vector: { embedder: EMBEDDER, values: question.vector } } : {}),
      ...{ filter: {}, limit: 10, now: NOW },
    });
    ms.push(performance.now() - due);
  }
  await work;
  return ms;
}

function print(what: string, ms: number[]): void {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(3);
  console.log(`  ${what.padEnd(24)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (${ms.length})`);
}
