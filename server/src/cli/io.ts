import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Environment } from "../config.ts";

/** What a command may touch of the terminal. */
export interface Io {
  readonly env: Environment;
  /** Whether a person looks at the output. */
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly inIsTty: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Lines of standard input. */
  lines(): AsyncIterable<string>;
  /** One line from the person; undefined at end of input or Ctrl-C. */
  ask(prompt: string, options?: { secret?: boolean; signal?: AbortSignal }): Promise<string | undefined>;
  /** Calls back at Ctrl-C or SIGTERM; returns what undoes it. */
  onStop(callback: (signal: "SIGINT" | "SIGTERM") => void): () => void;
}

export function terminal(env: Environment): Io {
  return {
    env,
    outIsTty: process.stdout.isTTY === true,
    errIsTty: process.stderr.isTTY === true,
    inIsTty: process.stdin.isTTY === true,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    lines: () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }),
    ask,
    onStop(callback) {
      const interrupted = () => callback("SIGINT");
      const ended = () => callback("SIGTERM");
      process.on("SIGINT", interrupted).on("SIGTERM", ended);
      return () => void process.off("SIGINT", interrupted).off("SIGTERM", ended);
    },
  };
}

/** On standard error, so that standard output stays what the command prints. A secret is not echoed. */
function ask(prompt: string, options: { secret?: boolean; signal?: AbortSignal } = {}): Promise<string | undefined> {
  // Readline echoes what is typed to its output; a secret's goes nowhere, and its prompt is written beside it.
  const output = options.secret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY === true });
  if (options.secret) process.stderr.write(prompt);
  return new Promise((resolve) => {
    const end = (line: string | undefined) => {
      options.signal?.removeEventListener("abort", left);
      resolve(line);
      reader.close();
      if (options.secret) process.stderr.write("\n");
    };
    const left = () => end(undefined);
    options.signal?.addEventListener("abort", left, { once: true });
    reader.once("SIGINT", left);
    reader.once("close", left);
    reader.question(options.secret ? "" : prompt, end);
  });
}
