import type { ReadPart } from "@steward/core/intake/reader.ts";
import { ITEM_KINDS } from "@steward/core/item.ts";
import { z } from "zod";
import type { Answer } from "./answer-frames.ts";
import type { Frame } from "./frames.ts";
import { MAX_MEMBERS, MAX_TEXT } from "./limits.ts";

/**
 * What a reader process may answer, checked by the house. The process has parsed foreign bytes and may have been taken
 * over by them, so its answer is as foreign as the document: shapes, sizes and offsets are verified before use.
 */

const MAX_PARTS = MAX_MEMBERS;
const MAX_MARKS = 500_000;
const MAX_PEOPLE = 5_000;
const MAX_WARNINGS = 100;

const line = z.string().max(4_000);
const offset = z.int().min(0).max(MAX_TEXT);
const name = z.string().max(1_000);

const part = z.strictObject({
  filename: name,
  mediaType: z.string().max(255),
  size: z.int().min(0),
  inline: z.boolean(),
  modifiedAt: z.exactOptional(z.number()),
});

const person = z.strictObject({
  role: z.enum(["from", "to", "cc", "bcc", "reply-to", "organizer", "attendee", "author", "self"]),
  name: z.exactOptional(name),
  address: z.exactOptional(name),
});

const mark = z.strictObject({
  kind: z.enum(["page", "heading", "quoted", "signature", "row"]),
  start: offset,
  end: offset,
  level: z.exactOptional(z.int().min(0)),
});

const document = z.strictObject({
  kind: z.enum(ITEM_KINDS),
  title: line,
  date: z.exactOptional(z.string().max(64)),
  ends: z.exactOptional(z.string().max(64)),
  allDay: z.exactOptional(z.boolean()),
  people: z.array(person).max(MAX_PEOPLE),
  mediaType: z.string().max(255),
  text: z.string().max(MAX_TEXT),
  marks: z.array(mark).max(MAX_MARKS),
  messageId: z.exactOptional(line),
  inReplyTo: z.exactOptional(line),
  references: z.exactOptional(z.array(line).max(1_000)),
  parts: z.array(part).max(MAX_PARTS),
  remoteReferences: z.exactOptional(z.int().min(0)),
  warnings: z.array(line).max(MAX_WARNINGS),
});

const code = z.enum([
  "unreadable",
  "too-large",
  "too-slow",
  "too-deep",
  "unsupported",
  "encrypted",
  "crashed",
  "damaged",
]);

const answer = z.strictObject({
  id: z.int(),
  outcome: z.union([
    z.strictObject({ ok: z.literal(true), document }),
    z.strictObject({
      ok: z.literal(true),
      parts: z.array(part).max(MAX_PARTS),
      warnings: z.array(line).max(MAX_WARNINGS),
    }),
    z.strictObject({ ok: z.literal(false), code, reason: line }),
  ]),
});

/** Parses and verifies a reader process's frame. Throws when it is not what was agreed. */
export function parseAnswer(frame: Frame): Answer {
  const { id, outcome } = answer.parse(frame.header);
  if (!outcome.ok) return { id, outcome };
  if ("document" in outcome) {
    const { text, marks } = outcome.document;
    if (marks.some((each) => each.start > each.end || each.end > text.length)) throw new Error("a mark lies outside");
    return { id, outcome: { ok: true, document: { ...outcome.document, parts: cut(outcome.document.parts, frame) } } };
  }
  return { id, outcome: { ...outcome, parts: cut(outcome.parts, frame) } };
}

function cut(parts: readonly z.infer<typeof part>[], frame: Frame): ReadPart[] {
  let at = 0;
  const filled = parts.map((each) => {
    const bytes = frame.body.subarray(at, at + each.size);
    at += each.size;
    return { ...each, bytes };
  });
  if (at !== frame.body.length) throw new Error("the parts do not fill the frame");
  return filled;
}
