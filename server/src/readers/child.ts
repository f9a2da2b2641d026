/**
 * The reader process: takes documents from standard input, answers on standard output, and can reach nothing else
 * (see sandbox.ts for what closes which door). It ends when its parent does.
 */
import "./no-network.ts";
import { writeSync } from "node:fs";
import type { ReaderInput } from "@steward/core/intake/reader.ts";
import { answerBody, answerHeader, readyFrame } from "./answer-frames.ts";
import { type Frame, FrameReader, frameHead } from "./frames.ts";
import { MAX_INPUT } from "./limits.ts";
import { readByContent } from "./read.ts";

// Standard output carries frames only; a library's chatter must not fall between them.
for (const level of ["log", "info", "warn", "error", "debug", "trace"] as const) console[level] = () => {};

/** Answers gathered before they are written: fewer wake-ups of the parent, little lost when a later document kills. */
const GATHER_BYTES = 64 * 1024;
const GATHER_MS = 20;

const waiting: Frame[] = [];
let busy = false;
let gathered: Uint8Array[] = [];
let gatheredBytes = 0;
let gatheredSince = 0;

function flush(): void {
  if (gathered.length === 0) return;
  writeFully(Buffer.concat(gathered, gatheredBytes));
  gathered = [];
  gatheredBytes = 0;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** The pipe may be non-blocking: when it is full, wait a little for the parent to read. */
function writeFully(bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at, bytes.length - at);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (let frame = waiting.shift(); frame; frame = waiting.shift()) {
    // Only the house writes to this pipe, and it writes a reader's input with an id (`ReaderProcess.give`).
    const { id, ...about } = frame.header as { id: number } & Omit<ReaderInput, "bytes">;
    if (gathered.length > 0 && Date.now() - gatheredSince > GATHER_MS) flush();
    const outcome = await readByContent({ ...about, bytes: frame.body });
    const body = answerBody(outcome);
    const bodyLength = body.reduce((sum, bytes) => sum + bytes.length, 0);
    if (gathered.length === 0) gatheredSince = Date.now();
    const head = frameHead(answerHeader({ id, outcome }), bodyLength);
    if (bodyLength > GATHER_BYTES) {
      flush();
      writeFully(head);
      for (const bytes of body) writeFully(bytes);
      continue;
    }
    gathered.push(head, ...body);
    gatheredBytes += head.length + bodyLength;
    if (gatheredBytes > GATHER_BYTES) flush();
  }
  flush();
  busy = false;
}

const frames = new FrameReader(MAX_INPUT + 64 * 1024);
writeFully(readyFrame());
process.stdin.on("data", (chunk: Buffer) => {
  waiting.push(...frames.push(chunk));
  void work();
});
process.stdin.on("end", () => process.exit(0));
