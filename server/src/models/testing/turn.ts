import assert from "node:assert/strict";
import type { ChatModel } from "@steward/core/chat/model.ts";
import { Spend } from "@steward/core/chat/spend.ts";
import type { ChatEvent } from "@steward/core/conversation.ts";
import { collect, DENTIST, houseWith, textOf } from "@steward/core/testing/turn-house.ts";
import { TurnClock } from "./providers.ts";

export const GARAGE = {
  id: "item-garage",
  title: "Winter tyres",
  date: "2026-11-03T09:00:00+01:00",
  people: [{ role: "from", name: "Garage Blau", address: "info@blau.example" }],
  text: "Your appointment for the winter tyres is on 30 November 2026. It costs 84 euros.",
} as const;

export const QUESTION = "When is my dentist appointment?";
/** In pieces that part the marker, its number and its quote. */
export const ANSWER = [
  "It is on 26 ",
  "November at 8:30 [",
  "[1|on Thurs",
  "day 26 November 2026 at 8:30]",
  "].",
] as const;

/** A house with two items, this model, and time that does not pass by itself. */
export async function turnWith(model: ChatModel, caps: { usd?: number; tokens?: number } = {}) {
  const clock = new TurnClock();
  const house = await houseWith([DENTIST, GARAGE], {
    clock,
    model,
    settings: {
      timeZone: "Europe/Berlin",
      name: "Nora",
      dailyCapUsd: caps.usd ?? 1,
      dailyTokenCap: caps.tokens ?? 100_000,
    },
    patience: { firstMs: 60_000, nextMs: 45_000 },
  });
  const spend = new Spend({ clock: house.clock, sealed: house.sealed });
  return { ...house, clock, spent: () => spend.today("Europe/Berlin") };
}

/** Exactly one ending, and it is last; what was shown is what is stored. Gives the ending. */
export async function endingOf(
  house: Pick<Awaited<ReturnType<typeof turnWith>>, "conversations">,
  events: readonly ChatEvent[],
) {
  const endings = events.filter(({ type }) => type === "finish" || type === "error");
  assert.equal(endings.length, 1, "one ending");
  const last = events.at(-1);
  assert.ok(last?.type === "finish" || last?.type === "error", "the ending is last");
  const turn = events.find((event) => event.type === "turn");
  assert.ok(turn?.type === "turn");
  const view = await house.conversations.view(turn.conversation);
  assert.deepEqual(view?.messages.at(-1), last.message, "what is stored is what was shown");
  assert.equal(view?.messages.length, 2);
  assert.equal(textOf(events), last.message.text);
  return last;
}

export { collect };
