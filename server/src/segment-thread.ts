import { Worker } from "node:worker_threads";
import { type BuildSegment, buildSegment } from "@steward/core/search/index/build.ts";
import { decodeSegment } from "@steward/core/search/index/codec.ts";
import type { IndexedItem } from "@steward/core/search/passage-index.ts";

/**
 * Segments of many items are made in a thread of their own, on another core: of all that taking a mail in costs this was
 * a quarter, and who searches meanwhile need not wait for it. The first many start the thread; it ends when nothing was
 * asked of it for a while, since a house at rest has no use for its memory. It is never needed: what it does not make is
 * made here.
 */
export interface SegmentThread {
  readonly build: BuildSegment;
  /** How many segments the thread has made, of those asked for. */
  made(): number;
  isRunning(): boolean;
  close(): Promise<void>;
}

/** Fewer passages are made into a segment sooner than they are handed over. */
const MANY = 64;
/** So many (a book) take longer than the thread takes to start, so it is waited for. */
const VERY_MANY = 1_024;
const IDLE_MS = 5_000;

/** What the thread says: that it is up; a segment as it would lie on the disk; or the error that making it met. */
export type Said = "up" | { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly failed: string };

/** `trouble` is told what the thread died of, if it did. */
export function openSegmentThread(trouble: (reason: string) => void, idleMs = IDLE_MS): SegmentThread {
  let thread: Worker | undefined;
  /** Resolves when the thread is up, or has ended. */
  let up: Promise<unknown> = Promise.resolve();
  let isUp = false;
  let idle: NodeJS.Timeout | undefined;
  let count = 0;

  function start(): void {
    const started = new Worker(new URL("segment-worker.ts", import.meta.url), { env: {} });
    started.unref();
    const said = Promise.withResolvers<void>();
    up = said.promise;
    started.once("message", () => {
      isUp = thread === started;
      said.resolve();
    });
    started.once("error", (error) => trouble(error instanceof Error ? error.message : String(error)));
    started.once("exit", () => {
      if (thread === started) forget();
      said.resolve();
    });
    thread = started;
  }

  function forget(): void {
    clearTimeout(idle);
    thread = undefined;
    isUp = false;
  }

  async function close(): Promise<void> {
    const ended = thread?.terminate();
    forget();
    await ended;
  }

  return {
    async build(items) {
      const passages = passagesOf(items);
      if (passages < MANY) return buildSegment(items, 0);
      if (!thread) start();
      clearTimeout(idle);
      if (passages >= VERY_MANY) await up;
      const bytes = isUp && thread ? await ask(thread, items) : undefined;
      if (thread) idle = setTimeout(() => void close(), idleMs).unref();
      if (!bytes) return buildSegment(items, 0);
      count += 1;
      return decodeSegment(bytes);
    },
    made: () => count,
    isRunning: () => thread !== undefined,
    close,
  };
}

function passagesOf(items: readonly IndexedItem[]): number {
  return items.reduce((sum, { passages }) => sum + passages.length, 0);
}

/** Undefined when the thread ends before it answers. The index asks for one at a time. */
async function ask(thread: Worker, items: readonly IndexedItem[]): Promise<Uint8Array | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  const answered = (said: Exclude<Said, "up">) =>
    "bytes" in said ? resolve(said.bytes) : reject(new Error(said.failed));
  const ended = () => resolve(undefined);
  thread.once("message", answered).once("exit", ended);
  thread.ref();
  try {
    thread.postMessage(items);
    return await promise;
  } finally {
    thread.off("message", answered).off("exit", ended);
    thread.unref();
  }
}
