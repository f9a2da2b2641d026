import type { Item, Reading } from "../item.ts";
import type { IndexedItem } from "./passage-index.ts";

/** What `has:` knows. */
export const HAS = ["attachment", "pdf", "image", "calendar", "spreadsheet", "document", "archive"] as const;
export type Has = (typeof HAS)[number];

/** What the index keeps of an item and its reading; intake and replay both go through here. */
export function toIndexed(item: Item, reading: Reading): IndexedItem {
  const date = item.date === undefined ? Number.NaN : Date.parse(item.date);
  return {
    item: item.id,
    kind: item.kind,
    source: item.source,
    ...(Number.isNaN(date) ? {} : { date }),
    trust: item.trust,
    title: item.title,
    people: item.people,
    ...(item.filename === undefined ? {} : { filename: item.filename }),
    ...(item.thread === undefined ? {} : { thread: item.thread }),
    has: hasOf(item),
    ...(reading.language === undefined ? {} : { language: reading.language }),
    passages: reading.passages.map((passage) => ({
      text: reading.text.slice(passage.start, passage.end),
      context: passage.context,
      ...(passage.quoted ? { quoted: true } : {}),
    })),
  };
}

/** What hangs on the item, and what the item itself is when it is an attachment or a file. */
function hasOf(item: Item): Has[] {
  const has = new Set<Has>();
  for (const attachment of item.attachments ?? []) {
    // An inline picture (a logo in a signature) is no attachment to the person.
    if (!attachment.inline) has.add("attachment");
    const kind = attachmentKind(attachment.mediaType, attachment.filename);
    if (kind && !(attachment.inline && kind === "image")) has.add(kind);
  }
  if (item.kind !== "mail") {
    const kind = attachmentKind(item.mediaType, item.filename ?? "");
    if (kind) has.add(kind);
  }
  return [...has];
}

function attachmentKind(mediaType: string, filename: string): Has | undefined {
  const name = filename.toLowerCase();
  if (mediaType === "application/pdf" || name.endsWith(".pdf")) return "pdf";
  if (mediaType.startsWith("image/")) return "image";
  if (mediaType === "text/calendar" || name.endsWith(".ics")) return "calendar";
  if (/spreadsheet|excel|text\/csv/.test(mediaType) || /\.(?:csv|xlsx?|ods)$/.test(name)) return "spreadsheet";
  if (/wordprocessing|msword|opendocument\.text|rtf/.test(mediaType) || /\.(?:docx?|odt|rtf)$/.test(name))
    return "document";
  if (/zip|x-tar|gzip|7z/.test(mediaType)) return "archive";
  return undefined;
}
