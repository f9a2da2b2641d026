import { getJson, lazyModel, namesIn, type Provider, straightFetch, thinkLittle } from "./provider.ts";

/** Anthropic's Messages API. */
export const anthropic: Provider = {
  id: "anthropic",
  label: "Anthropic",
  needsKey: true,
  address: (env) => env.ANTHROPIC_BASE_URL ?? "https://api.anthropic.com/v1",
  envKey: (env) => env.ANTHROPIC_API_KEY,
  async list({ baseUrl, apiKey = "" }, signal) {
    const headers = { "x-api-key": apiKey, "anthropic-version": "2023-06-01" };
    const names = namesIn(await getJson(`${versioned(baseUrl)}/models?limit=1000`, headers, signal));
    return names.map((name) => ({ name, remote: true }));
  },
  model: ({ baseUrl, apiKey = "" }, model, tuning) =>
    lazyModel(
      "anthropic",
      model,
      async () => {
        const { createAnthropic } = await import("@ai-sdk/anthropic");
        return createAnthropic({ baseURL: versioned(baseUrl), apiKey, fetch: straightFetch })(model);
      },
      thinkLittle(tuning),
    ),
};

/** Anthropic's own tools write the address without its version, the AI SDK with it. */
function versioned(baseUrl: string): string {
  return /\/v\d+$/.test(baseUrl) ? baseUrl : `${baseUrl}/v1`;
}
