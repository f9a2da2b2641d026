import { extractiveChatModel } from "@steward/core/chat/extractive/model.ts";
import type { ChatModel } from "@steward/core/chat/model.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Config } from "../config.ts";
import type { ModelsFace } from "../house.ts";

export interface ModelsDeps {
  readonly sealed: SealedRecords;
  readonly config: Pick<Config, "ollamaUrl" | "lmstudioUrl" | "providerEnv">;
}

export interface Models extends ModelsFace {
  /** The model of the next turn. */
  current(): Promise<ChatModel>;
}

export function openModels(_deps: ModelsDeps): Models {
  const choices = async () => [
    {
      id: "extractive",
      label: "Built-in",
      description: "Finds, quotes and sums up. Free, private, works offline.",
      local: true,
      state: "ready" as const,
      models: [],
      current: true,
    },
  ];
  return {
    choices,
    current: async () => extractiveChatModel(),
    prove: async () => ({ ok: true, ms: 0, message: "The built-in model is always ready." }),
    choose: choices,
  };
}
