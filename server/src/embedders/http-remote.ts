import { z } from "zod";
import type { Remote } from "./remote.ts";
import { WireError } from "./remote.ts";

/** Models that want to be told what a text is for, by how their names begin; as their makers say. */
const PREFIXES: readonly (readonly [RegExp, { readonly query: string; readonly passage: string }])[] = [
  [/nomic-embed-text/i, { query: "search_query: ", passage: "search_document: " }],
  [
    /mxbai-embed|snowflake-arctic-embed/i,
    { query: "Represent this sentence for searching relevant passages: ", passage: "" },
  ],
  [/(^|[/_-])e5-/i, { query: "query: ", passage: "passage: " }],
  [/embeddinggemma/i, { query: "task: search result | query: ", passage: "title: none | text: " }],
];

export interface HttpRemoteSetup {
  /** As the provider documents it: `https://api.openai.com/v1`, `http://127.0.0.1:11434`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string;
}

const LIMITS = { texts: 64, units: 100_000, unitsPerText: 8_000, parallel: 1 };

/** `POST /embeddings` of OpenAI's API, which LM Studio, vLLM, llama.cpp, LiteLLM and many others speak. */
export function openAiRemote(setup: HttpRemoteSetup): Remote {
  return {
    ...facts("openai", setup),
    async call(texts, purpose, signal) {
      const body = { model: setup.model, input: prefixed(setup.model, texts, purpose), encoding_format: "float" };
      const { data } = await post(setup, "/embeddings", body, OpenAiAnswer, signal);
      return data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    },
  };
}

/** `POST /api/embed` of Ollama (0.3 and later). */
export function ollamaRemote(setup: HttpRemoteSetup): Remote {
  return {
    ...facts("ollama", setup),
    async call(texts, purpose, signal) {
      const body = { model: setup.model, input: prefixed(setup.model, texts, purpose), truncate: true };
      const { embeddings } = await post(setup, "/api/embed", body, OllamaAnswer, signal);
      return embeddings;
    },
  };
}

const Vector = z.array(z.number());
const OpenAiAnswer = z.object({ data: z.array(z.object({ index: z.int(), embedding: Vector })) });
const OllamaAnswer = z.object({ embeddings: z.array(Vector) });
/** OpenAI's, and Ollama's. */
const ErrorAnswer = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

function facts(kind: string, { baseUrl, model }: HttpRemoteSetup): Pick<Remote, "id" | "name" | "limits"> {
  const { host } = new URL(baseUrl);
  return { id: `${kind}:${host}:${model}`, name: `${model} at ${host}`, limits: LIMITS };
}

function prefixed(model: string, texts: readonly string[], purpose: "passage" | "query"): readonly string[] {
  const prefix = PREFIXES.find(([name]) => name.test(model))?.[1][purpose] ?? "";
  return prefix === "" ? texts : texts.map((text) => prefix + text);
}

async function post<T>(
  { baseUrl, apiKey }: HttpRemoteSetup,
  path: string,
  body: unknown,
  shape: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const response = await fetch(`${baseUrl.replace(/\/+$/, "")}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    },
    body: JSON.stringify(body),
    // The texts go where the owner said and nowhere else.
    redirect: "error",
    signal,
  });
  const text = await response.text();
  if (!response.ok)
    throw new WireError(response.status, saidIn(text), retryAfterOf(response.headers.get("retry-after")));
  const parsed = shape.safeParse(jsonOf(text));
  if (!parsed.success) throw new WireError(response.status, "its answer is none of an embedding model");
  return parsed.data;
}

function saidIn(text: string): string {
  const parsed = ErrorAnswer.safeParse(jsonOf(text));
  if (!parsed.success) return "";
  const { error } = parsed.data;
  return typeof error === "string" ? error : error.message;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds; the other form, a date, is not waited for. */
export function retryAfterOf(header: string | null | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
