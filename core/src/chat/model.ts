import type { LanguageModel } from "ai";

/**
 * What the turn needs to know of a model. The model itself is an AI SDK language model (specification v4): every
 * provider package makes one, and so is the built-in `extractive` one. The turn calls `doStream` itself instead of
 * going through `streamText`: retries, the daily cap before each call, stop and the voiding of a broken stream are then
 * in one place, and the core loads no SDK code at run time.
 */
export interface ChatModel {
  /** `anthropic/claude-…`, `extractive`: what is stored with an answer. */
  readonly id: string;
  /** What the person reads. */
  readonly label: string;
  /** It runs on this machine: costs nothing, may think long before the first word. */
  readonly local: boolean;
  /** The window, in tokens: prompt and answer together. */
  readonly contextTokens: number;
  readonly model: ModelSpec;
  /** US dollars per million tokens. Without it (and not local) the daily token cap counts. */
  readonly price?: Price;
  /** How much of what was found goes into the first prompt; by default little, because tokens cost money and time. */
  readonly reads?: Reads;
}

export interface Price {
  readonly inputPerM: number;
  readonly outputPerM: number;
}

export interface Reads {
  readonly passages: number;
  /** For all passages together. */
  readonly tokens: number;
  /** UTF-16 units of one item at most. */
  readonly chars: number;
}

export type ModelSpec = Extract<LanguageModel, { specificationVersion: "v4" }>;
export type CallOptions = Parameters<ModelSpec["doStream"]>[0];
export type Prompt = CallOptions["prompt"];
export type PromptMessage = Prompt[number];
export type StreamResult = Awaited<ReturnType<ModelSpec["doStream"]>>;
export type GenerateResult = Awaited<ReturnType<ModelSpec["doGenerate"]>>;
export type StreamPart = StreamResult["stream"] extends ReadableStream<infer P> ? P : never;
export type ModelUsage = GenerateResult["usage"];
export type FunctionTool = Extract<NonNullable<CallOptions["tools"]>[number], { type: "function" }>;
export type ToolResultMessage = Extract<PromptMessage, { role: "tool" }>;
