import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import yauzl from "yauzl";
import yazl from "yazl";
import { z } from "zod";
import { parse, print } from "./stores/private-file.ts";

/**
 * The backup's file: a zip without compression (sealed bytes do not shrink) of the database's snapshot, the blobs and,
 * last, `manifest.json` with the size and SHA-256 of each. Everything in it but the manifest is sealed or as readable as
 * the database is; no key is in it.
 */
export const DATABASE = "steward.db";
export const MANIFEST = "manifest.json";
/** Names that may be in a backup: a restore writes nothing else, and nothing outside its folder. */
const NAME = /^(?:steward\.db|blobs(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){1,3})$/;
const MANIFEST_LIMIT = 256 * 1024 * 1024;

export const Manifest = z.strictObject({
  format: z.literal("steward-backup"),
  version: z.literal(1),
  /** ISO 8601, UTC. */
  madeAt: z.string(),
  tenant: z.string(),
  items: z.int().min(0),
  rows: z.int().min(0),
  files: z.array(z.strictObject({ name: z.string().regex(NAME), size: z.int().min(0), sha256: z.string().length(64) })),
});
export type Manifest = z.infer<typeof Manifest>;

export class BackupError extends Error {
  readonly code: "not-a-backup" | "damaged" | "wrong-kit" | "no-key" | "not-empty" | "busy";
  constructor(code: BackupError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BackupError";
    this.code = code;
  }
}

export interface FileToPack {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** Writes and syncs the archive at a new path, streaming; removes it when it fails. Returns its size and SHA-256, hex. */
export async function writeArchive(
  path: string,
  files: readonly FileToPack[],
  about: Omit<Manifest, "files">,
): Promise<{ size: number; sha256: string; manifest: Manifest }> {
  const zip = new yazl.ZipFile();
  const options = { compress: false, mtime: new Date(about.madeAt), mode: 0o100600 };
  const packed: Manifest["files"][number][] = [];
  for (const { name, path: from, size } of files) {
    zip.addReadStreamLazy(name, { ...options, size }, (give) => {
      const hash = hashing((sha256) => packed.push({ name, size, sha256 }));
      give(
        null,
        createReadStream(from)
          .on("error", (error) => hash.destroy(error))
          .pipe(hash),
      );
    });
  }
  // Asked for when all before it have passed, so their hashes are there.
  const manifest = () => Manifest.parse({ ...about, files: packed });
  zip.addReadStreamLazy(MANIFEST, options, (give) => give(null, Readable.from([Buffer.from(print(manifest()))])));
  zip.end();

  let whole = { size: 0, sha256: "" };
  const count = hashing((sha256, size) => {
    whole = { size, sha256 };
  });
  zip.on("error", (error: Error) => count.destroy(error));
  try {
    await pipeline(zip.outputStream, count, createWriteStream(path, { flags: "wx", mode: 0o600, flush: true }));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { ...whole, manifest: manifest() };
}

export interface ArchivedFile {
  readonly name: string;
  /** What the manifest says of it; undefined when it says nothing. */
  readonly expected: Manifest["files"][number] | undefined;
  bytes(): Promise<Readable>;
}

/**
 * Reads the archive's manifest, then hands over each file in it. Returns with the manifest the names that it lists and
 * the archive lacks. Throws `BackupError`.
 */
export async function readArchive(
  path: string,
  each: (file: ArchivedFile, manifest: Manifest) => Promise<void>,
): Promise<{ manifest: Manifest; missing: string[] }> {
  const zip = await openZip(path);
  try {
    const entries: yauzl.Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    const last = entries.find(({ fileName }) => fileName === MANIFEST);
    if (!last || last.uncompressedSize > MANIFEST_LIMIT) throw notABackup(path);
    const text = Buffer.concat(await Array.fromAsync(await zip.openReadStreamPromise(last))).toString("utf8");
    const manifest = parse(MANIFEST, text, Manifest);
    const expectedByName = new Map(manifest.files.map((file) => [file.name, file]));
    const missing = new Set(expectedByName.keys());
    for (const entry of entries) {
      if (entry === last) continue;
      const name = entry.fileName;
      missing.delete(name);
      const bytes = () => zip.openReadStreamPromise(entry);
      await each({ name, expected: expectedByName.get(name), bytes }, manifest);
    }
    return { manifest, missing: [...missing] };
  } catch (error) {
    if (error instanceof BackupError || (error instanceof Error && "syscall" in error)) throw error;
    throw new BackupError("damaged", `${path} is damaged: ${messageOf(error)} Use another backup.`, { cause: error });
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<yauzl.ZipFile> {
  // Opened first on its own, so that a missing or unreadable file says so.
  await (await open(path, "r")).close();
  try {
    return await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (error) {
    throw notABackup(path, error);
  }
}

function notABackup(path: string, cause?: unknown): BackupError {
  return new BackupError("not-a-backup", `${path} is no backup of Steward, or its end is missing. Use another one.`, {
    cause,
  });
}

/** Passes bytes on; tells their SHA-256 (hex) and number at the end. */
export function hashing(done: (sha256: string, size: number) => void): Transform {
  const hash = createHash("sha256");
  let size = 0;
  return new Transform({
    transform(bytes: Buffer, _, next) {
      hash.update(bytes);
      size += bytes.length;
      next(null, bytes);
    },
    flush(next) {
      done(hash.digest("hex"), size);
      next();
    },
  });
}

/** SHA-256 (hex) and size of a stream. */
export async function digestOf(bytes: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const part of bytes) {
    hash.update(part);
    size += part.length;
  }
  return { sha256: hash.digest("hex"), size };
}

export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
