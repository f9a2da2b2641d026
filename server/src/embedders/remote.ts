import { setTimeout as wait } from "node:timers/promises";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { batchesOf } from "./batches.ts";
import { EmbedderError } from "./embedder-error.ts";

/** A model behind a wire: what is particular to a provider. The rest (batches, tries, unit vectors) is here. */
export interface Remote {
  /** With the provider's host and the model, so that vectors of two of them are never compared. */
  readonly id: string;
  /** For messages: "text-embedding-3-small at api.openai.com". */
  readonly name: string;
  readonly limits: {
    readonly texts: number;
    /** UTF-16 units of all texts of a call, and what is read of one text. */
    readonly units: number;
    readonly unitsPerText: number;
    readonly parallel: number;
  };
  /** One try. Texts are never empty. Throws `WireError` for an answer that is none, anything else for no answer. */
  call(texts: readonly string[], purpose: "passage" | "query", signal: AbortSignal): Promise<readonly number[][]>;
}

/** An answer that says no. */
export class WireError extends Error {
  readonly status: number;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined;
  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.name = "WireError";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export interface RemoteOptions {
  readonly dimensions: number;
  readonly weight: number;
  /** Milliseconds before the first new try, doubled for each that follows. */
  readonly retryMs?: number;
  /** Milliseconds that one call may take. */
  readonly timeoutMs?: number;
}

const TRIES = 4;
const LONGEST_WAIT = 20_000;

/** Throws `EmbedderError` from `embed` when the provider does not answer, refuses, or answers something else. */
export function remoteEmbedder(remote: Remote, options: RemoteOptions): Embedder {
  const { dimensions, weight } = options;
  return {
    ...{ id: `${remote.id}:${dimensions}`, dimensions, weight },
    async embed(texts, purpose) {
      const vectors = await callAll(remote, texts, purpose, options);
      return vectors.map((vector) => {
        if (vector.length === dimensions) return vector;
        throw new EmbedderError(
          `${remote.name} gives vectors of ${vector.length} numbers, not of ${dimensions} as before. Choose it again in Settings.`,
        );
      });
    },
  };
}

/** How many numbers its vectors have: a real call. Throws `EmbedderError`. */
export async function dimensionsOf(remote: Remote, options: Pick<RemoteOptions, "retryMs" | "timeoutMs"> = {}) {
  const [vector] = await callAll(remote, ["Which of my mails are about travel?"], "query", options);
  return vector?.length ?? 0;
}

async function callAll(
  remote: Remote,
  texts: readonly string[],
  purpose: "passage" | "query",
  options: Pick<RemoteOptions, "retryMs" | "timeoutMs">,
): Promise<Float32Array[]> {
  const { limits } = remote;
  const sent = texts.map((text) => sendable(text, limits.unitsPerText));
  const vectors: Float32Array[] = [];
  const lengths = sent.map((text) => text.length);
  const batches = batchesOf(lengths, { texts: limits.texts, pieces: limits.units });
  const stop = new AbortController();
  const lane = async () => {
    for (let batch = batches.shift(); batch && !stop.signal.aborted; batch = batches.shift()) {
      const answer = await callOnce(
        remote,
        batch.map((at) => sent[at] ?? ""),
        purpose,
        options,
        stop.signal,
      );
      for (const [i, at] of batch.entries()) vectors[at] = unitVector(remote, answer[i]);
    }
  };
  try {
    await Promise.all(Array.from({ length: limits.parallel }, lane));
  } finally {
    stop.abort();
  }
  return vectors;
}

async function callOnce(
  remote: Remote,
  texts: readonly string[],
  purpose: "passage" | "query",
  { retryMs = 500, timeoutMs = 60_000 }: Pick<RemoteOptions, "retryMs" | "timeoutMs">,
  stopped: AbortSignal,
): Promise<readonly number[][]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]);
      const answer = await remote.call(texts, purpose, signal);
      if (answer.length === texts.length) return answer;
      throw new WireError(200, `it gave ${answer.length} vectors for ${texts.length} texts`);
    } catch (error) {
      if (stopped.aborted || attempt === TRIES || !mayPass(error)) throw troubleOf(remote, error);
      const asked = error instanceof WireError ? error.retryAfter : undefined;
      await wait(Math.min(LONGEST_WAIT, asked ?? retryMs * 2 ** (attempt - 1)));
    }
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof WireError)) return true;
  return error.status === 408 || error.status === 429 || error.status >= 500;
}

function troubleOf(remote: Remote, error: unknown): EmbedderError {
  const { name } = remote;
  const cause = { cause: error };
  if (!(error instanceof WireError)) {
    return new EmbedderError(
      `${name} does not answer (${reasonOf(error)}). Check that it runs and its address.`,
      cause,
    );
  }
  const said = error.message === "" ? "" : `: ${error.message.slice(0, 300)}`;
  switch (error.status) {
    case 401:
    case 403:
      return new EmbedderError(`${name} refuses the key (${error.status})${said}. Give another in Settings.`, cause);
    case 404:
      return new EmbedderError(`${name} is not there (404)${said}. Check the model's name and the address.`, cause);
    case 429:
      return new EmbedderError(`${name} answers no more for now (429)${said}. It is asked again later.`, cause);
    default:
      return new EmbedderError(
        `${name} could not embed (${error.status})${said}. Check the model and try again.`,
        cause,
      );
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it took too long";
  if (error.cause) return reasonOf(error.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

/** Providers refuse empty texts, lone surrogates and null characters. */
function sendable(text: string, units: number): string {
  const clean = text.slice(0, units).toWellFormed().replaceAll("\0", " ");
  return clean.trim() === "" ? "." : clean;
}

function unitVector(remote: Remote, values: readonly number[] | undefined): Float32Array {
  let squares = 0;
  for (const value of values ?? []) squares += value * value;
  const length = Math.sqrt(squares);
  if (values && length > 0 && length < Number.POSITIVE_INFINITY) {
    return Float32Array.from(values, (value) => value / length);
  }
  throw new EmbedderError(`${remote.name} gives vectors without direction. Choose another model.`);
}
