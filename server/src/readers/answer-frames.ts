import type { ReaderOutcome, ReadPart } from "@steward/core/intake/reader.ts";
import { frameHead } from "./frames.ts";

/** What a reader process says; `answer.ts` is what the house believes of it. Apart, so that the process starts quickly. */

/** The id of the answer nobody asked for: the process has started. */
export const READY = 0;

/** What a process says first, so that its start does not count as a document's time. */
export function readyFrame(): Buffer {
  return frameHead(answerHeader({ id: READY, outcome: { ok: true, parts: [], warnings: [] } }), 0);
}

export interface Answer {
  readonly id: number;
  readonly outcome: ReaderOutcome;
}

/** The header of the frame that carries an outcome: the same, its parts without bytes. The bytes follow as body. */
export function answerHeader({ id, outcome }: Answer): unknown {
  if (!outcome.ok) return { id, outcome };
  const bare = (parts: readonly ReadPart[]) => parts.map(({ bytes: _, ...rest }) => rest);
  return "document" in outcome
    ? { id, outcome: { ok: true, document: { ...outcome.document, parts: bare(outcome.document.parts) } } }
    : { id, outcome: { ok: true, parts: bare(outcome.parts), warnings: outcome.warnings } };
}

/** The bytes of the parts, in order: the body of the frame. */
export function answerBody(outcome: ReaderOutcome): readonly Uint8Array[] {
  if (!outcome.ok) return [];
  return ("document" in outcome ? outcome.document.parts : outcome.parts).map((each) => each.bytes);
}
