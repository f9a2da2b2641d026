import type { CallOptions, ModelSpec, StreamPart } from "@steward/core/chat/model.ts";
import { cut, garbage, TurnTrouble, troubleOf } from "@steward/core/chat/trouble.ts";

/**
 * A provider: somewhere models answer. One file each; `index.ts` lists them. A provider is asked what it has and what it
 * needs, and makes the AI SDK language model for one of its models. Its package is loaded when that model is first
 * called, not before: start-up and idle memory pay for no provider.
 */
export interface Provider {
  /** As in `ModelChoice.id`. */
  readonly id: string;
  readonly label: string;
  /** Where it is when the owner gave no address; undefined when only the owner can say. */
  address(env: ProviderEnv): string | undefined;
  /** What the environment holds to sign in with; undefined for nothing. */
  envKey?(env: ProviderEnv): string | undefined;
  /** It does not answer without a key. */
  readonly needsKey: boolean;
  /** The models that answer there now. Throws `ProviderAnswer` or a connection error. Absent when it cannot be asked. */
  list?(access: Access, signal: AbortSignal): Promise<Listed[]>;
  /** The window a running server gives the model, in tokens, when it tells. */
  window?(access: Access, model: string, signal: AbortSignal): Promise<number | undefined>;
  /** The language model. Loads nothing and asks nobody until it is called. */
  model(access: Access, model: string, tuning: Tuning): ModelSpec;
}

export type ProviderEnv = Readonly<Record<string, string>>;

/** How to reach it: the address without a trailing slash, and the key when there is one. */
export interface Access {
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly env: ProviderEnv;
}

export interface Listed {
  readonly name: string;
  /** The server only passes the question on to another one. */
  readonly remote: boolean;
}

export interface Tuning {
  readonly thinks: boolean;
}

/** A language model whose package is loaded at its first call; `tune` adds what every call to it needs. */
export function lazyModel(
  provider: string,
  modelId: string,
  load: () => Promise<ModelSpec>,
  tune: (options: CallOptions) => CallOptions = (options) => options,
): ModelSpec {
  let loading: Promise<ModelSpec> | undefined;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    specificationVersion: "v4",
    provider,
    modelId,
    supportedUrls: {},
    doGenerate: async (options) => (await loaded()).doGenerate(tune(options)),
    async doStream(options) {
      const model = await loaded();
      const result = await Promise.resolve(model.doStream(tune(options))).catch((error: unknown) => {
        throw error instanceof Error && error.name.startsWith("AI_") ? error : inWords(error, modelId, false);
      });
      return { ...result, stream: ReadableStream.from(spoken(result.stream, modelId)) };
    },
  };
}

/** The stream as it came; what breaks it is said in words that the turn knows. */
async function* spoken(stream: ReadableStream<StreamPart>, modelId: string): AsyncGenerator<StreamPart> {
  let heard = false;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.type === "error") throw inWords(value.error, modelId, heard);
      heard ||= value.type === "text-delta" || value.type === "reasoning-delta";
      yield value;
    }
  } catch (error) {
    throw inWords(error, modelId, heard);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/**
 * The packages report bytes that are no answer as plain errors of their own, and a stream that stops early, in one
 * dialect, as data that is not valid. Everything else the turn can tell apart by itself.
 */
function inWords(error: unknown, modelId: string, heard: boolean): unknown {
  if (heard && error instanceof Error && error.name === "AI_InvalidResponseDataError") {
    return new TurnTrouble(cut(modelId), error);
  }
  return troubleOf(error, modelId).code === "internal" ? new TurnTrouble(garbage(modelId), error) : error;
}

/** Thinking is billed as output and comes before the first word: the turn's questions need little of it. */
export function thinkLittle({ thinks }: Tuning): (options: CallOptions) => CallOptions {
  return (options) => (thinks ? { ...options, reasoning: "low" } : options);
}

/** A redirect would carry key and question to somewhere nobody chose. */
export const straightFetch: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "error" });

/** A server answered a plain question with something other than success. */
export class ProviderAnswer extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, url: string) {
    super(`${new URL(url).host} answered ${statusCode}.`);
    this.name = "ProviderAnswer";
    this.statusCode = statusCode;
  }
}

const LONGEST_LIST = 4_000_000;

/** GET of a small JSON document. Throws `ProviderAnswer`, a connection error, or a `SyntaxError` for what is no JSON. */
export async function getJson(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<unknown> {
  const answer = await straightFetch(url, { headers, signal });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new ProviderAnswer(answer.status, url);
  }
  const text = await answer.text();
  if (text.length > LONGEST_LIST) throw new SyntaxError("The answer is too long to be a list of models.");
  return JSON.parse(text);
}

/** Names of a list as OpenAI and Anthropic write it: `{ data: [{ id }] }`. */
export function namesIn(json: unknown): string[] {
  const data = fieldOf(json, "data");
  if (!Array.isArray(data)) throw new SyntaxError("The answer is not a list of models.");
  return data.map((entry) => fieldOf(entry, "id")).filter((id) => typeof id === "string");
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Whether an address is this very machine. */
export function isThisMachine(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127\./.test(hostname);
}
