import type { Task } from "./agenda.ts";
import type { ItemId, ItemKind } from "./item.ts";

/** Conversations, messages, turns, and the events of a turn: the one union that every face speaks. */

export interface Conversation {
  readonly id: string;
  /** Made from the first question until the person names it. */
  readonly title: string;
  readonly titledBy: "first-question" | "model" | "owner";
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Running summary of what no longer fits the window, and the last message it covers. */
  readonly summary?: { readonly text: string; readonly upTo: string };
  /** Of a program's session: whose it is, and when all of it ends, in milliseconds since the epoch. */
  readonly session?: { readonly by: string; readonly expiresAt: number };
}

export type Message = OwnerMessage | AnswerMessage;

export interface OwnerMessage {
  readonly id: string;
  readonly role: "owner";
  readonly text: string;
  readonly at: number;
  /** The key whose program asked: these are not the owner's own words. */
  readonly program?: string;
}

export interface AnswerMessage {
  readonly id: string;
  readonly role: "steward";
  /** The owner message it answers; a retry answers the same one again and takes the older answer's place in view. */
  readonly answers: string;
  /** Markdown. A citation stands where its claim ends, as `[^n]`, n from 1. */
  readonly text: string;
  readonly state: "streaming" | "done" | "stopped" | "failed";
  readonly citations: readonly Citation[];
  /** Sentences of `text` (verbatim) that claim something and have no citation that was found word for word. */
  readonly unsupported: readonly string[];
  readonly steps: readonly Step[];
  readonly cards: readonly Card[];
  /** Every item whose words lay before the model, cited or not: forgetting one of them takes this answer with it. */
  readonly drawnFrom?: readonly ItemId[];
  readonly model: string;
  readonly usage: Usage;
  readonly error?: TurnError;
  readonly at: number;
}

/** What a turn may do, when it may not do everything. The owner's own turns have no terms. */
export interface TurnTerms {
  /** False: nothing of the library is searched or read. */
  readonly knowledge?: boolean;
  /** False: nothing from the ledger is put before the model. */
  readonly recall?: boolean;
  /** The tools offered; all of them when absent. */
  readonly tools?: readonly string[];
  /** The key whose program asks. Its question is marked so, and a fact it wants remembered is a claim of that key. */
  readonly program?: string;
  /** A new conversation is a session: not listed among the owner's, and gone this many milliseconds after it began. */
  readonly session?: { readonly by: string; readonly ms: number };
}

/** A passage quoted by an answer. `verified` says that code found the quote word for word in the item's text. */
export interface Citation {
  readonly n: number;
  readonly item: ItemId;
  /** It quotes a memory that a program stored, whose id `item` is. */
  readonly memory?: true;
  readonly kind: ItemKind;
  readonly title: string;
  readonly date?: string;
  /** Who it is from, or whose it is, as shown. */
  readonly from?: string;
  readonly messageId?: string;
  readonly path?: string;
  readonly page?: number;
  readonly quote: string;
  readonly verified: boolean;
  /** Where the quote stands in the item's reading, in UTF-16 units; only when verified. */
  readonly start?: number;
  readonly end?: number;
}

/** What was done on the way to an answer, shown above it. */
export interface Step {
  readonly kind: "search" | "open" | "tool";
  /** The query, the item's title, the tool's name in words. */
  readonly label: string;
  readonly found?: number;
  readonly ms: number;
}

/** Something done that the person can act on: shown as a card under the answer. Everything here can be undone. */
export type Card =
  | { readonly type: "task"; readonly task: Task }
  | { readonly type: "memory"; readonly id: string; readonly text: string };

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dollars; undefined when the model has no price. */
  readonly cost?: number;
  /** Tokens of the request as counted before sending, tool schemas included. */
  readonly promptTokens: number;
  readonly msToFirstText?: number;
  readonly ms: number;
}

export interface TurnError {
  readonly code:
    | "no-model"
    | "sign-in" // the provider refused the key (401, 403)
    | "rate-limit" // 429, after the bounded retries
    | "provider-down" // 5xx or no connection, after the bounded retries
    | "timeout"
    | "cut" // the stream ended in the middle
    | "garbage" // the provider answered with something that is not an answer
    | "cap" // the daily cap would be passed
    | "too-long" // the question does not fit the model's window
    | "internal";
  /** What happened, what was kept, what to do; in the person's words. */
  readonly message: string;
  readonly retryable: boolean;
  /** Seconds, when the provider said how long to wait. */
  readonly retryAfter?: number;
}

/**
 * The events of a turn, in order: `turn`, then `step`, `text`, `citation`, `card` as they come (a `retrying` tells that
 * what was streamed so far is void), then exactly one of `finish` or `error`, the last event. Failure is an event,
 * never a throw.
 */
export type ChatEvent =
  | {
      readonly type: "turn";
      readonly conversation: string;
      readonly question: string;
      readonly answer: string;
      readonly model: string;
    }
  | { readonly type: "step"; readonly step: Step }
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "citation"; readonly citation: Citation }
  | { readonly type: "card"; readonly card: Card }
  | { readonly type: "retrying"; readonly attempt: number; readonly inMs: number; readonly reason: string }
  | { readonly type: "title"; readonly title: string }
  | { readonly type: "finish"; readonly message: AnswerMessage }
  | { readonly type: "error"; readonly error: TurnError; readonly message: AnswerMessage };
