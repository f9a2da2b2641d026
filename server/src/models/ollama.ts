import { compatibleModel } from "./compatible.ts";
import { fieldOf, getJson, type Provider } from "./provider.ts";

/**
 * Ollama: its own API tells what it has, its OpenAI-compatible one answers. Of a prompt longer than its window it drops
 * the beginning without a word, so the window it really gives a model matters more than what the model could read.
 */
export function ollamaAt(url: string): Provider {
  return {
    id: "ollama",
    label: "Ollama",
    needsKey: false,
    address: () => url,
    async list({ baseUrl }, signal) {
      const models = fieldOf(await getJson(`${root(baseUrl)}/api/tags`, {}, signal), "models");
      if (!Array.isArray(models)) throw new SyntaxError("The answer is not a list of models.");
      return models.flatMap((entry) => {
        const name = fieldOf(entry, "name");
        if (typeof name !== "string" || /embed/i.test(name)) return [];
        return [
          { name: name.replace(/:latest$/, ""), remote: Boolean(fieldOf(entry, "remote_host")) || isCloud(name) },
        ];
      });
    },
    async window({ baseUrl }, model, signal) {
      const running = fieldOf(await getJson(`${root(baseUrl)}/api/ps`, {}, signal), "models");
      if (!Array.isArray(running)) return undefined;
      const mine = running.find((entry) => {
        const name = fieldOf(entry, "name");
        return name === model || name === `${model}:latest`;
      });
      const length = fieldOf(mine, "context_length");
      return typeof length === "number" && length > 0 ? length : undefined;
    },
    model: (access, model) => compatibleModel("ollama", access, `${root(access.baseUrl)}/v1`, model),
  };
}

/** Models that Ollama passes on to its maker's servers: they do not run here, whatever the address says. */
export function isCloud(model: string): boolean {
  return /[:-]cloud$/.test(model);
}

function root(baseUrl: string): string {
  return baseUrl.replace(/\/v1$/, "");
}
