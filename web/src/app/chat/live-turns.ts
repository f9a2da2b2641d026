import type { ChatEvent, OwnerMessage } from "@steward/core/conversation.ts";
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, chat, listen, Problem, type Question } from "../../client.ts";
import { beginTurn, breakTurn, isOver, type LiveTurn, takeEvent } from "./turn.ts";

/**
 * The turns under way, by conversation. They live outside the screens: going to the Library does not stop an answer.
 * The turn of a conversation not yet begun is kept under `NEW` until the server names it.
 */
export const NEW = "";

interface Running {
  turn: LiveTurn;
}

const running = new Map<string, Running>();
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

export function useLiveTurn(conversation: string): LiveTurn | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => running.get(conversation)?.turn,
  );
}

export interface Asking {
  readonly queries: QueryClient;
  /** Called once, when a new conversation got its id. */
  readonly onNamed: (conversation: string) => void;
}

/** Asks, and follows the turn to its end. Resolves when the kept conversation has been read again. */
export async function askTurn(asking: Asking, question: Question, shown: OwnerMessage | string): Promise<void> {
  const key = question.conversation ?? NEW;
  const under = running.get(key);
  if (under && !isOver(under.turn)) return;
  const text = typeof shown === "string" ? shown : shown.text;
  const known = typeof shown === "string" ? undefined : shown;
  const own: Running = { turn: beginTurn(text, Date.now(), question.conversation, known) };
  await follow(asking, key, own, chat(question));
}

/** Follows an answer that was being written before this page was loaded. */
export async function resumeTurn(
  asking: Asking,
  conversation: string,
  question: OwnerMessage,
  answer: string,
): Promise<void> {
  if (running.has(conversation)) return;
  const own: Running = { turn: beginTurn(question.text, question.at, conversation, question) };
  await follow(asking, conversation, own, listen(answer));
}

async function follow(asking: Asking, begun: string, own: Running, events: AsyncIterable<ChatEvent>): Promise<void> {
  let key = begun;
  let cut = false;
  running.set(key, own);
  changed();
  try {
    for await (const batch of byFrame(events)) {
      for (const event of batch) {
        own.turn = takeEvent(own.turn, event);
        if (event.type === "turn" && own.turn.stopping) void stop(event.answer);
        if (event.type === "turn" && key === NEW) {
          running.delete(key);
          key = event.conversation;
          running.set(key, own);
          asking.onNamed(key);
        }
      }
      changed();
    }
  } catch (error) {
    // Not there to listen to any more: it has ended, and the conversation as kept says how.
    cut = !(error instanceof Problem && error.status === 404);
    const words = error instanceof Problem ? error.message : `The answer could not be read (${String(error)}).`;
    if (cut) own.turn = breakTurn(own.turn, words, Date.now());
    changed();
  }
  const stale = [["conversation", key], ["conversations"], ["status"], ["tasks"], ["memories"]];
  await Promise.all(stale.map((queryKey) => asking.queries.invalidateQueries({ queryKey })));
  // A cut line stays in view; whatever ended in order is now in the conversation as it was kept.
  if (!cut && running.get(key) === own) {
    running.delete(key);
    changed();
  }
}

/**
 * Ends the turn early: the server keeps what was written. Asked before the server named the answer, it is stopped as
 * soon as it is named.
 */
export async function stopTurn(conversation: string): Promise<void> {
  const own = running.get(conversation);
  if (!own || own.turn.stopping) return;
  own.turn = { ...own.turn, stopping: true };
  changed();
  if (own.turn.answer) await stop(own.turn.answer.id);
}

/** A refusal says that the answer has ended by itself: then its own end is on the way. */
const stop = (answer: string): Promise<void> => api.stop(answer).catch(() => {});

/** A broken turn makes way for what is asked next. */
export function dropTurn(conversation: string): void {
  if (running.delete(conversation)) changed();
}

/** Events that come within one frame are drawn together: a fast model does not cost a render a word. */
async function* byFrame<T>(events: AsyncIterable<T>): AsyncGenerator<T[]> {
  const iterator = events[Symbol.asyncIterator]();
  let waiting = iterator.next();
  for (;;) {
    const first = await waiting;
    if (first.done) return;
    const batch = [first.value];
    waiting = iterator.next();
    const end = new Promise<undefined>((resolve) => setTimeout(resolve, 32));
    for (;;) {
      const next = await Promise.race([waiting, end]);
      if (next === undefined || next.done) break;
      batch.push(next.value);
      waiting = iterator.next();
    }
    yield batch;
  }
}
