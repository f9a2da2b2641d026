import type { CallOptions, ChatModel, StreamPart } from "../chat/model.ts";

/**
 * A language model that says what a test tells it to: text, tool calls, errors, silence. It speaks the AI SDK's own
 * stream, so what is tested is what a provider would send through the SDK.
 */
export type Said =
  | { readonly text: string }
  | { readonly tool: string; readonly input: unknown }
  /** The stream reports this error. */
  | { readonly error: unknown }
  /** The request is refused with this error before anything streams. */
  | { readonly refuse: unknown }
  /** Nothing more comes. */
  | { readonly silence: true }
  /** The stream ends without having been finished. */
  | { readonly cut: true };

/** `script` is asked once a call, with the call's options and its number from 0. */
export function scriptedModel(
  script: (options: CallOptions, call: number) => readonly Said[],
  overrides: Partial<ChatModel> = {},
): ChatModel {
  let calls = 0;
  return {
    id: "scripted",
    label: "Scripted",
    local: false,
    contextTokens: 32_000,
    price: { inputPerM: 1, outputPerM: 2 },
    model: {
      specificationVersion: "v4",
      provider: "test",
      modelId: "scripted",
      supportedUrls: {},
      doGenerate: async () => {
        throw new Error("a turn streams");
      },
      async doStream(options) {
        const said = script(options, calls++);
        for (const each of said) if ("refuse" in each) throw each.refuse;
        return { stream: ReadableStream.from(partsOf(said)) };
      },
    },
    ...overrides,
  };
}

async function* partsOf(said: readonly Said[]): AsyncGenerator<StreamPart> {
  yield { type: "stream-start", warnings: [] };
  for (const [i, each] of said.entries()) {
    if ("silence" in each) await new Promise(() => undefined);
    else if ("cut" in each) return;
    else if ("error" in each) yield { type: "error", error: each.error };
    else if ("text" in each) yield { type: "text-delta", id: "0", delta: each.text };
    else if ("tool" in each) {
      yield { type: "tool-call", toolCallId: `c${i}`, toolName: each.tool, input: JSON.stringify(each.input) };
    }
  }
  const tools = said.some((each) => "tool" in each);
  yield {
    type: "finish",
    finishReason: tools ? { unified: "tool-calls", raw: "tool_calls" } : { unified: "stop", raw: "stop" },
    usage: {
      inputTokens: { total: 100, noCache: 100, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 10, text: 10, reasoning: undefined },
    },
  };
}
