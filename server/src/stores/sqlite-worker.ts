import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { openSqliteFile } from "./sqlite-file.ts";
import type { SqliteOrder, SqliteOutcome } from "./sqlite-thread.ts";

/**
 * The thread's side of `sqlite-thread.ts`. Same process on purpose: SQLite keeps the locks of all its connections to a
 * file in one place, so that closing this one takes none from the other.
 */
function carryOut({ file, busyMs, work }: SqliteOrder): SqliteOutcome {
  try {
    const db = openSqliteFile(file, busyMs === undefined ? {} : { busyMs });
    try {
      if (work === "scrub") return scrub(db, file);
      db.prepare("VACUUM INTO ?").run(work.copyTo);
    } finally {
      db.close();
    }
    syncToDisk(work.copyTo);
    return "done";
  } catch (error) {
    return { ...plain(error instanceof Error ? (error.cause ?? error) : error) };
  }
}

function scrub(db: DatabaseSync, file: string): SqliteOutcome {
  // SQLite's temporary copy goes beside the database: it is sealed, and needs that disk's room, not memory.
  const folder = dirname(resolve(file)).replaceAll("'", "''");
  db.exec(`PRAGMA temp_store_directory = '${folder}'; PRAGMA temp_store = FILE; VACUUM`);
  return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0 ? "done" : "busy";
}

/** SQLite leaves this to who asked for the copy. */
function syncToDisk(file: string): void {
  const copy = openSync(file, "r+");
  try {
    fsyncSync(copy);
  } finally {
    closeSync(copy);
  }
}

/** An error's class does not cross from thread to thread; its message and codes do. */
function plain(error: unknown): { readonly message: string } {
  return error instanceof Error ? { ...error, message: error.message } : { message: String(error) };
}

// Only `sqlite-thread.ts` starts this thread, with an order.
parentPort?.postMessage(carryOut(workerData as SqliteOrder));
