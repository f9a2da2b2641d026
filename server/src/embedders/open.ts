import type { Embedder } from "@steward/core/search/embedder.ts";
import { bedrockRemote } from "./bedrock.ts";
import { builtInEmbedder } from "./built-in.ts";
import { EmbedderError } from "./embedder-error.ts";
import { ollamaRemote, openAiRemote } from "./http-remote.ts";
import { MINILM, MINILM_ID, MINILM_WEIGHT } from "./minilm.ts";
import type { Places } from "./places.ts";
import { dimensionsOf, type Remote, remoteEmbedder } from "./remote.ts";
import type { EmbedderSetting } from "./setting.ts";

/** What the owner chooses: an id of the choices, and what that one needs. */
export interface EmbedderSetup {
  /** `built-in`, `minilm`, `folder`, `openai`, `compatible`, `ollama`, `lmstudio`, `bedrock`, or `none` for words alone. */
  readonly id: string;
  readonly model?: string;
  readonly apiKey?: string;
  readonly baseUrl?: string;
}

export interface OpenedEmbedder {
  readonly embedder: Embedder;
  close(): Promise<void>;
}

export interface Opening extends Places {
  readonly providerEnv: Readonly<Record<string, string>>;
}

/** Of a model that nobody fitted a weight for: as for MiniLM, which such models are at least as good as. */
const USUAL_WEIGHT = MINILM_WEIGHT;

/** Undefined for words alone. Throws `EmbedderError` when what it needs is not there; a remote one is not asked. */
export async function openEmbedder(opening: Opening, setting: EmbedderSetting): Promise<OpenedEmbedder | undefined> {
  const opened = await openUnnamed(opening, setting);
  if (!opened) return undefined;
  const { embedder } = opened;
  const { id, dimensions, weight, floor } = embedder;
  // What is MiniLM's is the built-in one's too: its vectors are made of MiniLM's, piece by piece.
  const knowing = id === MINILM_ID ? builtInEmbedder() : embedder;
  return {
    close: () => opened.close(),
    embedder: {
      ...{ id, dimensions, weight, label: labelOf(setting) },
      ...(floor === undefined ? {} : { floor }),
      ...(knowing.knows ? { knows: (text) => knowing.knows?.(text) ?? true } : {}),
      embed: (texts, purpose) => embedder.embed(texts, purpose),
    },
  };
}

/** What the person reads beside their results. */
function labelOf(setting: EmbedderSetting): string {
  if (setting.id === "built-in" || setting.id === "none") return setting.id;
  if (setting.id === "minilm") return "MiniLM";
  return setting.model;
}

async function openUnnamed(opening: Opening, setting: EmbedderSetting): Promise<OpenedEmbedder | undefined> {
  switch (setting.id) {
    case "none":
      return undefined;
    case "built-in":
      return withoutEnd(builtInEmbedder());
    case "minilm":
      return openModel(opening, MINILM.name);
    case "folder":
      return openModel(opening, setting.model);
    case "openai":
    case "compatible":
    case "ollama":
    case "lmstudio":
    case "bedrock": {
      const { dimensions } = setting;
      return withoutEnd(remoteEmbedder(remoteOf(opening, setting), { dimensions, weight: USUAL_WEIGHT }));
    }
    default:
      return setting satisfies never;
  }
}

async function openModel(opening: Opening, name: string): Promise<OpenedEmbedder> {
  const [{ modelNamed }, { findRuntime }, { openSentenceEmbedder }] = await Promise.all([
    import("./places.ts"),
    import("./runtime.ts"),
    import("./sentence-embedder.ts"),
  ]);
  const model = await modelNamed(opening, name);
  if (!model) throw new EmbedderError(`The model ${name} is not here. Fetch it with: steward models add minilm`);
  const runtime = findRuntime(opening.home);
  if (!runtime)
    throw new EmbedderError(`What runs ${name} is not installed. Install it with: steward models add minilm`);
  const weight = model.id === MINILM_ID ? MINILM_WEIGHT : USUAL_WEIGHT;
  const embedder = await openSentenceEmbedder({ model, runtime, weight });
  return { embedder, close: () => embedder.close() };
}

function withoutEnd(embedder: Embedder): OpenedEmbedder {
  return { embedder, close: async () => {} };
}

type RemoteSetting = Extract<EmbedderSetting, { dimensions: number }>;

function remoteOf({ providerEnv }: Opening, setting: Omit<RemoteSetting, "dimensions">): Remote {
  if (setting.id === "bedrock") {
    const { model, apiKey } = setting;
    return bedrockRemote({ model, env: providerEnv, ...(apiKey ? { apiKey } : {}) });
  }
  // The union's other members all have an address; `Omit` of a union forgets that.
  const { model, baseUrl, apiKey } = setting as Extract<RemoteSetting, { baseUrl: string }>;
  const key = apiKey ?? (setting.id === "openai" ? providerEnv.OPENAI_API_KEY : undefined);
  const setup = { model, baseUrl, ...(key ? { apiKey: key } : {}) };
  return setting.id === "ollama" ? ollamaRemote(setup) : openAiRemote(setup);
}

export interface Before {
  readonly before: EmbedderSetting;
  readonly ollamaUrl: string;
  readonly lmstudioUrl: string;
}

export const OPENAI_URL = "https://api.openai.com/v1";
export const OPENAI_MODELS = ["text-embedding-3-small", "text-embedding-3-large"];

/**
 * What the owner chose, complete: addresses, the key that is kept from before when none is given and the address is the
 * same, and for a remote model the dimensions, found by a real call. Throws `EmbedderError`.
 */
export async function prepare(opening: Opening, setup: EmbedderSetup, known: Before): Promise<EmbedderSetting> {
  const { id } = setup;
  switch (id) {
    case "none":
    case "built-in":
    case "minilm":
      return { id };
    case "folder":
      return { id, model: named(setup) };
    case "openai":
    case "compatible":
    case "ollama":
    case "lmstudio":
    case "bedrock": {
      const model = named(setup);
      const place = id === "bedrock" ? { id } : { id, baseUrl: addressOf(id, setup, opening, known) };
      const apiKey = setup.apiKey || keptKey(place, known.before);
      const partial = { ...place, model, ...(apiKey ? { apiKey } : {}) };
      const dimensions = await dimensionsOf(remoteOf(opening, partial));
      return { ...partial, dimensions };
    }
    default:
      throw new EmbedderError(`There is no embedder "${id}". Look at the choices for those there are.`);
  }
}

function named({ id, model }: EmbedderSetup): string {
  if (model) return model;
  throw new EmbedderError(`Say which model "${id}" should use.`);
}

function addressOf(id: string, { baseUrl }: EmbedderSetup, { providerEnv }: Opening, known: Before): string {
  const usual: Readonly<Record<string, string>> = {
    openai: providerEnv.OPENAI_BASE_URL ?? OPENAI_URL,
    ollama: known.ollamaUrl,
    lmstudio: `${known.lmstudioUrl.replace(/\/+$/, "")}/v1`,
  };
  const address = baseUrl || usual[id];
  if (!address || !/^https?:$/.test(URL.parse(address)?.protocol ?? "")) {
    throw new EmbedderError(`"${address ?? ""}" is no address of a server; give one such as http://127.0.0.1:8080/v1.`);
  }
  return address;
}

function keptKey(place: { id: string; baseUrl?: string }, before: EmbedderSetting): string | undefined {
  if (before.id !== place.id || !("apiKey" in before)) return undefined;
  return "baseUrl" in before && before.baseUrl !== place.baseUrl ? undefined : before.apiKey;
}
