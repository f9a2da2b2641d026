import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { systemClock } from "@steward/core/clock.ts";
import { exportZip } from "@steward/server/export.ts";
import type { CloudAccess } from "../src/clients.ts";
import { openAnswering } from "../src/compose.ts";
import { cloudConfig } from "../src/config.ts";
import { openCloudLog } from "../src/log.ts";
import type { Outputs } from "./stack.ts";

/**
 * Everything the home has, as the zip that the app gives, made on this machine: it opens the house as the function does, with
 * the leave of the person's own profile to use the key.
 */
export async function exportHome(
  given: { outputs: Outputs; env: string; region: string; access?: CloudAccess },
  file: string,
): Promise<void> {
  const { outputs, env, region } = given;
  const config = cloudConfig({
    AWS_REGION: region,
    STEWARD_ENV: env,
    STEWARD_TABLE: outputs.TableInUse,
    STEWARD_BUCKET: outputs.DataBucket,
    STEWARD_UPLOADS: outputs.UploadsBucket,
    STEWARD_QUEUE_URL: outputs.JobsUrl,
    STEWARD_QUEUE_ARN: outputs.JobsArn,
    STEWARD_KMS_KEY: outputs.KeyArn,
    STEWARD_PARAMETERS: `/steward/${env}`,
    STEWARD_SCHEDULE_GROUP: `steward-${env}`,
    STEWARD_SCHEDULE_ROLE: "none: an export schedules nothing",
  });
  const options = {
    config: { ...config, access: given.access ?? config.access },
    clock: systemClock,
    log: openCloudLog(() => {}),
  };
  const { house } = await openAnswering(options);
  try {
    const zip = exportZip(house, new AbortController().signal);
    await pipeline(Readable.fromWeb(zip), createWriteStream(file, { flags: "wx", mode: 0o600 }));
  } finally {
    await house.close();
  }
}
