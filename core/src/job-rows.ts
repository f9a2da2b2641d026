import type { Clock } from "./clock.ts";
import { newId } from "./ids.ts";
import { type JobState, JobStates, unlessRaced } from "./job-states.ts";
import type { Job, JobQueue, JobRow, Lease } from "./jobs.ts";
import type { SealedRecords } from "./vault/sealed-records.ts";

/**
 * JobQueue over rows: what may follow what, and when. How a job lies in rows, and that of two changes that race only one is
 * done, is `job-states.ts`.
 */
export interface JobRowsOptions {
  /** How long a claim holds without a heartbeat. */
  readonly leaseMs?: number;
  /** Tries after which a job is dead. */
  readonly maxTries?: number;
  /** For the jitter of the backoff: [0, 1). */
  readonly random?: () => number;
  /**
   * Told of every job that begins to wait, and from when it is due, once its rows are written: where a message and not
   * a poll wakes the worker. Never rejects; a job whose message is lost is still in the rows.
   */
  readonly announce?: (id: string, dueAt: number) => Promise<void>;
}

/** What became of a job that was asked for by its id: `ended` means gone or dead. */
export type NamedClaim = { readonly lease: Lease } | { readonly dueAt: number } | "ended";

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
/** How long `wait` sleeps at most: rows may come from another process, and wall clocks jump. */
const LONGEST_WAIT_MS = 30_000;

export class RowJobs implements JobQueue {
  readonly #states: JobStates;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #maxTries: number;
  readonly #random: () => number;
  readonly #announce: (id: string, dueAt: number) => Promise<void>;
  readonly #waiters = new Set<() => void>();

  constructor(deps: { sealed: SealedRecords; clock: Clock }, options: JobRowsOptions = {}) {
    this.#states = new JobStates(deps);
    this.#clock = deps.clock;
    this.#leaseMs = options.leaseMs ?? 30_000;
    this.#maxTries = options.maxTries ?? 8;
    this.#random = options.random ?? Math.random;
    this.#announce = options.announce ?? (() => Promise.resolve());
  }

  async add(job: Job, options: { dueAt?: number; unique?: string } = {}): Promise<string> {
    const now = this.#clock.now();
    const id = newId(now);
    const unique = options.unique === undefined ? undefined : this.#states.wordKey(options.unique);
    const state = {
      ...{ job, state: "waiting" as const, tries: 0, addedAt: now, dueAt: options.dueAt ?? now },
      ...(unique === undefined ? {} : { unique }),
    };
    for (;;) {
      const holder = unique === undefined ? undefined : await this.#states.holderOf(unique);
      const held = holder === undefined ? undefined : await this.#states.get(holder);
      if (holder !== undefined && held?.value.job.kind !== "unreadable") return holder;
      // Someone else took the word in between; if that job has ended already, try again.
      if (!(await this.#states.add(id, state))) continue;
      this.#wake();
      await this.#announce(id, state.dueAt);
      return id;
    }
  }

  async claim(): Promise<Lease | undefined> {
    for await (const { sort: id, value } of this.#states.due(this.#clock.now())) {
      const lease = await unlessRaced(() => this.#begin(id, value));
      if (lease) return lease;
    }
    return undefined;
  }

  /**
   * The job of this id, for a worker whose message names it. `dueAt`: not yet; for a job that someone else is at work
   * on, the time at which that lease lapses unless it is renewed.
   */
  async claimNamed(id: string): Promise<NamedClaim> {
    for (;;) {
      const stored = await this.#states.get(id);
      if (!stored || stored.value.state === "dead") return "ended";
      const { value } = stored;
      if (value.dueAt > this.#clock.now()) return { dueAt: value.dueAt };
      const lease = await unlessRaced(() => this.#begin(id, value));
      if (lease) return { lease };
    }
  }

  async complete(lease: Lease): Promise<void> {
    await this.#states.erase(lease.id, await this.#held(lease));
  }

  async fail(lease: Lease, error: string, options: { retry?: boolean } = {}): Promise<void> {
    const state = await this.#held(lease);
    if (options.retry === false || state.tries >= this.#maxTries) await this.#bury(lease.id, state, error);
    else await this.#putBack(lease.id, state, { error, dueAt: this.#clock.now() + this.#backoff(state) });
    this.#wake();
  }

  async release(lease: Lease): Promise<void> {
    const state = await this.#held(lease);
    await this.#putBack(lease.id, state, { tries: state.tries - 1, dueAt: this.#clock.now() });
    this.#wake();
  }

  async list(): Promise<JobRow[]> {
    const rows: JobRow[] = [];
    for await (const { sort: id, value } of this.#states.all()) {
      const { job, state, tries, addedAt, dueAt, error } = value;
      rows.push({ id, job, state, tries, addedAt, dueAt, ...(error === undefined ? {} : { error }) });
    }
    return rows;
  }

  async rerun(id: string): Promise<boolean> {
    const stored = await this.#states.get(id);
    if (stored?.value.state !== "dead" || stored.value.job.kind === "unreadable") return false;
    const { error: _, ...dead } = stored.value;
    const done = await unlessRaced(async () => {
      // The same work waits already, in a job added since: that one does it, and this one is no longer needed.
      if (dead.unique !== undefined && (await this.#states.holderOf(dead.unique)) !== undefined)
        return this.dismiss(id);
      await this.#putBack(id, dead, { tries: 0, dueAt: this.#clock.now() });
      return true;
    });
    this.#wake();
    return done ?? false;
  }

  async dismiss(id: string): Promise<boolean> {
    const stored = await this.#states.get(id);
    if (stored?.value.state !== "dead") return false;
    const done = await unlessRaced(async () => {
      await this.#states.erase(id, stored.value);
      return true;
    });
    return done ?? false;
  }

  async wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const woken = new AbortController();
    const wake = () => woken.abort();
    // Listening begins before looking, so that what is added in between is not missed.
    this.#waiters.add(wake);
    signal?.addEventListener("abort", wake, { once: true });
    try {
      const dueAt = await this.#states.nextDue();
      const ms = Math.min(LONGEST_WAIT_MS, (dueAt ?? Number.POSITIVE_INFINITY) - this.#clock.now());
      if (ms > 0) await this.#clock.sleep(ms, woken.signal);
    } finally {
      this.#waiters.delete(wake);
      signal?.removeEventListener("abort", wake);
    }
  }

  /**
   * Gives back every running job at once, without waiting for its lease to lapse; how many. Only for a process that
   * knows that no other is at work, as one that has just taken the home's lock does. The tries stay counted: a job
   * that brings the process down each time must end as dead.
   */
  async releaseAll(): Promise<number> {
    let released = 0;
    for await (const { sort: id, value } of this.#states.all()) {
      if (value.state !== "running") continue;
      await this.#giveUpOn(id, value);
      released += 1;
    }
    this.#wake();
    return released;
  }

  async #begin(id: string, state: JobState): Promise<Lease | undefined> {
    // Its worker vanished on the last try it had: nobody is left to say so.
    if (state.state === "running" && state.tries >= this.#maxTries) {
      await this.#giveUpOn(id, state);
      return undefined;
    }
    const { job } = state;
    if (job.kind === "unreadable") return undefined; // dead from the moment it was set aside, so it is never due
    const dueAt = this.#clock.now() + this.#leaseMs;
    const { tries, fence } = await this.#states.move(id, state, { state: "running", tries: state.tries + 1, dueAt });
    const guard = () => this.#states.guard(id, fence);
    const heartbeat = async () => {
      const beat = async () => {
        const held = await this.#states.held(id, fence);
        const dueAt = this.#clock.now() + this.#leaseMs;
        if (dueAt !== held.value.dueAt) await this.#states.beat(id, held, dueAt);
        return true;
      };
      return (await unlessRaced(beat)) ?? false;
    };
    return { id, job, tries, fence, guard, heartbeat };
  }

  /** The state under a lease that still holds; `RecordsConflict` when it was lost. */
  async #held({ id, fence }: Lease): Promise<JobState> {
    return (await this.#states.held(id, fence)).value;
  }

  async #giveUpOn(id: string, state: JobState): Promise<void> {
    const error = "The program stopped while it worked on this.";
    if (state.tries >= this.#maxTries) await this.#bury(id, state, error);
    else await this.#putBack(id, state, { error, dueAt: this.#clock.now() });
  }

  /** To wait until it is due. */
  async #putBack(id: string, from: JobState, changed: Partial<Omit<JobState, "fence">>): Promise<void> {
    const { dueAt } = await this.#states.move(id, from, { ...changed, state: "waiting" });
    await this.#announce(id, dueAt);
  }

  async #bury(id: string, from: JobState, error: string): Promise<void> {
    await this.#states.move(id, from, { state: "dead", error });
  }

  /** Doubles with every try; up to as much again by chance, so that jobs that failed together come back apart. */
  #backoff(state: JobState): number {
    const base = FIRST_RETRY_MS * 2 ** Math.min(state.tries - 1, 20);
    return Math.min(LAST_RETRY_MS, Math.round(base * (1 + this.#random())));
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }
}
