import type { Clock } from "@steward/core/clock.ts";
import type { AnswerMessage, ChatEvent, Conversation, Message } from "@steward/core/conversation.ts";
import { newId } from "@steward/core/ids.ts";
import type { House, Turn } from "../house.ts";
import { FAKE_ITEMS } from "./fake-items.ts";

/** Conversations of a fake house, and turns that say what their script holds. */
export type FakeConversations = Map<string, Conversation & { messages: Message[] }>;

export interface Speaker {
  readonly clock: Clock;
  /** What the next turns say, word by word; a turn waits between words until released when `hold` is set. */
  script: { words: readonly string[]; hold?: Promise<void> };
  /** Turns that have ended, with how. */
  readonly ended: AnswerMessage[];
}

export function fakeConversations(conversations: FakeConversations): House["conversations"] {
  return {
    list: async (query) => [...conversations.values()].filter(({ title }) => title.includes(query ?? "")).reverse(),
    view: async (id) => conversations.get(id),
    async rename(id, title) {
      const conversation = conversations.get(id);
      if (!conversation) return undefined;
      const renamed = { ...conversation, title, titledBy: "owner" } as const;
      conversations.set(id, renamed);
      return renamed;
    },
  };
}

export async function* speak(
  house: Speaker,
  conversations: FakeConversations,
  turn: Turn,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const now = house.clock.now();
  const text = "text" in turn ? turn.text : "again";
  const id = turn.conversation ?? newId(now);
  const question = newId(now);
  const answer = newId(now);
  yield { type: "turn", conversation: id, question, answer, model: "extractive" };
  yield { type: "step", step: { kind: "search", label: text, found: 1, ms: 1 } };
  let said = "";
  for (const word of house.script.words) {
    if (signal.aborted) break;
    said += word;
    yield { type: "text", delta: word };
    if (house.script.hold) {
      const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      await Promise.race([house.script.hold, stopped]);
    }
  }
  const item = FAKE_ITEMS[0];
  const message: AnswerMessage = {
    id: answer,
    role: "steward",
    answers: question,
    text: said,
    state: signal.aborted ? "stopped" : "done",
    citations: item
      ? [
          {
            n: 1,
            item: item.id,
            kind: item.kind,
            title: item.title,
            ...(item.messageId ? { messageId: item.messageId } : {}),
            ...(item.path ? { path: item.path } : {}),
            quote: "due on 1 April",
            verified: true,
            start: 30,
            end: 44,
          },
        ]
      : [],
    unsupported: [],
    steps: [],
    cards: [],
    model: "extractive",
    usage: { inputTokens: 10, outputTokens: 5, promptTokens: 10, cost: 0, ms: 2 },
    at: now,
  };
  const former = conversations.get(id);
  conversations.set(id, {
    id,
    title: former?.title ?? text,
    titledBy: "first-question",
    createdAt: now,
    updatedAt: now,
    messages: [...(former?.messages ?? []), { id: question, role: "owner", text, at: now }, message],
  });
  house.ended.push(message);
  if (text === "throw") throw new Error("secret words of the owner");
  if (text === "fail") {
    const error = {
      code: "provider-down",
      message: "The provider does not answer. Try again.",
      retryable: true,
    } as const;
    yield { type: "error", error, message: { ...message, state: "failed", error } };
  } else yield { type: "finish", message };
}
