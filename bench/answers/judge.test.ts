import assert from "node:assert/strict";
import { test } from "node:test";
import type { Citation } from "@steward/core/conversation.ts";
import { amount, date } from "../../scripts/sample/accepted.ts";
import type { Question } from "../../scripts/sample/questions.ts";
import { judge } from "./judge.ts";

const evidence = { messageIds: new Set(["right@world.example"]), paths: ["documents/lease.pdf"] };
const rent: Question = {
  id: "t-rent",
  kind: "current",
  ask: "How much is the rent now?",
  expect: [amount(2415)],
  forbid: [amount(2340)],
  evidence: [],
};
const absent: Question = { id: "t-none", kind: "not in here", ask: "Which boat?", expect: [], evidence: [] };

function cite(part: Partial<Citation>): Citation {
  return { n: 1, item: "i", kind: "mail", title: "t", quote: "q", verified: true, ...part };
}

function said(text: string, ...citations: Citation[]) {
  return { text, citations, state: "done" as const };
}

const right = cite({ messageId: "right@world.example" });

test("a right value with a verified quote from the right mail is correct", () => {
  assert.equal(judge(rent, evidence, said("The rent is **CHF 2'415.00** a month.[^1]", right)), "correct");
});

test("the same from the right file or an attachment of its name is correct", () => {
  const text = "The rent is 2,415 francs. [^1]";
  assert.equal(judge(rent, evidence, said(text, cite({ path: "/x/documents/lease.pdf" }))), "correct");
  assert.equal(judge(rent, evidence, said(text, cite({ path: "/x/mail.mbox!17!lease.pdf" }))), "correct");
});

test("a right value is unproven when the quote is elsewhere or was not found word for word", () => {
  const text = "The rent is CHF 2,415. [^1]";
  assert.equal(judge(rent, evidence, said(text, cite({ messageId: "other@world.example" }))), "unproven");
  assert.equal(judge(rent, evidence, said(text, { ...right, verified: false })), "unproven");
  assert.equal(judge(rent, evidence, said(text)), "unproven");
});

test("an old value, another value and an old value before the new one are wrong", () => {
  assert.equal(judge(rent, evidence, said("The rent is CHF 2,340. [^1]", right)), "wrong");
  assert.equal(judge(rent, evidence, said("The rent is CHF 999. [^1]", right)), "wrong");
  assert.equal(judge(rent, evidence, said("It is CHF 2,340 a month. Later CHF 2,415. [^1]", right)), "wrong");
});

test("the old value beside the new one, or after it, is correct", () => {
  assert.equal(judge(rent, evidence, said("It rose from CHF 2,340 to CHF 2,415. [^1]", right)), "correct");
  assert.equal(judge(rent, evidence, said("It is CHF 2,415 now. [^1] Before it was CHF 2,340.", right)), "correct");
});

test("a bold headline with another value is wrong, whatever the quote beside it says", () => {
  assert.equal(judge(rent, evidence, said("**CHF 75** – “CHF 2,415 a month, 75 francs more” [^1]", right)), "wrong");
  assert.equal(judge(rent, evidence, said("**CHF 2,415** – “75 francs more, CHF 2,415” [^1]", right)), "correct");
});

test("not knowing is an abstention for what is there and correct for what is not", () => {
  const text = "I did not find that in your mail and files.";
  assert.equal(judge(rent, evidence, said(text)), "abstained");
  assert.equal(judge(absent, evidence, said(text)), "correct");
  assert.equal(
    judge(absent, evidence, said(`${text} The nearest passage: the ferry leaves at nine. [^1]`, right)),
    "correct",
  );
});

test("a claim about what is not there is wrong, also one that quotes somebody who does not know", () => {
  assert.equal(judge(absent, evidence, said("I cannot find my boat, it sank. [^1]", right)), "wrong");
  assert.equal(judge(absent, evidence, said("Your boat is the Falke 8. [^1]", right)), "wrong");
});

test("a turn that ended in an error or with nothing is never correct", () => {
  assert.equal(judge(rent, evidence, { ...said("The rent is CHF 2,415.", right), state: "failed" }), "failed");
  assert.equal(judge(absent, evidence, { ...said(""), state: "failed" }), "failed");
  assert.equal(judge(absent, evidence, said("")), "abstained");
});

test("dates are accepted in the spellings of five languages and no other day is", () => {
  const june = date("2025-06-17");
  for (const text of [
    "17 June 2025",
    "June 17",
    "17. Juni",
    "17.06.2025",
    "2025-06-17",
    "17 de junho",
    "17/6/25",
    "17 juin",
  ])
    assert.match(text, june);
  for (const text of ["7 June 2025", "17 July 2025", "June 1", "17:06", "2025-06-16", "117 June"])
    assert.doesNotMatch(text, june);
});

test("amounts are accepted however they are grouped and no other amount is", () => {
  const rentNow = amount(2415);
  for (const text of ["2415", "CHF 2'415.00", "2,415 francs", "2 415,–", "2.415,00", "CHF 2’415"])
    assert.match(text, rentNow);
  for (const text of ["12,415", "2415.50", "24150", "2,4150"]) assert.doesNotMatch(text, rentNow);
  assert.match("CHF 486.50", amount(486.5));
  assert.doesNotMatch("CHF 486.00", amount(486.5));
});
