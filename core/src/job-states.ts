import type { Clock } from "./clock.ts";
import { timeOfId } from "./ids.ts";
import type { JobRow } from "./jobs.ts";
import { type Change, type NewRow, RecordsConflict } from "./records.ts";
import type { SealedRecords, Stored } from "./vault/sealed-records.ts";
import { type DataKey, SealBroken } from "./vault/vault.ts";

/**
 * How a job lies in the store, and each change of it as one write. A job is up to four rows:
 *
 * | partition | sort key | body |
 * |---|---|---|
 * | `jobs` | id | sealed: the job, its state, tries, last failure |
 * | `jobs-fence` | id | empty; its version is the fence: every claim, failure and re-run puts it once more |
 * | `jobs-due` | due time, id | empty; for a running job the time at which its lease lapses. A dead job has none |
 * | `jobs-unique` | HMAC of the word | sealed: the id of the unended job that has it |
 *
 * Every change of state demands the fence it saw, so of two that race one is refused (`RecordsConflict`). A heartbeat
 * moves only the due row and leaves the fence alone; that is why a lease's `guard` still holds after it. A due row that
 * its job does not own up to (two writes crossed) is removed by whoever meets it. A job that no longer opens is replaced
 * by a dead one that says so: nobody can do it, and it must not hold up the others.
 */
export class JobStates {
  readonly #sealed: SealedRecords;
  readonly #clock: Clock;

  constructor(deps: { readonly sealed: SealedRecords; readonly clock: Clock }) {
    this.#sealed = deps.sealed;
    this.#clock = deps.clock;
  }

  async get(id: string): Promise<Stored<JobState> | undefined> {
    try {
      return await this.#read(id);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      // Whoever raced us set it aside as well, or the damage is of the reading and the next one will tell.
      await unlessRaced(() => this.#setAside(id));
      return this.#read(id);
    }
  }

  /** In the order in which they were added. */
  async *all(): AsyncGenerator<Stored<JobState>> {
    for await (const { sort } of this.#sealed.records.query(JOBS)) {
      const stored = await this.get(sort);
      if (stored) yield stored;
    }
  }

  /** Those that are due by then, the longest due first; running ones whose lease has lapsed among them. */
  async *due(by: number): AsyncGenerator<Stored<JobState>> {
    for await (const due of this.#sealed.records.query(DUE, { to: dueSort(by, "~") })) {
      const id = idOfDue(due.sort);
      const stored = await this.get(id);
      if (stored && stored.value.state !== "dead" && dueSort(stored.value.dueAt, id) === due.sort) yield stored;
      else await this.#sealed.write([{ delete: due }]);
    }
  }

  async nextDue(): Promise<number | undefined> {
    for await (const due of this.#sealed.records.query(DUE, { limit: 1 })) return Number(due.sort.slice(0, DUE_DIGITS));
    return undefined;
  }

  /** The state of a running job under this fence; `RecordsConflict` when the lease was lost. */
  async held(id: string, fence: number): Promise<Stored<JobState>> {
    const stored = await this.#read(id);
    if (stored?.value.fence === fence && stored.value.state === "running") return stored;
    throw new RecordsConflict({ partition: FENCE, sort: id });
  }

  /** False when another job has its word by now. */
  async add(id: string, state: Omit<JobState, "fence">): Promise<boolean> {
    const key = await this.#key();
    const changes: Change[] = [
      this.#put(key, id, { ...state, fence: 1 }),
      { put: emptyRow(FENCE, id), if: "absent" },
      { put: emptyRow(DUE, dueSort(state.dueAt, id)) },
    ];
    if (state.unique !== undefined) changes.push(this.#putWord(key, state.unique, id));
    try {
      await this.#sealed.write(changes);
      return true;
    } catch (error) {
      if (error instanceof RecordsConflict && error.key.partition === UNIQUE) return false;
      throw error;
    }
  }

  /** A dead job is listed, but not due any more, and its word is free; risen again it needs the word to be free still. */
  async move(id: string, from: JobState, changed: Partial<Omit<JobState, "fence">>): Promise<JobState> {
    const key = await this.#key();
    const to: JobState = { ...from, ...changed, fence: from.fence + 1 };
    const [before, after] = [from, to].map((state) => (state.state === "dead" ? undefined : dueSort(state.dueAt, id)));
    const changes: Change[] = [{ put: emptyRow(FENCE, id), if: { version: from.fence } }, this.#put(key, id, to)];
    if (before !== undefined && before !== after) changes.push({ delete: { partition: DUE, sort: before } });
    if (after !== undefined) changes.push({ put: emptyRow(DUE, after) });
    if (from.unique !== undefined && from.state !== "dead" && to.state === "dead") {
      changes.push({ delete: { partition: UNIQUE, sort: from.unique } });
    }
    if (from.unique !== undefined && from.state === "dead" && to.state !== "dead") {
      changes.push(this.#putWord(key, from.unique, id));
    }
    await this.#sealed.write(changes);
    return to;
  }

  /** Moves the time at which the lease lapses. */
  async beat(id: string, { value, version }: Stored<JobState>, dueAt: number): Promise<void> {
    await this.#sealed.write([
      this.guard(id, value.fence),
      this.#put(await this.#key(), id, { ...value, dueAt }, version),
      { delete: { partition: DUE, sort: dueSort(value.dueAt, id) } },
      { put: emptyRow(DUE, dueSort(dueAt, id)) },
    ]);
  }

  async erase(id: string, state: JobState): Promise<void> {
    const changes: Change[] = [
      { delete: { partition: FENCE, sort: id }, if: { version: state.fence } },
      { delete: { partition: JOBS, sort: id } },
    ];
    if (state.state !== "dead") {
      changes.push({ delete: { partition: DUE, sort: dueSort(state.dueAt, id) } });
      if (state.unique !== undefined) changes.push({ delete: { partition: UNIQUE, sort: state.unique } });
    }
    await this.#sealed.write(changes);
  }

  /** What a write demands that must count only while nobody else has claimed the job. */
  guard(id: string, fence: number): Change {
    return { check: { partition: FENCE, sort: id }, if: { version: fence } };
  }

  /** Sort key of a word's row. */
  wordKey(word: string): string {
    return this.#sealed.vault.hmac("private", "job-unique", word);
  }

  async holderOf(wordKey: string): Promise<string | undefined> {
    const place = { partition: UNIQUE, sort: wordKey, scope: SCOPE };
    try {
      return (await this.#sealed.get<{ id: string }>(place))?.value.id;
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      // Whose word it was cannot be told. That job at worst does its work once more.
      await this.#sealed.write([{ delete: { partition: UNIQUE, sort: wordKey } }]);
      return undefined;
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
      if ((await this.holderOf(sort)) === id) left.push({ delete: { partition: UNIQUE, sort } });
    }
    await this.#sealed.write([
      { put: emptyRow(FENCE, id), if: fence ? { version: fence.version } : "absent" },
      this.#put(key, id, dead),
      ...left,
    ]);
  }

  #read(id: string): Promise<Stored<JobState> | undefined> {
    return this.#sealed.get<JobState>({ partition: JOBS, sort: id, scope: SCOPE });
  }

  #put(key: DataKey, id: string, state: JobState, version?: number): Change {
    const place = { partition: JOBS, sort: id, scope: SCOPE };
    return this.#sealed.put(key, place, state, version === undefined ? {} : { if: { version } });
  }

  #putWord(key: DataKey, wordKey: string, id: string): Change {
    return this.#sealed.put(key, { partition: UNIQUE, sort: wordKey, scope: SCOPE }, { id }, { if: "absent" });
  }

  #key(): Promise<DataKey> {
    return this.#sealed.vault.standing("private", SCOPE);
  }
}

/** What is sealed in the job's row. */
export interface JobState {
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

/** Undefined when someone else was quicker. */
export async function unlessRaced<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RecordsConflict) return undefined;
    throw error;
  }
}

const JOBS = "jobs";
const FENCE = "jobs-fence";
const DUE = "jobs-due";
const UNIQUE = "jobs-unique";
const SCOPE = "house:jobs";

const UNREADABLE =
  "The record of this job is damaged, so it cannot be done or told what it was. Dismiss it; when a source stands still, " +
  "run that again.";

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
