import type { EmbedderChoice, ModelChoice } from "@steward/core/wire.ts";
import type { House } from "../house.ts";

/** What a fake house can be told to think and to embed with: a model that is there, one that needs a key, one embedder. */
export function fakeModels(): House["models"] {
  let model = "extractive";
  return {
    choices: async () => fakeChoices(model),
    inForce: async () => {
      const { id, label, local } = fakeChoices(model).find((choice) => choice.current) ?? {
        id: "",
        label: "",
        local: true,
      };
      return { id, label, local };
    },
    prove: async () => ({ ok: true, ms: 3, message: "It answered." }),
    async choose(choice) {
      model = choice.id;
      return fakeChoices(model);
    },
  };
}

export function fakeEmbedders(): House["embedders"] {
  return {
    choices: async () => [...FAKE_EMBEDDERS],
    choose: async () => [...FAKE_EMBEDDERS],
    async *add() {
      yield { type: "progress", bytes: 1, totalBytes: 2 };
      yield { type: "done" };
    },
  };
}

function fakeChoices(current: string): ModelChoice[] {
  return [
    { id: "extractive", label: "Built in", description: "Quotes.", local: true, state: "ready", models: [] },
    { id: "anthropic", label: "Anthropic", description: "Cloud.", local: false, state: "needs-key", models: [] },
  ].map((choice) => ({ ...choice, current: choice.id === current }) as ModelChoice); // literals above are the states
}

const FAKE_EMBEDDERS: readonly EmbedderChoice[] = [
  {
    id: "built-in",
    label: "Built-in",
    description: "Words of like meaning.",
    local: true,
    state: "ready",
    current: true,
  },
];
