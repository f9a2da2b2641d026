import type { CallOptions, ChatModel, Reads } from "./model.ts";

/**
 * Tokens: counted before they are sent, cheaply and never too few. Every provider cuts text differently, so this is a
 * bound learned from the public GPT tokenizers (which stand as the judge in the test), not a tokenizer.
 */
const PIECES = /[A-Za-z]+| ?[0-9]+|\s+|[^\sA-Za-z0-9]/gu;

/** An upper estimate of the tokens of a text: about 1.2 times the true count for prose in English. */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECES)) {
    const code = piece.charCodeAt(0);
    if (code > 0x7f) tokens += code < 0x250 ? 1 : code < 0x2000 ? 1.2 : 1.5;
    else if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) tokens += Math.max(1, piece.length / 4.5);
    else if (/[0-9]$/.test(piece)) tokens += (code === 32 ? 1 : 0) + Math.max(1, piece.trimStart().length / 2);
    else if (piece.length > 1 || code === 10) tokens += code === 32 || code === 10 ? 1 : piece.length;
    else if (code !== 32) tokens += 1;
  }
  return Math.ceil(tokens);
}

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

/** Cut at a word within the budget; says with an ellipsis that it was cut. */
export function clipTokens(text: string, budget: number): string {
  if (countTokens(text) <= budget) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (countTokens(text.slice(0, middle)) < budget) low = middle;
    else high = middle - 1;
  }
  const space = text.lastIndexOf(" ", low);
  return `${text.slice(0, space > low / 2 ? space : low)}…`;
}
