import { posix } from "node:path";
import type { ReaderInput } from "@steward/core/intake/reader.ts";
import { decodeText, looksBinary } from "./encoding.ts";
import { looksLikeMbox } from "./mbox-splitter.ts";

/** What a thing is, found in its bytes; the name decides only among kinds of text. */
export type Format =
  | { readonly kind: "mail" | "mbox" | "pdf" | "docx" | "zip" }
  | { readonly kind: "calendar" | "cards" | "html" | "markdown"; readonly text: string }
  | { readonly kind: "table"; readonly text: string }
  | { readonly kind: "text"; readonly text: string; readonly note: boolean; readonly mediaType: string }
  /** Kept and listed by its name; nothing in it is read. */
  | { readonly kind: "picture" | "sound" | "signature"; readonly mediaType: string }
  | { readonly kind: "unsupported"; readonly reason: string };

const HEAD_BYTES = 4096;

export function sniff({ bytes, name, mediaType }: ReaderInput): Format {
  const extension = posix.extname(name.replaceAll("\\", "/")).toLowerCase();
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString("latin1");
  const binary = byMagic(head, bytes);
  if (binary) return binary;
  if (looksLikeMbox(bytes) && extension !== ".eml") return { kind: "mbox" };
  if (isMail(head, extension, mediaType)) return { kind: "mail" };
  if (SIGNATURES.test(`${extension} ${mediaType ?? ""}`))
    return { kind: "signature", mediaType: mediaType ?? "application/pkcs7-signature" };
  if (looksBinary(bytes)) return { kind: "unsupported", reason: "It is not text, and no reader knows this format." };
  return kindOfText(decodeText(bytes), extension, mediaType);
}

/** What signs a mail hangs on it like an attachment: listed, not set aside as a thing nobody can read. */
const SIGNATURES = /^\.p7s |application\/(?:x-)?pkcs7-signature$|application\/pgp-signature$/;

/** First bytes as in the registries of the formats (file(1) knows the same). */
function byMagic(head: string, bytes: Uint8Array): Format | undefined {
  if (head.slice(0, 1024).includes("%PDF-")) return { kind: "pdf" };
  if (head.startsWith("PK\x03\x04") || head.startsWith("PK\x05\x06")) return zipKind(bytes);
  const picture = pictureType(head);
  if (picture) return { kind: "picture", mediaType: picture };
  const sound = soundType(head);
  if (sound) return { kind: "sound", mediaType: sound };
  const unread = UNREAD.find(([magic]) => head.startsWith(magic));
  return unread && { kind: "unsupported", reason: unread[1] };
}

const UNREAD: readonly (readonly [string, string])[] = [
  [
    "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "It is an older Office or Outlook file. Save it as docx or eml, then try again.",
  ],
  ["\x1f\x8b", "It is compressed with gzip. Unpack it, then try again."],
  ["BZh", "It is compressed with bzip2. Unpack it, then try again."],
  ["\xfd7zXZ\x00", "It is compressed with xz. Unpack it, then try again."],
  ["7z\xbc\xaf\x27\x1c", "It is a 7z archive. Unpack it, then try again."],
  ["Rar!\x1a\x07", "It is a RAR archive. Unpack it, then try again."],
  ["{\\rtf", "It is rich text. Save it as docx or plain text, then try again."],
];

function pictureType(head: string): string | undefined {
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return "image/webp";
  if (head.startsWith("II*\x00") || head.startsWith("MM\x00*")) return "image/tiff";
  if (/^[\s\S]{4}ftyp(?:hei[cfmsx]|mif1|msf1)/.test(head)) return "image/heic";
  if (/^[\s\S]{4}ftypavi[fs]/.test(head)) return "image/avif";
  return head.startsWith("BM") && head.startsWith("\0\0\0\0", 6) ? "image/bmp" : undefined;
}

function soundType(head: string): string | undefined {
  if (/^ID3|^\xff[\xfb\xf3\xf2]/.test(head)) return "audio/mpeg";
  if (/^[\s\S]{4}ftypM4[AB]/.test(head)) return "audio/mp4";
  if (/^[\s\S]{4}ftyp/.test(head)) return "video/mp4";
  if (head.startsWith("OggS")) return "audio/ogg";
  if (head.startsWith("fLaC")) return "audio/flac";
  if (/^RIFF[\s\S]{4}WAVE/.test(head)) return "audio/wav";
  if (head.startsWith("#!AMR")) return "audio/amr";
  return head.startsWith("\x1aE\xdf\xa3") ? "video/webm" : undefined;
}

/** The names of its members, which stand in the clear, tell an Office document from an archive. */
function zipKind(bytes: Uint8Array): Format {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!buffer.includes("[Content_Types].xml")) {
    return buffer.subarray(0, 128).includes("mimetypeapplication/vnd.oasis")
      ? { kind: "unsupported", reason: "OpenDocument files are not read yet. Save it as docx or pdf, then try again." }
      : { kind: "zip" };
  }
  if (buffer.includes("word/document.xml")) return { kind: "docx" };
  if (buffer.includes("xl/workbook.")) {
    return { kind: "unsupported", reason: "Excel workbooks are not read yet. Save it as csv, then try again." };
  }
  return buffer.includes("ppt/presentation.xml")
    ? { kind: "unsupported", reason: "PowerPoint files are not read yet. Save it as pdf, then try again." }
    : { kind: "zip" };
}

function kindOfText(text: string, extension: string, mediaType: string | undefined): Format {
  const start = text
    .slice(0, HEAD_BYTES)
    .replace(/^\ufeff/, "")
    .trimStart();
  if (/^BEGIN:VCALENDAR\b/i.test(start)) return { kind: "calendar", text };
  if (/^BEGIN:VCARD\b/i.test(start)) return { kind: "cards", text };
  const isHtml = /^(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[\s\S]{0,2000}?-->\s*)*<(?:!doctype html|html|head|body)\b/i.test(
    start,
  );
  if (isHtml || ((HTML.has(extension) || mediaType === "text/html") && start.includes("<"))) {
    return { kind: "html", text };
  }
  if (MARKDOWN.has(extension) || mediaType === "text/markdown") return { kind: "markdown", text };
  if (TABLES.has(extension) || mediaType === "text/csv") return { kind: "table", text };
  const note = NOTES.has(extension) || (extension.length > 6 && !/^\.[a-z0-9_+-]+$/.test(extension));
  return { kind: "text", text, note, mediaType: MEDIA_TYPES[extension] ?? "text/plain" };
}

const HTML: ReadonlySet<string> = new Set([".html", ".htm", ".xhtml"]);
const MARKDOWN: ReadonlySet<string> = new Set([".md", ".markdown", ".mdown", ".mkd"]);
const TABLES: ReadonlySet<string> = new Set([".csv", ".tsv"]);
const NOTES: ReadonlySet<string> = new Set(["", ".txt", ".text"]);
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".xml": "application/xml",
  ".js": "text/javascript",
  ".css": "text/css",
  ".yaml": "application/yaml",
  ".yml": "application/yaml",
};

/** Fields that only mail carries, and those that letters and notes may begin with too. */
const MAIL_FIELD =
  /^(?:received|return-path|message-id|mime-version|delivered-to|x-[\w-]+|dkim-signature|in-reply-to|content-type|reply-to):/im;
const COMMON_FIELD = /^(?:from|to|subject|date|cc|sender):/gim;
const FIELD_LINE = /^(?:[!-9;-~]{1,70}:|[ \t])/;

function isMail(head: string, extension: string, mediaType: string | undefined): boolean {
  if (extension === ".eml" || mediaType === "message/rfc822") return true;
  const block = head.split(/\r?\n\r?\n/, 1)[0] ?? "";
  const lines = block.split(/\r?\n/);
  // The last line of the head may be cut.
  if (
    !lines
      .slice(0, Math.max(1, lines.length - 1))
      .every((line, at) => FIELD_LINE.test(line) || (at === 0 && line.startsWith("From ")))
  ) {
    return false;
  }
  const common = new Set(block.match(COMMON_FIELD)?.map((field) => field.toLowerCase()));
  return MAIL_FIELD.test(block) ? common.size >= 1 : extension === "" && common.size >= 3;
}
