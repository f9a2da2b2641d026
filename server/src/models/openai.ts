import { getJson, lazyModel, namesIn, type Provider, straightFetch, thinkLittle } from "./provider.ts";

/** OpenAI's Responses API; nothing asked is stored there (`store: false`). */
export const openai: Provider = {
  id: "openai",
  label: "OpenAI",
  needsKey: true,
  address: (env) => env.OPENAI_BASE_URL ?? "https://api.openai.com/v1",
  envKey: (env) => env.OPENAI_API_KEY,
  async list({ baseUrl, apiKey = "" }, signal) {
    const names = namesIn(await getJson(`${baseUrl}/models`, { authorization: `Bearer ${apiKey}` }, signal));
    return names.map((name) => ({ name, remote: true }));
  },
  model: ({ baseUrl, apiKey = "" }, model, tuning) => {
    const littleThought = thinkLittle(tuning);
    return lazyModel(
      "openai",
      model,
      async () => {
        const { createOpenAI } = await import("@ai-sdk/openai");
        return createOpenAI({ baseURL: baseUrl, apiKey, fetch: straightFetch }).responses(model);
      },
      (options) => ({ ...littleThought(options), providerOptions: { openai: { store: false } } }),
    );
  },
};
