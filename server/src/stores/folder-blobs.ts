import { createHash, randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { BLOB_NAME, BlobExists, type BlobRange, type Blobs } from "@steward/core/blobs.ts";
import { codeOf, StoreFull, StoreTrouble } from "./errors.ts";

/** Where blobs are written before they have their name; emptied at every start. */
const INCOMING = ".incoming";

/**
 * Blobs as files below a folder that only the owner may enter. A blob is written beside the others, brought to the
 * disk, and only then given its name, by a hard link, which the system refuses when the name is taken. The caller holds
 * the home's lock: what lies in `.incoming` at the start was left by a crash and is removed.
 */
export async function openFolderBlobs(folder: string): Promise<Blobs> {
  try {
    await rm(join(folder, INCOMING), { recursive: true, force: true });
    await mkdir(join(folder, INCOMING), { recursive: true, mode: 0o700 });
    await syncFolder(folder);
  } catch (error) {
    throw asStoreError(folder, error);
  }
  return new FolderBlobs(folder);
}

/** The same for whoever only reads and may not have the home's lock: nothing is removed or made. */
export function readFolderBlobs(folder: string): Blobs {
  return new FolderBlobs(folder);
}

class FolderBlobs implements Blobs {
  readonly #folder: string;
  /** Sub-folders known to be there, and to be on the disk. */
  readonly #made = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(name: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<number> {
    const place = this.#placeOf(name);
    if ((await this.size(name)) !== undefined) throw new BlobExists(name);
    const incoming = join(this.#folder, INCOMING, randomUUID());
    const source = new CallersBytes(bytes);
    try {
      const size = await writeDurably(incoming, source);
      await this.#make(place.folder);
      await link(incoming, place.file);
      await syncFolder(place.folder);
      return size;
    } catch (error) {
      if (source.failed) throw error;
      throw codeOf(error) === "EEXIST" ? new BlobExists(name) : asStoreError(this.#folder, error);
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async get(name: string, range?: BlobRange): Promise<Uint8Array | undefined> {
    if (range && !(range.offset >= 0 && range.length >= 0)) {
      throw new RangeError(`No bytes ${range.offset}+${range.length}: offset and length are counted from 0.`);
    }
    return this.#withFile(name, async (file) => {
      const { size } = await file.stat();
      const offset = Math.min(range?.offset ?? 0, size);
      const length = Math.min(range?.length ?? size, size - offset);
      const bytes = range?.into?.subarray(0, length) ?? new Uint8Array(length);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) throw new StoreTrouble(this.#folder, `the blob ${name} ends before its size`);
        filled += bytesRead;
      }
      return bytes;
    });
  }

  async size(name: string): Promise<number | undefined> {
    try {
      return (await stat(this.#placeOf(name).file)).size;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw asStoreError(this.#folder, error);
    }
  }

  async delete(name: string): Promise<void> {
    const place = this.#placeOf(name);
    try {
      await rm(place.file, { force: true });
      await syncFolder(place.folder);
    } catch (error) {
      // Without its folder there was no blob either.
      if (codeOf(error) === "ENOENT") return;
      throw asStoreError(this.#folder, error);
    }
  }

  async *list(prefix = ""): AsyncIterable<string> {
    for (const folder of await entriesOf(this.#folder)) {
      if (!folder.isDirectory() || folder.name === INCOMING) continue;
      for (const file of await entriesOf(join(this.#folder, folder.name))) {
        const name = file.name.replaceAll("~", "/");
        if (name.startsWith(prefix)) yield name;
      }
    }
  }

  /** 256 sub-folders by a hash of the name, since the first letters of a UUIDv7 are the time and would clump. */
  #placeOf(name: string): { folder: string; file: string } {
    if (name.length > 200 || !BLOB_NAME.test(name)) {
      throw new TypeError(
        `${JSON.stringify(name)} cannot name a blob: small letters, digits, . _ - and / between parts.`,
      );
    }
    const fan = createHash("sha256").update(name).digest("hex").slice(0, 2);
    const folder = join(this.#folder, fan);
    return { folder, file: join(folder, name.replaceAll("/", "~")) };
  }

  async #make(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(this.#folder);
    this.#made.add(folder);
  }

  async #withFile<T>(name: string, work: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
    let file: FileHandle | undefined;
    try {
      file = await open(this.#placeOf(name).file, "r");
      return await work(file);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw asStoreError(this.#folder, error);
    } finally {
      await file?.close();
    }
  }
}

/** The caller's bytes as a stream that remembers whether it broke itself: its error is not the store's. */
class CallersBytes {
  readonly #bytes: Uint8Array | AsyncIterable<Uint8Array>;
  failed = false;

  constructor(bytes: Uint8Array | AsyncIterable<Uint8Array>) {
    this.#bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#bytes instanceof Uint8Array) return yield this.#bytes;
    const parts = this.#bytes[Symbol.asyncIterator]();
    let ended = false;
    try {
      while (!ended) {
        const next = await this.#next(parts);
        ended = next.done === true;
        if (!next.done) yield next.value;
      }
    } finally {
      if (!ended && !this.failed) await parts.return?.();
    }
  }

  async #next(parts: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      return await parts.next();
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }
}

/** Sealed bytes come 16 kB at a time; a write of more costs the system hardly more. */
const WRITE_BYTES = 256 * 1024;

async function* gathered(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    parts.push(part);
    size += part.length;
    if (size < WRITE_BYTES) continue;
    yield parts.length === 1 ? part : Buffer.concat(parts, size);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts, size);
}

async function writeDurably(path: string, bytes: CallersBytes): Promise<number> {
  const file = await open(path, "wx", 0o600);
  try {
    let size = 0;
    for await (const part of gathered(bytes)) {
      for (let written = 0; written < part.length; ) {
        written += (await file.write(part, written)).bytesWritten;
      }
      size += part.length;
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

/** A name in a folder is durable only when the folder is. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw asStoreError(folder, error);
  }
}

/** Only what the file system says is the store's trouble; an error of the caller's stream passes as it is. */
function asStoreError(where: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") return new StoreFull(where, error);
  return new StoreTrouble(where, error.message, error);
}
