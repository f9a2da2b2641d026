import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { newId } from "@steward/core/ids.ts";
import type { Change, Records } from "@steward/core/records.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { testRecords } from "@steward/core/testing/records-contract.ts";
import { StoreBusy, StoreDamaged, StoreFull, StoreTrouble } from "./errors.ts";
import { refuseOldSqlite } from "./sqlite-file.ts";
import { openSqliteRecords } from "./sqlite-records.ts";

testRecords("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-records-"));
  const clock = new FakeClock();
  const records = openSqliteRecords(join(folder, "records.db"), clock);
  return {
    records,
    clock,
    close: async () => {
      records.close();
      await rm(folder, { recursive: true });
    },
  };
});

const inFolder = (work: (folder: string, clock: FakeClock) => Promise<void>) => async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-records-"));
  try {
    await work(folder, new FakeClock());
  } finally {
    await rm(folder, { recursive: true });
  }
};
const row = (sort: string, body: Uint8Array, expiresAt?: number): Change => ({
  put: { partition: "p", sort, body, ...(expiresAt === undefined ? {} : { expiresAt }) },
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const sortsOf = async (records: Records) => (await Array.fromAsync(records.query("p"))).map((found) => found.sort);

it(
  "keeps its rows from one opening to the next, for the owner alone",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const first = openSqliteRecords(file, clock);
    await first.write([row("a", Uint8Array.of(1))]);
    for (const name of await readdir(folder)) assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
    first.close();
    first.close();
    const second = openSqliteRecords(file, clock);
    assert.deepEqual((await second.get({ partition: "p", sort: "a" }))?.body, Uint8Array.of(1));
    assert.deepEqual(second.integrity(), []);
    second.close();
  }),
);

it(
  "brings writes asked for in one go to the disk together; one that is refused or fails does so alone",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const records = openSqliteRecords(file, clock, { maxBytes: 400_000 });
    await records.write([row("taken", Uint8Array.of(1))]);
    const before = await commitsIn(`${file}-wal`);
    const ask = (...changes: Change[]) => records.write(changes);
    const together = await Promise.allSettled([
      ask(row("a", Uint8Array.of(1))),
      ask(row("b", Uint8Array.of(1)), { ...row("taken", Uint8Array.of(2)), if: "absent" }),
      // The second of two sees what the first one wrote.
      ask({ ...row("a", Uint8Array.of(2)), if: "absent" }),
      ask(row("c", Uint8Array.of(1))),
    ]);
    assert.deepEqual(
      together.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected", "fulfilled"],
    );
    assert.equal((await commitsIn(`${file}-wal`)) - before, 1);
    assert.deepEqual(await sortsOf(records), ["a", "c", "taken"]);

    const full = await Promise.allSettled([
      ask(row("d", Uint8Array.of(1))),
      ask(row("e", new Uint8Array(300_000)), row("f", new Uint8Array(300_000))),
      ask(row("g", Uint8Array.of(1))),
    ]);
    assert.deepEqual(
      full.map((outcome) => (outcome.status === "rejected" ? outcome.reason.constructor : undefined)),
      [undefined, StoreFull, undefined],
    );
    assert.deepEqual(await sortsOf(records), ["a", "c", "d", "g", "taken"]);
    records.close();
  }),
);

/** The frames of a write-ahead log that end a transaction (sqlite.org/fileformat2.html#walformat). */
async function commitsIn(log: string): Promise<number> {
  const bytes = await readFile(log);
  const frame = 24 + bytes.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frame <= bytes.length; at += frame) if (bytes.readUInt32BE(at + 4) > 0) commits++;
  return commits;
}

it(
  "sweeps what has expired and nothing else; its sizes say so",
  inFolder(async (folder, clock) => {
    const records = openSqliteRecords(join(folder, "records.db"), clock);
    const at = clock.now() + 10;
    await records.write([
      row("a", new Uint8Array(10), at),
      row("b", new Uint8Array(10), at + 1),
      row("c", new Uint8Array(9)),
    ]);
    assert.equal(records.sweep(), 0);
    await clock.advance(10);
    assert.equal(records.sweep(), 1);
    assert.equal(records.sizes().rows, 2);
    assert.ok(records.sizes().log > 0);
    records.checkpoint();
    assert.equal(records.sizes().log, 0);
    assert.ok(records.sizes().database > 0);
    assert.deepEqual(await sortsOf(records), ["b", "c"]);
    records.close();
  }),
);

it(
  "leaves no byte of what was deleted or replaced once it is scrubbed",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const records = openSqliteRecords(file, clock);
    const gone: string[] = [];
    let live = new Map<string, string>();
    let drawn = 0;
    for (let round = 0; round < 30; round++) {
      const fresh = Array.from({ length: 100 }, () => [randomUUID(), randomUUID()] as const);
      // Sizes from a wrapped key to a reading, so that pages split and rows overflow.
      const sizes = [1, 4, 20, 80, 160];
      await records.write(fresh.map(([sort, mark]) => row(sort, Buffer.from(mark.repeat(sizes[drawn++ % 5] ?? 1)))));
      const all = [...live, ...fresh].sort(([a], [b]) => a.localeCompare(b));
      const doomed = all.filter((_, i) => i % 3 === 0).slice(0, 80);
      await records.write(doomed.map(([sort]) => ({ delete: { partition: "p", sort } })));
      const isDoomed = new Set(doomed.map(([sort]) => sort));
      gone.push(...doomed.flat());
      live = new Map(all.filter(([sort]) => !isDoomed.has(sort)));
      const [replaced] = live.keys();
      if (!replaced) continue;
      gone.push(live.get(replaced) ?? "");
      live.set(replaced, randomUUID());
      await records.write([row(replaced, Buffer.from(live.get(replaced) ?? ""))]);
    }
    await records.scrub();
    const left = Buffer.concat(await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))));
    assert.deepEqual(
      gone.filter((mark) => left.includes(mark)),
      [],
    );
    for (const [sort, mark] of live) assert.ok(left.includes(mark) && left.includes(sort));
    assert.equal((await sortsOf(records)).length, live.size);
    await records.write([row("after", Uint8Array.of(1))]);
    records.close();
  }),
);

it(
  "answers while it is scrubbed: reads at once, writes when it is done",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const records = openSqliteRecords(file, clock);
    await records.write([row("a", Uint8Array.of(1)), row("old", Uint8Array.of(2), clock.now() + 1)]);
    await clock.advance(1);
    // Somebody else writes, so the scrub cannot end before we say so.
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const said: string[] = [];
    const scrubbing = records.scrub().then(() => said.push("scrubbed"));
    await turn(); // the scrub has the floor from here on
    const writing = records.write([row("b", Uint8Array.of(3))]).then(() => said.push("written"));
    for (let n = 0; n < 20; n++) {
      await turn();
      assert.deepEqual(await sortsOf(records), ["a"]);
      assert.equal(records.sizes().rows, 2);
      assert.equal(records.sweep(), 0, "left for the next sweep, not waited for");
    }
    assert.deepEqual(said, []);
    other.exec("ROLLBACK");
    other.close();
    await Promise.all([scrubbing, writing]);
    assert.deepEqual(said.sort(), ["scrubbed", "written"]);
    assert.deepEqual(await sortsOf(records), ["a", "b"]);
    assert.equal(records.sweep(), 1);
    records.close();
  }),
);

it(
  "says why it could not be scrubbed, and writes go on",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const records = openSqliteRecords(file, clock, { busyMs: 20 });
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(records.scrub(), StoreBusy);
    other.exec("ROLLBACK");
    other.close();
    await records.write([row("a", Uint8Array.of(1))]);
    await records.scrub();
    assert.equal(records.sizes().log, 0);
    records.close();
    await writeFile(file, "this is not a database at all, and it is longer than a header of SQLite ".repeat(20));
    await assert.rejects(records.scrub(), StoreDamaged);
  }),
);

it(
  "copies itself whole while it is written to, into one private file that opens",
  inFolder(async (folder, clock) => {
    const records = openSqliteRecords(join(folder, "records.db"), clock);
    const pair = (n: number) => [row(`${n}-a`, new Uint8Array(3_000)), row(`${n}-b`, new Uint8Array(3_000))];
    for (let n = 0; n < 500; n++) await records.write(pair(n));
    const copy = join(folder, "copy", "records.db");
    await mkdir(dirname(copy));
    let copied = false;
    const copying = records.snapshot(copy).then(() => {
      copied = true;
    });
    const scrubbing = records.scrub();
    let n = 500;
    for (; !copied; n++) {
      await records.write(pair(n));
      await turn();
    }
    await Promise.all([copying, scrubbing]);
    assert.deepEqual(await readdir(dirname(copy)), ["records.db"]);
    assert.equal((await stat(copy)).mode & 0o077, 0);
    await assert.rejects(records.snapshot(copy), StoreTrouble, "a copy is never written over");
    const opened = openSqliteRecords(copy, clock);
    assert.deepEqual(opened.integrity(), []);
    const sorts = new Set(await sortsOf(opened));
    assert.ok(sorts.size >= 1_000);
    for (const sort of sorts) assert.ok(sorts.has(`${sort.slice(0, -1)}a`) && sorts.has(`${sort.slice(0, -1)}b`));
    opened.close();
    records.close();
  }),
);

it(
  "copies itself though large writes begin in the same moment; of a damaged database it leaves no copy",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const records = openSqliteRecords(file, clock);
    const large = (n: number) => Array.from({ length: 90 }, (_, i) => row(`${n}-${i}`, new Uint8Array(35_000)));
    // Asked for in one go, so that they are one transaction of many milliseconds.
    const writing = (n: number) => Promise.all([0, 1, 2, 3, 4].map((part) => records.write(large(5 * n + part))));
    await writing(0);
    for (let n = 1; n <= 3; n++) {
      const copy = join(folder, `copy-${n}.db`);
      await Promise.all([records.snapshot(copy), writing(n)]);
      const opened = openSqliteRecords(copy, clock);
      const rows = (await sortsOf(opened)).length;
      assert.ok(rows >= 450 && rows % 450 === 0, `${rows} rows: a transaction is in it by half`);
      opened.close();
    }
    records.checkpoint();
    await writeFile(file, Buffer.alloc(9_000, 7), { flag: "r+", flush: true });
    await assert.rejects(records.snapshot(join(folder, "damaged.db")), StoreDamaged);
    assert.equal((await readdir(folder)).includes("damaged.db"), false);
    records.close();
  }),
);

it(
  "says what to do when the file is no database, another program's, damaged or from a newer Steward",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const damaged = (error: unknown) => error instanceof StoreDamaged && /backup restore/.test(error.message);
    await writeFile(file, "this is not a database at all, and it is longer than a header of SQLite ".repeat(20));
    assert.throws(() => openSqliteRecords(file, clock), damaged);

    const foreign = join(folder, "foreign.db");
    const other = new DatabaseSync(foreign);
    other.exec("CREATE TABLE theirs (x)");
    other.close();
    assert.throws(() => openSqliteRecords(foreign, clock), damaged);

    const newer = join(folder, "newer.db");
    openSqliteRecords(newer, clock).close();
    const raised = new DatabaseSync(newer);
    raised.exec("PRAGMA user_version = 99");
    raised.close();
    assert.throws(() => openSqliteRecords(newer, clock), /newer Steward/);
    assert.throws(() => openSqliteRecords(join(folder, "none", "x.db"), clock), StoreTrouble);

    const hurt = join(folder, "hurt.db");
    const records = openSqliteRecords(hurt, clock);
    for (let n = 0; n < 30; n++) await records.write([row(`${n}`, new Uint8Array(2_000).fill(n))]);
    records.close();
    const bytes = await readFile(hurt);
    bytes.fill(0xee, 8_192, bytes.length - 8_192);
    await writeFile(hurt, bytes);
    const reopened = openSqliteRecords(hurt, clock);
    assert.notDeepEqual(reopened.integrity(), []);
    await assert.rejects(sortsOf(reopened), damaged);
    reopened.close();
  }),
);

it("refuses a SQLite that can damage databases, and says how to have a better one", () => {
  for (const old of ["3.51.2", "3.50.9", "3.9.300", "2.99.99", "", "undefined", "3.51.x"]) {
    assert.throws(() => refuseOldSqlite(old), /needs 3\.51\.3 or newer.*npm start/, old);
  }
  for (const fine of ["3.51.3", "3.52.0", "3.100.0", "4.0.0"]) refuseOldSqlite(fine);
});

it(
  "waits for another program that reads or writes, and says so when that does not end",
  inFolder(async (folder, clock) => {
    const file = join(folder, "records.db");
    const records = openSqliteRecords(file, clock, { busyMs: 50 });
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(records.write([row("a", Uint8Array.of(1))]), StoreBusy);
    other.exec("ROLLBACK");
    await records.write([row("a", Uint8Array.of(1))]);
    other.close();
    records.close();
  }),
);

it(
  "says that the disk is full, writes nothing of it, and goes on when there is room",
  inFolder(async (folder, clock) => {
    const records = openSqliteRecords(join(folder, "records.db"), clock, { maxBytes: 400_000 });
    await records.write([row("a", new Uint8Array(100_000))]);
    const large = [
      row("b", new Uint8Array(1_000)),
      row("c", new Uint8Array(340_000)),
      row("d", new Uint8Array(340_000)),
    ];
    await assert.rejects(records.write(large), StoreFull);
    assert.deepEqual(await sortsOf(records), ["a"]);
    await records.write([row("b", new Uint8Array(1_000))]);
    assert.deepEqual(await sortsOf(records), ["a", "b"]);
    records.close();
  }),
);

it("writes items of five rows, twenty in a write, each write on the disk", async (t) => {
  await inFolder(async (folder, clock) => {
    const records = openSqliteRecords(join(folder, "records.db"), clock);
    const writes = 40;
    const parts = ["items", "readings", "keys", "dedupe", "passages"];
    const started = performance.now();
    for (let write = 0; write < writes; write++) {
      const ids = Array.from({ length: 20 }, () => newId(Date.now()));
      await records.write(
        ids.flatMap((sort, i) =>
          parts.map((partition) => ({ put: { partition, sort, body: new Uint8Array(3_000 + i * 150) } })),
        ),
      );
    }
    const seconds = (performance.now() - started) / 1_000;
    t.diagnostic(`${Math.round((writes * 20) / seconds)} items/s (five rows of 3 to 6 kB each)`);
    assert.equal(records.sizes().rows, writes * 20 * parts.length);
    records.close();
  })();
});
