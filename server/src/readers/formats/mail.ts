import type { ReadDocument, ReaderInput, ReadPart } from "@steward/core/intake/reader.ts";
import type { Person, PersonRole } from "@steward/core/item.ts";
import PostalMime, { type Address, type Attachment, type Email } from "postal-mime";
import { decodeText, tidy } from "../encoding.ts";
import { Refused } from "../limits.ts";
import { countRemoteReferences, htmlToPlain } from "./html.ts";
import { mailDate } from "./mail-date.ts";
import { findQuotes } from "./quotes.ts";

/**
 * A mail (RFC 5322, MIME) through postal-mime, which takes charsets, transfer encodings, encoded words (RFC 2047),
 * parameters (RFC 2231) and flowed text (RFC 3676). Ours: the plain text of a mail that only has HTML, what is
 * quoted, the date with its offset, and what hangs on it.
 */
const MAX_NESTING = 100;
const MAX_HEADERS = 1024 * 1024;

export async function readMail(input: ReaderInput): Promise<ReadDocument> {
  const email = await parse(skipFromLine(input.bytes));
  const warnings: string[] = [];
  const { text, remoteReferences } = bodyOf(email, input.bytes, warnings);
  const title = oneLine(email.subject) || "(no subject)";
  const date = dateOf(email, input, warnings);
  const parts = email.attachments.map(partOf);
  if (parts.some((part) => part.mediaType === "application/pgp-encrypted" || /smime\.p7m$/i.test(part.filename))) {
    warnings.push("The message itself is encrypted; only its envelope could be read.");
  }
  if (!email.from && email.headers.length < 3) warnings.push("It has hardly any header: it may be cut or damaged.");
  const messageId = firstId(email.messageId);
  const inReplyTo = firstId(email.inReplyTo);
  const references = idsIn(email.references);
  return {
    kind: "mail",
    title,
    ...(date === undefined ? {} : { date }),
    people: peopleOf(email),
    mediaType: "message/rfc822",
    text,
    marks: findQuotes(text, { forwarded: FORWARDED.test(title) }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(references.length === 0 ? {} : { references }),
    parts,
    ...(remoteReferences === 0 ? {} : { remoteReferences }),
    warnings,
  };
}

/** What a forwarded mail quotes is what it has to say. */
const FORWARDED = /^(?:fwd?|wg|tr|rv|i)\s*:/i;

async function parse(bytes: Uint8Array): Promise<Email> {
  try {
    return await PostalMime.parse(bytes, {
      forceRfc822Attachments: true,
      maxNestingDepth: MAX_NESTING,
      maxHeadersSize: MAX_HEADERS,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    if (why.startsWith("Maximum MIME nesting depth")) {
      throw new Refused("too-deep", `Its parts are nested more than ${MAX_NESTING} deep.`);
    }
    if (why.startsWith("Maximum header size")) {
      throw new Refused("too-large", "Its header alone is larger than 1 MB.");
    }
    throw error;
  }
}

/** The separator line of an mbox, left on by some exports, is no header. */
function skipFromLine(bytes: Uint8Array): Uint8Array {
  const isFromLine = bytes[0] === 0x46 && Buffer.from(bytes.subarray(0, 5)).toString("latin1") === "From ";
  return isFromLine ? bytes.subarray(bytes.indexOf(0x0a) + 1) : bytes;
}

function bodyOf(email: Email, bytes: Uint8Array, warnings: string[]): { text: string; remoteReferences: number } {
  if (!email.text && !email.html && email.attachments.length === 0) {
    const raw = rawBody(email, bytes).trim();
    if (raw !== "") warnings.push("Its structure is broken: the text is shown as it stands.");
    return { text: raw, remoteReferences: 0 };
  }
  const remoteReferences = email.html ? countRemoteReferences(email.html) : 0;
  const plain = tidy(email.text ?? "").trimEnd();
  // Some senders put a sentence like "your client shows no HTML" where the plain text should be.
  if (email.html && (plain.trim() === "" || (plain.length < 200 && email.html.length > 2_000))) {
    const fromHtml = htmlToPlain(email.html);
    if (plain.trim() === "" || fromHtml.length > plain.length * 4) return { text: fromHtml, remoteReferences };
  }
  return { text: plain, remoteReferences };
}

/** What stands after the header, or everything where there is none. */
function rawBody(email: Email, bytes: Uint8Array): string {
  const text = tidy(decodeText(bytes));
  const blank = text.indexOf("\n\n");
  const hasHeader = email.headers.some(({ key, value }) => value !== "" && /^[!-9;-~]+$/.test(key));
  return hasHeader ? (blank < 0 ? "" : text.slice(blank + 2)) : text;
}

function dateOf(email: Email, input: ReaderInput, warnings: string[]): string | undefined {
  const headers = (key: string) => email.headers.filter((header) => header.key === key).map((header) => header.value);
  const sent = headers("date").map(mailDate).find(Boolean);
  if (sent) return sent;
  // Received fields are prepended on the way: the last one is the earliest.
  const received = headers("received")
    .reverse()
    .map((value) => mailDate(value.slice(value.lastIndexOf(";") + 1)));
  const arrived = received.find(Boolean);
  warnings.push(
    arrived
      ? "Its Date field cannot be read; the time it was received is shown."
      : "It carries no date that can be read.",
  );
  if (arrived) return arrived;
  return input.modifiedAt === undefined ? undefined : new Date(input.modifiedAt).toISOString();
}

function peopleOf(email: Email): Person[] {
  const people: Person[] = [];
  const seen = new Set<string>();
  const add = (role: PersonRole, addresses: readonly Address[] | undefined) => {
    for (const each of addresses ?? []) {
      if (each.group) {
        add(role, each.group);
        continue;
      }
      const name = oneLine(each.name).slice(0, 200);
      const address = each.address.trim().toLowerCase().slice(0, 320);
      const key = `${role} ${address || name}`;
      if ((name === "" && address === "") || seen.has(key)) continue;
      seen.add(key);
      people.push({ role, ...(name && name !== address ? { name } : {}), ...(address ? { address } : {}) });
    }
  };
  const from = email.from ?? email.sender;
  add("from", from ? [from] : undefined);
  add("to", email.to);
  add("cc", email.cc);
  add("bcc", email.bcc);
  const sender = people[0]?.address;
  add(
    "reply-to",
    email.replyTo?.filter((each) => each.address?.toLowerCase() !== sender),
  );
  return people.slice(0, 5_000);
}

function partOf(attachment: Attachment, index: number): ReadPart {
  const { content } = attachment;
  const bytes =
    typeof content === "string"
      ? Buffer.from(content)
      : content instanceof Uint8Array
        ? content
        : new Uint8Array(content ?? new ArrayBuffer(0));
  const mediaType = attachment.mimeType || "application/octet-stream";
  return {
    filename: oneLine(attachment.filename ?? "").slice(0, 500) || nameFor(mediaType, index),
    mediaType: mediaType.slice(0, 255),
    size: bytes.length,
    inline: attachment.related === true || (attachment.disposition === "inline" && mediaType.startsWith("image/")),
    bytes,
  };
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "message/rfc822": "eml",
  "text/calendar": "ics",
  "application/ics": "ics",
  "text/vcard": "vcf",
  "text/x-vcard": "vcf",
  "text/plain": "txt",
  "text/html": "html",
  "text/csv": "csv",
  "text/markdown": "md",
  "application/pdf": "pdf",
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "message/delivery-status": "txt",
  "text/rfc822-headers": "txt",
};

function nameFor(mediaType: string, index: number): string {
  const stem = mediaType === "message/rfc822" ? "message" : "attachment";
  return `${stem}-${index + 1}.${EXTENSIONS[mediaType] ?? "bin"}`;
}

function oneLine(text: string | undefined): string {
  return (text ?? "").replace(/\s+/g, " ").trim().slice(0, 2_000);
}

function idsIn(value: string | undefined): string[] {
  if (!value) return [];
  const bracketed = [...value.matchAll(/<([^<>\s]{1,900})>/g)].map((match) => match[1] ?? "");
  const ids = bracketed.length > 0 ? bracketed : value.split(/[\s,]+/).filter((word) => word.includes("@"));
  return [...new Set(ids)].slice(0, 1_000).map((id) => id.slice(0, 900));
}

function firstId(value: string | undefined): string | undefined {
  return idsIn(value)[0] ?? (value?.replace(/[<>\s]/g, "").slice(0, 900) || undefined);
}
