import type { ReadDocument, ReaderInput, TextMark } from "@steward/core/intake/reader.ts";
import { getDocumentProxy } from "unpdf";
import { tidy } from "../encoding.ts";
import { MAX_TEXT, Refused } from "../limits.ts";
import { type Piece, pageText } from "./pdf-layout.ts";
import { dateOfFile, titleFromName } from "./text.ts";

/** A PDF through PDF.js: its text page by page, each page marked, a blank line between them. */
export async function readPdf(input: ReaderInput): Promise<ReadDocument> {
  const pdf = await open(input.bytes);
  const pages: string[] = [];
  const marks: TextMark[] = [];
  const warnings: string[] = [];
  let length = 0;
  for (let number = 1; number <= pdf.numPages && length < MAX_TEXT; number++) {
    let text = "";
    try {
      const page = await pdf.getPage(number);
      const content = await page.getTextContent();
      const pieces: Piece[] = [];
      for (const item of content.items) if ("str" in item) pieces.push(item);
      text = tidy(pageText(pieces)).replaceAll("\f", "\n").trim();
      page.cleanup();
    } catch {
      warnings.push(`Page ${number} is damaged and could not be read.`);
    }
    marks.push({ kind: "page", start: length, end: length + text.length, level: number });
    pages.push(text);
    length += text.length + 2;
  }
  const empty = pages.filter((text) => text === "").length;
  if (empty === pages.length) warnings.push("It has no text: it may be scanned. Its pictures are not read yet.");
  else if (empty > 0) warnings.push(`${empty} of ${pages.length} pages have no text: they may be scanned.`);
  const about = await infoOf(pdf);
  await pdf.loadingTask.destroy();
  return {
    kind: "file",
    title: about.title ?? titleFromName(input.name),
    ...(about.date === undefined ? dateOfFile(input) : { date: about.date }),
    people: about.author === undefined ? [] : [{ role: "author", name: about.author }],
    mediaType: "application/pdf",
    text: pages.join("\n\n"),
    marks,
    parts: [],
    warnings,
  };
}

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

async function open(bytes: Uint8Array): Promise<Pdf> {
  try {
    // PDF.js takes the buffer over: it gets its own.
    return await getDocumentProxy(new Uint8Array(bytes), {
      verbosity: 0,
      useSystemFonts: false,
      disableFontFace: true,
      stopAtErrors: false,
      maxImageSize: 1,
    });
  } catch (error) {
    if (error instanceof Error && error.name === "PasswordException") {
      throw new Refused("encrypted", "It is locked with a password. Save it without one, then try again.");
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused("damaged", `It is no PDF that can be read: ${why}`.slice(0, 300));
  }
}

async function infoOf(pdf: Pdf): Promise<{ title?: string; author?: string; date?: string }> {
  const metadata = await pdf.getMetadata().catch(() => undefined);
  // PDF.js types the dictionary as Object; what is in it is the author's, so each field is checked.
  const info: Record<string, unknown> = { ...metadata?.info };
  const field = (name: string) => {
    const value = info[name];
    return typeof value === "string" && value.trim() !== ""
      ? value.replace(/\s+/g, " ").trim().slice(0, 200)
      : undefined;
  };
  const title = field("Title");
  const author = field("Author");
  const date = pdfDate(field("CreationDate") ?? field("ModDate"));
  return {
    // What word processors put there by themselves is worse than the file's name.
    ...(title && !/^(?:untitled|microsoft word|document\d*|.*\.(?:docx?|indd|tex|pages))/i.test(title)
      ? { title }
      : {}),
    ...(author ? { author } : {}),
    ...(date ? { date } : {}),
  };
}

/** ISO 32000-1 §7.9.4: `D:YYYYMMDDHHmmSSOHH'mm`. */
function pdfDate(value: string | undefined): string | undefined {
  const match = /^(?:D:)?(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(?:(Z)|([+-])(\d{2})'?(\d{2})?)?/.exec(
    value ?? "",
  );
  if (!match) return undefined;
  const [, year, month, day, hour = "00", minute = "00", second = "00", , sign, zoneHours, zoneMinutes = "00"] = match;
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (Number.isNaN(Date.parse(`${wall}Z`))) return undefined;
  return wall + (sign ? `${sign}${zoneHours}:${zoneMinutes}` : "+00:00");
}
