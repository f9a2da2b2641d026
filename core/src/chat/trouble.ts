import type { TurnError } from "../conversation.ts";

/**
 * What went wrong with a provider, in the person's words. Errors of the AI SDK are told apart by what they carry (a
 * status, headers, their name), so that the core loads no SDK code to recognise them.
 */
export class TurnTrouble extends Error {
  readonly trouble: TurnError;
  constructor(trouble: TurnError, cause?: unknown) {
    super(trouble.message, cause === undefined ? undefined : { cause });
    this.name = "TurnTrouble";
    this.trouble = trouble;
  }
}

/** Never throws; an error nobody foresaw is `internal`. `model` is the label the person knows. */
export function troubleOf(error: unknown, model: string): TurnError {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = causeOf(at), depth++) {
    if (at instanceof TurnTrouble) return at.trouble;
    const known = knownTrouble(at, model);
    if (known) return known;
  }
  const streamed = streamedTrouble(error, model);
  if (streamed) return streamed;
  return {
    code: "internal",
    message: `Something went wrong inside Steward while answering (${briefly(error)}). Your question is kept; try again.`,
    retryable: true,
  };
}

function knownTrouble(error: Error, model: string): TurnError | undefined {
  const status = numberIn(error, "statusCode");
  if (status !== undefined && status >= 400) return statusTrouble(status, headersOf(error), model, error.message);
  // The store's own words say what to do; that the question is kept would not be true.
  if (error.name === "StoreFull") return { code: "internal", message: error.message, retryable: true };
  if (GARBAGE.has(error.name) || (status !== undefined && /JSON|parse/i.test(error.message))) return garbage(model);
  if (error.name === "AI_LoadAPIKeyError") return statusTrouble(401, {}, model, error.message);
  if (error.name === "TimeoutError") return timeout(model);
  const code = (textIn(error, "code") ?? "") + error.message;
  if (/ETIMEDOUT|UND_ERR_(?:HEADERS|BODY|CONNECT)_TIMEOUT/.test(code)) return timeout(model);
  if (/ECONNRESET|EPIPE|UND_ERR_SOCKET|terminated|premature|aborted/i.test(code)) return cut(model);
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Cannot connect/i.test(code)) return down(model);
  return undefined;
}

const GARBAGE = new Set([
  "AI_JSONParseError",
  "AI_TypeValidationError",
  "AI_InvalidResponseDataError",
  "AI_EmptyResponseBodyError",
  "AI_NoContentGeneratedError",
]);

function statusTrouble(
  status: number,
  headers: Readonly<Record<string, string>>,
  model: string,
  said: string,
): TurnError {
  const retryAfter = secondsToWait(headers);
  if (status === 401 || status === 403) {
    return {
      code: "sign-in",
      message: `${model} refused the key (${status}). Put in a working key in Settings, or choose another model.`,
      retryable: false,
    };
  }
  if (status === 402) {
    return {
      code: "sign-in",
      message: `${model} says that the account has no credit left. Top it up, or choose another model.`,
      retryable: false,
    };
  }
  if (status === 404) {
    return {
      code: "no-model",
      message: `${model} was not found at its provider (404). Choose another model in Settings.`,
      retryable: false,
    };
  }
  if (
    status === 413 ||
    (status === 400 && /too (?:long|large|many tokens)|context[ _](?:length|window)|maximum context/i.test(said))
  ) {
    return tooLong(model);
  }
  if (status === 408 || status === 504) return timeout(model);
  if (status === 429 || status === 529) {
    return {
      code: "rate-limit",
      message: `${model} is being asked too often${retryAfter === undefined ? "" : `; it says to wait ${retryAfter} seconds`}. Your question is kept; try again a little later.`,
      retryable: true,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    };
  }
  if (status >= 500) return { ...down(model), ...(retryAfter === undefined ? {} : { retryAfter }) };
  return {
    code: "garbage",
    message: `${model} did not accept the request (${status}: ${said.slice(0, 200)}). Choose another model if it happens again.`,
    retryable: false,
  };
}

/** Providers also report trouble inside a running stream, as plain data. */
function streamedTrouble(error: unknown, model: string): TurnError | undefined {
  const text = typeof error === "string" ? error : safeJson(error);
  if (/overloaded|unavailable|internal[ _]server|server_error|api_error/i.test(text)) return down(model);
  if (/rate[ _]?limit|too many requests|throttl/i.test(text)) return statusTrouble(429, {}, model, text);
  if (/authentication|invalid.api.key|permission_error/i.test(text)) return statusTrouble(401, {}, model, text);
  if (/JSON|parse|validation/i.test(text)) return garbage(model);
  return undefined;
}

export const timeout = (model: string): TurnError => ({
  code: "timeout",
  message: `${model} did not answer in time. What it had written is kept; try again, or choose another model.`,
  retryable: true,
});
export const cut = (model: string): TurnError => ({
  code: "cut",
  message: `The connection to ${model} broke in the middle of the answer. What it had written is kept; try again.`,
  retryable: true,
});
export const down = (model: string): TurnError => ({
  code: "provider-down",
  message: `${model} cannot be reached or has a fault of its own. Your question is kept; try again, or choose another model.`,
  retryable: true,
});
export const garbage = (model: string): TurnError => ({
  code: "garbage",
  message: `${model} sent something that is not an answer. Your question is kept; try again, or choose another model.`,
  retryable: true,
});
export const tooLong = (model: string): TurnError => ({
  code: "too-long",
  message: `The question does not fit into what ${model} can read at once. Make it shorter, or choose a model with a larger window.`,
  retryable: false,
});

/** From `retry-after-ms`, or `retry-after` in seconds (RFC 9110 §10.2.3; its date form is rare and left alone). */
function secondsToWait(headers: Readonly<Record<string, string>>): number | undefined {
  const ms = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return Math.ceil(ms / 1000);
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : undefined;
}

function headersOf(error: Error): Record<string, string> {
  const headers: unknown = Reflect.get(error, "responseHeaders");
  if (typeof headers !== "object" || headers === null) return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** `AI_RetryError` keeps what it wraps as `lastError`. */
function causeOf(error: Error): unknown {
  return error.cause ?? Reflect.get(error, "lastError");
}

function numberIn(error: Error, name: string): number | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "number" ? value : undefined;
}

function textIn(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}

function briefly(error: unknown): string {
  const text = error instanceof Error ? error.message : safeJson(error);
  return text.replace(/\s+/g, " ").slice(0, 160);
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
