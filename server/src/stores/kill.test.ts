import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { it } from "node:test";
import type { Blobs } from "@steward/core/blobs.ts";
import { systemClock } from "@steward/core/clock.ts";
import type { Records } from "@steward/core/records.ts";
import { openFolderBlobs } from "./folder-blobs.ts";
import { takeHomeLock } from "./home-lock.ts";
import { openSqliteRecords } from "./sqlite-records.ts";

const KILLS = 20;
const ROWS = 5;

/**
 * A child writes batches (a blob, then five rows and a counter in one write) and says so after each; it is killed at a
 * random moment. Whatever the moment: each batch it spoke of is whole, none is half, and the next process opens the
 * home at once. This is the death of a process; the loss of power is what the fsyncs are for, and no test here.
 */
it(`keeps every acknowledged batch whole and none half, through ${KILLS} kills at random moments`, async (t) => {
  const home = await mkdtemp(join(tmpdir(), "steward-kill-"));
  try {
    let acknowledged = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      acknowledged = Math.max(acknowledged, await writeUntilKilled(home));
      const lock = takeHomeLock(home);
      const records = openSqliteRecords(join(home, "records.db"), systemClock);
      const blobs = await openFolderBlobs(join(home, "blobs"));
      assert.deepEqual(records.integrity(), []);
      assert.deepEqual(await readdir(join(home, "blobs", ".incoming")), []);
      await checkBatches(records, blobs, acknowledged);
      records.close();
      lock.release();
    }
    t.diagnostic(`${acknowledged} batches acknowledged`);
    assert.ok(acknowledged >= KILLS);
  } finally {
    await rm(home, { recursive: true });
  }
});

async function writeUntilKilled(home: string): Promise<number> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", writer(home)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let acknowledged = 0;
  let left = randomInt(1, 15);
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line);
    left -= 1;
    if (left > 0) continue;
    // Somewhere within the next batch or two.
    if (left === 0) setTimeout(() => child.kill("SIGKILL"), randomInt(0, 12));
  }
  const [, signal] = await ended;
  assert.equal(signal, "SIGKILL");
  return acknowledged;
}

async function checkBatches(records: Records, blobs: Blobs, acknowledged: number): Promise<void> {
  const counter = await records.get({ partition: "counter", sort: "n" });
  const last = Number(Buffer.from(counter?.body ?? []).toString());
  assert.ok(last >= acknowledged, `${last} of ${acknowledged} acknowledged`);
  assert.equal(counter?.version, last, "each batch counted once");
  const rows = new Map<number, number>();
  for await (const row of records.query("rows")) {
    const n = Number(row.sort.split("-")[0]);
    assert.equal(row.body.length, bodySize(n));
    assert.ok(row.body.every((byte) => byte === n % 256));
    rows.set(n, (rows.get(n) ?? 0) + 1);
  }
  assert.equal(rows.size, last);
  for (const [n, count] of rows) assert.equal(count, ROWS, `batch ${n}`);
  const names = await Array.fromAsync(blobs.list());
  for (let n = 1; n <= last; n++) assert.ok(names.includes(`blob-${n}`), `blob ${n}`);
  // The blob of the batch that was cut may be there, and then it is whole too.
  assert.ok(names.length <= last + 1);
  for (const name of names) {
    const n = Number(name.slice("blob-".length));
    const bytes = await blobs.get(name);
    assert.equal(bytes?.length, 3 * bodySize(n), name);
    assert.ok(bytes?.every((byte) => byte === n % 256));
  }
}

function bodySize(n: number): number {
  return 1_000 + ((n * 7_919) % 40_000);
}

function writer(home: string): string {
  const from = (file: string) => JSON.stringify(import.meta.resolve(file));
  return `
    import { systemClock } from ${from("@steward/core/clock.ts")};
    import { openFolderBlobs } from ${from("./folder-blobs.ts")};
    import { takeHomeLock } from ${from("./home-lock.ts")};
    import { openSqliteRecords } from ${from("./sqlite-records.ts")};
    ${bodySize}
    const home = ${JSON.stringify(home)};
    takeHomeLock(home);
    const records = openSqliteRecords(home + "/records.db", systemClock);
    const blobs = await openFolderBlobs(home + "/blobs");
    const counter = await records.get({ partition: "counter", sort: "n" });
    for (let n = Number(Buffer.from(counter?.body ?? []).toString()) + 1; ; n++) {
      const body = new Uint8Array(bodySize(n)).fill(n % 256);
      if ((await blobs.size("blob-" + n)) === undefined) {
        await blobs.put("blob-" + n, (async function* () { for (let i = 0; i < 3; i++) yield body; })());
      }
      const rows = Array.from({ length: ${ROWS} }, (_, i) => ({ put: { partition: "rows", sort: n + "-" + i, body } }));
      await records.write([...rows, { put: { partition: "counter", sort: "n", body: Buffer.from(String(n)) } }]);
      process.stdout.write(n + "\\n");
    }
  `;
}
