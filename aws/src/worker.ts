import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@steward/core/clock.ts";
import { DOMAINS } from "@steward/core/vault/vault.ts";
import { openStores } from "./compose.ts";
import { cloudConfig, environment } from "./config.ts";
import type { SqsBatchResponse } from "./jobs.ts";
import { once } from "./lazy.ts";
import { openCloudLog } from "./log.ts";
import { messagesOf, type QueueEvent } from "./messages.ts";
import type { LambdaContext } from "./streaming.ts";
import "./temporal.ts";
import { work } from "./work.ts";

/** The worker function: what the queue says, done in the background. */
const config = cloudConfig(environment());
const options = { config, clock: systemClock, log: openCloudLog((line) => void process.stdout.write(`${line}\n`)) };
const opened = once(() => openStores(options, DOMAINS));

/** So long before the function's time is over, work is given back: the index is sealed and its lease returned in it. */
const SPARE_MS = 15_000;
const READER = join(fileURLToPath(new URL(".", import.meta.url)), "reader.mjs");

export async function handler(event: QueueEvent, context: LambdaContext): Promise<SqsBatchResponse> {
  const stop = new AbortController();
  const left = Math.max(1_000, context.getRemainingTimeInMillis() - SPARE_MS);
  const timer = setTimeout(() => stop.abort(new Error("The function's time is over.")), left);
  try {
    const stores = await opened();
    return await work({ stores, options, readerScript: READER, stop: stop.signal }, messagesOf(event, config.uploads));
  } finally {
    clearTimeout(timer);
  }
}
