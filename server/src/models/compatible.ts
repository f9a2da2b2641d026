import type { ModelSpec } from "@steward/core/chat/model.ts";
import { type Access, getJson, type Listed, lazyModel, namesIn, type Provider, straightFetch } from "./provider.ts";

/** Any server that speaks OpenAI's chat completions: vLLM, llama.cpp, a gateway. Only the owner knows where it is. */
export const compatible: Provider = {
  id: "compatible",
  label: "Another server",
  needsKey: false,
  address: () => undefined,
  list: listCompatible,
  model: (access, model) => compatibleModel("compatible", access, access.baseUrl, model),
};

/** `baseUrl` is where `/chat/completions` hangs: mostly it ends with `/v1`. */
export function compatibleModel(provider: string, { apiKey }: Access, baseUrl: string, model: string): ModelSpec {
  return lazyModel(provider, model, async () => {
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    return createOpenAICompatible({
      name: provider,
      baseURL: baseUrl,
      includeUsage: true,
      fetch: straightFetch,
      ...(apiKey === undefined ? {} : { apiKey }),
    }).chatModel(model);
  });
}

export async function listCompatible({ baseUrl, apiKey }: Access, signal: AbortSignal): Promise<Listed[]> {
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const names = namesIn(await getJson(`${baseUrl}/models`, headers, signal));
  // Embedding models stand in the same list and cannot talk.
  return names.filter((name) => !/\bembed|embedding/i.test(name)).map((name) => ({ name, remote: false }));
}
