/**
 * A reader as an attacker would have it, for the tests: it sits in the reader's place in the sandbox and does what the
 * name of each document says, answering with what came of it. Nothing else starts it.
 */
import "../no-network.ts";
import { writeSync } from "node:fs";
import { z } from "zod";
import { answerHeader, readyFrame } from "../answer-frames.ts";
import { FrameReader, frameHead } from "../frames.ts";
import { MAX_INPUT } from "../limits.ts";

type Attempt = (argument: string) => unknown;

/** Each tries to get out; resolving means that it did. */
const ESCAPES: Readonly<Record<string, Attempt>> = {
  connect: async (port) => {
    const { connect } = await import("node:net");
    return new Promise((resolve, reject) => {
      connect(Number(port), "127.0.0.1").on("connect", resolve).on("error", reject);
    });
  },
  fetch: (port) =>
    fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => {
      throw error instanceof Error ? (error.cause ?? error) : error;
    }),
  udp: async (port) => {
    const { createSocket } = await import("node:dgram");
    return new Promise((resolve, reject) => {
      const socket = createSocket("udp4").on("error", reject);
      socket.send("x", Number(port), "127.0.0.1", (error) => (error ? reject(error) : resolve("sent")));
    });
  },
  dns: async () => (await import("node:dns/promises")).lookup("localhost"),
  resolve: async () => (await import("node:dns/promises")).resolve4("example.com"),
  listen: async () => {
    const { createServer } = await import("node:net");
    return new Promise((resolve, reject) => {
      // The refusal is thrown on a later tick, past any handler of the server's.
      process.once("uncaughtException", reject);
      createServer()
        .on("error", reject)
        .listen(0, "127.0.0.1", () => resolve("listening"));
    });
  },
  write: async (path) => (await import("node:fs")).writeFileSync(path, "x"),
  read: async (path) => (await import("node:fs")).readFileSync(path, "utf8"),
  list: async (path) => (await import("node:fs")).readdirSync(path),
  link: async (path) => (await import("node:fs")).symlinkSync("/etc/passwd", path),
  child: async () => (await import("node:child_process")).execFileSync(process.execPath, ["--version"]),
  worker: async () => {
    const { Worker } = await import("node:worker_threads");
    return new Promise((resolve, reject) => {
      new Worker("1", { eval: true }).on("online", () => resolve("online")).on("error", reject);
    });
  },
  addon: (path) => process.dlopen({ exports: {} }, path),
  sqlite: async (path) => {
    const { DatabaseSync } = await import("node:sqlite");
    return new DatabaseSync(path).exec("create table t(x)");
  },
  wasi: async () => {
    const { WASI } = await import("node:wasi");
    return new WASI({ version: "preview1", preopens: { "/": "/" } });
  },
  inspect: async () => (await import("node:inspector")).open(0),
  eval: () => new Function("return 1")(),
  environment: () => {
    const names = Object.keys(process.env);
    if (names.length === 0) throw new Error("the environment is empty");
    return names;
  },
  signal: (pid) => process.kill(Number(pid), 0),
};

/** What does not try to get out but not to end well. */
const MISCHIEF: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(3),
  spin: () => {
    for (;;);
  },
  eat: () => {
    const eaten: Uint8Array[] = [];
    for (;;) eaten.push(Buffer.alloc(8 * 1024 * 1024, 1));
  },
  heap: () => {
    const kept: unknown[] = [];
    for (;;) kept.push({ at: kept.length, text: `${kept.length}` });
  },
  babble: () => void writeSync(1, Buffer.from("this is no frame at all, but it is long enough to be taken for one")),
  giant: () => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(0xffff_ffff, 4);
    writeSync(1, head);
  },
};

const request = z.looseObject({ id: z.int(), name: z.string() });

async function act(header: unknown): Promise<void> {
  const { id, name } = request.parse(header);
  const [verb = "", argument = ""] = name.split(/ (.*)/s);
  MISCHIEF[verb]?.();
  if (verb === "lie") {
    // Marks outside the text, and a kind that is none.
    writeSync(1, frameHead({ id, outcome: { ok: true, document: { kind: "order", marks: [{ start: -1 }] } } }, 0));
    return;
  }
  let text: string;
  try {
    text = `got ${JSON.stringify((await ESCAPES[verb]?.(argument)) ?? "out")}`;
  } catch (error) {
    text = `refused: ${error instanceof Error && "code" in error ? String(error.code) : String(error)}`;
  }
  if (!(verb in ESCAPES)) text = `read ${name}`;
  const document = {
    kind: "note" as const,
    title: name,
    people: [],
    mediaType: "text/plain",
    text: text.slice(0, 500),
    marks: [],
    parts: [],
    warnings: [],
  };
  writeSync(1, frameHead(answerHeader({ id, outcome: { ok: true, document } }), 0));
}

const frames = new FrameReader(MAX_INPUT);
let turn = Promise.resolve();
writeSync(1, readyFrame());
process.stdin.on("data", (chunk: Buffer) => {
  for (const { header } of frames.push(chunk)) turn = turn.then(() => act(header));
});
