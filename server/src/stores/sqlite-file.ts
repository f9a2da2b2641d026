import { DatabaseSync } from "node:sqlite";
import { StoreBusy, StoreDamaged, StoreFull, StoreTrouble } from "./errors.ts";
import { makePrivate } from "./home-lock.ts";

/**
 * The file under `sqlite-records.ts`: how it is made, what is demanded of it when it is opened, and what SQLite's
 * result codes mean to the person.
 */
export interface SqliteOptions {
  /** How long a call waits for another program that holds the database. */
  readonly busyMs?: number;
  /** The database grows no larger; past it a write is `StoreFull`. */
  readonly maxBytes?: number;
}

/** SQLite older than this has the WAL-reset bug, which can damage a database (sqlite.org/wal.html#walresetbug). */
export const MIN_SQLITE = "3.51.3";

/** "Stwd": tells our file from any other SQLite database. */
const APPLICATION_ID = 0x53747764;
const SCHEMA_VERSION = 1;

/**
 * A table with row numbers and its key as an index beside it: rows mostly end in the page they were begun in. Laid by their
 * key alone (WITHOUT ROWID), rows past a quarter of a page get pages of their own; for mails that was 2.4 times the disk
 * and 2.4 times the work. A home that was made so stays as it is; what is asked of either is the same.
 */
const SCHEMA = `
  CREATE TABLE record (
    partition TEXT NOT NULL,
    sort      TEXT NOT NULL,
    version   INTEGER NOT NULL,
    expires   INTEGER,
    body      BLOB NOT NULL,
    PRIMARY KEY (partition, sort)
  ) STRICT;
  CREATE INDEX record_expiry ON record (expires) WHERE expires IS NOT NULL;
`;

/** Bytes. Larger ones take mails a tenth faster, but a small change writes whole pages to the log. */
const PAGE_SIZE = 8_192;

export function openSqliteFile(file: string, options: SqliteOptions): DatabaseSync {
  return translated(file, () => {
    // SQLite gives the log and the shared memory the mode of the database, so that is made first, for the owner alone.
    makePrivate(file);
    const db = new DatabaseSync(file, { timeout: options.busyMs ?? 5_000, defensive: true });
    try {
      refuseOldSqlite(String(db.prepare("SELECT sqlite_version() AS version").get()?.version));
      prepareFile(db, file);
      if (options.maxBytes) db.exec(`PRAGMA max_page_count = ${Math.floor(options.maxBytes / PAGE_SIZE)}`);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Throws when the version found (`3.50.4`) is older than `MIN_SQLITE`, or cannot be told. */
export function refuseOldSqlite(found: string): void {
  const [have, need] = [found, MIN_SQLITE].map((version) =>
    version.split(".").reduce((sum, part) => sum * 1_000 + Number(part), 0),
  );
  if (have === undefined || need === undefined || !(have >= need)) {
    throw new Error(
      `SQLite ${found} can damage databases in WAL mode; Steward needs ${MIN_SQLITE} or newer. ` +
        "Start it with `npm start`, which brings the right Node.",
    );
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
  if (empty) db.exec(`PRAGMA page_size = ${PAGE_SIZE}`);
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

export function translated<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStoreError(file, error);
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) as errors of the store; others stay what they are. */
export function asStoreError(file: string, error: unknown): unknown {
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
