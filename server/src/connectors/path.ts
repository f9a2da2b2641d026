import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import type { Connector, Pulled } from "@steward/core/intake/connector.ts";
import type { Source } from "@steward/core/item.ts";
import { timeOfSeparator } from "../readers/mbox-splitter.ts";
import { type Bytes, readWhole } from "./bytes.ts";
import { type PathCursor, readCursor, writeCursor } from "./cursor.ts";
import { isMbox, MAX_MAIL, mailsOf } from "./mails.ts";
import { type Closed, type Found, filesUnder, problemOf } from "./walk.ts";

/**
 * Connector for a file or a folder on this machine: mbox files as streams of mails, Maildirs, every other file as one
 * entry. After a restart it goes on behind the cursor; files earlier in the order that changed since are read again
 * at the end, and an mbox that only grew goes on where it ended.
 */
export const MAX_FILE = 256 * 1024 * 1024;

/** A file's times are no finer than this on the coarsest file systems, ms. */
const COARSE_MS = 2_000;

/** For `sample`, `folder` is where the sample archive lies. */
export function pathConnector(
  options: { readonly kind?: "path" | "sample"; readonly folder?: string } = {},
): Connector {
  const rootOf = (source: Source): string => {
    const root = options.folder ?? source.path;
    if (root === undefined) throw new Error(`The source "${source.name}" has no path. Remove it and add it again.`);
    return root;
  };

  async function* pull(source: Source, cursorText: string | undefined, signal: AbortSignal): AsyncGenerator<Pulled> {
    const root = rootOf(source);
    const cursor = readCursor(cursorText);
    const since = cursor?.since ?? Date.now();
    const files = await filesUnder(root, signal);
    let position = 0;
    const earlier: { file: Found; position: number }[] = [];
    for (const file of files) {
      if (signal.aborted) return;
      const size = "problem" in file ? 0 : file.size;
      const order = cursor ? compareWalk(file.file, cursor.file) : 1;
      if (order > 0) yield* pullFile(root, file, position, since, undefined, signal);
      else if ("problem" in file) continue;
      else if (order === 0) yield* pullFile(root, file, position, since, cursor, signal);
      else if (file.changedAt >= since - COARSE_MS) earlier.push({ file, position });
      position += size;
    }
    // Found again by content if nothing of theirs is new; the cursor stays at the furthest file.
    for (const { file, position } of earlier) {
      for await (const pulled of pullFile(root, file, position, since, undefined, signal)) {
        if (signal.aborted) return;
        yield cursorText === undefined ? pulled : { ...pulled, cursor: cursorText };
      }
    }
  }

  return {
    kind: options.kind ?? "path",
    pull,
    async measure(source) {
      const files = await filesUnder(rootOf(source));
      return files.reduce((sum, file) => sum + ("problem" in file ? 0 : file.size), 0);
    },
  };
}

async function* pullFile(
  root: string,
  found: Found | Closed,
  position: number,
  since: number,
  cursor: PathCursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<Pulled> {
  const path = found.file === "" ? root : `${root.replace(/\/+$/, "")}/${found.file}`;
  const size = "problem" in found ? 0 : found.size;
  const modifiedAt = "problem" in found ? 0 : found.modifiedAt;
  const after: PathCursor = { since, file: found.file, size, modifiedAt };
  const end = { position: position + size, cursor: writeCursor(after) };
  const trouble = (reason: string): Pulled => ({ type: "trouble", path, reason, size, ...end });
  if ("problem" in found) {
    yield trouble(found.problem);
    return;
  }
  const unchanged = cursor !== undefined && cursor.size === size && cursor.modifiedAt === modifiedAt;
  if (unchanged && !cursor.mbox) return;
  let handle: FileHandle | undefined;
  try {
    handle = await open(found.absolute, "r");
    const bytes = bytesOf(handle, size);
    if (!found.maildir && (await isMbox(bytes))) {
      for await (const mail of mailsOf(bytes, cursor?.mbox)) {
        if (signal.aborted) return;
        const inner = `${path}!${mail.after.count}`;
        const reached = {
          position: position + Math.min(mail.end, size),
          cursor: writeCursor({ ...after, mbox: mail.after }),
        };
        yield mail.bytes
          ? { ...mailEntry(inner, mail.after.count, mail.bytes, mail.separator), ...reached }
          : {
              type: "trouble",
              path: inner,
              reason: mailTooLarge(mail.end - mail.start),
              size: mail.end - mail.start,
              ...reached,
            };
      }
      return;
    }
    if (size > MAX_FILE) {
      yield trouble(`It is ${megabytes(size)} MB; files up to ${megabytes(MAX_FILE)} MB are read.`);
      return;
    }
    const whole = await readUnchanged(handle, found);
    yield whole
      ? {
          type: "entry",
          name: found.maildir ? maildirName(found.file) : basename(found.absolute),
          path,
          bytes: whole,
          modifiedAt,
          ...(found.maildir ? { mediaType: "message/rfc822" } : {}),
          ...end,
        }
      : trouble("It changed while it was read. Try again when it is finished.");
  } catch (error) {
    yield trouble(problemOf(error));
  } finally {
    await handle?.close();
  }
}

export function mailEntry(path: string, count: number, bytes: Uint8Array, separator: string) {
  const at = timeOfSeparator(separator);
  return {
    type: "entry",
    name: `${count}.eml`,
    path,
    bytes,
    mediaType: "message/rfc822",
    ...(at === undefined ? {} : { modifiedAt: at }),
  } as const;
}

export function mailTooLarge(size: number): string {
  return `This mail is ${megabytes(size)} MB; mails up to ${megabytes(MAX_MAIL)} MB are read.`;
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}

function bytesOf(handle: FileHandle, size: number): Bytes {
  return {
    size,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await handle.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}

/** The whole file as it stood at one moment: read again once when it changed meanwhile, then given up. */
async function readUnchanged(handle: FileHandle, found: Found): Promise<Uint8Array | undefined> {
  let before = { size: found.size, mtimeMs: found.modifiedAt };
  for (let attempt = 0; attempt < 2; attempt++) {
    const whole = await readWhole(bytesOf(handle, before.size));
    const now = await handle.stat();
    if (whole.length === now.size && now.mtimeMs === before.mtimeMs) return whole;
    if (now.size > MAX_FILE) return undefined;
    before = now;
  }
  return undefined;
}

/** Without the flags that mail programs put behind a Maildir name (`:2,S`), which change while the mail does not. */
function maildirName(file: string): string {
  return `${basename(file).replace(/[:;!]2,[A-Za-z]*$/, "")}.eml`;
}

/** The order of the walk: folder by folder, name by name. */
function compareWalk(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = "", y = ""] = [left[i], right[i]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}
