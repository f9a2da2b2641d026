import type { ModelChoice } from "@steward/core/wire.ts";
import { regionOf } from "./bedrock.ts";
import { type Access, isThisMachine, type Listed, type Provider, type ProviderEnv } from "./provider.ts";

/** What a person reads about each choice: what it is, where it was found, and what leaves the machine. */
export const BUILT_IN: Omit<ModelChoice, "current"> = {
  id: "extractive",
  label: "Built-in",
  description: "Finds, quotes and sums up. Free, private, works offline.",
  local: true,
  state: "ready",
  models: [],
};

export function keyWords(from: "kept" | "environment"): string {
  return from === "kept" ? "A key is kept sealed here." : "A key lies in your environment.";
}

export function labelOf(provider: Provider, access: Access | undefined): string {
  const here = !provider.needsKey && provider.id !== "compatible" && access && isThisMachine(access.baseUrl);
  return here ? `${provider.label} on this computer` : provider.label;
}

/** `listed` is what answered at the address; undefined when nothing did or nobody was asked. */
export function describe(
  provider: Provider,
  access: Access | undefined,
  listed: readonly Listed[] | undefined,
  env: ProviderEnv,
): string {
  if (provider.id === "bedrock") {
    return `What is asked, and the passages it needs, go to your AWS account, region ${regionOf(env)}.`;
  }
  if (provider.needsKey) return "What is asked, and the passages it needs, go to them.";
  if (!access) return "Any server that speaks OpenAI's language: vLLM, llama.cpp, a gateway.";
  const { host, port, protocol } = new URL(access.baseUrl);
  const here = isThisMachine(access.baseUrl);
  const where = here && port !== "" ? `port ${port}` : host;
  if (listed === undefined) return `Not found at ${where}. ${getIt(provider)}`;
  if (listed.length === 0) return `Found at ${where}, without a model. ${getModel(provider)}`;
  const remote = listed.filter((one) => one.remote).map((one) => one.name);
  const names = listed.filter((one) => !one.remote).map((one) => one.name);
  const shown = names.length > 0 ? names : remote;
  const some = shown.slice(0, 4).join(", ") + (shown.length > 4 ? ` and ${shown.length - 4} more` : "");
  return `Found at ${where}: ${some}. ${whatLeaves(here, host, protocol, names.length > 0, remote)}`;
}

function whatLeaves(here: boolean, host: string, protocol: string, some: boolean, remote: readonly string[]): string {
  if (!here) return `What is asked goes to ${host}${protocol === "http:" ? ", unencrypted" : ""}.`;
  if (remote.length === 0) return "Nothing leaves the machine.";
  const cloud = "is passed on to Ollama's cloud";
  return some ? `Nothing leaves the machine, but what is asked of ${remote[0]} ${cloud}.` : `What is asked ${cloud}.`;
}

function getIt(provider: Provider): string {
  if (provider.id === "ollama") return "Start Ollama, or install it from ollama.com.";
  if (provider.id === "lmstudio") return "Start the server in LM Studio, or install it from lmstudio.ai.";
  return "Start that server, or correct its address.";
}

function getModel(provider: Provider): string {
  return provider.id === "ollama" ? "Fetch one: ollama pull qwen3." : "Load one there.";
}
