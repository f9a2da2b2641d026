import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@steward/core/clock.ts";
import { loadConfig } from "./config.ts";
import { openDoor } from "./door.ts";
import type { House } from "./house.ts";
import type { Door } from "./http/door.ts";
import { quiet } from "./log.ts";

let folder: string;
let door: Door;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-embedding-"));
  const notes = join(folder, "notes");
  await mkdir(notes);
  await writeFile(join(notes, "cat.md"), "# Miso\n\nThe kitten sleeps on the sofa all day.\n");
  await writeFile(join(notes, "tax.md"), "# Letter\n\nThe authorities want the form by the end of March.\n");
  await writeFile(join(notes, "train.md"), "# Trip\n\nThe railway to Leipzig leaves in the morning.\n");
  door = await open();
  const house = houseOf(door);
  await house.sources.finished((await house.sources.addPath(notes)).id);
});
after(async () => {
  await door.close();
  await rm(folder, { recursive: true, force: true });
});

test("a fresh home searches by meaning: vectors follow in the background, and the answer says by which", async () => {
  const house = houseOf(door);
  await embedded(house);
  const found = await house.find("pet");
  assert.equal(found.hits[0]?.title, "Miso");
  assert.equal(found.hits[0]?.parts.words, 0);
  assert.ok((found.hits[0]?.parts.vectors ?? 0) > 0);
  assert.match(found.embedder ?? "", /built-in/i);
});

test("words alone, when the owner wants that; back again, nothing is lost", async () => {
  const house = houseOf(door);
  const chosen = await house.embedders.choose({ id: "none" });
  assert.equal(chosen.find((choice) => choice.current)?.id, "none");
  const words = await house.find("pet");
  assert.deepEqual([words.total, words.embedder], [0, undefined]);
  assert.equal((await house.find("kitten")).hits[0]?.title, "Miso");
  await house.embedders.choose({ id: "built-in" });
  await embedded(house);
  assert.equal((await house.find("pet")).hits[0]?.title, "Miso");
});

test("the vectors are there again after a restart, without being made again", async () => {
  await embedded(houseOf(door));
  await door.close();
  door = await open();
  const { embedded: there, passages } = houseOf(door).index.stats();
  assert.equal(there, passages);
  assert.equal((await houseOf(door).find("pet")).hits[0]?.title, "Miso");
});

test("an embedder that is not known is refused, and what cannot be fetched says so in an event", async () => {
  const house = houseOf(door);
  await assert.rejects(house.embedders.choose({ id: "nonsense" }), { name: "EmbedderError" });
  const events = await Array.fromAsync(house.embedders.add("nonsense", new AbortController().signal));
  assert.deepEqual(
    events.map(({ type }) => type),
    ["error"],
  );
  assert.match((await house.find("pet")).embedder ?? "", /built-in/i);
});

async function open(): Promise<Door> {
  return openDoor({ config: loadConfig({ STEWARD_HOME: join(folder, "home") }), clock: systemClock, log: quiet });
}

function houseOf(opened: Door): House {
  const house = opened.house();
  assert.ok(house);
  return house;
}

async function embedded(house: House): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const { embedded: there, passages } = house.index.stats();
    if (passages > 0 && there === passages && (await house.queue.list()).length === 0) return;
    await sleep(25);
  }
  assert.fail("the vectors were not made within ten seconds");
}
