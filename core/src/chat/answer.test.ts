import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatEvent } from "../conversation.ts";
import { collect, houseWith, textOf } from "../testing/turn-house.ts";

const DENTIST = {
  id: "item-dentist",
  title: "Your appointment",
  date: "2026-11-02T09:00:00+01:00",
  messageId: "dentist-1@praxis.example",
  people: [{ role: "from", name: "Praxis Weber", address: "mail@praxis.example" }],
  text: "Dear Nora,\n\nyour dentist appointment is on Thursday 26 November 2026 at 8:30.\n\nPraxis Weber",
} as const;

test("a question is answered with a quote that stands in the item", async () => {
  const house = await houseWith([DENTIST]);
  const events = await collect(house.ask("When is my dentist appointment?"));
  assert.equal(events[0]?.type, "turn");
  const last = events.at(-1);
  assert.ok(last?.type === "finish");
  const [citation] = last.message.citations;
  assert.ok(citation?.verified);
  assert.equal(citation.item, "item-dentist");
  assert.equal(citation.messageId, "dentist-1@praxis.example");
  assert.equal(DENTIST.text.slice(citation.start, citation.end), citation.quote);
  assert.match(last.message.text, /26 November 2026.*\[\^1\]/);
  assert.deepEqual(last.message.unsupported, []);
  assert.equal(textOf(events), last.message.text);
});

test("the conversation holds the question and the answer, and has the question's words as its title", async () => {
  const house = await houseWith([DENTIST]);
  const events = await collect(house.ask("When is my dentist appointment?"));
  const turn = events.find((event): event is Extract<ChatEvent, { type: "turn" }> => event.type === "turn");
  const view = await house.conversations.view(turn?.conversation ?? "");
  assert.equal(view?.title, "When is my dentist appointment?");
  assert.deepEqual(
    view?.messages.map(({ role }) => role),
    ["owner", "steward"],
  );
  const last = events.at(-1);
  assert.deepEqual(view?.messages[1], last?.type === "finish" ? last.message : undefined);
});
