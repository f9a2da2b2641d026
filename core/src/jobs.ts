import type { Change } from "./records.ts";

/**
 * Jobs: units of background work that survive a crash. A job names what to do by id and never carries content.
 * `handleJob` (one switch, below the port) is the same at home, in a task and in a Lambda.
 */
export type Job =
  | { readonly kind: "pull"; readonly source: string }
  /** Rewrites the segments that hold forgotten items, then issues the receipt. */
  | { readonly kind: "shred"; readonly forgetting: string }
  /** Makes the vectors of what has none by the embedder in force. */
  | { readonly kind: "embed" }
  /** Writes the live part of the index to a segment and merges small ones. */
  | { readonly kind: "tidy-index" }
  /** Makes the whole index anew from the readings. */
  | { readonly kind: "rebuild-index" }
  /** Tries again to read what was set aside, where the process that was asked to has no reader. */
  | { readonly kind: "read-again"; readonly quarantined: string };

/** A job whose record no longer opens: listed as dead, so that a person sees it; what it was cannot be told. */
export interface UnreadableJob {
  readonly kind: "unreadable";
}

export interface JobRow {
  readonly id: string;
  readonly job: Job | UnreadableJob;
  readonly state: "waiting" | "running" | "dead";
  /** Tries begun so far. */
  readonly tries: number;
  readonly addedAt: number;
  readonly dueAt: number;
  /** The last failure, in a sentence. */
  readonly error?: string;
}

export interface Lease {
  readonly id: string;
  readonly job: Job;
  readonly tries: number;
  /** Grows with every claim of the job: a worker that lost its lease holds an older one and its writes are refused. */
  readonly fence: number;
  /**
   * A condition to write with the job's results: the write fails with `RecordsConflict` once someone else has claimed
   * the job or it has ended. (For DynamoDB and SQLite alike: a `check` on the job's lease row.)
   */
  guard(): Change;
  /** Prolongs the lease; false when it was lost (then stop working). */
  heartbeat(): Promise<boolean>;
}

/**
 * JobQueue: at home rows with leases and a timer; on AWS SQS carries the id while lease, fence and state are rows.
 *
 * Promises: a job added is run at least once until it ends or is dead; at most one worker holds an unexpired lease; a
 * lease not renewed for `leaseMs` may be claimed again; a failure is retried after exponential backoff with jitter
 * (from 1 s, at most 5 min) up to `maxTries`, then the job is dead and stays listed until re-run or dismissed. A job
 * whose record is damaged is dead too and cannot be re-run; it holds up no other, and its unique word is free again.
 */
export interface JobQueue {
  /** With `unique`, adding while an unended job has the same word changes nothing and returns that job's id. */
  add(job: Job, options?: { dueAt?: number; unique?: string }): Promise<string>;
  claim(): Promise<Lease | undefined>;
  complete(lease: Lease): Promise<void>;
  /** `retry: false` makes it dead at once (trying again cannot help). */
  fail(lease: Lease, error: string, options?: { retry?: boolean }): Promise<void>;
  /**
   * Gives the job back because the worker stops, not because the job failed: due at once, the try not counted.
   */
  release(lease: Lease): Promise<void>;
  /** Waiting, running and dead ones. */
  list(): Promise<JobRow[]>;
  /** A dead job waits again, its tries at zero. False when there is no such dead job. */
  rerun(id: string): Promise<boolean>;
  dismiss(id: string): Promise<boolean>;
  /** Resolves when a job may be due: something was added, or time passed. */
  wait(signal?: AbortSignal): Promise<void>;
}
