import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hit } from "@steward/core/wire.ts";
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
const REMIND = "Remind me to call mum tomorrow at nine";

test("each kind that is there is asked about, by the newest paper that has a name", () => {
  const events = [hit({ kind: "event" }), hit({ kind: "event", title: "Dinner" })];
  const files = [hit({ kind: "file", title: "Lease.pdf" }), hit({ kind: "file", title: "Older.pdf" })];
  assert.deepEqual(questionsOf({ mails: [hit({ title: "Flat" })], events, files }), [
    "Summarize my latest emails",
    "When is “Dinner”?",
    "What does “Lease.pdf” say?",
    REMIND,
  ]);
});

test("nothing is asked about kinds that are not there", () => {
  assert.deepEqual(questionsOf({ mails: [], events: [], files: [hit({ kind: "file", title: "Lease.pdf" })] }), [
    "What does “Lease.pdf” say?",
    REMIND,
  ]);
  assert.deepEqual(questionsOf({ mails: [], events: [], files: [] }), [REMIND]);
});
