import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { newId } from "@steward/core/ids.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import type { IndexedItem, IndexRequest } from "@steward/core/search/passage-index.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { randomFrom } from "@steward/core/testing/random.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";

/**
 * `node bench/search.ts [--n 10000,100000]`: searching by words, beside SQLite FTS5 over the same mails in the same run.
 * The mails are made from a seed: about 1 kB each, words by Zipf's law. Blobs are in memory and the vault of the tests
 * stands in for the real one, so that what is timed is the index; sealing 1 kB adds about 2 µs.
 */
const { values } = parseArgs({ options: { n: { type: "string", default: "10000,100000" } } });
const NOW = Date.UTC(2026, 10, 21);
const VOCABULARY = 60_000;
const QUERIES = 2_000;

const SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu bra cle dri fro gla".split(" ");

function wordAt(rank: number): string {
  let word = "";
  for (let rest = rank + 30; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}

const words = Array.from({ length: VOCABULARY }, (_, rank) => wordAt(rank));
const harmonic = words.reduce((sum, _, rank) => sum + 1 / (rank + 2), 0);
const cumulative: number[] = [];
for (let rank = 0, sum = 0; rank < VOCABULARY; rank += 1) {
  sum += 1 / (rank + 2) / harmonic;
  cumulative.push(sum);
}

function zipf(random: () => number): string {
  const wanted = random();
  let low = 0;
  let high = VOCABULARY - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 1) < wanted) low = middle + 1;
    else high = middle;
  }
  return words[low] ?? "";
}

function* mails(count: number): Generator<IndexedItem> {
  const random = randomFrom(7);
  for (let i = 0; i < count; i += 1) {
    const title = Array.from({ length: 5 }, () => zipf(random)).join(" ");
    const text = Array.from({ length: 150 }, () => zipf(random)).join(" ");
    const from = `Person${Math.floor(random() * 800)}`;
    yield {
      item: newId(NOW),
      kind: "mail",
      source: "bench",
      date: NOW - Math.floor(random() * 1e11),
      trust: "contact",
      title,
      people: [{ role: "from", name: from, address: `${from.toLowerCase()}@example.org` }],
      has: [],
      language: "en",
      passages: [{ text, context: `${from} ${title}` }],
    };
  }
}

function queries(kind: "content" | "common"): string[][] {
  const random = randomFrom(11);
  return Array.from({ length: QUERIES }, () => {
    const picked = Array.from({ length: 3 }, () => words[50 + Math.floor(random() * 5_000)] ?? "");
    return kind === "content" ? picked : [words[0] ?? "", words[1] ?? "", ...picked.slice(0, 2)];
  });
}

function quantiles(ms: number[]): string {
  ms.sort((a, b) => a - b);
  return `p50 ${(ms[Math.floor(ms.length / 2)] ?? 0).toFixed(3)} ms, p99 ${(ms[Math.floor(ms.length * 0.99)] ?? 0).toFixed(3)} ms`;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

for (const count of (values.n ?? "").split(",").map(Number)) {
  const clock = new FakeClock(NOW);
  const records = new MemoryRecords(clock);
  const blobs = new MemoryBlobs();
  const deps = { sealed: new SealedRecords(records, plainVault(records)), blobs, clock, async *replay() {} };
  console.log(`\n${count} mails of about 1 kB`);
  let index = await openPrivateIndex(deps);
  let started = performance.now();
  let batch: IndexedItem[] = [];
  for (const mail of mails(count)) {
    batch.push(mail);
    if (batch.length === 64) {
      await index.put(batch);
      batch = [];
    }
  }
  await index.put(batch);
  await index.close();
  console.log(
    `  indexed     ${(count / ((performance.now() - started) / 1000)).toFixed(0)} mails/s (making them included)`,
  );
  started = performance.now();
  index = await openPrivateIndex(deps);
  await index.search(requestOf(["nothing"]));
  console.log(`  opened      ${(performance.now() - started).toFixed(0)} ms to the first answer`);
  console.log(
    `  size        ${megabytes(index.stats().bytes)} in ${index.stats().segments} segments; resident ${megabytes(process.memoryUsage().rss)}`,
  );
  for (const kind of ["content", "common"] as const) {
    const asked = queries(kind).slice(0, kind === "common" ? 300 : QUERIES);
    for (const query of asked.slice(0, 100)) await index.search(requestOf(query));
    const ms: number[] = [];
    for (const query of asked) {
      const from = performance.now();
      await index.search(requestOf(query));
      ms.push(performance.now() - from);
    }
    console.log(`  ${kind.padEnd(10)}  ${quantiles(ms)}`);
  }
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE VIRTUAL TABLE m USING fts5(title, body, people, tokenize='porter unicode61'); BEGIN");
  const insert = db.prepare("INSERT INTO m VALUES (?, ?, ?)");
  started = performance.now();
  for (const mail of mails(count)) insert.run(mail.title, mail.passages[0]?.text ?? "", mail.people[0]?.name ?? "");
  db.exec("COMMIT");
  console.log(`  FTS5        indexed ${(count / ((performance.now() - started) / 1000)).toFixed(0)} mails/s`);
  const select = db.prepare("SELECT rowid FROM m WHERE m MATCH ? ORDER BY bm25(m) LIMIT 10");
  for (const kind of ["content", "common"] as const) {
    const ms: number[] = [];
    for (const query of queries(kind).slice(0, kind === "common" ? 60 : 300)) {
      const from = performance.now();
      select.all(query.join(" OR "));
      ms.push(performance.now() - from);
    }
    console.log(`  FTS5 ${kind.padEnd(10)} ${quantiles(ms)}`);
  }
  db.close();
}

function requestOf(query: readonly string[]): IndexRequest {
  return { clauses: query.map((text) => ({ type: "word", text })), filter: {}, limit: 10, now: NOW };
}
