import { z } from "zod";
import { BEDROCK_MODELS } from "./bedrock.ts";
import { MINILM } from "./minilm.ts";
import { OPENAI_MODELS } from "./open.ts";
import { minilmBytes, modelNamed, modelNames, type Places } from "./places.ts";
import { findRuntime, RUNTIME_BYTES } from "./runtime.ts";
import type { EmbedderSetting } from "./setting.ts";

/** One line of the settings screen. */
export interface EmbedderChoice {
  /** `built-in`, `minilm`, `folder`, `openai`, `compatible`, `ollama`, `lmstudio`, `bedrock`, `none`. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** No text leaves the machine. */
  readonly local: boolean;
  readonly state: "ready" | "needs-download" | "needs-key" | "not-found";
  /** What a download would fetch, in bytes, about. */
  readonly downloadBytes?: number;
  readonly models: readonly string[];
  /** The model that is on. */
  readonly chosen?: string;
  readonly current: boolean;
  /** Why the current one answers nothing, and what to do. */
  readonly problem?: string;
}

export interface Looking extends Places {
  readonly ollamaUrl: string;
  readonly lmstudioUrl: string;
  readonly providerEnv: Readonly<Record<string, string>>;
}

export async function listChoices(
  looking: Looking,
  setting: EmbedderSetting,
  problem: string | undefined,
): Promise<EmbedderChoice[]> {
  const [minilm, folders, ollama, lmstudio] = await Promise.all([
    minilmState(looking),
    modelNames(looking),
    modelsAt(`${looking.ollamaUrl}/api/tags`, OllamaTags),
    modelsAt(`${looking.lmstudioUrl}/v1/models`, OpenAiModels),
  ]);
  const others = folders.filter((name) => name !== MINILM.name);
  const env = looking.providerEnv;
  const aws = env.AWS_REGION && (env.AWS_ACCESS_KEY_ID || env.AWS_BEARER_TOKEN_BEDROCK);
  const served = (models: readonly string[] | undefined) =>
    models ? { state: "ready" as const, models } : { state: "not-found" as const, models: [] };

  const choices: Omit<EmbedderChoice, "current" | "chosen" | "problem">[] = [
    {
      ...{ id: "built-in", label: "Built-in word vectors", local: true, state: "ready", models: [] },
      description: "Knows words of like meaning. Instant, private, nothing to fetch.",
    },
    {
      ...{ id: "minilm", label: "MiniLM", local: true, models: [], ...minilm },
      description: "Understands sentences; finds more. Private, runs on this machine, English best.",
    },
    {
      ...{ id: "folder", label: "A model of yours", local: true, models: others },
      state: others.length > 0 ? "ready" : "not-found",
      description: "Any sentence-transformers model with an ONNX export, in the folder that STEWARD_MODELS names.",
    },
    {
      ...{ id: "ollama", label: "Ollama", local: isLocal(looking.ollamaUrl), ...served(ollama) },
      description: "An embedding model that Ollama serves, such as nomic-embed-text.",
    },
    {
      ...{ id: "lmstudio", label: "LM Studio", local: isLocal(looking.lmstudioUrl), ...served(lmstudio) },
      description: "An embedding model that LM Studio serves.",
    },
    {
      ...{ id: "openai", label: "OpenAI", local: false, models: OPENAI_MODELS },
      state: env.OPENAI_API_KEY || hasKey(setting, "openai") ? "ready" : "needs-key",
      description: "Many languages. Your texts are sent to OpenAI.",
    },
    {
      ...{ id: "bedrock", label: "Amazon Bedrock", local: false, models: BEDROCK_MODELS },
      state: aws || hasKey(setting, "bedrock") ? "ready" : "needs-key",
      description: "Titan or Cohere, many languages. Your texts are sent to your AWS account's region.",
    },
    {
      ...{ id: "compatible", label: "Another server", local: false, state: "ready", models: [] },
      description: "Any server that speaks OpenAI's embeddings, at an address of yours.",
    },
    {
      ...{ id: "none", label: "Words alone", local: true, state: "ready", models: [] },
      description: "Finds what has the very words.",
    },
  ];
  return choices.map((choice) => {
    const current = choice.id === setting.id;
    return {
      ...choice,
      current,
      ...(current && "model" in setting ? { chosen: setting.model } : {}),
      ...(current && problem !== undefined ? { problem } : {}),
    };
  });
}

async function minilmState(places: Places): Promise<Pick<EmbedderChoice, "state" | "downloadBytes">> {
  // A copy that cannot be run is fetched anew.
  const there = (await modelNamed(places, MINILM.name).catch(() => undefined)) !== undefined;
  const runs = findRuntime(places.home) !== undefined;
  if (there && runs) return { state: "ready" };
  return { state: "needs-download", downloadBytes: (there ? 0 : minilmBytes()) + (runs ? 0 : RUNTIME_BYTES) };
}

function hasKey(setting: EmbedderSetting, id: string): boolean {
  return setting.id === id && "apiKey" in setting && setting.apiKey !== undefined;
}

function isLocal(url: string): boolean {
  return /^(localhost|127\.|\[::1\])/.test(URL.parse(url)?.hostname ?? "");
}

const OllamaTags = z
  .object({ models: z.array(z.object({ name: z.string() })) })
  .transform(({ models }) => models.map(({ name }) => name));
const OpenAiModels = z
  .object({ data: z.array(z.object({ id: z.string() })) })
  .transform(({ data }) => data.map(({ id }) => id));

/** The names of what a server on this machine has; undefined when none answers at once. */
async function modelsAt(url: string, shape: z.ZodType<string[]>): Promise<string[] | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(500), redirect: "error" });
    return shape.parse(await response.json());
  } catch {
    return undefined;
  }
}
