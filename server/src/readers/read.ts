import type { ReaderInput, ReaderOutcome } from "@steward/core/intake/reader.ts";
import { MAX_DEPTH, MAX_MAIL_DEPTH, MAX_MEMBERS, MAX_PARTS_BYTES, MAX_TEXT, Refused } from "./limits.ts";
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
  refuseTooDeep(format.kind, input.depth ?? 0);
  switch (format.kind) {
    case "mail":
      return { ok: true, document: await (await import("./formats/mail.ts")).readMail(input) };
    case "mbox":
      return (await import("./formats/mbox.ts")).readMbox(input);
    case "zip":
      return await (await import("./formats/zip.ts")).readZip(input);
    case "pdf":
      return { ok: true, document: await (await import("./formats/pdf.ts")).readPdf(input) };
    case "docx":
      return { ok: true, document: await (await import("./formats/docx.ts")).readDocx(input) };
    case "calendar":
      return (await import("./formats/calendar.ts")).readCalendar(input, format.text);
    case "cards":
      return (await import("./formats/cards.ts")).readCards(input, format.text);
    case "html":
      return { ok: true, document: (await import("./formats/page.ts")).readPage(input, format.text) };
    case "markdown":
      return { ok: true, document: (await import("./formats/markdown.ts")).readMarkdown(input, format.text) };
    case "table":
      return { ok: true, document: (await import("./formats/table.ts")).readTable(input, format.text) };
    case "text":
      return { ok: true, document: (await import("./formats/text.ts")).readText(input, format) };
    case "picture":
    case "sound":
    case "signature":
      return { ok: true, document: (await import("./formats/text.ts")).listByName(input, format) };
    case "unsupported":
      return { ok: false, code: "unsupported", reason: format.reason };
    default:
      return format satisfies never;
  }
}

function refuseTooDeep(kind: Format["kind"], depth: number): void {
  const most =
    kind === "zip" || kind === "mbox" ? MAX_DEPTH : kind === "mail" ? MAX_MAIL_DEPTH : Number.POSITIVE_INFINITY;
  if (depth > most) throw new Refused("too-deep", `It lies inside ${depth} others; up to ${most} are opened.`);
}

/** The caps every outcome keeps, whatever the format. */
function bounded(outcome: ReaderOutcome): ReaderOutcome {
  if (!outcome.ok) return outcome;
  const parts = "document" in outcome ? outcome.document.parts : outcome.parts;
  if (parts.reduce((sum, part) => sum + part.bytes.length, 0) > MAX_PARTS_BYTES) {
    throw new Refused("too-large", `What it holds is larger than ${MAX_PARTS_BYTES / 1024 / 1024} MB.`);
  }
  if (parts.length > MAX_MEMBERS) throw new Refused("too-large", `It holds more than ${MAX_MEMBERS} parts.`);
  if (!("document" in outcome)) return outcome;
  const { document } = outcome;
  // Lone surrogates would not survive the pipe, and offsets must stay what they are.
  const text = document.text.slice(0, MAX_TEXT).toWellFormed();
  const cut = document.text.length > MAX_TEXT;
  return {
    ok: true,
    document: {
      ...document,
      title: document.title.replace(/\s+/g, " ").trim().slice(0, 1_000).toWellFormed() || "untitled",
      text,
      marks: document.marks.filter((mark) => mark.end <= text.length),
      warnings: [
        ...document.warnings.slice(0, 90).map((warning) => warning.slice(0, 1_000)),
        ...(cut ? [`Only the first ${MAX_TEXT / 1e6} million characters were read.`] : []),
      ],
    },
  };
}
