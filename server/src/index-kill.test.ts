import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openIndexReader } from "@steward/core/search/index/index-reader.ts";
import { wordsOf } from "@steward/core/testing/passage-index-contract.ts";
import { randomFrom } from "@steward/core/testing/random.ts";
import { EMBEDDER, openLife, phraseOf, readNotes, vectorOf } from "./testing/index-life.ts";

/**
 * `kill -9` of a process that writes, removes, seals, merges, forgets and rebuilds over SQLite and a folder of blobs, at
 * random moments: 40 times, half of them over each of two homes; `STEWARD_KILLS=200` for more. (Of the 200 random deaths of
 * every test run the other 160, and one at every single write, are in `private-index-crash.test.ts`, in one process, where
 * they cost a millisecond and not half a second.) After each: everything durable is found once and as it is, nothing that
 * was removed is, what was sealed has its vectors, no blob is an orphan, and a reader sees the same.
 */
const HOMES = 2;
/** Of each home. */
const KILLS = Math.ceil(Number(process.env.STEWARD_KILLS ?? 40) / HOMES);

test(`killed ${KILLS * HOMES} times at random moments, the index loses nothing and doubles nothing`, {
  timeout: 60_000 + 6_000 * KILLS,
}, async (t) => {
  const seed = Date.now() % 100_000;
  t.diagnostic(`seed ${seed}`);
  const cut = await Promise.all(Array.from({ length: HOMES }, (_, n) => killOver(seed + n)));
  // How many depends on how fast the machine is; with none this would have shown nothing.
  assert.ok(cut.flat().length > 0, "no kill met anything under way");
  t.diagnostic(`cut off: ${cut.flat().toSorted().join(" ")}`);
});

/** What was under way at each kill, as far as it was noted. */
async function killOver(seed: number): Promise<string[]> {
  const random = randomFrom(seed);
  const home = await mkdtemp(join(tmpdir(), "steward-index-kill-"));
  const underWay: string[] = [];
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await liveUntilKilled(home, seed + kill, random);
      const { doing } = readNotes(home);
      if (doing) underWay.push(doing);
      await check(home, `home ${seed}, kill ${kill}`, random() < 0.5);
    }
  } finally {
    await rm(home, { recursive: true });
  }
  return underWay;
}

async function liveUntilKilled(home: string, seed: number, random: () => number): Promise<void> {
  const script = join(import.meta.dirname, "testing", "index-life.ts");
  const child = spawn(process.execPath, [script, home, String(seed)], { env: {}, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  // Now and then while it opens.
  if (random() < 0.15) await sleep(80 + random() * 150);
  else await Promise.race([once(child.stdout, "data"), ended]);
  await sleep(random() * 60);
  child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL", said);
}

async function check(home: string, at: string, closes: boolean): Promise<void> {
  const { doing, pending, sealed } = readNotes(home);
  const life = await openLife(home);
  const { index } = life;
  const reader = await openIndexReader(life);
  try {
    assert.deepEqual(index.damaged, [], at);
    assert.deepEqual(reader.damaged, [], at);
    const library = await life.library();
    const unsure = new Set(pending);
    const { items } = await index.list({}, { limit: 100_000 });
    assert.equal(new Set(items).size, items.length, `${at}: doubled`);
    const sure = (ids: readonly string[]) => ids.filter((id) => !(doing === "removing" && unsure.has(id))).toSorted();
    assert.deepEqual(sure(items), sure(library.map(({ item }) => item)), at);
    for (const one of library) {
      if (unsure.has(one.item)) continue;
      const clauses = [{ type: "phrase" as const, text: phraseOf(one) }];
      const vector = { embedder: EMBEDDER, values: vectorOf(one), exact: true };
      const { hits } = await index.search({ ...wordsOf("", { limit: 100_000 }), clauses, vector });
      const found = hits.filter(({ parts }) => parts.words > 0);
      assert.deepEqual(
        found.map(({ item }) => item),
        [one.item],
        `${at}: ${phraseOf(one)}`,
      );
      const product = found[0]?.parts.vectors ?? 0;
      const isSealed = sealed.get(one.item) === one.form;
      assert.ok(product <= 0 ? !isSealed : product > 0.98, `${at}: its vector is ${product}, sealed: ${isSealed}`);
    }
    if (closes) await index.close();
    else await index.flush();
    const blobs = await Array.fromAsync(life.blobs.list("index/"));
    assert.equal(blobs.length, index.stats().segments, `${at}: orphans`);
    await reader.refresh();
    assert.deepEqual([...(await reader.list({}, { limit: 100_000 })).items].sort(), [...items].sort(), `${at}, read`);
  } finally {
    life.records.close();
  }
}
