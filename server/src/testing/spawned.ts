import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const FAKE_CLI = fileURLToPath(new URL("fake-cli.ts", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const REAL_CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));

/** Starts the command line over a fake house as a process of its own, with nothing of our environment but the path. */
export function start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [FAKE_CLI, ...args], { env: { PATH: process.env.PATH ?? "", ...env } });
}

/** The same over a real home. */
export function startReal(args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): ChildProcess {
  const options = { env: { PATH: process.env.PATH ?? "", ...env } };
  return spawn(process.execPath, [REAL_CLI, ...args], cwd === undefined ? options : { ...options, cwd });
}

/** Runs a real command to its end. */
export function runReal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin = "",
  cwd?: string,
): Promise<Ran> {
  const child = startReal(args, env, cwd);
  child.stdin?.on("error", () => {}).end(stdin);
  return ended(child);
}

/** Runs it to its end. */
export function run(args: readonly string[], env: Readonly<Record<string, string>>, stdin = ""): Promise<Ran> {
  const child = start(args, env);
  child.stdin?.on("error", () => {}).end(stdin);
  return ended(child);
}

export function ended(child: ChildProcess): Promise<Ran> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

/** Resolves with the output so far once it has the text; rejects with it when the process ends before. */
export function says(child: ChildProcess, text: RegExp): Promise<string> {
  let out = "";
  return new Promise((resolve, reject) => {
    const hear = (chunk: unknown) => {
      out += String(chunk);
      if (text.test(out)) resolve(out);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("close", (code) => reject(new Error(`It ended with ${code} and had said: ${out}`)));
  });
}
