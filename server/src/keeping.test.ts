import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { memoryKit, memoryRing } from "@steward/core/testing/memory-keys.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { KitFault } from "@steward/core/vault/domain-keys.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { DOMAINS, KeyShredded } from "@steward/core/vault/vault.ts";
import { keepHouse } from "./keeping.ts";
import type { Facts, Log } from "./log.ts";
import { safe } from "./log-entry.ts";

const DAY = 86_400_000;
const body = { table: "item", id: "x", field: "body" };
const hello = new TextEncoder().encode("hello");

async function keptHouse() {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const deps = { records, ring: memoryRing(), kit: memoryKit(), clock };
  const vault = await openVault(deps);
  const logged: [string, Facts | undefined][] = [];
  const log: Log = {
    debug: () => {},
    info: (event, facts) => void logged.push([event, facts]),
    warn: (event, facts) => void logged.push([event, facts]),
    error: (event, _, facts) => void logged.push([event, facts]),
  };
  const state = { swept: 0, livePassages: 0, queued: [] as string[], fails: false };
  const keeping = keepHouse({
    ...{ clock, log, vault, kit: deps.kit, wakeEmbedding: async () => {} },
    wakeEmbedding: async () => {},
    records: {
      sweep: () => {
        if (state.fails) throw new Error("the disk is gone");
        return state.swept++;
      },
    },
    queue: { add: async (job, how) => `${state.queued.push(`${job.kind} ${how?.unique}`)}` },
    index: {
      stats: () => ({ items: 0, passages: 0, livePassages: state.livePassages, segments: 0, embedded: 0, bytes: 0 }),
    },
  });
  const stop = new AbortController();
  const running = keeping.run(stop.signal);
  await clock.advance(0);
  return {
    ...{ clock, deps, vault, keeping, logged, state },
    rotated: () => logged.flatMap(([event, facts]) => (event === "keys-rotated" ? [facts?.domain] : [])),
    async end() {
      stop.abort();
      await running;
    },
  };
}

/** Rounds come once a minute; jumping keeps the test from doing all those between. */
async function later(clock: FakeClock, ms: number): Promise<void> {
  clock.jumpTo(clock.now() + ms);
  await clock.advance(60_000);
}

test("the keys of every domain rotate after thirty days, everything opens, and no older kit opens the house", async () => {
  const house = await keptHouse();
  const { clock, deps, vault, keeping } = house;
  const [kept, forgotten] = [vault.create("private", "kept"), vault.create("private", "forgotten")];
  const segment = vault.create("index", "segment");
  await deps.records.write([kept.change, forgotten.change, segment.change]);
  const sealed = [kept.key.seal(body, hello), segment.key.seal(body, hello)] as const;
  const oldKit = await deps.kit.read();
  const backedUp = await deps.records.get({ partition: "key", sort: "private/forgotten" });
  await deps.records.write([vault.destroy("private", "forgotten")]);
  vault.forgotten("private", "forgotten");
  const due = await keeping.nextRotation();
  assert.equal(due, clock.now() + 30 * DAY);

  await later(clock, 29 * DAY);
  assert.deepEqual(house.rotated(), []);
  await later(clock, DAY);
  assert.deepEqual(house.rotated(), DOMAINS);
  assert.ok((await keeping.nextRotation()) > due);
  await house.end();

  const again = await openVault(deps);
  assert.deepEqual((await again.key("private", "kept")).open(body, sealed[0]), hello);
  assert.deepEqual((await again.key("index", "segment")).open(body, sealed[1]), hello);
  assert.ok(backedUp && oldKit);
  await assert.rejects(openVault({ ...deps, kit: memoryKit(oldKit) }), KitFault);
  await deps.records.write([{ put: { partition: "key", sort: "private/forgotten", body: backedUp.body } }]);
  await assert.rejects((await openVault(deps)).key("private", "forgotten"), KeyShredded, "not from an older backup");
});

test("while something sealed under the old key is on its way, nothing says rotated; a later round ends it", async () => {
  const house = await keptHouse();
  const { clock, deps, vault } = house;
  const upload = vault.create("private", "upload");
  const bytes = upload.key.seal(body, hello);
  await later(clock, 30 * DAY);
  assert.deepEqual(
    house.rotated(),
    DOMAINS.filter((domain) => domain !== "private"),
  );
  assert.deepEqual(house.logged[0], ["rotation-waits", { domain: "private", rewrapped: 0, waitingFor: 1 }]);
  assert.equal((await deps.kit.read())?.domains.private.length, 2, "the old key stays for it");
  await clock.advance(60_000);
  assert.equal(vault.domainKeys.rotating("private"), true);

  await deps.records.write([upload.change]);
  await clock.advance(60_000);
  assert.equal(house.rotated().at(-1), "private");
  assert.equal((await deps.kit.read())?.domains.private.length, 1);
  await house.end();
  assert.deepEqual((await (await openVault(deps)).key("private", "upload")).open(body, bytes), hello);
});

test("what a job's trouble is passes the log: its kind, its id, its try", async () => {
  const house = await keptHouse();
  house.keeping.logJob("job pull 01a1fd7d-c7b2-7000-a6ad-19c977eff7ea failed on try 3", new Error("canary"));
  house.keeping.logJob("job pull 01a1fd7d-c7b2-7000-a6ad-19c977eff7ea: someone else has it now");
  for (const [event, facts] of house.logged) {
    assert.equal(event, "job");
    assert.match(
      String(facts?.line),
      /^job-pull-01a1fd7d-c7b2-7000-a6ad-19c977eff7ea-(?:failed-on-try-3|someone-else)/,
    );
    assert.deepEqual(safe(facts), facts, "nothing of it is withheld");
  }
  assert.equal(house.logged.length, 2);
  await house.end();
});

test("a round that fails is told, and the next one does its work", async () => {
  const house = await keptHouse();
  house.state.fails = true;
  await house.clock.advance(60_000);
  assert.deepEqual(house.logged, [["housekeeping-failed", undefined]]);
  house.state.fails = false;
  house.state.livePassages = 2_001;
  await house.clock.advance(60_000);
  assert.equal(house.state.swept, 2);
  assert.deepEqual(house.state.queued, ["tidy-index tidy-index"]);
  await house.end();
});
