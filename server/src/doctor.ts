import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { systemClock } from "@steward/core/clock.ts";
import { type Config, ConfigError, type Environment, homeOf, loadConfig } from "./config.ts";
import { FULL_BYTES, freeBytes } from "./disk.ts";
import { indexFindings } from "./doctor-index.ts";
import { isAnswering, socketPathOf } from "./serve.ts";
import { holderOf } from "./stores/home-lock.ts";
import { KeyFileError, openRoot, pathsOf, rootState } from "./stores/key-file.ts";
import { openSqliteRecords } from "./stores/sqlite-records.ts";

/** What the doctor looked at, what it found, and what to do. */
export interface Finding {
  readonly check: string;
  /** `fault`: something does not work. `note`: works, but worth knowing. */
  readonly state: "well" | "note" | "fault";
  readonly found: string;
  readonly advice?: string;
  /** What `--fix` does about it; absent where only the person can. */
  readonly fix?: () => void;
}

const LOW_BYTES = 500e6;

/** What is asked of the machine, so that a test can answer as one that is full. */
export interface Machine {
  /** Bytes free for this user on the disk that holds the path. */
  freeBytes(path: string): number;
}

const thisMachine: Machine = { freeBytes };

/** Looks at the machine and the home without needing either to work. Asks nothing of the house's content. */
export async function examine(env: Environment, machine = thisMachine): Promise<Finding[]> {
  const home = homeOf(env);
  const { config, findings } = settings(env);
  const homeFindings = folder(home);
  findings.push(nodeVersion(), ...homeFindings, ...disk(home, machine));
  // What lies in a home that cannot be entered cannot be looked at either.
  if (homeFindings.some((finding) => finding.state === "fault")) return findings;
  const socketPath = socketPathOf(home);
  const runs = existsSync(socketPath) && (await isAnswering(socketPath));
  findings.push(...lock(home, runs), ...socket(socketPath, runs));
  if (config) findings.push(await port(config, runs));
  if (existsSync(home)) findings.push(...(await keys(home)), ...database(home, runs));
  findings.push(...(await indexFindings(home, () => openSqliteRecords(join(home, "steward.db"), systemClock))));
  return findings;
}

function settings(env: Environment): { config: Config | undefined; findings: Finding[] } {
  try {
    return { config: loadConfig(env), findings: [well("settings", "Every setting is known and valid.")] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      config: undefined,
      findings: error.faults.map((found) => fault("settings", found, "Correct or remove it.")),
    };
  }
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 26) return well("node", `Node ${process.versions.node}`);
  return fault(
    "node",
    `This is Node ${process.versions.node}; Steward needs 26.`,
    "Start it with `npm start` or `npx steward`, which bring the right one.",
  );
}

function folder(home: string): Finding[] {
  if (!existsSync(home)) return [note("home", `${home} is not there yet.`, "The first start makes it.")];
  const stat = lstatSync(home);
  if (!stat.isDirectory())
    return [fault("home", `${home} is not a folder.`, "Move it away, or set STEWARD_HOME to a folder.")];
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      fault("home", `${home} cannot be written by this user.`, `Give it back to yourself: chown -R "$USER" '${home}'.`),
    ];
  }
  return [well("home", home)];
}

function disk(home: string, machine: Machine): Finding[] {
  const free = machine.freeBytes(nearestFolder(home));
  const words = `${(free / 1e9).toFixed(2)} GB free`;
  if (free < FULL_BYTES)
    return [fault("disk", `The disk is full (${words}).`, "Free some space; nothing can be taken in until then.")];
  if (free < LOW_BYTES) return [note("disk", `The disk is nearly full (${words}).`, "Free some space soon.")];
  return [well("disk", words)];
}

/** The folder itself, or the one that it will be made in. */
function nearestFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestFolder(dirname(path));
}

function lock(home: string, runs: boolean): Finding[] {
  if (!existsSync(join(home, "lock.db"))) return [];
  const holder = holderOf(home);
  if (!holder) return [well("lock", "Nobody has the home now.")];
  const who = `process ${holder.pid} since ${new Date(holder.since).toISOString()}`;
  if (runs) return [well("lock", `The running server has the home (${who}).`)];
  return [
    fault(
      "lock",
      `The home is held by ${who}, which does not answer on the socket.`,
      `If it is a command still at work, wait for it; otherwise end it: kill ${holder.pid}.`,
    ),
  ];
}

function socket(path: string, runs: boolean): Finding[] {
  if (process.platform === "win32" || !existsSync(path)) return [];
  if (!runs) return [note("socket", `${path} is left from a server that was killed.`, "The next start replaces it.")];
  const mode = lstatSync(path).mode & 0o777;
  if (mode === 0o600) return [well("socket", "The server answers on its private socket.")];
  return [fault("socket", `${path} is open to others (mode ${mode.toString(8)}).`, `Close it: chmod 600 '${path}'.`)];
}

async function port(config: Config, runs: boolean): Promise<Finding> {
  if (runs) return well("port", `The server runs; its configured port is ${config.port}.`);
  const code = await tryPort(config.port);
  if (code === undefined) return well("port", `Port ${config.port} is free.`);
  if (code === "EADDRINUSE") {
    const who = holderOfPort(config.port);
    return fault(
      "port",
      `Port ${config.port} is taken by ${who ?? "another program (which one, this user may not see)"}.`,
      `Stop that program, or choose another port: steward config set port ${config.port + 1}.`,
    );
  }
  return fault(
    "port",
    `Port ${config.port} cannot be used (${code}).`,
    "Choose a port over 1023: steward config set port 4180.",
  );
}

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(undefined)));
  });
}

/** The program that listens on a TCP port: from /proc on Linux, from lsof elsewhere; undefined when it cannot be told. */
function holderOfPort(port: number): string | undefined {
  const pid = process.platform === "linux" ? pidByProc(port) : pidByLsof(port);
  if (pid === undefined) return undefined;
  return `${nameOf(pid) ?? "a program"} (process ${pid})`;
}

/** proc(5): the listening socket's inode in `net/tcp`, then the process that has it open. Others' processes stay hidden. */
function pidByProc(port: number): string | undefined {
  const inode = ["/proc/net/tcp", "/proc/net/tcp6"]
    .map((table) => inodeIn(table, port))
    .find((one) => one !== undefined);
  if (inode === undefined) return undefined;
  return readdirSync("/proc").find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const files = readdirSync(`/proc/${pid}/fd`);
      return files.some((file) => readlinkOf(`/proc/${pid}/fd/${file}`) === `socket:[${inode}]`);
    } catch {
      return false;
    }
  });
}

const LISTENING = "0A";

function inodeIn(table: string, port: number): string | undefined {
  if (!existsSync(table)) return undefined;
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === LISTENING && local?.endsWith(`:${wanted}`)) return inode;
  }
  return undefined;
}

function readlinkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // closed meanwhile
  }
}

function pidByLsof(port: number): string | undefined {
  const args = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"];
  const { stdout } = spawnSync("lsof", args, { encoding: "utf8", timeout: 3_000 });
  return /^p(\d+)$/m.exec(stdout ?? "")?.[1];
}

function nameOf(pid: string): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "comm=", "-p", pid], { encoding: "utf8", timeout: 3_000 });
  return stdout?.trim() || commOf(pid);
}

function commOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return undefined;
  }
}

async function keys(home: string): Promise<Finding[]> {
  const state = await rootState(home);
  const { root } = pathsOf(home);
  if (state === "none") return [note("keys", "This home has no keys yet.", "The first start makes them.")];
  if (state === "missing") {
    return [
      fault(
        "keys",
        `The key file ${root} is gone.`,
        "Put back a copy of it, or open the home with its recovery code: steward unlock --recovery-code.",
      ),
    ];
  }
  if (state === "passphrase") return [well("keys", "The root key is wrapped by a passphrase.")];
  try {
    readFileSync(root);
  } catch {
    return [
      fault(
        "keys",
        `The key file ${root} cannot be read by this user.`,
        `Give it back to yourself: chown "$USER" '${root}' && chmod 600 '${root}'.`,
      ),
    ];
  }
  const mode = lstatSync(root).mode & 0o777;
  if ((mode & 0o077) === 0) return [await keyFile(home)];
  return [
    {
      ...fault(
        "keys",
        `The key file ${root} can be read by others (mode ${mode.toString(8)}).`,
        `Close it: chmod 600 '${root}'.`,
      ),
      fix: () => void spawnSync("chmod", ["600", root]),
    },
  ];
}

async function keyFile(home: string): Promise<Finding> {
  try {
    const { warnings } = await openRoot(home);
    if (warnings.length > 0) return note("keys", warnings.join(" "), "The next start makes what is missing.");
    return well("keys", "The key file is there, for this user only.");
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    return fault("keys", error.message, "Put back a copy of the file, or use: steward unlock --recovery-code.");
  }
}

/** The running server has the database; otherwise all of it is read and checked. */
function database(home: string, runs: boolean): Finding[] {
  const file = join(home, "steward.db");
  if (!existsSync(file)) return [];
  if (runs) return [note("database", "The server has the database open; it is checked when the server is stopped.")];
  try {
    const records = openSqliteRecords(file, systemClock);
    try {
      const troubles = records.integrity();
      if (troubles.length === 0) return [well("database", "The database is sound.")];
      return [fault("database", `The database ${file} is damaged: ${troubles.slice(0, 3).join("; ")}.`, RESTORE)];
    } finally {
      records.close();
    }
  } catch (error) {
    return [fault("database", error instanceof Error ? error.message : String(error), RESTORE)];
  }
}

const RESTORE =
  "Keep a copy of the home folder, check the disk, and bring back the last backup: steward backup restore.";

function well(check: string, found: string): Finding {
  return { check, state: "well", found };
}

function note(check: string, found: string, advice?: string): Finding {
  return { check, state: "note", found, ...(advice ? { advice } : {}) };
}

function fault(check: string, found: string, advice: string): Finding {
  return { check, state: "fault", found, advice };
}
