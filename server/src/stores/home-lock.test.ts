import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { StoreTrouble } from "./errors.ts";
import { HomeBusy, holderOf, takeHomeLock } from "./home-lock.ts";

const inHome = (work: (home: string) => Promise<void>) => async () => {
  const home = await mkdtemp(join(tmpdir(), "steward-lock-"));
  try {
    await work(home);
  } finally {
    await rm(home, { recursive: true });
  }
};

it(
  "lets one hold the home at a time, and says who and where it listens",
  inHome(async (home) => {
    assert.equal(holderOf(home), undefined);
    const lock = takeHomeLock(home);
    assert.equal(holderOf(home)?.pid, process.pid);
    lock.announce(join(home, "steward.sock"));
    assert.throws(
      () => takeHomeLock(home),
      (error) =>
        error instanceof HomeBusy &&
        error.message.includes(`process ${process.pid}`) &&
        error.holder?.socket === join(home, "steward.sock"),
    );
    assert.equal((await stat(join(home, "lock.json"))).mode & 0o077, 0);
    lock.release();
    lock.release();
    assert.equal(holderOf(home), undefined);
    takeHomeLock(home).release();
    assert.equal(existsSync(join(home, "lock.json")), false);
  }),
);

it(
  "is free again after the holder was killed, and never names the dead",
  inHome(async (home) => {
    const module = JSON.stringify(import.meta.resolve("./home-lock.ts"));
    const script = `
      import { takeHomeLock } from ${module};
      takeHomeLock(${JSON.stringify(home)}).announce("/nowhere");
      await new Promise((resolve) => setImmediate(resolve));
      gc(); // A lock that its holder has lost sight of is still held.
      console.log("held");
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(child.stdout, "data");
      const pid = child.pid;
      assert.throws(
        () => takeHomeLock(home),
        (error) => error instanceof HomeBusy && error.holder?.pid === pid,
      );
      assert.equal(holderOf(home)?.pid, pid);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    assert.ok(existsSync(join(home, "lock.json")), "the note of the dead is still there");
    assert.equal(holderOf(home), undefined);
    const lock = takeHomeLock(home);
    assert.equal(holderOf(home)?.pid, process.pid);
    lock.release();
  }),
);

it(
  "stays held for other processes when its own asks again",
  inHome(async (home) => {
    const lock = takeHomeLock(home);
    assert.throws(() => takeHomeLock(home), HomeBusy);
    assert.equal(holderOf(home)?.pid, process.pid);
    const script = `
      import { takeHomeLock } from ${JSON.stringify(import.meta.resolve("./home-lock.ts"))};
      try { takeHomeLock(${JSON.stringify(home)}); console.log("taken"); } catch (error) { console.log(error.name); }
    `;
    const other = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.equal(other.stdout.trim(), "HomeBusy");
    lock.release();
  }),
);

it(
  "takes no notice of a damaged note, and says so when the folder is not there",
  inHome(async (home) => {
    await writeFile(join(home, "lock.json"), "{ half");
    assert.equal(holderOf(home), undefined);
    takeHomeLock(home).release();
    assert.throws(() => takeHomeLock(join(home, "no such folder")), StoreTrouble);
  }),
);
