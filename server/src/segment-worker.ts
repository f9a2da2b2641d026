import { parentPort } from "node:worker_threads";
import { buildSegment } from "@steward/core/search/index/build.ts";
import { encodeSegment } from "@steward/core/search/index/codec.ts";
import type { IndexedItem } from "@steward/core/search/passage-index.ts";
import type { Said } from "./segment-thread.ts";

/** The thread's side of `segment-thread.ts`, which alone starts it. It says `up` once everything is loaded. */
parentPort?.on("message", (items: readonly IndexedItem[]) => {
  try {
    const bytes = encodeSegment(buildSegment(items, 0));
    parentPort?.postMessage({ bytes } satisfies Said, [bytes.buffer]);
  } catch (error) {
    parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) } satisfies Said);
  }
});
parentPort?.postMessage("up" satisfies Said);
