import assert from "node:assert/strict";
import { test } from "node:test";
import { sentencesOf, unsupportedIn } from "./claims.ts";

const proof = (acted: boolean, ...verified: number[]) => ({ verified: new Set(verified), acted });

test("a claim without a verified citation is reported word for word", () => {
  const text = "The rent is CHF 2,340 [^1]. It rises in October.[^2] The cat may stay.";
  assert.deepEqual(unsupportedIn(text, proof(false, 1)), ["It rises in October.[^2]", "The cat may stay."]);
});

test("greetings, questions, offers, lead-ins and not knowing are no claims", () => {
  for (const text of [
    "Hello, Nora!",
    "What would you like to know?",
    "I did not find that in your mail.",
    "Here are your latest mails:",
    "You're welcome.",
  ]) {
    assert.deepEqual(unsupportedIn(text, proof(false)), [], text);
  }
});

test("saying that something was done is a claim unless something was done", () => {
  const text = "I added the task “Call mum” for Sunday.";
  assert.deepEqual(unsupportedIn(text, proof(true)), []);
  assert.deepEqual(unsupportedIn(text, proof(false)), [text]);
});

test("abbreviations, decimals and quotations end no sentence", () => {
  assert.equal(sentencesOf("Dr. Weber paid 3.50 on 12.").length, 1);
  assert.equal(sentencesOf("Ana wrote: “It is done. All of it.” [^1] Good.").length, 2);
});

test("a mark within a sentence ends none, and what follows keeps its place", () => {
  const lines = [
    "- **Priya**, walk?: written on 26 December: “On Saturday?”[^1]",
    "See https://x.example/?a=b!c for it. Next.",
  ];
  assert.deepEqual(sentencesOf(lines.join("\n")), [lines[0], "See https://x.example/?a=b!c for it.", "Next."]);
  assert.deepEqual(unsupportedIn(lines[0] ?? "", proof(false, 1)), []);
});

test("what the owner told is no claim when it is what they told", () => {
  const told = ["my locker is 118"];
  assert.deepEqual(unsupportedIn("You told me: my locker is 118.", { ...proof(false), told }), []);
  assert.equal(unsupportedIn("You told me: my locker is 119.", { ...proof(false), told }).length, 1);
});
