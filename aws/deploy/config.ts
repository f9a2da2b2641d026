import type { CloudAccess } from "../src/clients.ts";
import { type CloudConfig, cloudConfig } from "../src/config.ts";
import type { Outputs } from "./stack.ts";

/** The configuration of a function, made of what its stack tells: so the house can be opened from the owner's own machine. */
export function configOf(given: {
  readonly outputs: Outputs;
  readonly env: string;
  readonly region: string;
  readonly access?: CloudAccess;
}): CloudConfig {
  const { outputs, env, region, access } = given;
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
    STEWARD_SCHEDULE_ROLE: "none: nothing is scheduled from here",
  });
  return access ? { ...config, access } : config;
}
