import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "@steward/core/clock.ts";
import {
  type Change,
  type Condition,
  checkLimits,
  type Key,
  keyOf,
  type Range,
  type Records,
  RecordsConflict,
  type Row,
} from "@steward/core/records.ts";
import { StoreBusy, StoreDamaged } from "./errors.ts";
import { asStoreError, openSqliteFile, type SqliteOptions, translated } from "./sqlite-file.ts";
import { inThread, type SqliteOrder } from "./sqlite-thread.ts";

/** What one `query` holds in memory at a time. */
const PAGE_ROWS = 256;
const PAGE_BYTES = 2_000_000;

export interface StoreSizes {
  /** Rows, with those that expired and are not swept yet. */
  readonly rows: number;
  /** Bytes of the database file and of its write-ahead log. */
  readonly database: number;
  readonly log: number;
}

/**
 * Records on node:sqlite: one file in WAL mode; a write is whole and on the disk when it resolves, and writes asked for
 * in one go are brought there together.
 * What is deleted or replaced is overwritten with zeros (`secure_delete`), but the log keeps older copies, and when
 * SQLite balances its tree it leaves a few stale ones (about 1 row in 2,000) in the unused middle of pages. Forgetting
 * therefore ends with `scrub()`.
 */
export interface SqliteRecords extends Records {
  /** Moves the write-ahead log into the database and truncates it. Quick. */
  checkpoint(): void;
  /**
   * Builds the file anew from the rows there are and truncates the log: then no byte of what was deleted or replaced
   * is left in either. Takes about 9 s per GB in a thread of its own, and as much free disk again, twice. Meanwhile
   * reads are answered as ever and writes wait; it waits for a snapshot under way.
   */
  scrub(): Promise<void>;
  /** What `PRAGMA integrity_check` finds, a sentence each; empty when the database is sound. Reads all of it. */
  integrity(): string[];
  /** Writes a consistent copy, as one file that only the owner may read; the house goes on working meanwhile. */
  snapshot(toFile: string): Promise<void>;
  /** Removes the rows that have expired; how many. None while a scrub runs: the next sweep has them. */
  sweep(): number;
  sizes(): StoreSizes;
  close(): void;
}

/**
 * Opens the database, or makes it. Throws `StoreDamaged`, `StoreBusy`, `StoreFull` or `StoreTrouble`. The caller holds
 * the home's lock: one process writes a home.
 */
export function openSqliteRecords(file: string, clock: Clock, options: SqliteOptions = {}): SqliteRecords {
  return new OpenRecords(openSqliteFile(file, options), file, options.busyMs, clock);
}

class OpenRecords implements SqliteRecords {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #busyMs: number | undefined;
  readonly #clock: Clock;
  readonly #statements = new Map<string, StatementSync>();
  /** Asked for and not begun; written together at the end of this turn. */
  readonly #asked: AskedWrite[] = [];
  /** The last of the snapshots and scrubs, which follow one another. Never rejects. */
  #long: Promise<unknown> = Promise.resolve();
  /** While a scrub runs: a write would stop this thread until SQLite lets it, so it waits here. Never rejects. */
  #scrubbing: Promise<unknown> | undefined;

  constructor(db: DatabaseSync, file: string, busyMs: number | undefined, clock: Clock) {
    this.#db = db;
    this.#file = file;
    this.#busyMs = busyMs;
    this.#clock = clock;
  }

  async get(key: Key): Promise<Row | undefined> {
    return this.#run(() => this.#get(key));
  }

  async getMany(keys: readonly Key[]): Promise<(Row | undefined)[]> {
    return this.#run(() => keys.map((key) => this.#get(key)));
  }

  async *query(partition: string, range: Range = {}): AsyncIterable<Row> {
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    let rest = range;
    while (left > 0) {
      const page = this.#run(() => this.#page(partition, rest, Math.min(left, PAGE_ROWS)));
      yield* page.rows;
      const last = page.rows.at(-1);
      if (page.whole || !last) return;
      left -= page.rows.length;
      rest = beyond(rest, last.sort);
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    checkLimits(changes);
    if (changes.length === 0) return;
    const asked: AskedWrite = { changes, ...Promise.withResolvers<void>() };
    this.#asked.push(asked);
    if (this.#asked.length === 1) queueMicrotask(() => void this.#writeAsked());
    await asked.promise;
  }

  /** Writes asked for in one go wait for the disk together; each is still all or none, and fails alone. */
  async #writeAsked(): Promise<void> {
    while (this.#scrubbing) await this.#scrubbing;
    const asked = this.#asked.splice(0);
    try {
      this.#commit(asked);
    } catch (error) {
      if (asked.length === 1) asked[0]?.reject(error);
      else for (const one of asked) this.#commitAlone(one);
    }
  }

  #commitAlone(one: AskedWrite): void {
    try {
      this.#commit([one]);
    } catch (error) {
      one.reject(error);
    }
  }

  /** One transaction. A write whose condition does not hold leaves nothing in it; any other trouble undoes it whole. */
  #commit(asked: readonly AskedWrite[]): void {
    const refused = new Map<AskedWrite, RecordsConflict>();
    this.#run(() => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        for (const one of asked) {
          const broken = one.changes.find((change) => change.if && !this.#holds(keyOf(change), change.if));
          if (broken) refused.set(one, conflictOf(keyOf(broken)));
          else for (const change of one.changes) this.#apply(change);
        }
        this.#db.exec("COMMIT");
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
    for (const one of asked) {
      const conflict = refused.get(one);
      if (conflict) one.reject(conflict);
      else one.resolve();
    }
  }

  checkpoint(): void {
    this.#run(() => {
      const result = this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
      if (result?.busy !== 0) throw new StoreBusy(this.#file);
    });
  }

  integrity(): string[] {
    try {
      const lines = this.#run(() => this.#db.prepare("PRAGMA integrity_check").all());
      return lines.map((line) => String(line.integrity_check)).filter((line) => line !== "ok");
    } catch (error) {
      // Too damaged even to be checked: that is what was asked.
      if (error instanceof StoreDamaged) return [error.message];
      throw error;
    }
  }

  scrub(): Promise<void> {
    return this.#afterOthers(async () => {
      const scrubbed = this.#inThread("scrub");
      this.#scrubbing = scrubbed.catch(() => {});
      try {
        await scrubbed;
      } finally {
        this.#scrubbing = undefined;
      }
    });
  }

  snapshot(toFile: string): Promise<void> {
    return this.#afterOthers(() => this.#copyTo(toFile));
  }

  #afterOthers(work: () => Promise<void>): Promise<void> {
    const working = this.#long.then(work);
    this.#long = working.catch(() => {});
    return working;
  }

  async #copyTo(toFile: string): Promise<void> {
    try {
      closeSync(openSync(toFile, "wx", 0o600));
    } catch (error) {
      throw asStoreError(toFile, error);
    }
    try {
      await this.#inThread({ copyTo: toFile });
    } catch (error) {
      await rm(toFile, { force: true });
      throw error;
    }
  }

  sweep(): number {
    if (this.#scrubbing) return 0;
    return this.#run(() => {
      const swept = this.#statement("DELETE FROM record WHERE expires <= ?").run(this.#clock.now());
      return Number(swept.changes);
    });
  }

  sizes(): StoreSizes {
    return this.#run(() => {
      const rows = this.#statement("SELECT count(*) AS n FROM record").get();
      const pages = this.#db.prepare("PRAGMA page_count").get();
      const page = this.#db.prepare("PRAGMA page_size").get();
      const log = `${this.#file}-wal`;
      return {
        rows: Number(rows?.n),
        database: Number(pages?.page_count) * Number(page?.page_size),
        log: existsSync(log) ? statSync(log).size : 0,
      };
    });
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #get(key: Key): Row | undefined {
    const found = this.#statement(
      "SELECT sort, version, expires, body FROM record WHERE partition = ? AND sort = ? AND (expires IS NULL OR expires > ?)",
    ).get(key.partition, key.sort, this.#clock.now());
    return found && rowOf(key.partition, found);
  }

  #page(partition: string, range: Range, limit: number): { rows: Row[]; whole: boolean } {
    const { sql, values } = selection(range);
    const rows: Row[] = [];
    let bytes = 0;
    for (const found of this.#statement(sql).iterate(partition, this.#clock.now(), ...values, limit)) {
      const row = rowOf(partition, found);
      rows.push(row);
      bytes += row.body.byteLength;
      if (bytes >= PAGE_BYTES) return { rows, whole: false };
    }
    return { rows, whole: rows.length < limit };
  }

  #holds(key: Key, condition: Condition): boolean {
    const found = this.#statement(
      "SELECT version FROM record WHERE partition = ? AND sort = ? AND (expires IS NULL OR expires > ?)",
    ).get(key.partition, key.sort, this.#clock.now());
    return condition === "absent" ? found === undefined : found?.version === condition.version;
  }

  #apply(change: Change): void {
    if ("put" in change) {
      const { partition, sort, body, expiresAt } = change.put;
      // A row that has expired counts as absent, so the one that takes its place begins at version 1.
      this.#statement(`
        INSERT INTO record (partition, sort, version, expires, body) VALUES (?1, ?2, 1, ?3, ?4)
        ON CONFLICT (partition, sort) DO UPDATE SET
          version = CASE WHEN record.expires <= ?5 THEN 1 ELSE record.version + 1 END,
          expires = excluded.expires, body = excluded.body
      `).run(partition, sort, expiresAt === undefined ? null : Math.ceil(expiresAt), body, this.#clock.now());
    } else if ("delete" in change) {
      this.#statement("DELETE FROM record WHERE partition = ? AND sort = ?").run(
        change.delete.partition,
        change.delete.sort,
      );
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #inThread(work: SqliteOrder["work"]): Promise<void> {
    return inThread({ file: this.#file, busyMs: this.#busyMs, work });
  }

  #run<T>(work: () => T): T {
    return translated(this.#file, work);
  }
}

interface AskedWrite {
  readonly changes: readonly Change[];
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function conflictOf({ partition, sort }: Key): RecordsConflict {
  return new RecordsConflict({ partition, sort });
}

/** One of a dozen statements, by which bounds the range has; its values follow the partition and the time. */
function selection(range: Range): { sql: string; values: string[] } {
  const where = ["partition = ?", "(expires IS NULL OR expires > ?)"];
  const values: string[] = [];
  const bound = (condition: string, value: string | undefined) => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  bound("sort >= ?", range.from);
  bound("sort > ?", range.after);
  bound("sort <= ?", range.to);
  bound("sort >= ?", range.prefix);
  bound("sort < ?", range.prefix === undefined ? undefined : afterPrefix(range.prefix));
  if ("before" in range && typeof range.before === "string") bound("sort < ?", range.before);
  const order = range.reverse ? "DESC" : "ASC";
  const sql = `SELECT sort, version, expires, body FROM record WHERE ${where.join(" AND ")} ORDER BY sort ${order} LIMIT ?`;
  return { sql, values };
}

/** The range that is left once the row with this sort key has been given. */
function beyond(range: Range, sort: string): Range & { before?: string } {
  return range.reverse ? { ...range, before: sort } : { ...range, after: sort };
}

/** The least string above every string with the prefix, by code points; undefined when there is none. */
function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // U+D800 to U+DFFF are no characters: UTF-8 goes from U+D7FF to U+E000.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}

function rowOf(partition: string, found: Record<string, unknown>): Row {
  // The table is STRICT, so the columns have the types its schema says.
  const { sort, version, expires, body } = found as {
    sort: string;
    version: number;
    expires: number | null;
    body: Uint8Array;
  };
  return { partition, sort, body, version, ...(expires === null ? {} : { expiresAt: expires }) };
}
