import type { Clock } from "./clock.ts";
import { newId, timeOfId } from "./ids.ts";
import type { Job, JobQueue, JobRow, Lease } from "./jobs.ts";
import { type Change, type NewRow, RecordsConflict } from "./records.ts";
import type { SealedRecords, Stored } from "./vault/sealed-records.ts";
import { type DataKey, SealBroken } from "./vault/vault.ts";

/**
 * JobQueue over rows. A job is up to four of them:
 *
 * | partition | sort key | body |
 * |---|---|---|
 * | `jobs` | id | sealed: the job, its state, tries, last failure |
 * | `jobs-fence` | id | empty; its version is the fence: every claim, failure and re-run puts it once more |
 * | `jobs-due` | due time, id | empty; for a running job the time at which its lease lapses. A dead job has none |
 * | `jobs-unique` | HMAC of the word | sealed: the id of the unended job that has it |
 *
 * Every change of state demands the fence it saw, so of two that race one is refused. A heartbeat moves only the due
 * row and leaves the fence alone; that is why a lease's `guard` still holds after it. A due row that its job does not
 * own up to (two writes crossed) is removed by the next claim that meets it. A job that no longer opens is replaced by a
 * dead one that says so: nobody can do it, and it must not hold up the others.
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

const JOBS = "jobs";
const FENCE = "jobs-fence";
const DUE = "jobs-due";
const UNIQUE = "jobs-unique";
const SCOPE = "house:jobs";

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
/** How long `wait` sleeps at most: rows may come from another process, and wall clocks jump. */
const LONGEST_WAIT_MS = 30_000;

const UNREADABLE =
  "The record of this job is damaged, so it cannot be done or told what it was. Dismiss it; when a source stands still, " +
  "run that again.";

/** What is sealed in the job's row. */
interface JobState {
  readonly job: JobRow["job"];
  readonly state: JobRow["state"];
  readonly tries: number;
  readonly addedAt: number;
  readonly dueAt: number;
  readonly error?: string;
  /** The version of the fence row that belongs to this state. */
  readonly fence: number;
  /** Sort key of its row in `jobs-unique`. */
  readonly unique?: string;
}

export class RowJobs implements JobQueue {
  readonly #sealed: SealedRecords;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #maxTries: number;
  readonly #random: () => number;
  readonly #announce: (id: string, dueAt: number) => Promise<void>;
  readonly #waiters = new Set<() => void>();

  constructor(deps: { sealed: SealedRecords; clock: Clock }, options: JobRowsOptions = {}) {
    this.#sealed = deps.sealed;
    this.#clock = deps.clock;
    this.#leaseMs = options.leaseMs ?? 30_000;
    this.#maxTries = options.maxTries ?? 8;
    this.#random = options.random ?? Math.random;
    this.#announce = options.announce ?? (() => Promise.resolve());
  }

  async add(job: Job, options: { dueAt?: number; unique?: string } = {}): Promise<string> {
    const key = await this.#key();
    const now = this.#clock.now();
    const id = newId(now);
    const unique = options.unique === undefined ? undefined : this.#wordKey(options.unique);
    const state: JobState = {
      job,
      state: "waiting",
      tries: 0,
      addedAt: now,
      dueAt: options.dueAt ?? now,
      fence: 1,
      ...(unique === undefined ? {} : { unique }),
    };
    const changes: Change[] = [
      this.#putState(key, id, state),
      { put: emptyRow(FENCE, id), if: "absent" },
      { put: emptyRow(DUE, dueSort(state.dueAt, id)) },
    ];
    if (unique !== undefined) changes.push(this.#putWord(key, unique, id));
    for (;;) {
      const holder = unique === undefined ? undefined : await this.#holderOf(unique);
      const held = holder === undefined ? undefined : await this.#stateOrSetAside(holder);
      if (holder !== undefined && held?.value.job.kind !== "unreadable") return holder;
      try {
        await this.#sealed.write(changes);
        this.#wake();
        await this.#announce(id, state.dueAt);
        return id;
      } catch (error) {
        // Someone else took the word in between; if that job has ended already, try again.
        if (!(error instanceof RecordsConflict && error.key.partition === UNIQUE)) throw error;
      }
    }
  }

  async claim(): Promise<Lease | undefined> {
    const now = this.#clock.now();
    for await (const due of this.#sealed.records.query(DUE, { to: dueSort(now, "~") })) {
      const id = idOfDue(due.sort);
      const stored = await this.#stateOrSetAside(id);
      if (!stored || stored.value.state === "dead" || dueSort(stored.value.dueAt, id) !== due.sort) {
        await this.#sealed.write([{ delete: due }]);
        continue;
      }
      const lease = await unlessRaced(() => this.#begin(id, stored.value));
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
      const stored = await this.#stateOrSetAside(id);
      if (!stored || stored.value.state === "dead") return "ended";
      const { value } = stored;
      if (value.dueAt > this.#clock.now()) return { dueAt: value.dueAt };
      const lease = await unlessRaced(() => this.#begin(id, value));
      if (lease) return { lease };
    }
  }

  async complete(lease: Lease): Promise<void> {
    const state = await this.#held(lease);
    await this.#sealed.write(this.#erase(lease.id, state));
  }

  async fail(lease: Lease, error: string, options: { retry?: boolean } = {}): Promise<void> {
    const state = await this.#held(lease);
    const isLast = options.retry === false || state.tries >= this.#maxTries;
    if (isLast) await this.#bury(lease.id, state, error);
    else
      await this.#move(lease.id, state, { state: "waiting", error, dueAt: this.#clock.now() + this.#backoff(state) });
    this.#wake();
  }

  async release(lease: Lease): Promise<void> {
    const state = await this.#held(lease);
    await this.#move(lease.id, state, { state: "waiting", tries: state.tries - 1, dueAt: this.#clock.now() });
    this.#wake();
  }

  async list(): Promise<JobRow[]> {
    const rows: JobRow[] = [];
    for await (const { sort: id, value } of this.#states()) {
      const { job, state, tries, addedAt, dueAt, error } = value;
      rows.push({ id, job, state, tries, addedAt, dueAt, ...(error === undefined ? {} : { error }) });
    }
    return rows;
  }

  async rerun(id: string): Promise<boolean> {
    const stored = await this.#stateOrSetAside(id);
    if (stored?.value.state !== "dead" || stored.value.job.kind === "unreadable") return false;
    const { error: _, ...dead } = stored.value;
    const word = dead.unique;
    const next: JobState = { ...dead, state: "waiting", tries: 0, dueAt: this.#clock.now(), fence: dead.fence + 1 };
    const done = await unlessRaced(async () => {
      // The same work waits already, in a job added since: that one does it, and this one is no longer needed.
      if (word !== undefined && (await this.#holderOf(word)) !== undefined) return this.dismiss(id);
      const key = await this.#key();
      await this.#sealed.write([
        ...this.#transition(key, id, dead, next),
        ...(word === undefined ? [] : [this.#putWord(key, word, id)]),
      ]);
      await this.#announce(id, next.dueAt);
      return true;
    });
    this.#wake();
    return done ?? false;
  }

  async dismiss(id: string): Promise<boolean> {
    const stored = await this.#stateOrSetAside(id);
    if (stored?.value.state !== "dead") return false;
    const done = await unlessRaced(async () => {
      await this.#sealed.write(this.#erase(id, stored.value));
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
      const dueAt = await this.#nextDue();
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
    for await (const { sort: id, value } of this.#states()) {
      if (value.state !== "running") continue;
      await this.#giveUpOn(id, value, this.#clock.now());
      released += 1;
    }
    this.#wake();
    return released;
  }

  async #begin(id: string, state: JobState): Promise<Lease | undefined> {
    // Its worker vanished on the last try it had: nobody is left to say so.
    if (state.state === "running" && state.tries >= this.#maxTries) {
      await this.#giveUpOn(id, state, this.#clock.now());
      return undefined;
    }
    const { job } = state;
    if (job.kind === "unreadable") return undefined; // dead from the moment it was set aside, so it is never due
    const dueAt = this.#clock.now() + this.#leaseMs;
    const next = await this.#move(id, state, { state: "running", tries: state.tries + 1, dueAt });
    return this.#leaseOn(id, job, next);
  }

  #leaseOn(id: string, job: Job, state: JobState): Lease {
    const fence = state.fence;
    const guard = (): Change => ({ check: { partition: FENCE, sort: id }, if: { version: fence } });
    const heartbeat = async () => {
      const held = await this.#state(id);
      if (held?.value.fence !== fence || held.value.state !== "running") return false;
      const dueAt = this.#clock.now() + this.#leaseMs;
      if (dueAt === held.value.dueAt) return true;
      const beat = async () => {
        await this.#sealed.write([
          guard(),
          this.#putState(await this.#key(), id, { ...held.value, dueAt }, held.version),
          { delete: { partition: DUE, sort: dueSort(held.value.dueAt, id) } },
          { put: emptyRow(DUE, dueSort(dueAt, id)) },
        ]);
        return true;
      };
      return (await unlessRaced(beat)) ?? false;
    };
    return { id, job, tries: state.tries, fence, guard, heartbeat };
  }

  /** The state under a lease that still holds; `RecordsConflict` when it was lost. */
  async #held(lease: Lease): Promise<JobState> {
    const stored = await this.#state(lease.id);
    if (stored?.value.fence !== lease.fence || stored.value.state !== "running") {
      throw new RecordsConflict({ partition: FENCE, sort: lease.id });
    }
    return stored.value;
  }

  async #giveUpOn(id: string, state: JobState, now: number): Promise<void> {
    const error = "The program stopped while it worked on this.";
    if (state.tries >= this.#maxTries) await this.#bury(id, state, error);
    else await this.#move(id, state, { state: "waiting", error, dueAt: now });
  }

  async #move(id: string, from: JobState, changed: Partial<JobState>): Promise<JobState> {
    const next = { ...from, ...changed, fence: from.fence + 1 };
    await this.#sealed.write(this.#transition(await this.#key(), id, from, next));
    if (next.state === "waiting") await this.#announce(id, next.dueAt);
    return next;
  }

  /** Dead: listed, but not due any more, and its word is free for a new job. */
  async #bury(id: string, from: JobState, error: string): Promise<void> {
    const next: JobState = { ...from, state: "dead", error, fence: from.fence + 1 };
    const changes = this.#transition(await this.#key(), id, from, next);
    if (from.unique !== undefined) changes.push({ delete: { partition: UNIQUE, sort: from.unique } });
    await this.#sealed.write(changes);
  }

  #transition(key: DataKey, id: string, from: JobState, to: JobState): Change[] {
    const [before, after] = [from, to].map((state) => (state.state === "dead" ? undefined : dueSort(state.dueAt, id)));
    const changes: Change[] = [{ put: emptyRow(FENCE, id), if: { version: from.fence } }, this.#putState(key, id, to)];
    if (before !== undefined && before !== after) changes.push({ delete: { partition: DUE, sort: before } });
    if (after !== undefined) changes.push({ put: emptyRow(DUE, after) });
    return changes;
  }

  #erase(id: string, state: JobState): Change[] {
    const changes: Change[] = [
      { delete: { partition: FENCE, sort: id }, if: { version: state.fence } },
      { delete: { partition: JOBS, sort: id } },
    ];
    if (state.state === "dead") return changes;
    changes.push({ delete: { partition: DUE, sort: dueSort(state.dueAt, id) } });
    if (state.unique !== undefined) changes.push({ delete: { partition: UNIQUE, sort: state.unique } });
    return changes;
  }

  #putState(key: DataKey, id: string, state: JobState, version?: number): Change {
    const place = { partition: JOBS, sort: id, scope: SCOPE };
    return this.#sealed.put(key, place, state, version === undefined ? {} : { if: { version } });
  }

  #putWord(key: DataKey, word: string, id: string): Change {
    return this.#sealed.put(key, { partition: UNIQUE, sort: word, scope: SCOPE }, { id }, { if: "absent" });
  }

  #wordKey(word: string): string {
    return this.#sealed.vault.hmac("private", "job-unique", word);
  }

  async #holderOf(word: string): Promise<string | undefined> {
    const place = { partition: UNIQUE, sort: word, scope: SCOPE };
    try {
      return (await this.#sealed.get<{ id: string }>(place))?.value.id;
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      // Whose word it was cannot be told. That job at worst does its work once more.
      await this.#sealed.write([{ delete: { partition: UNIQUE, sort: word } }]);
      return undefined;
    }
  }

  async *#states(): AsyncGenerator<Stored<JobState>> {
    for await (const { sort } of this.#sealed.records.query(JOBS)) {
      const stored = await this.#stateOrSetAside(sort);
      if (stored) yield stored;
    }
  }

  async #stateOrSetAside(id: string): Promise<Stored<JobState> | undefined> {
    try {
      return await this.#state(id);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      // Whoever raced us set it aside as well, or the damage is of the reading and the next one will tell.
      await unlessRaced(() => this.#setAside(id));
      return this.#state(id);
    }
  }

  /** Puts a dead job in the place of one that does not open, and gives its word and its due time free. */
  async #setAside(id: string): Promise<void> {
    const { records } = this.#sealed;
    // First of all, because when the key itself is damaged no job opens, and none of them is to blame.
    const key = await this.#key();
    const fence = await records.get({ partition: FENCE, sort: id });
    const now = this.#clock.now();
    const dead: JobState = {
      job: { kind: "unreadable" },
      state: "dead",
      tries: 0,
      addedAt: timeOfId(id) || now,
      dueAt: now,
      error: UNREADABLE,
      fence: (fence?.version ?? 0) + 1,
    };
    const left: Change[] = [];
    for await (const due of records.query(DUE)) if (idOfDue(due.sort) === id) left.push({ delete: due });
    for await (const { sort } of records.query(UNIQUE)) {
      if ((await this.#holderOf(sort)) === id) left.push({ delete: { partition: UNIQUE, sort } });
    }
    await this.#sealed.write([
      { put: emptyRow(FENCE, id), if: fence ? { version: fence.version } : "absent" },
      this.#putState(key, id, dead),
      ...left,
    ]);
  }

  #state(id: string): Promise<Stored<JobState> | undefined> {
    return this.#sealed.get<JobState>({ partition: JOBS, sort: id, scope: SCOPE });
  }

  #key(): Promise<DataKey> {
    return this.#sealed.vault.standing("private", SCOPE);
  }

  async #nextDue(): Promise<number | undefined> {
    for await (const due of this.#sealed.records.query(DUE, { limit: 1 })) return Number(due.sort.slice(0, DUE_DIGITS));
    return undefined;
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

const DUE_DIGITS = 15;

function dueSort(dueAt: number, id: string): string {
  return `${String(Math.max(0, Math.ceil(dueAt))).padStart(DUE_DIGITS, "0")}:${id}`;
}

function idOfDue(sort: string): string {
  return sort.slice(DUE_DIGITS + 1);
}

function emptyRow(partition: string, sort: string): NewRow {
  return { partition, sort, body: new Uint8Array(0) };
}

/** Undefined when someone else was quicker. */
async function unlessRaced<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RecordsConflict) return undefined;
    throw error;
  }
}
