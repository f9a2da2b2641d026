import { compatibleModel, listCompatible } from "./compatible.ts";
import { fieldOf, getJson, type Provider } from "./provider.ts";

/** LM Studio's local server: OpenAI-compatible, and an API of its own that tells the window of a loaded model. */
export function lmstudioAt(url: string): Provider {
  return {
    id: "lmstudio",
    label: "LM Studio",
    needsKey: false,
    address: () => url,
    list: (access, signal) => listCompatible({ ...access, baseUrl: `${root(access.baseUrl)}/v1` }, signal),
    async window({ baseUrl }, model, signal) {
      const data = fieldOf(await getJson(`${root(baseUrl)}/api/v0/models`, {}, signal), "data");
      if (!Array.isArray(data)) return undefined;
      const length = fieldOf(
        data.find((entry) => fieldOf(entry, "id") === model),
        "loaded_context_length",
      );
      return typeof length === "number" && length > 0 ? length : undefined;
    },
    model: (access, model) => compatibleModel("lmstudio", access, `${root(access.baseUrl)}/v1`, model),
  };
}

function root(baseUrl: string): string {
  return baseUrl.replace(/\/v1$/, "");
}
