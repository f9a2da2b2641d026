import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnswerMessage, ChatEvent, Citation, Message } from "@steward/core/conversation.ts";
import { beginTurn, breakTurn, exchanges, isOver, stepsLine, takeEvent } from "./turn.ts";

const TURN: ChatEvent = { type: "turn", conversation: "c", question: "q", answer: "a", model: "m" };
const CITATION: Citation = { n: 1, item: "i", kind: "mail", title: "T", quote: "x", verified: true };
const after = (...events: ChatEvent[]) => events.reduce(takeEvent, beginTurn("When?", 1));
const answer = (id: string, answers: string, state: AnswerMessage["state"] = "done"): AnswerMessage => ({
  id,
  role: "steward",
  answers,
  text: id,
  state,
  citations: [],
  unsupported: [],
  steps: [],
  cards: [],
  model: "m",
  usage: { inputTokens: 1, outputTokens: 1, promptTokens: 1, ms: 1 },
  at: 2,
});

test("text, steps and citations gather as they come", () => {
  const turn = after(
    TURN,
    { type: "step", step: { kind: "search", label: "x", ms: 1 } },
    { type: "text", delta: "On " },
    { type: "text", delta: "Friday[^1]" },
    { type: "citation", citation: CITATION },
  );
  assert.equal(turn.answer?.text, "On Friday[^1]");
  assert.equal(turn.answer?.citations.length, 1);
  assert.equal(turn.question.id, "q");
  assert.equal(isOver(turn), false);
});

test("a retry voids what was streamed, and the next text ends the waiting", () => {
  const waiting = after(
    TURN,
    { type: "text", delta: "void" },
    { type: "retrying", attempt: 1, inMs: 500, reason: "busy" },
  );
  assert.equal(waiting.answer?.text, "");
  assert.equal(waiting.retrying?.reason, "busy");
  const going = takeEvent(waiting, { type: "text", delta: "new" });
  assert.equal(going.answer?.text, "new");
  assert.equal(going.retrying, undefined);
});

test("finish and error put the kept message in place", () => {
  assert.equal(isOver(after(TURN, { type: "finish", message: answer("a", "q") })), true);
  const failed = after(TURN, {
    type: "error",
    error: { code: "timeout", message: "no", retryable: true },
    message: answer("a", "q", "failed"),
  });
  assert.equal(failed.answer?.state, "failed");
});

test("a cut line keeps what had arrived and says so; before anything arrived too", () => {
  const cut = breakTurn(after(TURN, { type: "text", delta: "half" }), "cut", 3);
  assert.equal(cut.answer?.text, "half");
  assert.equal(cut.answer?.error?.retryable, true);
  assert.equal(breakTurn(beginTurn("x", 1), "cut", 3).answer?.state, "failed");
});

test("a retried question is shown once, with its newest answer; a live turn takes its place", () => {
  const messages: Message[] = [
    { id: "q", role: "owner", text: "When?", at: 1 },
    answer("old", "q"),
    answer("new", "q"),
  ];
  assert.deepEqual(
    exchanges(messages).map((e) => e.answer?.id),
    ["new"],
  );
  const live = takeEvent(beginTurn("When?", 1, "c", { id: "q", role: "owner", text: "When?", at: 1 }), TURN);
  assert.deepEqual(
    exchanges(messages, live).map((e) => e.answer?.id),
    ["a"],
  );
  assert.equal(exchanges([], beginTurn("New?", 1)).length, 1);
});

test("the steps are told in one line", () => {
  const steps = [
    { kind: "search", label: "a", ms: 20 },
    { kind: "search", label: "b", ms: 21 },
    { kind: "open", label: "T", ms: 0.4 },
  ] as const;
  assert.equal(stepsLine({ steps }), "Looked in your papers · 2 searches · opened 1 · 41 ms");
  assert.equal(stepsLine({ steps: [] }), undefined);
});
