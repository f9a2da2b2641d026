import assert from "node:assert/strict";
import { it } from "node:test";
import { RowJobs } from "./job-rows.ts";
import { JobHopeless, type JobRun, runDueJobs, runJobs } from "./job-worker.ts";
import type { Job } from "./jobs.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { MemoryRecords } from "./testing/memory-records.ts";
import { plainVault } from "./testing/plain-vault.ts";
import { SealedRecords } from "./vault/sealed-records.ts";

const LEASE_MS = 30_000;

function startWorker(handle: (job: Job, at: JobRun) => Promise<void>) {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const queue = new RowJobs({ sealed, clock }, { leaseMs: LEASE_MS, maxTries: 3, random: () => 0 });
  const stop = new AbortController();
  const lines: string[] = [];
  const ended = runJobs(
    {
      queue,
      clock,
      handle,
      log: (line, error) => void lines.push(error instanceof Error ? `${line}: ${error.message}` : line),
    },
    stop.signal,
  );
  return { clock, records, sealed, queue, stop, ended, lines };
}

it("does what is added, when it is due, and completes it with the guard of its lease", async () => {
  const done: string[] = [];
  const worker = startWorker(async (job, at) => {
    await worker.records.write([at.guard(), { put: { partition: "r", sort: at.id, body: new Uint8Array(0) } }]);
    done.push(job.kind);
  });
  await worker.clock.advance(1);
  await worker.queue.add({ kind: "pull", source: "s" });
  await worker.queue.add({ kind: "tidy-index" }, { dueAt: worker.clock.now() + 5_000 });
  await worker.clock.advance(4_999);
  assert.deepEqual(done, ["pull"]);
  await worker.clock.advance(1);
  assert.deepEqual(done, ["pull", "tidy-index"]);
  assert.deepEqual(await worker.queue.list(), []);
  worker.stop.abort();
  await worker.ended;
  assert.deepEqual(worker.lines, []);
});

it("tries a failure again, and not what its handler calls hopeless", async () => {
  const tries: string[] = [];
  const worker = startWorker(async (job, at) => {
    tries.push(`${job.kind} ${at.tries}`);
    if (job.kind === "shred") throw new JobHopeless("There is no such forgetting.");
    if (at.tries < 3) throw new Error("The mailbox is busy.");
  });
  await worker.queue.add({ kind: "pull", source: "s" });
  await worker.queue.add({ kind: "shred", forgetting: "f" });
  await worker.clock.advance(10_000);
  assert.deepEqual(tries, ["pull 1", "shred 1", "pull 2", "pull 3"]);
  const rows = await worker.queue.list();
  assert.deepEqual(
    rows.map(({ state, error }) => [state, error]),
    [["dead", "There is no such forgetting."]],
  );
  assert.equal(worker.lines.length, 3);
  worker.stop.abort();
  await worker.ended;
});

it("keeps a long job's lease alive, so that it runs once", async () => {
  let runs = 0;
  const worker = startWorker(async () => {
    runs += 1;
    await worker.clock.sleep(LEASE_MS * 10);
  });
  await worker.queue.add({ kind: "pull", source: "s" });
  await worker.clock.advance(1);
  for (let passed = 0; passed < 10; passed++) {
    assert.equal(await worker.queue.claim(), undefined);
    await worker.clock.advance(LEASE_MS);
  }
  assert.equal(runs, 1);
  assert.deepEqual(await worker.queue.list(), []);
  worker.stop.abort();
  await worker.ended;
});

it("stops a handler whose lease was lost, and leaves the job to whoever has it", async () => {
  const seen: string[] = [];
  const worker = startWorker(async (_job, at) => {
    seen.push(`try ${at.tries}`);
    if (at.tries > 1) return;
    await new Promise<void>((resolve) => at.signal.addEventListener("abort", () => resolve(), { once: true }));
    seen.push("stopped");
    throw new Error("half done");
  });
  await worker.queue.add({ kind: "pull", source: "s" });
  await worker.clock.advance(1);
  // Another process that holds this one for dead takes the job away.
  await new RowJobs(worker, { leaseMs: LEASE_MS }).releaseAll();
  await worker.clock.advance(10_000);
  assert.deepEqual(seen, ["try 1", "stopped", "try 2"]);
  assert.match(worker.lines.join("\n"), /someone else has it now/);
  assert.deepEqual(await worker.queue.list(), []);
  worker.stop.abort();
  await worker.ended;
});

it("gives a job back when it is told to stop, and ends only after its handler", async () => {
  let stoppedWell = false;
  const worker = startWorker(async (_job, at) => {
    await new Promise<void>((resolve) => at.signal.addEventListener("abort", () => resolve(), { once: true }));
    await worker.clock.sleep(50);
    stoppedWell = true;
    throw at.signal.reason;
  });
  await worker.queue.add({ kind: "pull", source: "s" });
  await worker.clock.advance(1);
  worker.stop.abort();
  await worker.clock.advance(50);
  await worker.ended;
  assert.equal(stoppedWell, true);
  const rows = await worker.queue.list();
  assert.deepEqual(
    rows.map(({ state, tries, error }) => [state, tries, error]),
    [["waiting", 0, undefined]],
  );
});

it("says so when the queue itself fails, and goes on when it is back", async () => {
  const done: string[] = [];
  const worker = startWorker(async (job) => {
    done.push(job.kind);
  });
  await worker.clock.advance(1);
  const write = worker.records.write.bind(worker.records);
  worker.records.write = async () => {
    throw new Error("The disk is full.");
  };
  await assert.rejects(worker.queue.add({ kind: "pull", source: "s" }));
  worker.records.write = write;
  await worker.queue.add({ kind: "pull", source: "s" });
  worker.records.write = async () => {
    throw new Error("The disk is full.");
  };
  await worker.clock.advance(3_000);
  assert.deepEqual(done, []);
  assert.match(worker.lines.join("\n"), /The disk is full/);
  await worker.clock.advance(60_000);
  assert.ok(worker.lines.length < 10, `${worker.lines.length} lines of one trouble in a minute`);
  worker.records.write = write;
  await worker.clock.advance(15_000);
  assert.deepEqual(done, ["pull"]);
  worker.stop.abort();
  await worker.ended;
});

it("called when there is work, does what is due and no more, and gives back what it has to stop", async () => {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const queue = new RowJobs({ sealed, clock }, { leaseMs: LEASE_MS, random: () => 0 });
  await queue.add({ kind: "embed" });
  await queue.add({ kind: "tidy-index" });
  await queue.add({ kind: "pull", source: "later" }, { dueAt: clock.now() + 1 });
  const done: string[] = [];
  const handle = async (job: Job) => void done.push(job.kind);
  assert.equal(await runDueJobs({ queue, clock, handle, log: () => {} }, new AbortController().signal), 2);
  assert.deepEqual(done, ["embed", "tidy-index"]);
  await clock.advance(1);
  const stop = new AbortController();
  const interrupted = async () => {
    stop.abort(new Error("There is no time left."));
    stop.signal.throwIfAborted();
  };
  assert.equal(await runDueJobs({ queue, clock, handle: interrupted, log: () => {} }, stop.signal), 1);
  const [left] = await queue.list();
  assert.deepEqual([left?.state, left?.tries, left?.dueAt], ["waiting", 0, clock.now()]);
});
