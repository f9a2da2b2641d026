import { chmodSync, closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { codeOf, StoreTrouble } from "./errors.ts";

/**
 * The home's lock: one process writes a home. It is a lock of the operating system on `lock.db`, held by an open
 * transaction, so it ends with the process however that ends: there is no stale lock to clean up after a `kill -9`.
 * Beside it `lock.json` says who holds it, for messages and for the CLI, which then speaks to `socket`.
 */
export interface HomeLock {
  /** Says where the holder listens, once it does. */
  announce(socket: string): void;
  release(): void;
}

export interface HomeHolder {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Path of the socket on which the holder answers; absent until it listens. */
  readonly socket?: string;
}

export class HomeBusy extends Error {
  readonly holder: HomeHolder | undefined;
  constructor(home: string, holder: HomeHolder | undefined) {
    const who = holder ? `process ${holder.pid}, since ${new Date(holder.since).toISOString()}` : "another process";
    super(`Steward already runs on ${home} (${who}). Use that one, or stop it first.`);
    this.name = "HomeBusy";
    this.holder = holder;
  }
}

/** What is held stays referenced: a connection nobody refers to would be collected, and its lock dropped with it. */
const heldLocks = new Set<DatabaseSync>();

/** Takes the lock of an existing folder, or throws `HomeBusy` at once. */
export function takeHomeLock(home: string): HomeLock {
  // Somebody who only looks (`holderOf`) lets go at once; a moment's patience tells that from a holder.
  const db = lockDatabase(home, 250);
  heldLocks.add(db);
  const since = Date.now();
  // What a holder that was killed left behind must not name it as the holder of this lock.
  rmSync(holderFile(home), { force: true });
  const announce = (socket?: string) => writeHolder(home, { pid: process.pid, since, ...(socket ? { socket } : {}) });
  announce();
  return {
    announce: (socket) => announce(socket),
    release: () => {
      if (!heldLocks.delete(db)) return;
      rmSync(holderFile(home), { force: true });
      db.close();
    },
  };
}

/** Who holds the home now; undefined when nobody does. */
export function holderOf(home: string): HomeHolder | undefined {
  const said = readHolder(home);
  if (!said) return undefined;
  try {
    lockDatabase(home, 0).close();
    return undefined;
  } catch (error) {
    if (error instanceof HomeBusy) return error.holder;
    throw error;
  }
}

function lockDatabase(home: string, patienceMs: number): DatabaseSync {
  const file = join(home, "lock.db");
  try {
    makePrivate(file);
  } catch (error) {
    throw new StoreTrouble(home, error instanceof Error ? error.message : String(error), error);
  }
  const db = new DatabaseSync(file, { timeout: patienceMs });
  try {
    // In rollback mode an exclusive transaction holds the file's lock from BEGIN on; nothing is ever written.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db.close();
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
    if (isBusy) throw new HomeBusy(home, readHolder(home));
    throw new StoreTrouble(file, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Makes the file when it is missing, and never opens one that is there: closing any descriptor of a file drops every
 * POSIX lock this process has on it, the home's lock included.
 */
export function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

const SQLITE_BUSY = 5;

function holderFile(home: string): string {
  return join(home, "lock.json");
}

function writeHolder(home: string, holder: HomeHolder): void {
  const half = `${holderFile(home)}.new`;
  writeFileSync(half, JSON.stringify(holder), { mode: 0o600 });
  chmodSync(half, 0o600);
  renameSync(half, holderFile(home));
}

function readHolder(home: string): HomeHolder | undefined {
  try {
    const said: unknown = JSON.parse(readFileSync(holderFile(home), "utf8"));
    return isHolder(said) ? said : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isHolder(said: unknown): said is HomeHolder {
  if (typeof said !== "object" || said === null) return false;
  const { pid, since, socket } = said as Record<string, unknown>;
  return Number.isInteger(pid) && Number.isFinite(since) && (socket === undefined || typeof socket === "string");
}
