import { createHash, randomBytes } from "node:crypto";
import { chmod, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { z } from "zod";
import { KeyFileError } from "./key-file-error.ts";

/**
 * Small secret files of a home: JSON with `format`, `version` and a `check` (a hash of the rest, so that damage is told
 * from a wrong passphrase), readable by their owner only, written whole or not at all.
 */
export async function writePrivate(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Writes zeros over the file before it is removed. (A journalling file system or an SSD may keep the old bytes.) */
export async function removePrivate(path: string): Promise<void> {
  const size = await stat(path).then((s) => s.size, absent);
  if (size === undefined) return;
  const file = await open(path, "r+");
  try {
    await file.write(Buffer.alloc(size), 0, size, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rm(path);
  await syncFolder(dirname(path));
}

/** A rename or removal is durable once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows offers no handle on a folder; its renames are journalled.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).then(() => true, absent)) ?? false;
}

/** Undefined when there is no such file. Throws `KeyFileError` `unreadable`. */
export async function readPrivate(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new KeyFileError(
      "unreadable",
      `${path} is there but cannot be read (${codeOf(error) ?? "unknown error"}). Make it readable for the user that runs Steward, and for no one else.`,
      { cause: error },
    );
  }
}

/**
 * Takes away what others may do with the file. Returns a warning when they could read it, undefined when all was well.
 */
export async function tighten(path: string): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return undefined;
  try {
    await chmod(path, 0o600);
  } catch {
    return `Other users of this machine may read ${path}, and its permissions could not be changed. Set them to 0600.`;
  }
  return `Other users of this machine could read ${path}; it is now yours alone. If you do not trust them, they may have copied it.`;
}

/** Adds the `check` to a document and prints it. */
export function print(document: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ ...document, check: checkOf(document) }, null, 2)}\n`;
}

/** Parses what `print` wrote. Throws `KeyFileError` `damaged`. */
export function parse<T>(path: string, text: string, schema: z.ZodType<T>): T {
  const damaged = (why: string) =>
    new KeyFileError("damaged", `${path} is damaged (${why}). Put back an undamaged copy, or use the recovery code.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged("it is no JSON");
  }
  if (typeof value !== "object" || value === null || !("check" in value)) throw damaged("it has no check");
  const { check, ...document } = value;
  if (check !== checkOf(document)) throw damaged("its check does not match");
  const parsed = schema.safeParse(document);
  if (!parsed.success) throw damaged("it is not of a form this version knows");
  return parsed.data;
}

function checkOf(document: Readonly<Record<string, unknown>>): string {
  return createHash("sha256").update(JSON.stringify(document)).digest("hex").slice(0, 16);
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function absent(error: unknown): undefined {
  if (codeOf(error) === "ENOENT") return undefined;
  throw error;
}
