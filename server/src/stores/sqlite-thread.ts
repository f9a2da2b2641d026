import { Worker } from "node:worker_threads";
import { StoreBusy } from "./errors.ts";
import { asStoreError } from "./sqlite-file.ts";

/**
 * What takes SQLite seconds in one call runs in a thread of its own with a connection of its own; the house answers
 * from the main thread meanwhile.
 *
 * The copy is `VACUUM INTO` and not node:sqlite's `backup`: that steps on the connection which also writes, and when its
 * first step meets a write it gives up with "not an error" (it waits for a lock only once a page has been copied).
 */
export interface SqliteOrder {
  readonly file: string;
  readonly busyMs: number | undefined;
  /** Builds the file anew in place; or writes a consistent copy into this file, which is there and empty. */
  readonly work: "scrub" | { readonly copyTo: string };
}

/** What the thread says at its end: what refused has SQLite's or the system's codes beside its message. */
export type SqliteOutcome = "done" | "busy" | { readonly message: string };

/**
 * Resolves when the work is done and on the disk, the thread has ended and its connection is closed. Throws
 * `StoreBusy`, `StoreFull`, `StoreDamaged` or `StoreTrouble`.
 */
export async function inThread(order: SqliteOrder): Promise<void> {
  const outcome = await outcomeOf(order);
  if (outcome === "done") return;
  if (outcome === "busy") throw new StoreBusy(order.file);
  throw asStoreError(order.file, Object.assign(new Error(outcome.message), outcome));
}

function outcomeOf(order: SqliteOrder): Promise<SqliteOutcome> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("sqlite-worker.ts", import.meta.url), { workerData: order, env: {} });
    let outcome: SqliteOutcome = { message: "SQLite's thread ended without a word." };
    thread.once("message", (said: SqliteOutcome) => {
      outcome = said;
    });
    thread.once("error", reject);
    thread.once("exit", () => resolve(outcome));
  });
}
