import type { ReaderInput, ReaderOutcome } from "@steward/core/intake/reader.ts";
import { MAX_DEPTH, MAX_PARTS_BYTES, MAX_TEXT, Refused } from "./limits.ts";
import { type Format, sniff } from "./sniff.ts";

/**
 * Reads one thing by its content. Runs inside the reader process; parsers are loaded when the first of their kind
 * comes. Whatever a parser throws becomes a reason.
 */
export async function readByContent(input: ReaderInput): Promise<ReaderOutcome> {
  try {
    return bounded(await readAs(sniff(input), input));
  } catch (error) {
    if (error instanceof Refused) return { ok: false, code: error.code, reason: error.message };
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, code: "damaged", reason: `It is damaged and could not be read: ${why}`.slice(0, 500) };
  }
}

async function readAs(format: Format, input: ReaderInput): Promise<ReaderOutcome> {
  if (CONTAINERS.has(format.kind) && (input.depth ?? 0) >= MAX_DEPTH) {
    throw new Refused("too-deep", `It lies more than ${MAX_DEPTH} containers deep.`);
  }
  switch (format.kind) {
    case "mail":
      return { ok: true, document: await (await import("./formats/mail.ts")).readMail(input) };
    case "text":
      return { ok: true, document: (await import("./formats/text.ts")).readText(input, format) };
    case "unsupported":
      return { ok: false, code: "unsupported", reason: format.reason };
    default:
      return format satisfies never;
  }
}

const CONTAINERS: ReadonlySet<Format["kind"]> = new Set([]);

/** The caps every outcome keeps, whatever the format. */
function bounded(outcome: ReaderOutcome): ReaderOutcome {
  if (!outcome.ok) return outcome;
  const parts = "document" in outcome ? outcome.document.parts : outcome.parts;
  if (parts.reduce((sum, part) => sum + part.bytes.length, 0) > MAX_PARTS_BYTES) {
    throw new Refused("too-large", `What it holds is larger than ${MAX_PARTS_BYTES / 1024 / 1024} MB.`);
  }
  if (!("document" in outcome) || outcome.document.text.length <= MAX_TEXT) return outcome;
  const { document } = outcome;
  return {
    ok: true,
    document: {
      ...document,
      text: document.text.slice(0, MAX_TEXT),
      marks: document.marks.filter((mark) => mark.end <= MAX_TEXT),
      warnings: [...document.warnings, `Only the first ${MAX_TEXT / 1e6} million characters were read.`],
    },
  };
}
