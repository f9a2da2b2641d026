import type { Clock } from "../clock.ts";
import type { ChatEvent, TurnError } from "../conversation.ts";
import { countTokens } from "../tokens.ts";
import { countRequest } from "./budget.ts";
import { type CiteOutput, CiteStream } from "./cite.ts";
import type { Draft } from "./draft.ts";
import type { ChatModel, ModelUsage, Prompt, StreamPart } from "./model.ts";
import type { Caps, Spend } from "./spend.ts";
import { priceOf } from "./spend.ts";
import { runTool, schemasOf, type ToolDeps } from "./tools.ts";
import { cut, garbage, TurnTrouble, timeout, troubleOf } from "./trouble.ts";

/**
 * The conversation with the model within one turn: call it, run the tools it asks for, call it again with what they
 * found, until it has answered. A call that breaks is tried again at most twice; what it had written is void then.
 */
export interface RoundsDeps {
  readonly clock: Clock;
  readonly model: ChatModel;
  readonly spend: Pick<Spend, "reserve" | "settle">;
  readonly caps: Caps;
  readonly tools: ToolDeps;
  /** Milliseconds without a sign of life: until the first part, and between two. */
  readonly patience?: { readonly firstMs: number; readonly nextMs: number };
}

const MOST_ROUNDS = 5;
const MOST_RETRIES = 2;
/** A provider that asks for a longer pause than this is not waited for. */
const LONGEST_WAIT_S = 20;

/** Parts of a stream in which the model has not said anything yet, or any more. */
const WORDLESS: ReadonlySet<StreamPart["type"]> = new Set(["stream-start", "response-metadata", "custom", "finish"]);

type Asked = Extract<StreamPart, { type: "tool-call" }>;
type AssistantPart = Extract<Prompt[number], { role: "assistant" }>["content"][number];

/** What one call came to: the parts to put back into the prompt, and the tools asked for. */
interface Outcome {
  readonly said: AssistantPart[];
  readonly asked: readonly Asked[];
}

/** Throws `TurnTrouble` when the model cannot answer. Stops quietly when the signal aborts. */
export async function* converse(
  deps: RoundsDeps,
  draft: Draft,
  prompt: Prompt,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const messages = [...prompt];
  for (let round = 1; !signal.aborted; round++) {
    const outcome: Outcome | undefined = yield* callWithRetries(deps, draft, messages, round < MOST_ROUNDS, signal);
    if (!outcome || outcome.asked.length === 0) return;
    // Told that it has no tools left, it asked for one all the same.
    if (round > MOST_ROUNDS) throw new TurnTrouble(garbage(deps.model.label));
    messages.push({ role: "assistant", content: outcome.said });
    for (const call of outcome.asked) {
      if (signal.aborted) return;
      const begun = deps.clock.now();
      const { step, result } = await runTool(deps.tools, call.toolName, call.input);
      const ms = deps.clock.now() - begun;
      const found = result.found === undefined ? {} : { found: result.found };
      yield draft.note({ type: "step", step: { ...step, ...found, ms } }, deps.clock.now());
      if (result.card) yield draft.note({ type: "card", card: result.card }, deps.clock.now());
      messages.push({
        role: "tool",
        content: [
          {
            type: "tool-result",
            toolCallId: call.toolCallId,
            toolName: call.toolName,
            output: { type: "text", value: result.text },
          },
        ],
      });
    }
  }
}

async function* callWithRetries(
  deps: RoundsDeps,
  draft: Draft,
  prompt: Prompt,
  mayUseTools: boolean,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent, Outcome | undefined> {
  const begin = draft.mark();
  for (let attempt = 1; ; attempt++) {
    let trouble: TurnError;
    try {
      return yield* call(deps, draft, prompt, mayUseTools, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      trouble = troubleOf(error, deps.model.label);
      const tooLong = (trouble.retryAfter ?? 0) > LONGEST_WAIT_S;
      if (!trouble.retryable || trouble.code === "internal" || attempt > MOST_RETRIES || tooLong) {
        throw new TurnTrouble(trouble, error);
      }
    }
    const inMs = trouble.retryAfter === undefined ? 500 * 3 ** (attempt - 1) : trouble.retryAfter * 1000;
    draft.backTo({ text: "", citations: [] });
    yield { type: "retrying", attempt, inMs, reason: trouble.message };
    // What earlier calls of this turn said still stands: say it again.
    for (const citation of begin.citations) yield draft.note({ type: "citation", citation }, deps.clock.now());
    if (begin.text !== "") yield draft.note({ type: "text", delta: begin.text }, deps.clock.now());
    await deps.clock.sleep(inMs, signal);
    if (signal.aborted) return undefined;
  }
}

async function* call(
  deps: RoundsDeps,
  draft: Draft,
  prompt: Prompt,
  mayUseTools: boolean,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent, Outcome> {
  const { model, clock } = deps;
  const offered = schemasOf(deps.tools);
  const tools = mayUseTools && offered.length > 0 ? offered : undefined;
  const promptTokens = countRequest({ prompt, ...(tools ? { tools } : {}) });
  const maxOutputTokens = deps.tools.shares.output;
  const gate = await deps.spend.reserve(model, promptTokens, maxOutputTokens, deps.caps);
  if (!gate.ok) throw new TurnTrouble(capReached(deps.caps, gate.spent));

  const cite = new CiteStream(deps.tools.desk, deps.tools.readingOf, draft.citations);
  const said = new Said();
  let usage: ModelUsage | undefined;
  let sent = true;
  const show = (outputs: readonly CiteOutput[]): ChatEvent[] =>
    outputs.map((output) => draft.note(output, clock.now()));
  try {
    const options = { prompt, maxOutputTokens, ...(tools ? { tools } : {}) };
    for await (const part of partsOf(deps, options, signal)) {
      if (part.type === "text-delta") yield* show(await cite.push(part.delta));
      if (part.type === "error") throw part.error;
      if (part.type === "finish") usage = part.usage;
      said.note(part);
    }
    yield* show(await cite.end());
  } catch (error) {
    // A refused request costs nothing; a broken or stopped one may have.
    sent = said.heard || signal.aborted;
    throw error;
  } finally {
    const input = sent ? (usage?.inputTokens.total ?? promptTokens) : 0;
    const output = sent ? (usage?.outputTokens.total ?? countTokens(said.text)) : 0;
    await deps.spend.settle(gate.reservation, model, input, output);
    const cost = model.price || model.local ? { cost: priceOf(model, input, output).usd } : {};
    draft.used({ prompt: promptTokens, input, output, ...cost });
  }
  if (said.text === "" && said.asked.length === 0 && !signal.aborted) throw new TurnTrouble(garbage(model.label));
  return { said: said.parts(), asked: said.asked };
}

/** The parts of one stream. Throws when it is late, ends without an end, or its connection broke. */
async function* partsOf(
  deps: RoundsDeps,
  options: Parameters<ChatModel["model"]["doStream"]>[0],
  signal: AbortSignal,
): AsyncGenerator<StreamPart> {
  const { model, clock } = deps;
  const patience = deps.patience ?? { firstMs: model.local ? 300_000 : 60_000, nextMs: model.local ? 120_000 : 45_000 };
  const wire = new AbortController();
  const stop = () => wire.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const stopped = new Promise<"stopped">((resolve) => {
    if (signal.aborted) resolve("stopped");
    else signal.addEventListener("abort", () => resolve("stopped"), { once: true });
  });
  const within = async <T>(work: PromiseLike<T>, ms: number): Promise<T | "stopped"> => {
    const timer = new AbortController();
    const late = clock.sleep(ms, timer.signal).then(() => "late" as const);
    try {
      const first = await Promise.race([work, late, stopped]);
      if (first === "late") throw new TurnTrouble(timeout(model.label));
      return first;
    } finally {
      timer.abort();
    }
  };
  let reader: ReadableStreamDefaultReader<StreamPart> | undefined;
  let ended = false;
  let heard = false;
  try {
    const begun = Promise.resolve(model.model.doStream({ ...options, abortSignal: wire.signal }));
    // A stop wins the race; the refusal that the abort then causes has been dealt with.
    begun.catch(() => undefined);
    const result = await within(begun, patience.firstMs);
    if (result === "stopped") return;
    reader = result.stream.getReader();
    for (;;) {
      const reading = reader.read();
      reading.catch(() => undefined);
      const next: Awaited<typeof reading> | "stopped" = await within(
        reading,
        heard ? patience.nextMs : patience.firstMs,
      );
      if (next === "stopped") return;
      if (next.done) break;
      heard ||= !WORDLESS.has(next.value.type);
      if (next.value.type === "finish") {
        const { unified, raw } = next.value.finishReason;
        // The providers' own words for "the stream was over before anyone said why".
        ended = unified !== "interrupted" && !(unified === "other" && raw === undefined);
      }
      yield next.value;
    }
    if (!ended) throw new TurnTrouble(heard ? cut(model.label) : garbage(model.label));
  } finally {
    signal.removeEventListener("abort", stop);
    wire.abort();
    // The stream's own complaint about being cancelled is of no interest any more.
    reader?.cancel().catch(() => undefined);
  }
}

/** What the model said in one call, as it must be said back to it. */
class Said {
  readonly asked: Asked[] = [];
  text = "";
  heard = false;
  readonly #reasoning = new Map<string, { text: string; providerOptions?: Asked["providerMetadata"] }>();

  note(part: StreamPart): void {
    if (part.type === "text-delta") this.text += part.delta;
    if (part.type === "tool-call") this.asked.push(part);
    if (part.type === "text-delta" || part.type === "tool-call" || part.type === "reasoning-delta") this.heard = true;
    if (part.type === "reasoning-start" || part.type === "reasoning-delta" || part.type === "reasoning-end") {
      const known = this.#reasoning.get(part.id) ?? { text: "" };
      known.text += part.type === "reasoning-delta" ? part.delta : "";
      if (part.providerMetadata) known.providerOptions = part.providerMetadata;
      this.#reasoning.set(part.id, known);
    }
  }

  parts(): AssistantPart[] {
    const parts: AssistantPart[] = [];
    // Only thoughts that carry the provider's own mark are wanted back.
    for (const { text, providerOptions } of this.#reasoning.values()) {
      if (providerOptions) parts.push({ type: "reasoning", text, providerOptions });
    }
    if (this.text !== "") parts.push({ type: "text", text: this.text });
    for (const { toolCallId, toolName, input, providerMetadata } of this.asked) {
      const options = providerMetadata ? { providerOptions: providerMetadata } : {};
      parts.push({ type: "tool-call", toolCallId, toolName, input: inputOf(input), ...options });
    }
    return parts;
  }
}

function inputOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

function capReached(caps: Caps, spent: { usd: number; tokens: number }): TurnError {
  const so =
    spent.usd > 0 || caps.dailyCapUsd === 0
      ? `$${spent.usd.toFixed(2)} of $${caps.dailyCapUsd.toFixed(2)}`
      : `${Math.round(spent.tokens)} of ${caps.dailyTokenCap} tokens`;
  return {
    code: "cap",
    message: `This answer could pass your daily cap (${so} used today). Raise the cap in Settings, choose the built-in model, or ask again tomorrow.`,
    retryable: false,
  };
}
