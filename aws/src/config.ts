import type { CloudAccess } from "./clients.ts";

/**
 * What a function of the cloud home is told: the names of its stores, from the environment that the stack sets. This file
 * is the cloud's only reader of the environment. No secret stands there: keys lie in KMS and SSM, and the function's role
 * gives access to them.
 */
export interface CloudConfig {
  /** How the SDK's clients reach AWS. The credentials are the role's, which the SDK finds itself. */
  readonly access: CloudAccess;
  /** `prod`, `test`: what this home is called. */
  readonly env: string;
  readonly table: string;
  /** Sealed blobs and the index's segments, under `blobs/`. */
  readonly bucket: string;
  /** Where presigned uploads arrive, unsealed until the worker has taken them in. */
  readonly uploads: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly kmsKey: string;
  /** `/steward/<env>`: the kit, the public address, secrets. */
  readonly parameters: string;
  /** A secret in Secrets Manager, where the stack was made with one. */
  readonly secret?: string;
  readonly scheduleGroup: string;
  readonly scheduleRole: string;
  /** Whose tokens and sign-in are taken, and who is the owner there; absent when the stack named none. */
  readonly oidc?: { readonly issuer: string; readonly audience: string; readonly owner: string };
  /** Requests a minute that one API key may make of one process. */
  readonly apiRate: number;
  /** Exact origins, separated by commas, whose pages may call the API with a key. */
  readonly apiOrigins?: string;
  /** What the model providers look for: the region, and the credentials of the function's role for Bedrock. */
  readonly providerEnv: Readonly<Record<string, string>>;
}

/** The stack did not say something; the message names every variable at once. */
export class CloudConfigError extends Error {
  constructor(missing: readonly string[]) {
    super(`The function's environment lacks ${missing.join(", ")}. Deploy the stack again with \`steward deploy\`.`);
    this.name = "CloudConfigError";
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `CloudConfigError`. */
export function cloudConfig(env: Environment): CloudConfig {
  const missing: string[] = [];
  const needed = (name: string): string => {
    const value = env[name];
    if (!value) missing.push(name);
    return value ?? "";
  };
  const config: CloudConfig = {
    access: { region: needed("AWS_REGION"), ...(env.AWS_ENDPOINT_URL ? { endpoint: env.AWS_ENDPOINT_URL } : {}) },
    env: needed("STEWARD_ENV"),
    table: needed("STEWARD_TABLE"),
    bucket: needed("STEWARD_BUCKET"),
    uploads: needed("STEWARD_UPLOADS"),
    queueUrl: needed("STEWARD_QUEUE_URL"),
    queueArn: needed("STEWARD_QUEUE_ARN"),
    kmsKey: needed("STEWARD_KMS_KEY"),
    parameters: needed("STEWARD_PARAMETERS"),
    scheduleGroup: needed("STEWARD_SCHEDULE_GROUP"),
    scheduleRole: needed("STEWARD_SCHEDULE_ROLE"),
    ...oidcOf(env),
    ...(env.STEWARD_SECRET ? { secret: env.STEWARD_SECRET } : {}),
    apiRate: Number(env.STEWARD_API_RATE) || 600,
    ...(env.STEWARD_API_ORIGINS ? { apiOrigins: env.STEWARD_API_ORIGINS } : {}),
    providerEnv: providerEnvOf(env),
  };
  if (missing.length > 0) throw new CloudConfigError(missing);
  return config;
}

function oidcOf(env: Environment): Pick<CloudConfig, "oidc"> {
  const { STEWARD_OIDC_ISSUER: issuer, STEWARD_OIDC_AUDIENCE: audience, STEWARD_OIDC_SUBJECT: owner } = env;
  return issuer && audience && owner ? { oidc: { issuer, audience, owner } } : {};
}

function providerEnvOf(env: Environment): Record<string, string> {
  const names =
    /^(?:ANTHROPIC_API_KEY|OPENAI_API_KEY|AWS_(?:REGION|DEFAULT_REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN))$/;
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => names.test(entry[0]) && Boolean(entry[1])),
  );
}

/** The environment of this process. */
export function environment(): Environment {
  return process.env;
}
