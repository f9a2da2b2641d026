import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { rotate } from "@steward/core/vault/rotate.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { BackupError, createBackup, restoreBackup, verifyBackup } from "./backup.ts";
import { openFolderBlobs } from "./stores/folder-blobs.ts";
import { createRoot, KeyFileError, kitFile, lockWithPassphrase, openRoot, rootState } from "./stores/key-file.ts";
import { openSqliteRecords } from "./stores/sqlite-records.ts";

const folder = await mkdtemp(join(tmpdir(), "steward-backup-test-"));
after(() => rm(folder, { recursive: true, force: true }));
const canary = "the heron flies at dawn";

const madeHome = await makeHome("one");
const made = await backUp(madeHome, "backups");

test("a backup restores with its kit and the recovery code: every row, blob and key", async () => {
  assert.equal(made.report.ok, true);
  assert.deepEqual([made.report.items, made.report.files], [30, 4]);
  const home = join(folder, "restored");
  const report = await restoreBackup({ ...paths(made.report), home, recoveryCode: madeHome.recoveryCode });
  assert.deepEqual(report, { home, items: 30, files: 4, lock: "key-file" });
  await opensAll(home, madeHome);
  // The restored home's own files are as private as a new home's, and its code still works.
  assert.equal((await stat(join(home, "root.key"))).mode & 0o077, 0);
  assert.equal((await openRoot(home, { recoveryCode: madeHome.recoveryCode })).id, madeHome.root.id);
});

test("neither the backup nor the kit holds the root, and the backup holds no part of the kit", async () => {
  const [backup, kit] = await Promise.all([readFile(made.report.path), readFile(made.report.kit)]);
  const stored = await kitFile(madeHome.home).read();
  assert.ok(stored);
  const root = madeHome.root.bytes();
  const secrets = [root, root.toString("base64"), root.toString("hex")];
  const wrapped = Object.values(stored.domains).flatMap((keys) => keys.flatMap(({ key, hmac }) => [key, hmac]));
  for (const secret of [...secrets, ...wrapped, ...wrapped.map((key) => Buffer.from(key, "base64"))]) {
    assert.equal(backup.includes(secret), false);
  }
  for (const secret of secrets) assert.equal(kit.includes(secret), false);
  for (const plain of [canary, madeHome.recoveryCode])
    assert.equal(backup.includes(plain) || kit.includes(plain), false);
  assert.ok(backup.includes("manifest.json"), "the scan reads what it should");
  assert.equal((await stat(made.report.path)).mode & 0o077, 0);
  assert.equal((await stat(made.report.kit)).mode & 0o077, 0);
});

test("verify finds a good backup good, with and without its keys", async () => {
  assert.deepEqual((await verifyBackup(made.report.path)).problems, []);
  const opened = await verifyBackup(made.report.path, { recoveryCode: madeHome.recoveryCode });
  assert.deepEqual([opened.ok, opened.items, opened.problems], [true, 30, []]);
});

test("a flipped bit is found and its file named, and nothing is restored from it", async () => {
  const bytes = await readFile(made.report.path);
  const places: [number, string][] = [
    [bytes.indexOf(made.blob) + 100, "blobs/"],
    [300, "steward.db"],
  ];
  for (const [at, named] of places) {
    const copy = await damagedCopy(`flip${at}`, (backup) => {
      backup[at] = (backup[at] ?? 0) ^ 4;
      return backup;
    });
    const report = await verifyBackup(copy.path);
    assert.equal(report.ok, false);
    assert.ok(
      report.problems.some((problem) => problem.includes(named) && problem.includes("damaged")),
      `${report.problems}`,
    );
    await refuses(copy, { code: "damaged", says: named });
  }
});

test("any flipped bit at all is found with the kit beside it", async () => {
  const size = made.report.bytes;
  for (const at of [0, 7, 12, size - 1, size - 30, size - 300, Math.floor(size / 3)]) {
    const copy = await damagedCopy(`any${at}`, (backup) => {
      backup[at] = (backup[at] ?? 0) ^ 1;
      return backup;
    });
    assert.equal((await verifyBackup(copy.path)).ok, false, `byte ${at}`);
    await refuses(copy, {});
  }
});

test("a truncated backup, an empty one and one that is none say so", async () => {
  for (const keep of [made.report.bytes - 1, 5_000, 0]) {
    const copy = await damagedCopy(`cut${keep}`, (backup) => backup.subarray(0, keep));
    const report = await verifyBackup(copy.path);
    assert.equal(report.ok, false);
    assert.match(report.problems.join(" "), /no backup|end is missing|damaged/);
    await refuses(copy, {});
  }
  await assert.rejects(verifyBackup(join(folder, "nowhere.backup.zip")), /ENOENT/);
});

test("the kit of another home, and of an older backup, are refused for what they are", async () => {
  const other = await makeHome("other");
  const foreign = await backUp(other, "foreign");
  const wrongKit = { path: made.report.path, kit: foreign.report.kit, recoveryCode: other.recoveryCode };
  await refuses(wrongKit, { code: "wrong-kit" });
  assert.match((await verifyBackup(made.report.path, { kit: foreign.report.kit })).problems.join(), /another home/);
  madeHome.clock.jumpTo(madeHome.clock.now() + 60_000);
  const later = await backUp(madeHome, "later");
  const pair = { path: made.report.path, kit: later.report.kit };
  await refuses(pair, { code: "wrong-kit", says: "made with the backup of" });
  assert.match(
    (await verifyBackup(pair.path, { kit: pair.kit })).problems.join(),
    /kit is of another backup|the one its kit/,
  );
  // No key was rotated between the two, so on demand it serves.
  const home = join(folder, "by-other-kit");
  await restoreBackup({ ...paths(pair), home, recoveryCode: madeHome.recoveryCode, otherKit: true });
  await opensAll(home, madeHome);
});

test("a wrong code, a mistyped one, a wrong passphrase, a wrong key file and none at all: each its own error", async () => {
  const { path, kit } = made.report;
  const other = await makeHome("stranger");
  const code = madeHome.recoveryCode;
  const mistyped = (code.startsWith("0") ? "1" : "0") + code.slice(1);
  const cases = [
    [{ recoveryCode: other.recoveryCode }, "wrong-code"],
    [{ recoveryCode: mistyped }, "mistyped-code"],
    [{ recoveryCode: "hello" }, "mistyped-code"],
    [{ passphrase: "any passphrase" }, "no-key"],
    [{ rootKeyFile: join(other.home, "root.key") }, "wrong-root"],
    [{ rootKeyFile: join(folder, "nothing") }, "missing"],
    [{}, "no-key"],
  ] as const;
  for (const [secret, expected] of cases) {
    const home = join(folder, "never");
    await assert.rejects(restoreBackup({ backup: path, kit, home, ...secret }), hasCode(expected), expected);
    await assert.rejects(stat(home), /ENOENT/);
  }
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes("restoring")),
    [],
  );
});

test("a locked home's backup restores by its passphrase and stays locked; by a copy of the key file too", async () => {
  const locked = await makeHome("locked");
  await copyFile(join(locked.home, "root.key"), join(folder, "root-copy.key"));
  await lockWithPassphrase(locked.home, locked.root, "five words are much better");
  const { report } = await backUp(locked, "locked-backups");
  const home = join(folder, "restored-locked");
  const restored = await restoreBackup({ ...paths(report), home, passphrase: "five words are much better" });
  assert.equal(restored.lock, "passphrase");
  assert.equal(await rootState(home), "passphrase");
  await opensAll(home, locked, { passphrase: "five words are much better" });
  await assert.rejects(
    restoreBackup({ ...paths(report), home: join(folder, "no"), passphrase: "six words would be better still" }),
    hasCode("wrong-passphrase"),
  );
  const byFile = join(folder, "restored-by-file");
  await restoreBackup({ ...paths(report), home: byFile, rootKeyFile: join(folder, "root-copy.key") });
  await opensAll(byFile, locked);
});

test("a home that is not empty is never restored over; an empty folder is", async () => {
  const full = join(folder, "full");
  await mkdir(full);
  await writeFile(join(full, "mine.txt"), "mine");
  const options = { ...paths(made.report), recoveryCode: madeHome.recoveryCode };
  await assert.rejects(restoreBackup({ ...options, home: full }), hasCode("not-empty"));
  assert.deepEqual(await readdir(full), ["mine.txt"]);
  const empty = join(folder, "empty");
  await mkdir(empty);
  await restoreBackup({ ...options, home: empty });
  await opensAll(empty, madeHome);
});

test("an older backup with its own kit opens after the home has rotated; with the home's kit of today it does not", async () => {
  const rotated = await makeHome("rotated");
  const { report } = await backUp(rotated, "before-rotation");
  const records = openSqliteRecords(join(rotated.home, "steward.db"), rotated.clock);
  const vault = await openVault({ records, ring: rotated.root.ring, kit: kitFile(rotated.home), clock: rotated.clock });
  await rotate(vault, "private");
  records.close();
  const home = join(folder, "restored-old");
  await restoreBackup({ ...paths(report), home, recoveryCode: rotated.recoveryCode });
  await opensAll(home, rotated);
  rotated.clock.jumpTo(rotated.clock.now() + 60_000);
  const newer = await backUp(rotated, "after-rotation");
  const mixed = { backup: report.path, kit: newer.report.kit, recoveryCode: rotated.recoveryCode, otherKit: true };
  await assert.rejects(restoreBackup({ ...mixed, home: join(folder, "mixed") }), (error) => {
    assert.ok(error instanceof BackupError);
    assert.match(error.message, /data keys are wrapped by domain keys that are not in the kit/);
    return true;
  });
});

test("two backups in one second have names of their own, one at a time, and nothing is left behind", async () => {
  const first = await backUp(madeHome, "twice");
  const second = await backUp(madeHome, "twice");
  assert.notEqual(first.report.path, second.report.path);
  assert.equal((await readdir(join(folder, "twice"))).length, 4);
  const both = await Promise.allSettled([backUp(madeHome, "at-once"), backUp(madeHome, "at-once")]);
  const refused = both.find((result) => result.status === "rejected");
  assert.ok(refused && refused.reason instanceof BackupError && refused.reason.code === "busy");
  assert.deepEqual(
    (await readdir(madeHome.home)).filter((name) => name.startsWith(".backup")),
    [],
  );
});

test("what a backup and a restore that were killed left behind is removed by the next", async () => {
  const target = join(folder, "after-a-kill");
  await mkdir(join(madeHome.home, ".backup", "blobs"), { recursive: true });
  await writeFile(join(madeHome.home, ".backup", "steward.db"), "half");
  const tenant = (await kitFile(madeHome.home).read())?.tenant ?? "";
  await mkdir(target);
  await writeFile(join(target, `.steward-${tenant.slice(0, 8)}-0a0b.tmp`), "half");
  const { report } = await backUp(madeHome, "after-a-kill");
  assert.equal((await readdir(target)).length, 2);
  await mkdir(join(folder, ".after.restoring-0a0b"));
  await restoreBackup({ ...paths(report), home: join(folder, "after"), recoveryCode: madeHome.recoveryCode });
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes("restoring")),
    [],
  );
});

test("a backup that cannot be written leaves nothing in its folder", async () => {
  const failing = { snapshot: () => Promise.reject(new Error("the disk is full")) };
  const target = join(folder, "failing");
  await assert.rejects(createBackup({ ...depsOf(madeHome, target), records: failing }), /the disk is full/);
  assert.deepEqual(await readdir(target), []);
  assert.deepEqual(
    (await readdir(madeHome.home)).filter((name) => name.startsWith(".")),
    [],
  );
});

interface Home extends Awaited<ReturnType<typeof createRoot>> {
  readonly home: string;
  readonly clock: FakeClock;
  readonly blob: Uint8Array;
}

/** A home with 30 sealed items, an opened standing scope and three blobs, one of them longer than a chunk. */
async function makeHome(name: string): Promise<Home> {
  const home = join(folder, name);
  await mkdir(home, { mode: 0o700 });
  const clock = new FakeClock();
  const root = await createRoot(home);
  const records = openSqliteRecords(join(home, "steward.db"), clock);
  const blobs = await openFolderBlobs(join(home, "blobs"));
  const vault = await openVault({ records, ring: root.root.ring, kit: kitFile(home), clock });
  const sealed = new SealedRecords(records, vault);
  for (let i = 0; i < 30; i++) {
    const { key, change } = vault.create("private", `item${i}`);
    const place = { partition: "item", sort: `item${i}`, scope: `item${i}` };
    await records.write([change, sealed.put(key, place, { title: `${canary} ${i}` })]);
  }
  const key = await vault.standing("private", "house:blobs");
  const blob = key.seal({ table: "blob", id: "b", field: "bytes" }, randomBytes(40_000));
  await blobs.put("original/b", blob);
  await blobs.put("segment.1", key.seal({ table: "blob", id: "s", field: "bytes" }, Buffer.from(canary)));
  await blobs.put("empty-ish", key.seal({ table: "blob", id: "e", field: "bytes" }, new Uint8Array(0)));
  records.close();
  return { ...root, home, clock, blob };
}

function depsOf({ home, clock }: Home, target: string) {
  return { home, clock, kit: kitFile(home), blobsFolder: join(home, "blobs"), folder: target };
}

async function backUp(from: Home, target: string) {
  const records = openSqliteRecords(join(from.home, "steward.db"), from.clock);
  try {
    return { report: await createBackup({ ...depsOf(from, join(folder, target)), records }), blob: from.blob };
  } finally {
    records.close();
  }
}

async function opensAll(home: string, original: Home, by: { passphrase?: string } = {}): Promise<void> {
  const root = await openRoot(home, by);
  const records = openSqliteRecords(join(home, "steward.db"), original.clock);
  const vault = await openVault({ records, ring: root.ring, kit: kitFile(home), clock: original.clock });
  const sealed = new SealedRecords(records, vault);
  for (let i = 0; i < 30; i++) {
    const found = await sealed.get<{ title: string }>({ partition: "item", sort: `item${i}`, scope: `item${i}` });
    assert.equal(found?.value.title, `${canary} ${i}`);
  }
  const blobs = await openFolderBlobs(join(home, "blobs"));
  const key = await vault.standing("private", "house:blobs");
  const small = await blobs.get("segment.1");
  assert.ok(small);
  assert.equal(Buffer.from(key.open({ table: "blob", id: "s", field: "bytes" }, small)).toString(), canary);
  assert.deepEqual(await blobs.get("original/b"), new Uint8Array(original.blob));
  records.close();
}

function paths({ path, kit }: { path: string; kit: string }) {
  return { backup: path, kit };
}

async function damagedCopy(name: string, damage: (backup: Buffer) => Uint8Array) {
  const path = join(folder, `${name}.backup.zip`);
  const kit = join(folder, `${name}.kit.json`);
  await writeFile(path, damage(await readFile(made.report.path)));
  await copyFile(made.report.kit, kit);
  return { path, kit };
}

async function refuses(
  from: { path: string; kit: string; recoveryCode?: string },
  expected: { code?: string; says?: string },
): Promise<void> {
  const home = join(folder, "refused");
  const recoveryCode = from.recoveryCode ?? madeHome.recoveryCode;
  await assert.rejects(restoreBackup({ ...paths(from), home, recoveryCode }), (error) => {
    assert.ok(error instanceof BackupError, String(error));
    if (expected.code !== undefined) assert.equal(error.code, expected.code);
    if (expected.says !== undefined) assert.ok(error.message.includes(expected.says), error.message);
    return true;
  });
  await assert.rejects(stat(home), /ENOENT/);
}

function hasCode(code: string) {
  return (error: unknown) => (error instanceof BackupError || error instanceof KeyFileError) && error.code === code;
}
