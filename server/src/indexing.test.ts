import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type PgliteServer, servePglite } from "./engines/testing/pglite-server.ts";
import type { House } from "./house.ts";
import { withHouse } from "./testing/opened.ts";

/** A whole house, its own index and PostgreSQL in turn, over the same home. */
describe("the index of a house", () => {
  let folder: string;
  let database: PgliteServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-indexing-"));
    database = await servePglite();
    await mkdir(join(folder, "notes"));
    await writeFile(join(folder, "notes", "boiler.md"), "# Boiler\n\nThe plumber came on Tuesday.\n");
    await writeFile(join(folder, "notes", "roof.md"), "# Roof\n\nThe roofer never came.\n");
  });
  after(async () => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const inHouse = (env: Record<string, string>, work: (house: House) => Promise<void>) =>
    withHouse(join(folder, "home"), work, env);
  const postgres = () => ({ STEWARD_ENGINE: "postgres", STEWARD_POSTGRES_URL: database.url });
  /** By the very word: what is near in meaning is left out. */
  const titles = async (house: House, word: string) =>
    (await house.find(`"${word}"`)).hits.map(({ title }) => title).sort();
  const segments = (house: House) => Array.fromAsync(house.blobs.list("index/"));

  test("is made anew while it answers, and tells how far it is", async () => {
    await inHouse({}, async (house) => {
      const source = await house.sources.addPath(join(folder, "notes"));
      await house.sources.finished(source.id);
      const told: number[] = [];
      const leaving = new AbortController();
      const following = (async () => {
        for await (const { indexing } of house.sources.progress(leaving.signal))
          if (indexing) told.push(indexing.total);
      })();
      await house.indexing.rebuild();
      await idle(house);
      leaving.abort();
      await following;
      assert.deepEqual(await titles(house, "came"), ["Boiler", "Roof"]);
      assert.equal(house.indexing.engine, "private");
      assert.equal(house.index.stats().items, 2);
      assert.ok(told.every((total) => total === 2));
      assert.ok((await segments(house)).length > 0);
    });
  });

  test("moves to PostgreSQL: filled from the readings, and no sealed segment stays behind", async () => {
    await inHouse(postgres(), async (house) => {
      assert.equal(house.indexing.engine, "postgres");
      await idle(house);
      assert.deepEqual(await titles(house, "came"), ["Boiler", "Roof"]);
      assert.deepEqual(await titles(house, "plumber"), ["Boiler"]);
      assert.deepEqual(await segments(house), []);
    });
  });

  test("what came in while the database lost it is put again at the next start", async () => {
    await inHouse(postgres(), async (house) => {
      await writeFile(join(folder, "notes", "garden.md"), "# Garden\n\nThe gardener came early.\n");
      const [source] = await house.sources.list();
      assert.ok(source);
      await house.sources.run(source.id);
      await house.sources.finished(source.id);
      assert.deepEqual(await titles(house, "came"), ["Boiler", "Garden", "Roof"]);
    });
    await database.database.query("delete from steward.items where id = (select max(id) from steward.items)");
    await inHouse(postgres(), async (house) => {
      assert.deepEqual(await titles(house, "gardener"), ["Garden"]);
    });
  });

  test("what is hidden stays hidden through a rebuild, and what is forgotten leaves the tables", async () => {
    await inHouse(postgres(), async (house) => {
      const [roof] = (await house.find("roofer")).hits;
      assert.ok(roof);
      const asked = await house.forgetting.ask({ item: roof.id });
      assert.ok(asked);
      await house.indexing.rebuild();
      await idle(house);
      assert.deepEqual(await titles(house, "roofer"), []);
      await house.forgetting.confirm(asked.id);
      await idle(house);
      assert.equal((await house.forgetting.get(asked.id))?.state, "done");
    });
    const { rows } = await database.database.query<{ row: string }>("select t::text as row from steward.passages t");
    assert.equal(rows.length, 2);
    assert.doesNotMatch(rows.map(({ row }) => row).join(), /roofer/);
  });

  test("and back home again", async () => {
    await inHouse({}, async (house) => {
      assert.deepEqual(await titles(house, "came"), ["Boiler", "Garden"]);
      assert.deepEqual(await titles(house, "roofer"), []);
    });
  });

  test("a database that is not there is said in a sentence, and nothing of the home is touched", async () => {
    const env = { STEWARD_ENGINE: "postgres", STEWARD_POSTGRES_URL: "postgres://nobody@127.0.0.1:9/steward" };
    await assert.rejects(
      inHouse(env, async () => {}),
      /connection to PostgreSQL is lost or could not be made/,
    );
    await inHouse({}, async (house) => assert.deepEqual(await titles(house, "plumber"), ["Boiler"]));
  });
});

/** Resolves when no job waits or runs. */
async function idle(house: House): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    const jobs = await house.queue.list();
    assert.deepEqual(
      jobs.filter(({ state }) => state === "dead"),
      [],
    );
    if (jobs.length === 0) return;
    await sleep(20);
  }
  assert.fail("the jobs did not end");
}
