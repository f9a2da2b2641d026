import { countTokens } from "../../tokens.ts";
import { countRequest } from "../budget.ts";
import type { CallOptions, ChatModel, ModelSpec, ModelUsage, StreamPart } from "../model.ts";
import { type Reply, reply } from "./reply.ts";
import { readSheet } from "./sheet.ts";

/**
 * The built-in model: an AI SDK language model that needs no key, no network and no weights. It reads the same prompt as
 * any other, answers by quoting the best evidence, understands the commands, and says so when it does not know. It
 * is wrong never rather than clever often.
 */
export function extractiveModel(): ModelSpec {
  return {
    specificationVersion: "v4",
    provider: "steward",
    modelId: "extractive",
    supportedUrls: {},
    async doGenerate(options) {
      const said = await reply(readSheet(options));
      return {
        content: [
          ...(said.text === "" ? [] : [{ type: "text" as const, text: said.text }]),
          ...callsOf(said, options).map((call) => ({ type: "tool-call" as const, ...call })),
        ],
        finishReason: finishOf(said),
        usage: usageOf(options, said),
        warnings: [],
      };
    },
    async doStream(options) {
      const said = await reply(readSheet(options));
      return { stream: ReadableStream.from(partsOf(said, options)) };
    },
  };
}

/** The built-in model as a turn takes it: free, so it is shown far more of what was found. */
export function extractiveChatModel(): ChatModel {
  return {
    id: "extractive",
    label: "Built-in",
    local: true,
    contextTokens: 64_000,
    model: extractiveModel(),
    price: { inputPerM: 0, outputPerM: 0 },
    reads: { passages: 24, tokens: 24_000, chars: 4000 },
  };
}

async function* partsOf(said: Reply, options: CallOptions): AsyncGenerator<StreamPart> {
  yield { type: "stream-start", warnings: [] };
  if (said.text !== "") {
    yield { type: "text-start", id: "0" };
    for (const delta of said.text.match(/\S+\s*|\s+/g) ?? []) {
      if (options.abortSignal?.aborted) return;
      yield { type: "text-delta", id: "0", delta };
    }
    yield { type: "text-end", id: "0" };
  }
  for (const call of callsOf(said, options)) yield { type: "tool-call", ...call };
  yield { type: "finish", finishReason: finishOf(said), usage: usageOf(options, said) };
}

/** Ids differ from those of earlier calls in the same prompt. */
function callsOf(said: Reply, { prompt }: CallOptions) {
  return said.calls.map(({ tool, input }, i) => ({
    toolCallId: `call-${prompt.length}-${i}`,
    toolName: tool,
    input: JSON.stringify(input),
  }));
}

function finishOf({ calls }: Reply) {
  return calls.length > 0
    ? { unified: "tool-calls" as const, raw: "tool-calls" }
    : { unified: "stop" as const, raw: "stop" };
}

function usageOf(options: CallOptions, said: Reply): ModelUsage {
  const input = countRequest(options);
  const output = countTokens(said.text) + said.calls.reduce((sum, call) => sum + countTokens(JSON.stringify(call)), 0);
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: output, text: output, reasoning: undefined },
  };
}
