/**
 * A reader process in its sandbox. Which door is closed by what:
 * - network, names, children, workers, addons, file writes and reads outside the code: Node's permission model (network
 *   and names before Node 25: `no-network.ts`);
 * - files through SQLite, which the permission model does not see: `--no-experimental-sqlite`;
 * - the environment: the process starts with an empty one;
 * - memory beyond the heap: the parent watches the resident size and kills;
 * - endless work: the parent's clock kills;
 * - signals to other processes: when Steward runs as root and lies where every user may read it, the process runs as
 *   `nobody` (65534), who may signal nobody else's. Otherwise the system lets it signal processes of the same person:
 *   a taken-over reader could stop Steward (which loses nothing by that), but read or change nothing.
 */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const PROJECT = join(HERE, "..", "..", "..");
const NOBODY = 65534;

export type Sandboxed = ChildProcessByStdio<Writable, Readable, Readable>;

export interface SandboxOptions {
  /** Resident memory of the process, MB; the JavaScript heap gets half. */
  readonly memoryMb: number;
  /** The module to run; the reader by default (the escape test runs its own). */
  readonly script?: string;
  /** What may be read; this project's code unless said otherwise. */
  readonly readable?: readonly string[];
}

/** Starts a process that may read the code and do nothing else. */
export function startSandboxed(options: SandboxOptions): Sandboxed {
  const script = options.script ?? join(HERE, "child.ts");
  const readable = options.readable ?? [HERE, join(PROJECT, "core", "src"), join(PROJECT, "node_modules")];
  const flags = [
    "--permission",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    "--no-experimental-sqlite",
    "--no-addons",
    "--disallow-code-generation-from-strings",
    "--disable-warning=SecurityWarning",
    "--disable-warning=ExperimentalWarning",
    `--max-old-space-size=${Math.floor(options.memoryMb / 2)}`,
  ];
  return spawn(process.execPath, [...flags, script], {
    cwd: parse(process.execPath).root,
    env: {},
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
    ...(runsAsNobody(script) ? { uid: NOBODY, gid: NOBODY } : {}),
  });
}

/** Whether the process gives root up: when there is root to give up, and `nobody` can reach Node and the code. */
export function runsAsNobody(script: string): boolean {
  return process.getuid?.() === 0 && isOpenToAll(process.execPath) && isOpenToAll(script);
}

/** Whether any user may reach this path: every folder above it may be passed by others. */
function isOpenToAll(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const needed = at === path ? 0o004 : 0o001;
    if ((statSync(at).mode & needed) === 0) return false;
    if (at === parse(at).root) return true;
  }
}

/** Resident bytes of a process; undefined when it is gone or the system does not tell. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  if (process.platform === "linux") {
    try {
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
      return kilobytes ? Number(kilobytes[1]) * 1024 : undefined;
    } catch {
      return undefined;
    }
  }
  if (process.platform === "win32") return undefined;
  return new Promise((resolve) => {
    execFile("ps", ["-o", "rss=", "-p", String(pid)], (error, stdout) => {
      resolve(error ? undefined : Number(stdout.trim()) * 1024);
    });
  });
}
