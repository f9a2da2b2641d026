import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { systemClock } from "@steward/core/clock.ts";
import { exportZip } from "@steward/server/export.ts";
import { openAnswering } from "../src/compose.ts";
import { openCloudLog } from "../src/log.ts";
import { configOf } from "./config.ts";

/**
 * Everything the home has, as the zip that the app gives, made on this machine: it opens the house as the function does, with
 * the leave of the person's own profile to use the key. Refuses to write over a file.
 */
export async function exportHome(given: Parameters<typeof configOf>[0], file: string): Promise<void> {
  const options = { config: configOf(given), clock: systemClock, log: openCloudLog(() => {}) };
  const { house } = await openAnswering(options);
  try {
    const zip = exportZip(house, new AbortController().signal);
    await pipeline(Readable.fromWeb(zip), createWriteStream(file, { flags: "wx", mode: 0o600 }));
  } finally {
    await house.close();
  }
}
