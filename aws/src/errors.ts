/**
 * What can go wrong between the house and AWS, in words for the person who runs it. Every adapter here translates the
 * SDK's exceptions into these four, or into an error of its own port; the cause stays attached.
 */

/** Throttled, timed out or not reachable, after the SDK's own retries. Trying again later can help. */
export class CloudBusy extends Error {
  constructor(what: string, cause?: unknown) {
    super(`${what} is busy or did not answer (${nameOf(cause)}). Wait a moment and try again.`, { cause });
    this.name = "CloudBusy";
  }
}

/** The role may not do this. */
export class CloudRefused extends Error {
  constructor(what: string, cause?: unknown) {
    super(
      `AWS does not allow this function to use ${what} (${nameOf(cause)}). Its role, or the policy of the key, was ` +
        "changed: deploy again with `steward deploy`, or put the permission back.",
      { cause },
    );
    this.name = "CloudRefused";
  }
}

/** The table, bucket, queue or schedule group is not there. */
export class CloudMissing extends Error {
  constructor(what: string, cause?: unknown) {
    super(
      `${what} does not exist (${nameOf(cause)}). It was deleted, or the name is wrong: look at the stack's outputs.`,
      {
        cause,
      },
    );
    this.name = "CloudMissing";
  }
}

/** Anything else that AWS answered. */
export class CloudTrouble extends Error {
  constructor(what: string, cause?: unknown) {
    super(`${what} refused a request (${nameOf(cause)}). The log of the function has the request's id.`, { cause });
    this.name = "CloudTrouble";
  }
}

const BUSY = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "TooManyRequestsException",
  "TooManyUpdates",
  "SlowDown",
  "LimitExceededException",
  "TimeoutError",
  "RequestTimeout",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
const REFUSED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "KMSAccessDeniedException",
  "KmsAccessDenied",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidAccessKeyId",
  "ExpiredToken",
  "ExpiredTokenException",
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "CredentialsProviderError",
]);
const MISSING = new Set([
  "ResourceNotFoundException",
  "NoSuchBucket",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
  "NotFoundException",
]);

/** The error to throw for one of the SDK's; one of ours, or of the caller's, passes as it is. `what` names the thing. */
export function asCloudError(error: unknown, what: string): unknown {
  if (!isOfTheSdk(error)) return error;
  const names = [error.name, codeOf(error)];
  const says = (set: ReadonlySet<string>) => names.some((name) => name !== undefined && set.has(name));
  if (says(REFUSED)) return new CloudRefused(what, error);
  if (says(MISSING)) return new CloudMissing(what, error);
  const status = statusOf(error) ?? 0;
  if (says(BUSY) || status === 429 || status >= 500) return new CloudBusy(what, error);
  return status === 403 ? new CloudRefused(what, error) : new CloudTrouble(what, error);
}

/** The name by which AWS, or the socket below, calls an error. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "no reason given";
  return error.name === "Error" ? (codeOf(error) ?? error.name) : error.name;
}

function isOfTheSdk(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return "$metadata" in error || error.name === "CredentialsProviderError" || BUSY.has(codeOf(error) ?? error.name);
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function statusOf(error: Error): number | undefined {
  const metadata: unknown = "$metadata" in error ? error.$metadata : undefined;
  const status: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : undefined;
  return typeof status === "number" ? status : undefined;
}
