import type { ReadDocument, ReaderInput } from "@steward/core/intake/reader.ts";
import mammoth from "mammoth";
import { headingsIn, htmlToPlain } from "./html.ts";
import { dateOfFile, titleFromName } from "./text.ts";
import { checkExpansion, readMember } from "./zip.ts";

/** A Word document (ECMA-376) through mammoth: its text with headings, lists and tables; pictures left out. */
const MAX_PROPERTIES = 1024 * 1024;

export async function readDocx(input: ReaderInput): Promise<ReadDocument> {
  await checkExpansion(input.bytes);
  const buffer = Buffer.from(input.bytes.buffer, input.bytes.byteOffset, input.bytes.length);
  const { value: html } = await mammoth.convertToHtml(
    { buffer },
    { convertImage: mammoth.images.imgElement(async () => ({ src: "" })), externalFileAccess: false },
  );
  const text = htmlToPlain(html);
  const marks = headingsIn(html, text);
  const about = await propertiesOf(input.bytes);
  const first = marks.find((mark) => mark.level === 1);
  return {
    kind: "file",
    title: about.title ?? (first && text.slice(first.start, first.end)) ?? titleFromName(input.name),
    ...(about.date === undefined ? dateOfFile(input) : { date: about.date }),
    people: about.author === undefined ? [] : [{ role: "author", name: about.author }],
    mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    text,
    marks,
    parts: [],
    warnings: text === "" ? ["It has no text."] : [],
  };
}

async function propertiesOf(bytes: Uint8Array): Promise<{ title?: string; author?: string; date?: string }> {
  const member = await readMember(bytes, "docProps/core.xml", MAX_PROPERTIES).catch(() => undefined);
  const xml = member?.toString() ?? "";
  const field = (name: string) => {
    const inner = new RegExp(`<${name}\\b[^>]{0,200}>([^<]{1,500})</${name}>`).exec(xml)?.[1];
    return inner ? htmlToPlain(inner).replace(/\s+/g, " ") || undefined : undefined;
  };
  const title = field("dc:title");
  const author = field("dc:creator");
  const stamp = field("dcterms:modified") ?? field("dcterms:created");
  const date = stamp && !Number.isNaN(Date.parse(stamp)) ? new Date(stamp).toISOString() : undefined;
  return { ...(title ? { title } : {}), ...(author ? { author } : {}), ...(date ? { date } : {}) };
}
