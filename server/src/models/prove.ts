import type { CallOptions, ModelSpec } from "@steward/core/chat/model.ts";
import { garbage, TurnTrouble, troubleOf } from "@steward/core/chat/trouble.ts";

/**
 * The proof that a model answers: a real question with a tool at hand, as a turn asks it. A few tokens, a few hundredths
 * of a cent; nothing of the owner's goes with it.
 */
const QUESTION: Pick<CallOptions, "prompt" | "tools" | "maxOutputTokens"> = {
  prompt: [{ role: "user", content: [{ type: "text", text: "Say the word ready, and nothing else." }] }],
  tools: [
    {
      type: "function",
      name: "search",
      description: "Not needed for this.",
      inputSchema: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
    },
  ],
  // Room for a model that thinks first.
  maxOutputTokens: 256,
};

/** Resolves when the model has answered to the end; throws what went wrong, `TimeoutError` after `ms`. */
export async function askForProof(model: ModelSpec, ms: number): Promise<void> {
  const signal = AbortSignal.timeout(ms);
  const { stream } = await model.doStream({ ...QUESTION, abortSignal: signal });
  const reader = stream.getReader();
  let said = false;
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value.type === "error") throw value.error;
      said ||= value.type === "text-delta" || value.type === "reasoning-delta" || value.type === "tool-call";
      if (value.type === "finish") finished = value.finishReason.raw !== undefined;
    }
  } catch (error) {
    // What an aborted connection says of itself is not why it was aborted.
    throw signal.aborted ? signal.reason : error;
  } finally {
    reader.cancel().catch(() => undefined);
  }
  if (!said && !finished) throw new TurnTrouble(garbage("The model"));
}

export interface Asked {
  /** `Anthropic`, `Ollama`: who was asked. */
  readonly provider: string;
  readonly providerId: string;
  readonly model: string;
  readonly baseUrl: string;
}

/** Why it did not answer, and what to do: one or two sentences. Never throws. */
export function explain(error: unknown, asked: Asked): string {
  const { provider, model } = asked;
  const where = new URL(asked.baseUrl).host;
  const { code, message, retryAfter } = troubleOf(error, model);
  if (/does not support tools|tool (?:use|calling) is not supported|tool choice/i.test(message)) {
    return `${model} answers, but cannot use tools, which Steward needs. Choose a model that can, such as qwen3 or llama3.3.`;
  }
  switch (code) {
    case "sign-in":
      return asked.providerId === "bedrock"
        ? `AWS refused the credentials, or they may not use ${model}. Check them, and the access to this model in the Bedrock console.`
        : /no credit/.test(message)
          ? `${provider} says that the account has no credit left. Top it up there.`
          : `${provider} refused the key. Copy it again from your account there, or make a new one.`;
    case "no-model":
      return asked.providerId === "ollama"
        ? `Ollama has no model ${model}. Fetch it with: ollama pull ${model}`
        : `${provider} has no model ${model}, or no chat at ${asked.baseUrl}. Check the name of the model, and the address.`;
    case "rate-limit":
      return `${provider} takes the key, but is asked too often just now. ${retryAfter === undefined ? "Wait a minute" : `Wait ${retryAfter} seconds`} and try again.`;
    case "timeout":
      return `${provider} did not answer in time at ${where}. ${isLocal(asked) ? "The model may still be loading: try again, or choose a smaller one." : "Try again, or check the connection to the internet."}`;
    case "provider-down":
      return hasStatus(error)
        ? `${provider} has a fault of its own just now. Try again later.`
        : `Nothing answers at ${where}. ${startIt(asked)}`;
    case "cut":
      return `The connection to ${where} broke in the middle of the answer. Try again.`;
    case "garbage":
      return hasStatus(error)
        ? `${provider} did not accept the question: ${message.replace(/^[^(]*\(\d+: /, "").replace(/\)\. Choose.*$/, "")}. Check the name of the model.`
        : `What answers at ${where} does not speak ${asked.providerId === "bedrock" ? "Bedrock's language" : `the language of ${provider === "Another server" ? "OpenAI's chat completions" : provider}`}. Check the address; mostly it ends with /v1.`;
    default:
      return `It did not work: ${causeIn(error)}. Check the key, the model and the address.`;
  }
}

function startIt({ providerId }: Asked): string {
  if (providerId === "ollama") return "Start Ollama (`ollama serve`), or correct its address.";
  if (providerId === "lmstudio") return "Start the server in LM Studio (Developer tab), or correct its address.";
  if (providerId === "compatible") return "Start that server, or correct its address.";
  return "Check the connection to the internet.";
}

function isLocal({ providerId }: Asked): boolean {
  return providerId === "ollama" || providerId === "lmstudio" || providerId === "compatible";
}

/** A status at all: somebody answered. */
function hasStatus(error: unknown): boolean {
  return error instanceof Error && typeof Reflect.get(error, "statusCode") === "number";
}

function causeIn(error: unknown): string {
  return (error instanceof Error ? error.message : "for an unknown reason").replace(/\s+/g, " ").slice(0, 200);
}
