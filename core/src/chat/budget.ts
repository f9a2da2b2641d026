import { countTokens } from "../tokens.ts";
import type { CallOptions, ChatModel, Reads } from "./model.ts";

/** Tokens of a whole request: every message with its frame, every tool result, every tool's schema. */
export function countRequest(request: Pick<CallOptions, "prompt" | "tools">): number {
  let tokens = 3;
  for (const message of request.prompt) tokens += 4 + countTokens(textOfMessage(message));
  for (const tool of request.tools ?? []) tokens += 8 + countTokens(JSON.stringify(tool));
  return tokens;
}

function textOfMessage(message: CallOptions["prompt"][number]): string {
  if (message.role === "system") return message.content;
  return message.content.map((part) => (part.type === "text" ? part.text : JSON.stringify(part))).join("\n");
}

/** How the window is shared: the answer's room first, then what was found, then the conversation so far. */
export interface Shares {
  readonly output: number;
  readonly passages: number;
  readonly history: number;
  /** What the question itself may be at most. */
  readonly question: number;
}

export const DEFAULT_READS: Reads = { passages: 8, tokens: 3000, chars: 1400 };
const FIXED = 1500;

export function sharesOf(model: ChatModel): Shares {
  const output = Math.min(2000, Math.floor(model.contextTokens / 4));
  const free = Math.max(0, model.contextTokens - output - FIXED);
  const passages = Math.min((model.reads ?? DEFAULT_READS).tokens, Math.floor(free * 0.6));
  const history = Math.min(2500, Math.floor((free - passages) * 0.5));
  return { output, passages, history, question: Math.max(200, free - history) };
}

/** The longest run of entries from the newest back that fits; entries are oldest first. */
export function newestThatFit<T>(entries: readonly T[], tokensOf: (entry: T) => number, budget: number): T[] {
  let left = budget;
  let from = entries.length;
  while (from > 0) {
    const entry = entries[from - 1];
    if (entry === undefined) break;
    left -= tokensOf(entry);
    if (left < 0) break;
    from -= 1;
  }
  return entries.slice(from);
}
