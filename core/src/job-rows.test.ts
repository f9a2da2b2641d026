import assert from "node:assert/strict";
import { it } from "node:test";
import { RowJobs } from "./job-rows.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { MemoryRecords } from "./testing/memory-records.ts";
import { plainVault } from "./testing/plain-vault.ts";
import { testQueue } from "./testing/queue-contract.ts";
import { SealedRecords } from "./vault/sealed-records.ts";

const LIMITS = { leaseMs: 30_000, maxTries: 4 };

function openJobs(options: { random?: () => number } = {}) {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  return { queue: new RowJobs({ sealed, clock }, { ...LIMITS, ...options }), sealed, records, clock };
}

testQueue("rows", async () => ({ ...openJobs(), ...LIMITS, close: async () => {} }));

it("waits from one second to five minutes, by chance up to twice the base", async () => {
  for (const [random, waits] of [
    [0, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]],
    [0.5, [1_500, 3_000, 6_000, 12_000, 24_000, 48_000, 96_000, 192_000, 300_000]],
  ] as const) {
    const { sealed, clock } = openJobs();
    const queue = new RowJobs({ sealed, clock }, { maxTries: 20, random: () => random });
    await queue.add({ kind: "pull", source: "s" });
    for (const wait of waits) {
      const lease = await queue.claim();
      assert.ok(lease);
      await queue.fail(lease, "again");
      assert.equal((await queue.list())[0]?.dueAt, clock.now() + wait);
      await clock.advance(wait);
    }
  }
});

it("is there again for the next process, which need not wait for the leases of the last", async () => {
  const { queue, sealed, clock } = openJobs();
  const id = await queue.add({ kind: "pull", source: "s" });
  await queue.add({ kind: "tidy-index" }, { dueAt: clock.now() + 60_000 });
  const lost = await queue.claim();
  const next = new RowJobs({ sealed, clock }, LIMITS);
  assert.equal(await next.claim(), undefined);
  assert.equal(await next.releaseAll(), 1);
  const lease = await next.claim();
  assert.deepEqual([lease?.id, lease?.tries], [id, 2], "the try that vanished is counted");
  assert.equal(await lost?.heartbeat(), false);
  assert.equal(await next.claim(), undefined);
});

it("leaves nothing behind but what is listed, and keeps words and failures out of sight", async () => {
  const { queue, records, clock } = openJobs();
  await queue.add({ kind: "pull", source: "canary-source" }, { unique: "canary-word" });
  const keys = async () => {
    const found: string[] = [];
    for (const partition of ["jobs", "jobs-fence", "jobs-due", "jobs-unique"]) {
      for await (const row of records.query(partition)) {
        found.push(`${partition}/${row.sort}`);
        assert.equal(row.sort.includes("canary"), false);
      }
    }
    return found;
  };
  assert.equal((await keys()).length, 4);
  const lease = await queue.claim();
  assert.ok(lease);
  await clock.advance(1_000);
  await lease.heartbeat();
  assert.equal((await keys()).length, 4);
  await queue.complete(lease);
  assert.deepEqual(await keys(), []);
});

it("passes over a due row whose job is gone, and removes it", async () => {
  const { queue, records, clock } = openJobs();
  const sort = `${String(clock.now() - 5).padStart(15, "0")}:gone`;
  await records.write([{ put: { partition: "jobs-due", sort, body: new Uint8Array(0) } }]);
  const id = await queue.add({ kind: "pull", source: "s" });
  assert.equal((await queue.claim())?.id, id);
  assert.equal(await records.get({ partition: "jobs-due", sort }), undefined);
});

/** Bytes that were sealed become others, as on a disk that rots; the version stays what the next write expects. */
async function damage(records: MemoryRecords, partition: string, sort: string): Promise<void> {
  const row = await records.get({ partition, sort });
  assert.ok(row && row.body.length > 0);
  await records.write([{ put: { partition, sort, body: row.body.map((byte) => byte ^ 0xff) } }]);
}

it("sets a job aside that no longer opens, and goes on with the others", async () => {
  for (const state of ["waiting", "running"] as const) {
    const { queue, sealed, records, clock } = openJobs();
    const hurt = await queue.add({ kind: "pull", source: "s" }, { unique: "s" });
    if (state === "running") await queue.claim();
    const sound = await queue.add({ kind: "tidy-index" }, { dueAt: clock.now() + 1 });
    await damage(records, "jobs", hurt);
    await clock.advance(LIMITS.leaseMs);

    assert.equal((await queue.claim())?.id, sound, state);
    const [row] = (await queue.list()).filter(({ id }) => id === hurt);
    assert.deepEqual([row?.job, row?.state], [{ kind: "unreadable" }, "dead"]);
    assert.match(row?.error ?? "", /damaged.*Dismiss it/);
    assert.equal(await queue.claim(), undefined);
    assert.equal(await queue.rerun(hurt), false, "nobody knows what to do again");
    const again = await queue.add({ kind: "pull", source: "s" }, { unique: "s" });
    assert.notEqual(again, hurt, "its word is free");
    assert.equal((await queue.claim())?.id, again);
    assert.equal(await queue.dismiss(hurt), true);
    assert.deepEqual((await queue.list()).map(({ id }) => id).sort(), [sound, again].sort());
    assert.equal(await new RowJobs({ sealed, clock }, LIMITS).releaseAll(), 2);
  }
});

it("a damaged job is set aside by whoever meets it first: a start, the list, an addition of the same work", async () => {
  const meetings: Record<string, (queue: RowJobs) => Promise<unknown>> = {
    releaseAll: (queue) => queue.releaseAll(),
    list: (queue) => queue.list(),
    add: (queue) => queue.add({ kind: "pull", source: "s" }, { unique: "s" }),
    dismiss: (queue) => queue.dismiss("none"),
  };
  for (const [name, meet] of Object.entries(meetings)) {
    const { queue, records } = openJobs();
    const hurt = await queue.add({ kind: "pull", source: "s" }, { unique: "s" });
    await damage(records, "jobs", hurt);
    await meet(queue);
    const fresh = await queue.add({ kind: "pull", source: "s" }, { unique: "s" });
    assert.notEqual(fresh, hurt, name);
    assert.equal((await queue.claim())?.id, fresh, name);
  }
});

it("a damaged word is free again", async () => {
  const { queue, records } = openJobs();
  const first = await queue.add({ kind: "tidy-index" }, { unique: "tidy" });
  const [word] = await Array.fromAsync(records.query("jobs-unique"));
  await damage(records, "jobs-unique", word?.sort ?? "");
  const second = await queue.add({ kind: "tidy-index" }, { unique: "tidy" });
  assert.notEqual(second, first);
  assert.equal(await queue.add({ kind: "tidy-index" }, { unique: "tidy" }), second);
});

it("gives a job by its id, and says of one that cannot be had when to ask again or that it has ended", async () => {
  const { queue, clock } = openJobs();
  const id = await queue.add({ kind: "pull", source: "s" }, { dueAt: clock.now() + 5_000 });
  assert.deepEqual(await queue.claimNamed(id), { dueAt: clock.now() + 5_000 });
  await clock.advance(5_000);
  const claims = await Promise.all([queue.claimNamed(id), queue.claimNamed(id)]);
  const leases = claims.flatMap((claim) => (claim !== "ended" && "lease" in claim ? [claim.lease] : []));
  assert.equal(leases.length, 1);
  assert.deepEqual(await queue.claimNamed(id), { dueAt: clock.now() + LIMITS.leaseMs }, "when the lease lapses");
  await queue.fail(leases[0] ?? assert.fail("claimed"), "no", { retry: false });
  assert.equal(await queue.claimNamed(id), "ended");
  assert.equal(await queue.claimNamed("never there"), "ended");
});

it("ends by its id a job whose worker vanished on the last try", async () => {
  const { queue, clock } = openJobs();
  const id = await queue.add({ kind: "pull", source: "s" });
  for (let tries = 1; tries <= LIMITS.maxTries; tries++) {
    assert.ok(await queue.claim());
    await clock.advance(LIMITS.leaseMs);
  }
  assert.equal(await queue.claimNamed(id), "ended");
  assert.equal((await queue.list())[0]?.state, "dead");
});

it("announces every job that begins to wait, with the time it is due, and no other", async () => {
  const said: [string, number][] = [];
  const { sealed, clock } = openJobs();
  const announce = async (id: string, dueAt: number) => {
    said.push([id, dueAt - clock.now()]);
  };
  const queue = new RowJobs({ sealed, clock }, { ...LIMITS, random: () => 0, announce });
  const id = await queue.add({ kind: "pull", source: "s" }, { unique: "word" });
  await queue.add({ kind: "pull", source: "s" }, { unique: "word" });
  await queue.release((await queue.claim()) ?? assert.fail("due"));
  await queue.fail((await queue.claim()) ?? assert.fail("due"), "no");
  await clock.advance(1_000);
  const lease = (await queue.claim()) ?? assert.fail("due");
  await lease.heartbeat();
  await queue.fail(lease, "never", { retry: false });
  await queue.rerun(id);
  await queue.complete((await queue.claim()) ?? assert.fail("due"));
  const later = await queue.add({ kind: "tidy-index" }, { dueAt: clock.now() + 60_000 });
  assert.deepEqual(said, [
    [id, 0],
    [id, 0],
    [id, 1_000],
    [id, 0],
    [later, 60_000],
  ]);
});
