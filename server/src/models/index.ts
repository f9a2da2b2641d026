import type { ChatModel } from "@steward/core/chat/model.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { ModelChoice } from "@steward/core/wire.ts";
import type { Config } from "../config.ts";
import type { ModelsFace } from "../house.ts";
import { anthropic } from "./anthropic.ts";
import { bedrock } from "./bedrock.ts";
import { BUILT_IN, describe, keyWords, labelOf } from "./choice.ts";
import { compatible } from "./compatible.ts";
import { changeKept, type KeptModels, readKept } from "./kept.ts";
import { lmstudioAt } from "./lmstudio.ts";
import { isCloud, ollamaAt } from "./ollama.ts";
import { openai } from "./openai.ts";
import { factsOf, knownModels, type OwnPrices, readOwnPrices } from "./prices.ts";
import { askForProof, explain } from "./prove.ts";
import { type Access, isThisMachine, type Provider } from "./provider.ts";
import { accessOf, keyOrigin, ModelRefused, settle } from "./setup.ts";

/**
 * Who thinks: the built-in model, or a provider the owner chose. What was chosen, and the keys, are sealed; a choice
 * takes effect with the next turn, because every turn asks for the current model.
 */
export interface ModelsDeps {
  readonly sealed: SealedRecords;
  readonly config: Pick<Config, "ollamaUrl" | "lmstudioUrl" | "providerEnv">;
  /** The home folder, where the owner's `prices.json` may lie. */
  readonly home: string;
  /** Milliseconds: how long a server on this machine is looked for, and how long a model may take to prove itself. */
  readonly patience?: { readonly lookMs: number; readonly proveMs: number };
}

export interface Models extends ModelsFace {
  /** The model of the next turn. */
  current(): Promise<ChatModel>;
}

/** Local servers drop what does not fit without a word: a window nobody told is taken for the smallest usual one. */
const UNTOLD_WINDOW = 4096;
const UNKNOWN_CLOUD_WINDOW = 32_000;

export function openModels(deps: ModelsDeps): Models {
  const { sealed, config, home, patience = { lookMs: 600, proveMs: 60_000 } } = deps;
  const env = config.providerEnv;
  // In the order they are offered: what stays on the machine first.
  const providers: readonly Provider[] = [
    ollamaAt(config.ollamaUrl.replace(/\/+$/, "")),
    lmstudioAt(config.lmstudioUrl.replace(/\/+$/, "")),
    anthropic,
    openai,
    bedrock,
    compatible,
  ];
  const providerOf = (id: string): Provider => {
    const provider = providers.find((one) => one.id === id);
    if (provider) return provider;
    const known = ["extractive", ...providers.map((one) => one.id)].join(", ");
    throw new ModelRefused(`There is no provider "${id}". Choose one of: ${known}.`);
  };
  const windows = new Map<string, number>();

  async function chatModelOf(provider: Provider, access: Access, model: string, own: OwnPrices): Promise<ChatModel> {
    const { price, contextTokens, thinks = false } = factsOf(provider.id, model, own);
    const local = staysHere(provider, access.baseUrl) && !(provider.id === "ollama" && isCloud(model));
    return {
      id: `${provider.id}/${model}`,
      label: `${model} (${provider.label})`,
      local,
      contextTokens:
        contextTokens ??
        (await windowOf(provider, access, model)) ??
        (provider.needsKey ? UNKNOWN_CLOUD_WINDOW : UNTOLD_WINDOW),
      model: provider.model(access, model, { thinks }),
      ...(price ? { price } : {}),
    };
  }

  /** What the server says, or said when it last answered: a model that is not loaded yet has no window to tell. */
  async function windowOf(provider: Provider, access: Access, model: string): Promise<number | undefined> {
    const name = `${provider.id} ${access.baseUrl} ${model}`;
    const told = await provider.window?.(access, model, AbortSignal.timeout(patience.lookMs)).catch(() => undefined);
    if (told !== undefined) windows.set(name, told);
    return windows.get(name);
  }

  async function choiceOf(provider: Provider, kept: KeptModels, own: OwnPrices): Promise<ModelChoice> {
    const access = accessOf(provider, kept, {}, env);
    const chosen = kept.providers[provider.id]?.model;
    const asked = !provider.needsKey && access ? await look(provider, access, patience.lookMs) : undefined;
    const listed = asked ?? [];
    const names = [
      ...new Set([...(chosen ? [chosen] : []), ...knownModels(provider.id), ...listed.map((one) => one.name)]),
    ];
    const keyFrom = access && keyOrigin(provider, kept, access, env);
    const current = kept.chosen === provider.id;
    const ready = provider.needsKey ? access?.apiKey !== undefined : listed.length > 0;
    const description = describe(provider, access, asked, env);
    return {
      id: provider.id,
      label: labelOf(provider, access),
      description: current && own.fault ? `${description} ${own.fault}` : description,
      local: access ? staysHere(provider, access.baseUrl) : false,
      state: ready ? "ready" : provider.needsKey ? "needs-key" : "not-found",
      models: names,
      ...(chosen === undefined ? {} : { chosen }),
      current,
      ...(keyFrom === undefined ? {} : { keyFrom: keyWords(keyFrom) }),
    };
  }

  async function choices(): Promise<ModelChoice[]> {
    const [kept, own] = await Promise.all([readKept(sealed), readOwnPrices(home)]);
    const theirs = await Promise.all(providers.map((provider) => choiceOf(provider, kept, own)));
    return [{ ...BUILT_IN, current: kept.chosen === "extractive" }, ...theirs];
  }

  /** The provider in force; undefined for the built-in model. */
  async function chosen(): Promise<{ provider: Provider; access: Access; model: string } | undefined> {
    const kept = await readKept(sealed);
    const provider = providers.find((one) => one.id === kept.chosen);
    const model = provider && kept.providers[provider.id]?.model;
    const access = provider && accessOf(provider, kept, {}, env);
    return provider && model && access ? { provider, access, model } : undefined;
  }

  return {
    choices,

    async inForce() {
      const now = await chosen();
      if (!now) return { id: BUILT_IN.id, label: BUILT_IN.label, local: true };
      const { provider, access, model } = now;
      return {
        id: provider.id,
        label: `${labelOf(provider, access)} ${model}`,
        local: staysHere(provider, access.baseUrl) && !(provider.id === "ollama" && isCloud(model)),
      };
    },

    async current() {
      const now = await chosen();
      if (now) return chatModelOf(now.provider, now.access, now.model, await readOwnPrices(home));
      const { extractiveChatModel } = await import("@steward/core/chat/extractive/model.ts");
      return extractiveChatModel();
    },

    async prove(setup) {
      const begun = performance.now();
      const took = () => Math.round(performance.now() - begun);
      if (setup.id === "extractive") return { ok: true, ms: 0, message: "The built-in model is always ready." };
      let settled: Awaited<ReturnType<typeof settle>>;
      try {
        settled = await settle(providerOf(setup.id), await readKept(sealed), setup, env, patience.lookMs);
      } catch (error) {
        if (error instanceof ModelRefused) return { ok: false, ms: took(), message: error.message };
        throw error;
      }
      const { provider, access, model } = settled;
      const { thinks = false } = factsOf(provider.id, model, { facts: {} });
      const asked = performance.now();
      try {
        await askForProof(provider.model(access, model, { thinks }), patience.proveMs);
      } catch (error) {
        const message = explain(error, { ...access, provider: provider.label, providerId: provider.id, model });
        return { ok: false, ms: took(), message };
      }
      const ms = Math.round(performance.now() - asked);
      const window = await windowOf(provider, access, model);
      const narrow = window !== undefined && window < 8192;
      const hint =
        provider.id === "ollama" ? "set OLLAMA_CONTEXT_LENGTH=16384 there" : "give it a longer context there";
      return {
        ok: true,
        ms,
        message: `${model} answered in ${(ms / 1000).toFixed(1)} s.${narrow ? ` It reads only ${window} tokens at once: ${hint} for better answers.` : ""}`,
      };
    },

    async choose(setup) {
      if (setup.id === "extractive") {
        await changeKept(sealed, (kept) => ({ ...kept, chosen: "extractive" }));
        return choices();
      }
      const { provider, access, model } = await settle(
        providerOf(setup.id),
        await readKept(sealed),
        setup,
        env,
        patience.lookMs,
      );
      await changeKept(sealed, (kept) => ({
        chosen: provider.id,
        providers: {
          ...kept.providers,
          [provider.id]: {
            ...kept.providers[provider.id],
            model,
            ...(setup.baseUrl === undefined ? {} : { baseUrl: access.baseUrl }),
            ...(setup.apiKey === undefined ? {} : { key: { value: setup.apiKey.trim(), for: access.baseUrl } }),
          },
        },
      }));
      return choices();
    },
  };
}

function staysHere(provider: Provider, baseUrl: string): boolean {
  return !provider.needsKey && isThisMachine(baseUrl);
}

/** What answers there now; undefined when nothing does. */
async function look(provider: Provider, access: Access, ms: number) {
  try {
    return await provider.list?.(access, AbortSignal.timeout(ms));
  } catch {
    return undefined;
  }
}
