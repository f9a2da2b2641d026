import type { Clock } from "./clock.ts";
import type { Job, JobQueue, Lease } from "./jobs.ts";
import { type Change, RecordsConflict } from "./records.ts";

export interface JobWorkerDeps {
  readonly queue: JobQueue;
  readonly clock: Clock;
  /**
   * Does the job. Stops soon after `at.signal` aborts (the lease was lost, or the worker stops); writes its results
   * together with `at.guard()`. May be called again for the same job.
   */
  readonly handle: (job: Job, at: JobRun) => Promise<void>;
  /** One line each, of kinds and ids and never of content; beside it the error that it tells of, whose message may quote some. */
  readonly log: (line: string, error?: unknown) => void;
  /** Well under the queue's lease. */
  readonly heartbeatMs?: number;
  /** Jobs at work at the same time. */
  readonly width?: number;
}

export interface JobRun {
  readonly id: string;
  readonly tries: number;
  readonly signal: AbortSignal;
  guard(): Change;
}

/** Thrown by a handler: trying the job again cannot help, so it is dead at once. */
export class JobHopeless extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "JobHopeless";
  }
}

/**
 * Runs jobs until the signal aborts: claim, work under heartbeats, complete or fail. Resolves once every handler has
 * ended; a job that was stopped half-way is given back. Trouble of the queue itself is logged and tried again.
 */
export async function runJobs(deps: JobWorkerDeps, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: deps.width ?? 1 }, () => runOneByOne(deps, signal)));
}

/**
 * Runs what is due now, one after the other, and resolves with how many jobs that were: for a worker that is called when
 * there is work. Stops soon after the signal aborts; what it had begun is given back. Throws when the queue itself fails.
 */
export async function runDueJobs(deps: JobWorkerDeps, signal: AbortSignal): Promise<number> {
  for (let ran = 0; ; ran++) {
    const lease = signal.aborted ? undefined : await deps.queue.claim();
    if (!lease) return ran;
    await runLease(deps, lease, signal);
  }
}

/** Between tries of a queue that fails: a full disk is told of a few times a minute, and gone on with soon after. */
const LONGEST_PAUSE_MS = 15_000;

async function runOneByOne(deps: JobWorkerDeps, signal: AbortSignal): Promise<void> {
  for (let failed = 0; !signal.aborted; ) {
    try {
      const lease = await deps.queue.claim();
      if (lease) await runLease(deps, lease, signal);
      else await deps.queue.wait(signal);
      failed = 0;
    } catch (error) {
      deps.log("job queue", error);
      await deps.clock.sleep(Math.min(1_000 * 2 ** failed, LONGEST_PAUSE_MS), signal);
      failed += 1;
    }
  }
}

/** Does one job that was claimed, under heartbeats, and completes, fails or gives it back. Throws what the queue throws. */
export async function runLease(deps: JobWorkerDeps, lease: Lease, stop: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const ended = new AbortController();
  const beating = keepLease(deps, lease, lost, ended.signal);
  const run = {
    id: lease.id,
    tries: lease.tries,
    signal: AbortSignal.any([stop, lost.signal]),
    guard: () => lease.guard(),
  };
  const failure = await outcomeOf(() => deps.handle(lease.job, run));
  ended.abort();
  await beating;
  if (lost.signal.aborted) return deps.log(`job ${lease.job.kind} ${lease.id}: someone else has it now`);
  try {
    await settle(deps, lease, failure, stop);
  } catch (error) {
    // Lost between the last heartbeat and the end; whoever has it now does it again.
    if (!(error instanceof RecordsConflict)) throw error;
    deps.log(`job ${lease.job.kind} ${lease.id}: someone else has it now`);
  }
}

async function settle(deps: JobWorkerDeps, lease: Lease, failure: Failure | undefined, stop: AbortSignal) {
  if (!failure) return deps.queue.complete(lease);
  if (stop.aborted) return deps.queue.release(lease);
  const retry = !(failure.error instanceof JobHopeless);
  deps.log(`job ${lease.job.kind} ${lease.id} failed on try ${lease.tries}`, failure.error);
  return deps.queue.fail(lease, sentence(failure.error), { retry });
}

async function keepLease(deps: JobWorkerDeps, lease: Lease, lost: AbortController, ended: AbortSignal) {
  for (;;) {
    await deps.clock.sleep(deps.heartbeatMs ?? 10_000, ended);
    if (ended.aborted) return;
    try {
      if (await lease.heartbeat()) continue;
      return lost.abort(new Error("The lease of the job was lost."));
    } catch (error) {
      // The store may be back for the next one; if not, the lease lapses and the guard refuses our writes.
      deps.log(`job ${lease.job.kind} ${lease.id}: no heartbeat`, error);
    }
  }
}

interface Failure {
  readonly error: unknown;
}

async function outcomeOf(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
