import { Tasks } from "../agenda/tasks.ts";
import { type AnswerDeps, answer, type Turn } from "../chat/answer.ts";
import { Conversations } from "../chat/conversations.ts";
import { extractiveChatModel } from "../chat/extractive/model.ts";
import { Spend } from "../chat/spend.ts";
import type { ChatEvent } from "../conversation.ts";
import { Ledger } from "../memory/ledger.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { FakeClock } from "./fake-clock.ts";
import { type FakeItem, fakeLibrary } from "./fake-library.ts";
import { MemoryRecords } from "./memory-records.ts";
import { plainVault } from "./plain-vault.ts";

/** A mail that says one thing, to be asked for. */
export const DENTIST = {
  id: "item-dentist",
  title: "Your appointment",
  date: "2026-11-02T09:00:00+01:00",
  messageId: "dentist-1@praxis.example",
  people: [{ role: "from", name: "Praxis Weber", address: "mail@praxis.example" }],
  text: "Dear Nora,\n\nyour dentist appointment is on Thursday 26 November 2026 at 8:30.\n\nPraxis Weber",
} as const;

/** A whole turn in memory, for the tests of its parts: the real rooms over fake storage and a fake search. */
export async function houseWith(
  items: readonly FakeItem[],
  options: Partial<Omit<AnswerDeps, "ledger">> & { now?: string } = {},
) {
  const { now = "2026-11-21T14:05:00+01:00", ...overrides } = options;
  const clock = new FakeClock(Date.parse(now));
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const { find, library, asked } = fakeLibrary(items);
  const deps: AnswerDeps & { readonly ledger: Ledger } = {
    clock,
    find,
    library,
    conversations: new Conversations({ clock, sealed }),
    ledger: new Ledger({ clock, sealed }),
    tasks: new Tasks({ clock, sealed }),
    settings: { timeZone: "Europe/Berlin", name: "Nora", dailyCapUsd: 1, dailyTokenCap: 100_000 },
    model: extractiveChatModel(),
    spend: new Spend({ clock, sealed }),
    ...overrides,
  };
  const take = (turn: Turn, signal = new AbortController().signal) => answer(deps, turn, signal);
  return {
    ...deps,
    clock,
    sealed,
    asked,
    spend: { today: () => new Spend({ clock, sealed }).today(deps.settings.timeZone) },
    take,
    ask: (text: string, conversation?: string) => take(conversation === undefined ? { text } : { conversation, text }),
  };
}

export async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The text as a face would show it: what was streamed, minus what a retry made void. */
export function textOf(events: readonly ChatEvent[]): string {
  let text = "";
  for (const event of events) {
    if (event.type === "retrying") text = "";
    if (event.type === "text") text += event.delta;
  }
  return text.trimEnd();
}
