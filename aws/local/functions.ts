import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Runs a built function the way Lambda does: a process does one invocation at a time, another is started when all are
 * busy, and those that are free wait for the next. Whatever a process remembers is therefore as old, and as much its own,
 * as it would be there.
 */
const HERE = fileURLToPath(new URL(".", import.meta.url));
export const LAMBDA_NODE = join(HERE, "..", "lambda-node", "node_modules", ".bin", "node");

/** Why the bundle cannot be run here; undefined when it can. */
export function whyNoLambdaNode(): string | undefined {
  return existsSync(LAMBDA_NODE) ? undefined : "Lambda's Node is not installed: npm ci in aws/lambda-node";
}

export interface FunctionOptions {
  /** The bundle's folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Processes at most, as reserved concurrency; further invocations wait. */
  readonly processes?: number;
  /** What of the bundle is called; `handler` when absent. */
  readonly handler?: string;
  /** Flags of Node's own. */
  readonly flags?: readonly string[];
  /** What a function writes to its log; to standard error when absent. */
  readonly log?: (line: string) => void;
}

export interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

export interface Invocation {
  readonly statusCode: number;
  /** Of a streaming function. */
  readonly prelude?: Prelude;
  readonly body: IncomingMessage;
  /** Resolves when the handler has ended; false when it threw. */
  readonly ended: Promise<boolean>;
}

export class LocalFunction {
  readonly #options: FunctionOptions;
  readonly #processes: FunctionProcess[] = [];
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  /** How many processes there are, and for each the milliseconds it took to be ready. */
  get starts(): readonly number[] {
    return this.#processes.map(({ readyMs }) => readyMs);
  }

  async invoke(event: unknown, timeoutMs = 60_000): Promise<Invocation> {
    const free = await this.#free();
    try {
      const invocation = await free.invoke(event, timeoutMs);
      void invocation.ended.then(() => this.#release(free));
      return invocation;
    } catch (error) {
      this.#release(free);
      throw error;
    }
  }

  /** Of a function that does not stream: what it returned. Throws when it threw. */
  async call(event: unknown, timeoutMs?: number): Promise<unknown> {
    const { statusCode, body, ended } = await this.invoke(event, timeoutMs);
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    if (!(await ended) || statusCode !== 200) throw new Error("The function failed; its log says why.");
    return JSON.parse(Buffer.concat(chunks).toString());
  }

  /** Ends every process, as Lambda does when it has been idle: the next invocation is a cold start. */
  async freeze(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((one) => one.end()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.freeze();
  }

  async #free(): Promise<FunctionProcess> {
    for (;;) {
      if (this.#closed) throw new Error("The function was closed.");
      const free = this.#processes.find((one) => !one.busy);
      if (free) {
        free.busy = true;
        return free;
      }
      if (this.#processes.length < (this.#options.processes ?? 8)) {
        const fresh = new FunctionProcess(this.#options, () => this.#gone(fresh));
        this.#processes.push(fresh);
        await fresh.ready;
        return fresh;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #release(one: FunctionProcess): void {
    one.busy = false;
    this.#waiting.shift()?.();
  }

  #gone(one: FunctionProcess): void {
    const at = this.#processes.indexOf(one);
    if (at >= 0) this.#processes.splice(at, 1);
    this.#waiting.shift()?.();
  }
}

class FunctionProcess {
  busy = true;
  readyMs = Number.NaN;
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  #port = 0;
  #ended: ((ok: boolean) => void) | undefined;

  constructor(options: FunctionOptions, gone: () => void) {
    const args = [
      ...(options.flags ?? []),
      join(HERE, "function-process.ts"),
      join(options.folder, "index.mjs"),
      options.handler ?? "handler",
    ];
    const child = spawn(LAMBDA_NODE, args, { env: { ...options.env }, stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    const log = options.log ?? ((line: string) => void process.stderr.write(`${line}\n`));
    createInterface(child.stderr).on("line", log);
    this.#exit = new Promise((resolve) => {
      child.once("close", () => {
        this.#ended?.(false);
        gone();
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => reject(new Error("The function ended before it was ready; its log says why.")));
      createInterface(child.stdout).on("line", (line) => {
        const [word, port, ms] = line.split(" ");
        if (word === "ready") {
          this.#port = Number(port);
          this.readyMs = Number(ms);
          resolve();
        } else if (word === "done" || word === "failed") {
          this.#ended?.(word === "done");
          this.#ended = undefined;
        } else log(line);
      });
    });
    // Whoever waits for it hears of a failure; one that nobody waits for any more is no crash of this process.
    this.ready.catch(() => {});
  }

  invoke(event: unknown, timeoutMs: number): Promise<Invocation> {
    const ended = new Promise<boolean>((resolve) => {
      this.#ended = resolve;
    });
    return new Promise((resolve, reject) => {
      const headers = { "x-until": String(Date.now() + timeoutMs), "x-request-id": crypto.randomUUID() };
      const asking = request({ host: "127.0.0.1", port: this.#port, method: "POST", headers }, (body) => {
        const shown = body.headers["x-prelude"];
        // Written by function-process.ts.
        const prelude = shown === undefined ? undefined : (JSON.parse(atob(String(shown))) as Prelude);
        resolve({ statusCode: body.statusCode ?? 500, ...(prelude ? { prelude } : {}), body, ended });
      });
      asking.on("error", reject);
      asking.end(JSON.stringify(event));
    });
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }
}
