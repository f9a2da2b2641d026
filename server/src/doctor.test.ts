import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@steward/core/clock.ts";
import { modelFindings } from "./cli/doctor.ts";
import { examine, type Finding, type Machine } from "./doctor.ts";
import { serve, socketPathOf } from "./serve.ts";
import { takeHomeLock } from "./stores/home-lock.ts";
import { createRoot, kitFile, pathsOf } from "./stores/key-file.ts";
import { openSqliteRecords } from "./stores/sqlite-records.ts";

async function homeWithKeys(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "steward-doctor-"));
  await createRoot(home);
  openSqliteRecords(join(home, "steward.db"), systemClock).close();
  return home;
}

async function look(home: string, more: Record<string, string> = {}, machine?: Machine): Promise<Map<string, Finding>> {
  const findings = await examine({ STEWARD_HOME: home, STEWARD_PORT: "0", ...more }, machine);
  for (const finding of findings)
    assert.ok(finding.state !== "fault" || finding.advice, `${finding.check} says what to do`);
  return new Map(findings.map((finding) => [finding.check, finding]));
}

const faultsIn = (findings: Map<string, Finding>) =>
  [...findings.values()].filter((finding) => finding.state === "fault").map((finding) => finding.check);

test("a sound home has no faults", async () => {
  const home = await homeWithKeys();
  assert.deepEqual(faultsIn(await look(home)), []);
  assert.deepEqual(faultsIn(await look(join(home, "not", "yet"))), []);
  rmSync(home, { recursive: true });
});

test("a key file open to others is a fault that --fix mends", async () => {
  const home = await homeWithKeys();
  const { root } = pathsOf(home);
  chmodSync(root, 0o644);
  const keys = (await look(home)).get("keys");
  assert.equal(keys?.state, "fault");
  assert.match(keys?.found ?? "", /mode 644/);
  keys?.fix?.();
  assert.equal(statSync(root).mode & 0o777, 0o600);
  assert.deepEqual(faultsIn(await look(home)), []);
  rmSync(home, { recursive: true });
});

test("a missing key file is told from a home without keys", async () => {
  const home = await homeWithKeys();
  rmSync(pathsOf(home).root);
  const keys = (await look(home)).get("keys");
  assert.equal(keys?.state, "fault");
  assert.match(keys?.advice ?? "", /recovery code/);
  assert.ok(
    await kitFile(home)
      .read()
      .then(() => true),
  );
  rmSync(home, { recursive: true });
});

test("a disk that is full is a fault, one nearly full a note; before the first start its parent is asked", async () => {
  const home = await homeWithKeys();
  const asked: string[] = [];
  const withFree = (bytes: number): Machine => ({
    freeBytes(path) {
      asked.push(path);
      return bytes;
    },
  });
  const full = (await look(home, {}, withFree(19e6))).get("disk");
  assert.deepEqual([full?.state, full?.found], ["fault", "The disk is full (0.02 GB free)."]);
  assert.equal((await look(home, {}, withFree(20e6))).get("disk")?.state, "note");
  assert.match((await look(home, {}, withFree(499e6))).get("disk")?.found ?? "", /nearly full/);
  assert.equal((await look(home, {}, withFree(500e6))).get("disk")?.state, "well");
  await look(join(home, "not", "yet"), {}, withFree(1));
  assert.deepEqual([...new Set(asked)], [home]);
  rmSync(home, { recursive: true });
});

test("a key file that this user may not read, or that is damaged, is a fault", async () => {
  const home = await homeWithKeys();
  const { root } = pathsOf(home);
  const asRoot = process.getuid?.() === 0;
  chmodSync(home, 0o755);
  chmodSync(root, asRoot ? 0o600 : 0);
  // Root reads everything, so for a moment the test is nobody.
  if (asRoot) process.seteuid?.(65_534);
  const unreadable = await look(home).finally(() => asRoot && process.seteuid?.(0));
  assert.match(unreadable.get("keys")?.found ?? "", /cannot be read by this user/);
  assert.match(unreadable.get("keys")?.advice ?? "", /chown/);

  chmodSync(root, 0o600);
  const bytes = readFileSync(root, "utf8");
  writeFileSync(
    root,
    bytes.replace(/"key": ?"./, (start) => `${start.slice(0, -1)}${start.endsWith("A") ? "B" : "A"}`),
  );
  const damaged = (await look(home)).get("keys");
  assert.equal(damaged?.state, "fault");
  assert.match(damaged?.found ?? "", /damaged/);
  rmSync(home, { recursive: true });
});

test("a home without a recovery code is noted", async () => {
  const home = await homeWithKeys();
  rmSync(pathsOf(home).recovery);
  const keys = (await look(home)).get("keys");
  assert.equal(keys?.state, "note");
  assert.match(keys?.found ?? "", /no recovery code/);
  rmSync(home, { recursive: true });
});

test("bytes that flipped in the database are found", async () => {
  const home = await homeWithKeys();
  const file = join(home, "steward.db");
  const records = openSqliteRecords(file, systemClock);
  for (let n = 0; n < 40; n++) {
    await records.write([{ put: { partition: "p", sort: `${n}`, body: new Uint8Array(3_000).fill(n) } }]);
  }
  records.close();
  assert.equal((await look(home)).get("database")?.state, "well");
  const bytes = readFileSync(file);
  for (let page = 1; page < bytes.length / 8_192; page++) bytes.fill(0xee, page * 8_192, page * 8_192 + 12);
  writeFileSync(file, bytes);
  const found = (await look(home)).get("database");
  assert.equal(found?.state, "fault");
  assert.match(found?.found ?? "", /is damaged/);
  rmSync(home, { recursive: true });
});

test("no model, or one that is not there, is a fault; a ready one is none", () => {
  const choice = {
    id: "ollama",
    label: "Ollama",
    local: true,
    state: "not-found",
    current: true,
    description: "",
    models: [],
  } as const;
  assert.match(modelFindings([])[0]?.found ?? "", /No model is chosen/);
  assert.match(modelFindings([choice])[0]?.found ?? "", /Ollama is chosen but was not found/);
  assert.match(modelFindings([{ ...choice, state: "needs-key" }])[0]?.found ?? "", /has no key/);
  assert.deepEqual(
    modelFindings([{ ...choice, state: "ready" }]).map(({ state }) => state),
    ["well"],
  );
});

test("a damaged database is found", async () => {
  const home = await homeWithKeys();
  const file = join(home, "steward.db");
  truncateSync(file, 5_000);
  const truncated = (await look(home)).get("database");
  assert.equal(truncated?.state, "fault");
  writeFileSync(file, "this is no database at all, whatever its name says".repeat(40));
  const other = (await look(home)).get("database");
  assert.equal(other?.state, "fault");
  assert.match(other?.advice ?? "", /backup restore/);
  rmSync(home, { recursive: true });
});

test("a taken port is named; a wrong setting too, and the rest is still looked at", async () => {
  const home = await homeWithKeys();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = String(typeof address === "object" && address ? address.port : 0);
  const taken = (await look(home, { STEWARD_PORT: port })).get("port");
  assert.equal(taken?.state, "fault");
  assert.match(
    taken?.found ?? "",
    process.platform === "linux" ? new RegExp(`Port ${port} is taken by .*process ${process.pid}\\)`) : /is taken/,
  );
  other.close();
  const wrong = await look(home, { STEWARD_PORT: "many" });
  assert.deepEqual(faultsIn(wrong), ["settings"]);
  assert.equal(wrong.get("keys")?.state, "well");
  rmSync(home, { recursive: true });
});

test("a home that is a file is a fault", async () => {
  const folder = mkdtempSync(join(tmpdir(), "steward-doctor-"));
  const home = join(folder, "file");
  writeFileSync(home, "");
  assert.ok(faultsIn(await look(home)).includes("home"));
  rmSync(folder, { recursive: true });
});

test("a lock held by a process that does not answer is a fault; a running server is none", async () => {
  const home = await homeWithKeys();
  const lock = takeHomeLock(home);
  const held = (await look(home)).get("lock");
  assert.equal(held?.state, "fault");
  assert.match(held?.found ?? "", new RegExp(`process ${process.pid}`));

  const app = { fetch: async () => new Response(), stop: async () => {} };
  const serving = await serve({ app, port: 0, socketPath: socketPathOf(home) });
  const running = await look(home);
  assert.equal(running.get("lock")?.state, "well");
  assert.equal(running.get("socket")?.state, "well");
  assert.equal(running.get("database")?.state, "note");
  chmodSync(socketPathOf(home), 0o666);
  assert.equal((await look(home)).get("socket")?.state, "fault");
  await serving.stop();
  lock.release();

  writeFileSync(socketPathOf(home), "");
  assert.equal((await look(home)).get("socket")?.state, "note");
  mkdirSync(join(home, "x"));
  rmSync(home, { recursive: true });
});
