import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { backup, DatabaseSync, type StatementSync } from "node:sqlite";
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
import { StoreBusy, StoreDamaged, StoreFull, StoreTrouble } from "./errors.ts";

/** SQLite older than this has the WAL-reset bug, which can damage a database (sqlite.org/wal.html#walresetbug). */
export const MIN_SQLITE = "3.51.3";

/** "Stwd": tells our file from any other SQLite database. */
const APPLICATION_ID = 0x53747764;
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE record (
    partition TEXT NOT NULL,
    sort      TEXT NOT NULL,
    version   INTEGER NOT NULL,
    expires   INTEGER,
    body      BLOB NOT NULL,
    PRIMARY KEY (partition, sort)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX record_expiry ON record (expires) WHERE expires IS NOT NULL;
`;

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
 * Records on node:sqlite: one file in WAL mode, every write one transaction that is on the disk when it resolves.
 * What is deleted or replaced is overwritten with zeros (`secure_delete`); the log keeps older copies until
 * `checkpoint()`, which is why forgetting ends with one.
 */
export interface SqliteRecords extends Records {
  /** Moves the write-ahead log into the database and truncates it: what was deleted is then gone from both. */
  checkpoint(): void;
  /** What `PRAGMA integrity_check` finds, a sentence each; empty when the database is sound. Reads all of it. */
  integrity(): string[];
  /** Writes a consistent copy, as one file that only the owner may read; the house goes on working meanwhile. */
  snapshot(toFile: string): Promise<void>;
  /** Removes the rows that have expired; how many. */
  sweep(): number;
  sizes(): StoreSizes;
  close(): void;
}

/**
 * Opens the database, or makes it. Throws `StoreDamaged`, `StoreBusy`, `StoreFull` or `StoreTrouble`. The caller holds
 * the home's lock: one process writes a home.
 */
export function openSqliteRecords(file: string, clock: Clock): SqliteRecords {
  makePrivate(file);
  return translated(file, () => {
    const db = new DatabaseSync(file, { timeout: 5_000, defensive: true });
    try {
      assertVersion(db);
      prepareFile(db, file);
      return new OpenRecords(db, file, clock);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

class OpenRecords implements SqliteRecords {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, file: string, clock: Clock) {
    this.#db = db;
    this.#file = file;
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
    this.#run(() => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        for (const change of changes) {
          const key = keyOf(change);
          if (change.if && !this.#holds(key, change.if)) {
            throw new RecordsConflict({ partition: key.partition, sort: key.sort });
          }
        }
        for (const change of changes) this.#apply(change);
        this.#db.exec("COMMIT");
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  checkpoint(): void {
    this.#run(() => {
      const result = this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
      if (result?.busy !== 0) throw new StoreBusy(this.#file);
    });
  }

  integrity(): string[] {
    return this.#run(() => {
      const lines = this.#db.prepare("PRAGMA integrity_check").all();
      return lines.map((line) => String(line.integrity_check)).filter((line) => line !== "ok");
    });
  }

  async snapshot(toFile: string): Promise<void> {
    closeSync(openSync(toFile, "wx", 0o600));
    try {
      await backup(this.#db, toFile, { rate: 512 });
      const copy = new DatabaseSync(toFile);
      try {
        // A copy in WAL mode would put two more files beside itself when opened.
        copy.exec("PRAGMA journal_mode = DELETE");
      } finally {
        copy.close();
      }
    } catch (error) {
      await rm(toFile, { force: true });
      throw asStoreError(toFile, error);
    }
  }

  sweep(): number {
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

  #run<T>(work: () => T): T {
    return translated(this.#file, work);
  }
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

function assertVersion(db: DatabaseSync): void {
  const found = String(db.prepare("SELECT sqlite_version() AS version").get()?.version);
  const [have, need] = [found, MIN_SQLITE].map((version) =>
    version.split(".").reduce((sum, part) => sum * 1_000 + Number(part), 0),
  );
  if (have === undefined || need === undefined || have < need) {
    throw new Error(
      `SQLite ${found} can damage databases in WAL mode; Steward needs ${MIN_SQLITE} or newer. ` +
        "Start it with `npm start`, which brings the right Node.",
    );
  }
}

/** SQLite gives the log and the shared memory the mode of the database, so that is made first, for the owner alone. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    throw asStoreError(file, error);
  }
}

function prepareFile(db: DatabaseSync, file: string): void {
  const application = Number(db.prepare("PRAGMA application_id").get()?.application_id);
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  const empty = db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n === 0;
  if (!empty && application !== APPLICATION_ID) throw new StoreDamaged(file, "it is not a database of Steward");
  if (version > SCHEMA_VERSION) {
    throw new Error(`The database ${file} was written by a newer Steward; update this one, then start it again.`);
  }
  if (empty) db.exec("PRAGMA page_size = 8192");
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000;
  `);
  if (!empty) return;
  db.exec(`BEGIN IMMEDIATE; ${SCHEMA}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

function translated<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStoreError(file, error);
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) as errors of the store; others stay what they are. */
function asStoreError(file: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ("errcode" in error && typeof error.errcode === "number") {
    switch (error.errcode & 0xff) {
      case 5: // SQLITE_BUSY
      case 6: // SQLITE_LOCKED
        return new StoreBusy(file, error);
      case 11: // SQLITE_CORRUPT
      case 26: // SQLITE_NOTADB
        return new StoreDamaged(file, error.message, error);
      case 13: // SQLITE_FULL
        return new StoreFull(file, error);
      case 8: // SQLITE_READONLY
      case 10: // SQLITE_IOERR
      case 14: // SQLITE_CANTOPEN
        return new StoreTrouble(file, error.message, error);
    }
    return error;
  }
  if ("code" in error && error.code === "ENOSPC") return new StoreFull(file, error);
  if ("syscall" in error) return new StoreTrouble(file, error.message, error);
  return error;
}
