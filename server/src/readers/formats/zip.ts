import type { ReaderInput, ReaderOutcome, ReadPart } from "@steward/core/intake/reader.ts";
import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from "yauzl";
import { MAX_EXPANSION, MAX_MEMBERS, MAX_PARTS_BYTES, Refused } from "../limits.ts";

/**
 * A zip: its files as parts. Every size is counted as the bytes come out, not as the zip claims it, and names lose
 * everything that could point outside; nothing is written anywhere.
 */
export async function readZip(input: ReaderInput): Promise<ReaderOutcome> {
  const zip = await openZip(input.bytes);
  const most = mostFrom(input.bytes);
  const parts: ReadPart[] = [];
  const warnings: string[] = [];
  let total = 0;
  let encrypted = 0;
  for await (const entry of zip.eachEntry()) {
    const filename = harmless(nameOf(entry));
    if (filename === "" || isClutter(filename)) continue;
    if (entry.isEncrypted()) {
      encrypted += 1;
      continue;
    }
    if (parts.length >= MAX_MEMBERS) throw new Refused("too-large", `It holds more than ${MAX_MEMBERS} files.`);
    const bytes = await unpack(zip, entry, most - total).catch((error: unknown) => {
      if (error instanceof Refused) throw error;
      warnings.push(`${filename} inside it is damaged.`);
    });
    if (!bytes) continue;
    total += bytes.length;
    const modifiedAt = entry.getLastModDate().getTime();
    parts.push({
      filename,
      mediaType: "application/octet-stream",
      size: bytes.length,
      inline: false,
      bytes,
      ...(Number.isFinite(modifiedAt) ? { modifiedAt } : {}),
    });
  }
  if (encrypted > 0 && parts.length === 0) {
    throw new Refused("encrypted", "It is locked with a password. Unpack it, then try again.");
  }
  if (encrypted > 0) warnings.push(`${encrypted} files inside it are locked with a password.`);
  return { ok: true, parts, warnings: warnings.slice(0, 90) };
}

/** One member by its name, at most `most` bytes; undefined when there is none. */
export async function readMember(bytes: Uint8Array, name: string, most: number): Promise<Buffer | undefined> {
  const zip = await openZip(bytes);
  for await (const entry of zip.eachEntry()) {
    if (nameOf(entry) === name) return unpack(zip, entry, most);
  }
  return undefined;
}

/** Refuses a zip whose members claim, or turn out, to be far larger than it is. */
export async function checkExpansion(bytes: Uint8Array): Promise<void> {
  const most = mostFrom(bytes);
  const zip = await openZip(bytes);
  let claimed = 0;
  for await (const entry of zip.eachEntry()) claimed += entry.uncompressedSize;
  if (claimed > most) throw tooLarge();
}

async function openZip(bytes: Uint8Array): Promise<ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return fromBufferPromise(buffer, { lazyEntries: true, decodeStrings: false, validateEntrySizes: true });
}

function mostFrom(bytes: Uint8Array): number {
  return Math.min(MAX_PARTS_BYTES, Math.max(16 * 1024 * 1024, bytes.length * MAX_EXPANSION));
}

function tooLarge(): Refused {
  return new Refused("too-large", "It would unpack to far more than its size, or to more than 256 MB.");
}

async function unpack(zip: ZipFile, entry: Entry, most: number): Promise<Buffer> {
  if (entry.uncompressedSize > most) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    size += chunk.length;
    if (size > most) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function nameOf(entry: Entry): string {
  return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
}

/** Without drive, root, and steps upwards; empty for a folder. */
function harmless(name: string): string {
  const path = name.replaceAll("\\", "/").replaceAll("\0", "");
  if (path.endsWith("/")) return "";
  const steps = path.replace(/^[A-Za-z]:/, "").split("/");
  return steps
    .filter((step) => step !== "" && step !== "." && step !== "..")
    .join("/")
    .slice(0, 500);
}

/** What macOS and Windows leave in archives. */
function isClutter(path: string): boolean {
  return /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/.test(path);
}
