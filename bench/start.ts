/**
 * `npm run bench:start [-- --runs 5]`: from the start of the server's process to a ready answer (`/readyz`), the second
 * and later times, and the memory of the server when it has nothing to do (with every process it started).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { asStarted } from "./as-started.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
const runs = Number(values.runs);
const cli = join(import.meta.dirname, "..", "server", "src", "cli.ts");
const home = await mkdtemp(join(tmpdir(), "steward-bench-start-"));
const port = 20_000 + Math.floor(Math.random() * 20_000);

try {
  const ready: number[] = [];
  const memory: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const begun = performance.now();
    const server = spawn(process.execPath, [...asStarted.execArgv, cli, "start"], {
      env: {
        GLIBC_TUNABLES: asStarted.env.GLIBC_TUNABLES,
        HOME: home,
        STEWARD_HOME: join(home, "home"),
        STEWARD_PORT: String(port),
      },
      stdio: "ignore",
    });
    await answers(`http://127.0.0.1:${port}/readyz`, server);
    // The first run makes the keys and fills the compile cache.
    if (run > 0) ready.push(performance.now() - begun);
    if (run === runs) {
      await sleep(30_000);
      memory.push(await residentMb(server.pid ?? 0));
    }
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("exit", resolve));
  }
  const sorted = ready.toSorted((a, b) => a - b);
  console.table([
    { what: "ready, ms (median)", value: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0), goal: 1000 },
    { what: "ready, ms (slowest)", value: Math.round(sorted.at(-1) ?? 0), goal: 1000 },
    { what: "idle after 30 s, MB resident", value: Math.round(memory[0] ?? 0), goal: 120 },
  ]);
} finally {
  await rm(home, { recursive: true, force: true });
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let i = 0; i < 3000; i++) {
    if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}.`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(10);
  }
  throw new Error("The server was not ready within half a minute.");
}

/** The resident memory of a process and of all it started, from /proc; NaN where there is none. */
async function residentMb(pid: number): Promise<number> {
  let total = 0;
  for (const one of [pid, ...(await childrenOf(pid))]) {
    const status = await readFile(`/proc/${one}/status`, "utf8").catch(() => "");
    const kb = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
    total += kb === undefined ? Number.NaN : Number(kb) / 1024;
  }
  return total;
}

async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const listed = await readFile(`/proc/${pid}/task/${task}/children`, "utf8").catch(() => "");
    for (const child of listed.split(" ").filter(Boolean).map(Number))
      children.push(child, ...(await childrenOf(child)));
  }
  return children;
}
