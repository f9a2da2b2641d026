import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job, JobQueue, Lease } from "../jobs.ts";
import { type Change, type Records, RecordsConflict } from "../records.ts";
import type { FakeClock } from "./fake-clock.ts";

/** Opened anew, and empty, for each case: a queue and the records that its guards speak of. */
export interface OpenedQueue {
  readonly queue: JobQueue;
  readonly records: Records;
  readonly clock: FakeClock;
  /** What the queue was opened with. */
  readonly leaseMs: number;
  readonly maxTries: number;
  close(): Promise<void>;
}

const PULL: Job = { kind: "pull", source: "s1" };

/** What every JobQueue adapter must pass. `open` gives an empty queue on the real thing. */
export function testQueue(name: string, open: () => Promise<OpenedQueue>): void {
  const withQueue = (work: (opened: OpenedQueue) => Promise<void>) => async () => {
    const opened = await open();
    try {
      await work(opened);
    } finally {
      await opened.close();
    }
  };

  describe(`JobQueue: ${name}`, () => {
    it(
      "gives a job to one worker, and to nobody once it is complete",
      withQueue(async ({ queue, clock, leaseMs }) => {
        const id = await queue.add(PULL);
        assert.deepEqual(
          (await queue.list()).map(({ job, state, tries }) => ({ job, state, tries })),
          [{ job: PULL, state: "waiting", tries: 0 }],
        );
        const lease = await claimed(queue);
        assert.deepEqual([lease.id, lease.job, lease.tries], [id, PULL, 1]);
        assert.equal(await queue.claim(), undefined);
        assert.equal((await queue.list())[0]?.state, "running");
        await queue.complete(lease);
        assert.deepEqual(await queue.list(), []);
        await clock.advance(leaseMs * 3);
        assert.equal(await queue.claim(), undefined);
        await assert.rejects(queue.complete(lease), RecordsConflict);
      }),
    );

    it(
      "gives jobs in the order they are due, and none before",
      withQueue(async ({ queue, clock }) => {
        const at = clock.now();
        await queue.add({ kind: "pull", source: "later" }, { dueAt: at + 2_000 });
        await queue.add({ kind: "pull", source: "soon" }, { dueAt: at + 1_000 });
        await queue.add({ kind: "pull", source: "now" });
        assert.equal(sourceOf(await claimed(queue)), "now");
        assert.equal(await queue.claim(), undefined);
        await clock.advance(999);
        assert.equal(await queue.claim(), undefined);
        await clock.advance(1_001);
        assert.deepEqual([sourceOf(await claimed(queue)), sourceOf(await claimed(queue))], ["soon", "later"]);
      }),
    );

    it(
      "lets exactly one of many that claim at once have the job",
      withQueue(async ({ queue }) => {
        await queue.add(PULL);
        const leases = await Promise.all(Array.from({ length: 10 }, () => queue.claim()));
        assert.equal(leases.filter((lease) => lease).length, 1);
      }),
    );

    it(
      "lets a lapsed lease be claimed again, with a larger fence; the older holder's writes are refused",
      withQueue(async ({ queue, records, clock, leaseMs }) => {
        await queue.add(PULL);
        const first = await claimed(queue);
        await records.write([first.guard(), result("first")]);
        await clock.advance(leaseMs - 1);
        assert.equal(await queue.claim(), undefined);
        await clock.advance(1);
        const second = await claimed(queue);
        assert.ok(second.fence > first.fence);
        assert.equal(second.tries, 2);
        await assert.rejects(records.write([first.guard(), result("late")]), RecordsConflict);
        assert.equal(await records.get({ partition: "results", sort: "late" }), undefined);
        await assert.rejects(queue.complete(first), RecordsConflict);
        await assert.rejects(queue.fail(first, "too late"), RecordsConflict);
        await assert.rejects(queue.release(first), RecordsConflict);
        assert.equal(await first.heartbeat(), false);
        await records.write([second.guard(), result("second")]);
        await queue.complete(second);
        await assert.rejects(records.write([second.guard(), result("after the end")]), RecordsConflict);
        assert.equal(await second.heartbeat(), false);
      }),
    );

    it(
      "keeps a lease as long as it is renewed, and its guard holds after every heartbeat",
      withQueue(async ({ queue, records, clock, leaseMs }) => {
        await queue.add(PULL);
        const lease = await claimed(queue);
        for (let beat = 0; beat < 5; beat++) {
          await clock.advance(leaseMs * 0.8);
          assert.equal(await lease.heartbeat(), true);
          assert.equal(await queue.claim(), undefined);
          await records.write([lease.guard(), result(`beat ${beat}`)]);
        }
        // Late, but nobody else has claimed it: it still holds.
        await clock.advance(leaseMs * 2);
        assert.equal(await lease.heartbeat(), true);
        assert.equal(await queue.claim(), undefined);
        await queue.complete(lease);
        await clock.advance(leaseMs * 10);
        assert.equal(await queue.claim(), undefined);
      }),
    );

    it(
      "survives heartbeats that cross the end of the job",
      withQueue(async ({ queue, clock, leaseMs }) => {
        for (const end of ["complete", "fail", "release"] as const) {
          await queue.add(PULL);
          const lease = await claimed(queue);
          await clock.advance(leaseMs / 2);
          const ending = end === "fail" ? queue.fail(lease, "no") : queue[end](lease);
          await Promise.all([lease.heartbeat(), ending, lease.heartbeat()]);
          assert.equal(await lease.heartbeat(), false);
          await clock.advance(leaseMs * 3);
          const next = await queue.claim();
          assert.equal(next !== undefined, end !== "complete", end);
          if (next) await queue.complete(next);
          await clock.advance(leaseMs * 3);
          assert.equal(await queue.claim(), undefined);
          assert.deepEqual(await queue.list(), []);
        }
      }),
    );

    it(
      "retries a failure after a wait that grows, then keeps the job as dead",
      withQueue(async ({ queue, clock, maxTries }) => {
        const id = await queue.add(PULL);
        for (let tries = 1; tries < maxTries; tries++) {
          const lease = await claimed(queue);
          assert.equal(lease.tries, tries);
          await queue.fail(lease, `failure ${tries}`);
          const [row] = await queue.list();
          assert.deepEqual([row?.state, row?.error, row?.tries], ["waiting", `failure ${tries}`, tries]);
          const wait = (row?.dueAt ?? 0) - clock.now();
          const base = 1_000 * 2 ** (tries - 1);
          assert.ok(wait >= Math.min(base, 300_000) && wait <= Math.min(base * 2, 300_000), `${wait} ms on ${tries}`);
          assert.equal(await queue.claim(), undefined);
          await clock.advance(wait);
        }
        await queue.fail(await claimed(queue), "the last");
        await clock.advance(3_600_000);
        assert.equal(await queue.claim(), undefined);
        const [row] = await queue.list();
        assert.deepEqual([row?.id, row?.state, row?.error, row?.tries], [id, "dead", "the last", maxTries]);
      }),
    );

    it(
      "makes a job dead at once when trying again cannot help",
      withQueue(async ({ queue, records, clock }) => {
        const id = await queue.add(PULL);
        const lease = await claimed(queue);
        await queue.fail(lease, "the folder is gone", { retry: false });
        assert.equal((await queue.list())[0]?.state, "dead");
        await assert.rejects(records.write([lease.guard(), result("x")]), RecordsConflict);
        await clock.advance(3_600_000);
        assert.equal(await queue.claim(), undefined);
        assert.equal(await queue.rerun(id), true);
        const again = await claimed(queue);
        assert.deepEqual([again.id, again.tries], [id, 1]);
        assert.ok(again.fence > lease.fence);
        await assert.rejects(records.write([lease.guard(), result("x")]), RecordsConflict);
        await queue.complete(again);
        assert.deepEqual(await queue.list(), []);
      }),
    );

    it(
      "ends as dead a job whose workers vanish each time",
      withQueue(async ({ queue, clock, leaseMs, maxTries }) => {
        await queue.add(PULL);
        for (let tries = 1; tries <= maxTries; tries++) {
          assert.equal((await claimed(queue)).tries, tries);
          await clock.advance(leaseMs);
        }
        assert.equal(await queue.claim(), undefined);
        assert.equal((await queue.list())[0]?.state, "dead");
      }),
    );

    it(
      "lists, re-runs and dismisses only what is dead",
      withQueue(async ({ queue }) => {
        const waiting = await queue.add({ kind: "pull", source: "s" }, { dueAt: Number.MAX_SAFE_INTEGER / 1_000 });
        const id = await queue.add(PULL);
        const lease = await claimed(queue);
        for (const one of [waiting, id, "no such job"]) {
          assert.equal(await queue.rerun(one), false);
          assert.equal(await queue.dismiss(one), false);
        }
        await queue.fail(lease, "no", { retry: false });
        assert.equal(await queue.dismiss(id), true);
        assert.equal(await queue.dismiss(id), false);
        assert.equal(await queue.rerun(id), false);
        assert.deepEqual(
          (await queue.list()).map((row) => row.id),
          [waiting],
        );
      }),
    );

    it(
      "adds a unique job once while it has not ended",
      withQueue(async ({ queue }) => {
        const unique = { unique: "pull s1" };
        const ids = await Promise.all(Array.from({ length: 5 }, () => queue.add(PULL, unique)));
        assert.equal(new Set(ids).size, 1);
        assert.notEqual(await queue.add(PULL, { unique: "pull s2" }), ids[0]);
        assert.notEqual(await queue.add(PULL), ids[0]);
        const lease = await claimed(queue);
        assert.equal(lease.id, ids[0]);
        assert.equal(await queue.add(PULL, unique), ids[0], "while it runs");
        await queue.release(lease);
        assert.equal(await queue.add(PULL, unique), ids[0], "while it waits again");
        for (let lease = await queue.claim(); lease; lease = await queue.claim()) await queue.complete(lease);
        const next = await queue.add(PULL, unique);
        assert.notEqual(next, ids[0]);
        await queue.fail(await claimed(queue), "no", { retry: false });
        const beside = await queue.add(PULL, unique);
        assert.notEqual(beside, next, "a dead job has ended");
        assert.equal(await queue.rerun(next), true);
        assert.deepEqual(
          (await queue.list()).map((row) => row.id),
          [beside],
          "the one added since does the dead one's work",
        );
      }),
    );

    it(
      "takes a job back without counting the try",
      withQueue(async ({ queue, records }) => {
        await queue.add(PULL);
        const lease = await claimed(queue);
        await queue.release(lease);
        await assert.rejects(records.write([lease.guard(), result("x")]), RecordsConflict);
        assert.equal((await claimed(queue)).tries, 1);
      }),
    );

    it(
      "wakes who waits when something is added, when it is due, and when asked to stop",
      withQueue(async ({ queue, clock, leaseMs }) => {
        const waiting = () => {
          const state = { over: false, end: queue.wait() };
          state.end.then(() => {
            state.over = true;
          });
          return state;
        };
        const added = waiting();
        await clock.advance(1);
        assert.equal(added.over, false);
        await queue.add(PULL, { dueAt: clock.now() + 5_000 });
        await added.end;
        const due = waiting();
        await clock.advance(4_999);
        assert.equal(due.over, false);
        await clock.advance(1);
        await due.end;
        await queue.wait();
        await claimed(queue);
        const lapsed = waiting();
        await clock.advance(leaseMs);
        await lapsed.end;
        const stop = new AbortController();
        await claimed(queue);
        const stopped = queue.wait(stop.signal);
        stop.abort();
        await stopped;
        await queue.wait(stop.signal);
      }),
    );
  });
}

async function claimed(queue: JobQueue): Promise<Lease> {
  return (await queue.claim()) ?? assert.fail("there is a job to claim");
}

function sourceOf(lease: Lease): string | undefined {
  return lease.job.kind === "pull" ? lease.job.source : undefined;
}

function result(sort: string): Change {
  return { put: { partition: "results", sort, body: new Uint8Array(0) } };
}
