import { z } from "zod";
import type { Log } from "../log.ts";
import { PasswordRefused, WrongSecret } from "./door.ts";

/** RFC 9457 problem details: the one shape of every error, and the one place where an error becomes a status. */
export const ProblemDetails = z.object({
  type: z.string().describe("urn:steward:problem:<code>"),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What happened and what to do next"),
  field: z.string().optional().describe("The field of the request that is wrong"),
});
export type ProblemDetails = z.infer<typeof ProblemDetails>;

export type ProblemCode = keyof typeof PROBLEMS;

const PROBLEMS = {
  invalid: [400, "The request is not valid"],
  "not-signed-in": [401, "Not signed in"],
  "wrong-password": [401, "Wrong password"],
  "wrong-token": [401, "The token does not work"],
  "setup-needed": [401, "Not set up yet"],
  "link-expired": [401, "The one-time link does not work"],
  forbidden: [403, "Not allowed"],
  "wrong-origin": [403, "Asked by another site"],
  "wrong-csrf": [403, "The page is out of date"],
  "wrong-secret": [403, "That does not open the key"],
  "not-found": [404, "Not found"],
  "wrong-method": [405, "Not possible here"],
  conflict: [409, "Not possible now"],
  "too-large": [413, "Too large"],
  "wrong-type": [415, "Wrong content type"],
  "wrong-host": [421, "Wrong host"],
  locked: [423, "Locked"],
  mismatch: [422, "Not the same request"],
  "cap-reached": [429, "The day's cap is reached"],
  "too-many": [429, "Too many tries"],
  damaged: [500, "The store cannot be read or written"],
  internal: [500, "Something went wrong"],
  "model-failed": [502, "The model did not answer"],
  "no-embedder": [503, "No vectors are made"],
  "not-ready": [503, "Not ready"],
  "model-late": [504, "The model took too long"],
  "no-room": [507, "No room left"],
} as const satisfies Record<string, readonly [number, string]>;

/** Errors of the rooms whose message is meant for the person, by name, so that a face need not load their rooms. */
const SPOKEN: Readonly<Record<string, ProblemCode>> = {
  PathRefused: "invalid",
  WrongSize: "invalid",
  ModelRefused: "invalid",
  EmbedderError: "invalid",
  NoSuchSource: "not-found",
  StoreBusy: "conflict",
  StoreFull: "no-room",
  StoreDamaged: "damaged",
  StoreTrouble: "damaged",
  KeyFileError: "wrong-secret",
  KitFault: "wrong-secret",
  BackupError: "conflict",
  CloudBusy: "not-ready",
  CloudRefused: "not-ready",
  CloudMissing: "not-ready",
  CloudTrouble: "damaged",
  KeyTrouble: "not-ready",
  IndexRestless: "not-ready",
  NotHere: "conflict",
};

/** How long a store that is throttled, or does not answer, is to be left alone. */
const BUSY_SECONDS = 2;

/** Names of a cloud's resources, which say the account: for the log, not for whoever asks. */
const RESOURCE = /\barn:aws[\w-]*:[\w:/.*-]*[\w*]/g;

/** Thrown by whatever refuses a request. `detail` is for the person: what happened, what to do. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly field: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, more: { field?: string; headers?: Record<string, string> } = {}) {
    super(detail);
    this.name = "Problem";
    this.code = code;
    this.field = more.field;
    this.headers = more.headers ?? {};
  }
}

export function notFound(what: string): Problem {
  return new Problem("not-found", `${what} is not here. It may have been forgotten, or the address is mistyped.`);
}

/** Answers any error. What is not a known refusal is logged without its message and says nothing of the inside. */
export function answerProblem(error: unknown, log: Log, where: string): Response {
  const problem = asProblem(error);
  const isOfTheStores = problem.code === "not-ready" && !(error instanceof Problem);
  if (isOfTheStores || problem.code === "internal" || problem.code === "damaged") {
    log.error("request-failed", error, { where });
  }
  const [status, title] = PROBLEMS[problem.code];
  const details: ProblemDetails = {
    type: `urn:steward:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    ...(problem.field === undefined ? {} : { field: problem.field }),
  };
  return new Response(JSON.stringify(details), {
    status,
    headers: { "content-type": "application/problem+json", ...problem.headers },
  });
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof z.ZodError) return invalid(error);
  if (error instanceof WrongSecret) return new Problem("wrong-secret", error.message);
  if (isCutOff(error)) return new Problem("invalid", "The request was cut off before its end. Send it again.");
  if (error instanceof PasswordRefused) return new Problem("invalid", error.message, { field: "password" });
  return (
    spokenOf(error) ??
    new Problem("internal", "Nothing was changed by this request. Try again; `steward doctor` may tell more.")
  );
}

/** Whoever asked has gone while the request was still coming in: nothing of ours failed (Node's `IncomingMessage`). */
function isCutOff(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNRESET" && error.message === "aborted";
}

/** An error of the rooms whose message is meant for the person; undefined for any other. */
export function spokenOf(error: unknown): Problem | undefined {
  // Its own message names rows.
  if (error instanceof Error && error.name === "RecordsConflict") {
    return new Problem(
      "conflict",
      "Another request changed the same thing at this moment. Look at it, then ask again.",
    );
  }
  const code = error instanceof Error ? SPOKEN[error.name] : undefined;
  if (!code || !(error instanceof Error)) return undefined;
  const headers = error.name === "CloudBusy" ? { "retry-after": String(BUSY_SECONDS) } : {};
  return new Problem(code, error.message.replace(RESOURCE, "(named in the log)"), { headers });
}

function invalid(error: z.ZodError): Problem {
  const issue = error.issues[0];
  // An unknown field is named itself, not what it stands in.
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const field = [...(issue?.path ?? []), ...unknown].join(".");
  const detail = `${field ? `${field}: ` : ""}${issue?.message ?? "not understood"}`;
  return new Problem("invalid", detail, field ? { field } : {});
}
