import { dirname, resolve } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { openSqliteFile } from "./sqlite-file.ts";

/**
 * A scrub, in a thread of its own with a connection of its own: `VACUUM` is one call of SQLite that takes seconds, and
 * the house answers from the main thread meanwhile. Same process on purpose: SQLite keeps the locks of all its
 * connections to a file in one place, so that closing this one takes none from the other.
 */
export interface ScrubOrder {
  readonly file: string;
  readonly busyMs: number | undefined;
}

/** What the thread says at its end. `errcode` is SQLite's result code, where it was SQLite that refused. */
export type ScrubOutcome = "done" | "busy" | { readonly message: string; readonly errcode?: unknown };

function scrub({ file, busyMs }: ScrubOrder): ScrubOutcome {
  try {
    const db = openSqliteFile(file, busyMs === undefined ? {} : { busyMs });
    try {
      // SQLite's temporary copy goes beside the database: it is sealed, and needs that disk's room, not memory.
      const folder = dirname(resolve(file)).replaceAll("'", "''");
      db.exec(`PRAGMA temp_store_directory = '${folder}'; PRAGMA temp_store = FILE; VACUUM`);
      return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0 ? "done" : "busy";
    } finally {
      db.close();
    }
  } catch (error) {
    // An error's class does not cross from thread to thread: the other side makes the store's error of the code again.
    const { message, errcode } = Object(error instanceof Error ? (error.cause ?? error) : { message: String(error) });
    return { message, errcode };
  }
}

// Only `sqlite-records.ts` starts this thread, with an order.
parentPort?.postMessage(scrub(workerData as ScrubOrder));
