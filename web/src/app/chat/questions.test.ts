import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hit } from "@steward/core/wire.ts";
import { ownerOf } from "../evidence/owner.ts";
import { questionsOf } from "./questions.ts";

const hit = (part: Partial<Hit>): Hit => ({
  id: "i",
  kind: "mail",
  title: "",
  people: [],
  source: { id: "s", name: "Mail" },
  trust: "contact",
  attachments: 0,
  passage: { text: "", start: 0, end: 0, snippet: "", highlights: [] },
  more: 0,
  score: 1,
  parts: { words: 1, vectors: 0, recency: 0 },
  ...part,
});
const OWNER = ownerOf(["nora@example.org"]);
const REMIND = "Remind me to call mum tomorrow at nine";

test("what came from others is asked about, by its bare subject; what the owner wrote is not", () => {
  const own = hit({ title: "Keys", people: [{ role: "from", name: "Nora", address: "nora@example.org" }] });
  const anas = hit({ title: "Re: AW: Flat", date: "2025-03-11", people: [{ role: "from", name: "Ana Silva" }] });
  assert.deepEqual(questionsOf({ mails: [own, anas], events: [], files: [] }, OWNER), [
    "What did Ana Silva write about “Flat”?",
    REMIND,
  ]);
  const dated = { ...own, date: "2025-03-12" };
  assert.deepEqual(questionsOf({ mails: [dated, anas], events: [], files: [] }, OWNER), [
    "What did Ana Silva write about “Flat”?",
    "Which bills came in March 2025, and how much were they?",
    REMIND,
  ]);
});

test("there are at most three questions, and none about kinds that are not there", () => {
  const mails = [hit({ title: "Flat", date: "2025-03-11", people: [{ role: "from", name: "Ana" }] })];
  const events = [hit({ kind: "event", title: "Dinner" })];
  const files = [hit({ kind: "file", title: "Lease.pdf" })];
  assert.deepEqual(questionsOf({ mails, events, files }, OWNER), [
    "What did Ana write about “Flat”?",
    "When is “Dinner”?",
    "What does “Lease.pdf” say?",
    REMIND,
  ]);
  assert.deepEqual(questionsOf({ mails: [], events: [], files: [] }, OWNER), [REMIND]);
});
