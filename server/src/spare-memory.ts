import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "@steward/core/clock.ts";

/**
 * Gives memory back to the system when there is nothing to do. Starting and taking mail in leave V8 with pages that it
 * keeps for the next burst, some 40 MB of them; a full collection returns them. It takes a few tens of milliseconds, so
 * it runs only after a quiet stretch, and only when the resident size has grown since the last one.
 */
const EVERY_MS = 8_000;
const GROWN = 16 * 1024 * 1024;
/** Quiet: less than this share of one core was used. */
const QUIET = 0.05;

type Collect = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/** Runs until the signal aborts. */
export async function spareMemory(clock: Clock, signal: AbortSignal): Promise<void> {
  let resting = 0;
  let collect: Collect | undefined;
  while (!signal.aborted) {
    const before = process.cpuUsage();
    await clock.sleep(EVERY_MS, signal);
    const { user, system } = process.cpuUsage(before);
    const quiet = (user + system) / 1000 < EVERY_MS * QUIET;
    if (signal.aborted || !quiet || process.memoryUsage.rss() - resting < GROWN) continue;
    collect ??= collector();
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    resting = process.memoryUsage.rss();
  }
}

/** The collector is reachable only behind a flag, which V8 takes at run time for contexts made afterwards. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
