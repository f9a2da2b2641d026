import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@steward/core/clock.ts";
import { newId } from "@steward/core/ids.ts";
import { loadConfig } from "./config.ts";
import { examine, type Finding } from "./doctor.ts";
import { openDoor } from "./door.ts";
import { quiet } from "./log.ts";
import { takeHomeLock } from "./stores/home-lock.ts";
import { openLife } from "./testing/index-life.ts";

/** A home with two sealed segments; what `work` then does to it is looked at. */
async function homeWithIndex(work: (home: string) => Promise<void>): Promise<Finding | undefined> {
  const home = await mkdtemp(join(tmpdir(), "steward-doctor-index-"));
  try {
    const life = await openLife(home);
    for (let n = 0; n < 2; n += 1) {
      await life.put({ item: newId(Date.now()), form: 1 });
      await life.index.flush();
    }
    await life.index.close();
    life.records.close();
    await work(home);
    const findings = await examine({ STEWARD_HOME: home, STEWARD_PORT: "0" });
    return findings.find(({ check }) => check === "index");
  } finally {
    await rm(home, { recursive: true });
  }
}

async function writeManifest(home: string, format: number): Promise<void> {
  const { sealed, records, index } = await openLife(home);
  await index.close();
  const place = { partition: "index", sort: "manifest", scope: "house:index", domain: "index" as const };
  const manifest = await sealed.get<object>(place);
  const key = await sealed.vault.standing("index", "house:index");
  await sealed.write([sealed.put(key, place, { ...manifest?.value, format })]);
  records.close();
}

/** Cuts a segment off; which. */
async function damage(home: string): Promise<string> {
  const names = (await readdir(join(home, "blobs"), { recursive: true })).filter((name) => name.includes("index~"));
  const file = join(home, "blobs", names[0] ?? assert.fail());
  await writeFile(file, (await readFile(file)).subarray(0, 200));
  return file.slice(file.indexOf("index~") + "index~".length);
}

test("a sound index is said to be", async () => {
  const finding = await homeWithIndex(async () => {});
  assert.equal(finding?.state, "well");
  assert.match(finding?.found ?? "", /segments 2/);
});

test("a damaged segment is named, and what comes of it", async () => {
  let segment = "";
  const finding = await homeWithIndex(async (home) => {
    segment = await damage(home);
  });
  assert.equal(finding?.state, "note");
  assert.match(finding?.found ?? "", new RegExp(`1 of 2 segments.*${segment}`));
  assert.match(finding?.advice ?? "", /anew/);
});

test("a start makes a damaged segment anew, says so in the log, and the next finds nothing", async () => {
  const warned: unknown[] = [];
  const log = { ...quiet, warn: (event: string, facts?: object) => void warned.push({ event, ...facts }) };
  const finding = await homeWithIndex(async (home) => {
    const segment = await damage(home);
    const config = loadConfig({ STEWARD_HOME: home });
    const door = await openDoor({ config, clock: systemClock, log });
    await door.close();
    const said = warned.filter((one) => JSON.stringify(one).includes("segment-made-anew"));
    assert.equal(said.length, 1);
    assert.match(JSON.stringify(said[0]), new RegExp(segment));
  });
  assert.equal(finding?.state, "well");
});

test("an index of a newer version is a fault, and opening the home says the same in a sentence", async () => {
  const finding = await homeWithIndex(async (home) => {
    await writeManifest(home, 7);
    const config = loadConfig({ STEWARD_HOME: home });
    await assert.rejects(openDoor({ config, clock: systemClock, log: quiet }), {
      name: "IndexTooNew",
      message: /written by a newer Steward \(format 7; this one reads 1\). Nothing was changed/,
    });
    // The door lets go of the home that it could not open.
    takeHomeLock(home).release();
  });
  assert.equal(finding?.state, "fault");
  assert.match(finding?.found ?? "", /newer Steward/);
  assert.match(finding?.advice ?? "", /newer Steward|update/);
});

test("a home that somebody has is not looked into", async () => {
  let held: ReturnType<typeof takeHomeLock> | undefined;
  const finding = await homeWithIndex(async (home) => {
    held = takeHomeLock(home);
  });
  held?.release();
  assert.equal(finding, undefined);
});
