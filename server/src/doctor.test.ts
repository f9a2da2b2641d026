import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@steward/core/clock.ts";
import { examine, type Finding } from "./doctor.ts";
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

async function look(home: string, more: Record<string, string> = {}): Promise<Map<string, Finding>> {
  const findings = await examine({ STEWARD_HOME: home, STEWARD_PORT: "0", ...more });
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
