/**
 * The sample archive: two years of one fictional person, so that Steward can be tried in one click and tests have a
 * world with known answers (scripts/sample).
 *
 * The same seed gives the same bytes on every machine: no clock, no locale, no zone of the machine.
 */
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { asctime, instant } from "./calendar.ts";
import { DOCUMENTS, documentBytes } from "./documents.ts";
import { zipTime } from "./docx.ts";
import { type Attachment, type Mail, messageIdOf, mimeOf } from "./mail.ts";
import { noise } from "./noise.ts";
import { calendarFile, contactsFile, GLOSSARY, NOTE_DATES, NOTES } from "./notes.ts";
import { seeded } from "./random.ts";
import { STORIES } from "./stories/index.ts";

export const DEFAULT_SEED = 2024;
const NOISE = 220;
const LAST_DAY = "2025-12-20 12:00";

export interface SampleReport {
  readonly mails: number;
  readonly files: number;
  readonly bytes: number;
}

/** Writes the archive into `folder` (made when missing; files of the same names are overwritten). */
export async function makeSample(folder: string, seed = DEFAULT_SEED): Promise<SampleReport> {
  const files = sampleFiles(seed);
  for (const [path, bytes] of files) {
    const target = join(folder, ...path.split("/"));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
    // A note carries no date of its own; it has its file's.
    const at = instant(NOTE_DATES[path] ?? LAST_DAY) / 1000;
    await utimes(target, at, at);
  }
  const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
  return { mails: sampleMails(seed).length, files: files.size, bytes };
}

/** All mails by date: the stories and the noise round them. */
export function sampleMails(seed = DEFAULT_SEED): Mail[] {
  return [...STORIES, ...noise(seeded(seed), NOISE)].sort((a, b) => instant(a.at) - instant(b.at));
}

/** Bytes by path within the archive. */
export function sampleFiles(seed = DEFAULT_SEED): Map<string, Uint8Array> {
  const mails = sampleMails(seed);
  const mailById = new Map(mails.map((mail) => [mail.id, mail]));
  const files = new Map<string, Uint8Array>();
  const text = (path: string, content: string) => files.set(path, new TextEncoder().encode(content));
  const documents = new Map(DOCUMENTS.map((document) => [document.path, documentBytes(document)]));

  const attachedTo = (mail: Mail): Attachment[] => (mail.attach ?? []).map((path) => attachment(path, documents));
  const mime = (mail: Mail) => mimeOf(mail, mailById, attachedTo(mail));
  const kept = (keep: Mail["keep"]) => mails.filter((mail) => (mail.keep ?? "mbox") === keep);

  text(
    "mail.mbox",
    kept("mbox")
      .map((mail) => mboxEntry(mail, mime(mail)))
      .join(""),
  );
  for (const mail of kept("eml"))
    text(`mails/${mail.at.slice(0, 10)}-${mail.id}.eml`, mime(mail).replaceAll("\n", "\r\n"));
  for (const mail of kept("maildir")) {
    text(
      `maildir/cur/${instant(mail.at) / 1000}.${messageIdOf(mail).slice(0, 10)}.sample:2,S`.replace(":", "_"),
      mime(mail),
    );
  }
  for (const [path, bytes] of documents) if (!ARCHIVED.has(path)) files.set(path, bytes);
  for (const [path, content] of Object.entries(NOTES)) if (!ARCHIVED.has(path)) text(path, content);
  text("calendar.ics", calendarFile());
  text("contacts.vcf", contactsFile());
  files.set("old-papers.zip", zipped(documents));
  return files;
}

/** What lies only in `old-papers.zip`. */
const ARCHIVED: ReadonlySet<string> = new Set([
  "documents/cv-nora-lindqvist.docx",
  "documents/invoice-2024-003.pdf",
  "notes/books-2025.txt",
]);

function zipped(documents: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const members = [...ARCHIVED].map((path) => {
    const bytes = documents.get(path) ?? new TextEncoder().encode(NOTES[path] ?? "");
    return [path.split("/").at(-1) ?? path, bytes] as const;
  });
  return zipSync(Object.fromEntries(members), { mtime: zipTime(), level: 6 });
}

function attachment(path: string, documents: ReadonlyMap<string, Uint8Array>): Attachment {
  const name = path.split("/").at(-1) ?? path;
  if (name === "glossar-cx40.csv") return { name, type: "text/csv", bytes: new TextEncoder().encode(GLOSSARY) };
  const bytes = documents.get(path);
  if (!bytes) throw new Error(`A mail of the sample attaches ${path}, which documents.ts does not have.`);
  return { name, type: "application/pdf", bytes };
}

/** mboxrd: `From ` at a line's start gets a `>`, one more where some stand already. */
function mboxEntry(mail: Mail, mime: string): string {
  return `From MAILER-DAEMON ${asctime(mail.at)}\n${mime.replace(/^(>*From )/gm, ">$1").replace(/^>From: /, "From: ")}\n`;
}
