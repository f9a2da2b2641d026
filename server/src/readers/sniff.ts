import { extname } from "node:path";
import type { ReaderInput } from "@steward/core/intake/reader.ts";
import { decodeText, looksBinary } from "./encoding.ts";

/** What a thing is, found in its bytes; the name decides only among kinds of text. */
export type Format =
  | { readonly kind: "mail" }
  | { readonly kind: "text"; readonly text: string; readonly note: boolean; readonly mediaType: string }
  | { readonly kind: "unsupported"; readonly reason: string };

const HEAD_BYTES = 4096;

export function sniff({ bytes, name, mediaType }: ReaderInput): Format {
  const extension = extname(name).toLowerCase();
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString("latin1");
  if (isMail(head, extension, mediaType)) return { kind: "mail" };
  if (looksBinary(bytes)) return { kind: "unsupported", reason: "It is not text, and no reader knows this format." };
  return { kind: "text", text: decodeText(bytes), note: NOTES.has(extension), mediaType: "text/plain" };
}

const NOTES: ReadonlySet<string> = new Set(["", ".txt", ".text", ".md", ".markdown"]);

/** Fields that only mail carries, and those that letters and notes may begin with too. */
const MAIL_FIELD =
  /^(?:received|return-path|message-id|mime-version|delivered-to|x-[\w-]+|dkim-signature|in-reply-to|content-type|reply-to):/im;
const COMMON_FIELD = /^(?:from|to|subject|date|cc|sender):/gim;

function isMail(head: string, extension: string, mediaType: string | undefined): boolean {
  if (extension === ".eml" || mediaType === "message/rfc822") return true;
  const block = head.split(/\r?\n\r?\n/, 1)[0] ?? "";
  if (!/^(?:From [^\n]*\r?\n)?[!-9;-~]{1,70}:[ \t]?[^\n]*(?:\r?\n(?:[ \t][^\n]*|[!-9;-~]{1,70}:[^\n]*))*/.test(block))
    return false;
  const common = new Set(block.match(COMMON_FIELD)?.map((field) => field.toLowerCase()));
  return MAIL_FIELD.test(block) ? common.size >= 1 : extension === "" && common.size >= 3;
}
