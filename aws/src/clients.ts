import { NodeHttpHandler } from "@smithy/node-http-handler";

/** How every client of the SDK is made: its region, whom it speaks as, how long it waits and how often it tries. */
export interface CloudAccess {
  readonly region: string;
  /** Another address for every service, such as a local stand-in; AWS itself when absent. */
  readonly endpoint?: string;
  /** Absent in a function: the SDK takes the role's from its environment and renews them. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/**
 * Settings for `new DynamoDBClient(…)` and the rest. Standard retries: four tries in all, with exponential backoff and
 * jitter, of what AWS calls transient or throttled; then the adapter says `CloudBusy`. HTTP/1.1 with connections that
 * stay open, since a function asks the same few hosts over and over.
 */
export function sdkSettings(access: CloudAccess, longestMs = 15_000) {
  return {
    region: access.region,
    maxAttempts: 4,
    retryMode: "standard",
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2_000,
      requestTimeout: longestMs,
      throwOnRequestTimeout: true,
      // An answer that stops in the middle of its body.
      socketTimeout: longestMs,
    }),
    ...(access.endpoint === undefined ? {} : { endpoint: access.endpoint }),
    ...(access.credentials === undefined ? {} : { credentials: access.credentials }),
  };
}

/** S3 takes longer for large parts, and addresses buckets as paths on a stand-in, which has one host name only. */
export function s3Settings(access: CloudAccess) {
  return { ...sdkSettings(access, 60_000), ...(access.endpoint === undefined ? {} : { forcePathStyle: true }) };
}
