import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { syncFolder } from "../stores/private-file.ts";
import { sha256Of } from "./sentence-model.ts";

/** A file to fetch: its path below the address and below the folder, its size in bytes, and its SHA-256 in hex. */
export interface RemoteFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export interface DownloadOptions {
  /** The address that the files' paths are added to. */
  readonly from: string;
  readonly folder: string;
  readonly files: readonly RemoteFile[];
  /** Bytes so far, of all files, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte until the line counts as cut. */
  readonly stallMs?: number;
  /** Milliseconds before the first new try; doubled for each that follows. */
  readonly retryMs?: number;
}

/** A download that did not finish; the message tells the owner what to do next. */
export class DownloadError extends Error {
  readonly reason: "offline" | "not-found" | "refused" | "wrong-content" | "stopped" | "disk";
  constructor(reason: DownloadError["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DownloadError";
    this.reason = reason;
  }
}

/** In a row without a byte gained. */
const TRIES = 4;

/**
 * Fetches files whose content is known beforehand. What was fetched stays beside its place as `<path>.part` when the
 * line is cut, here or in an earlier run, and only the rest is asked for; a file takes its place when its size and
 * SHA-256 are right, all at once. Files that are there already are checked and kept. Throws `DownloadError`.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { folder, files, onProgress } = options;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let before = 0;
  for (const file of files) {
    const progress = (done: number) => onProgress?.(before + done, total);
    try {
      if (!(await isWhole(join(folder, file.path), file))) await fetchFile(options, file, progress);
    } catch (cause) {
      throw troubleOf(cause, file, options);
    }
    before += file.size;
    progress(0);
  }
}

async function fetchFile(options: DownloadOptions, file: RemoteFile, progress: (done: number) => void): Promise<void> {
  const place = join(options.folder, file.path);
  const part = `${place}.part`;
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  let failures = 0;
  let restarted = false;
  for (;;) {
    const had = await sizeOf(part);
    if (had < file.size) {
      try {
        await fetchRest(options, file, part, had, progress);
      } catch (error) {
        if (options.signal?.aborted || error instanceof DownloadError) throw error;
        failures = (await sizeOf(part)) > had ? 1 : failures + 1;
        if (failures >= TRIES) throw error;
        await wait((options.retryMs ?? 500) * 2 ** (failures - 1), undefined, { signal: options.signal });
        continue;
      }
    }
    if (await isWhole(part, file)) break;
    await rm(part, { force: true });
    // A part left by an earlier run may have been damaged since: once more from the start.
    if (had === 0 || restarted) {
      throw another(file, "its SHA-256 differs");
    }
    restarted = true;
  }
  await rename(part, place);
  await syncFolder(dirname(place));
}

/** Appends what is still missing to the part. Throws where the line is cut; what came is kept. */
async function fetchRest(
  options: DownloadOptions,
  file: RemoteFile,
  part: string,
  had: number,
  progress: (done: number) => void,
): Promise<void> {
  const stall = new AbortController();
  const stallMs = options.stallMs ?? 30_000;
  let timer = setTimeout(() => stall.abort(new Error("nothing came for too long")), stallMs);
  const signal = options.signal ? AbortSignal.any([options.signal, stall.signal]) : stall.signal;
  try {
    const url = `${options.from.replace(/\/+$/, "")}/${file.path}`;
    const headers = { "accept-encoding": "identity", ...(had > 0 ? { range: `bytes=${had}-` } : {}) };
    const response = await fetch(url, { headers, signal });
    if (!response.ok || !response.body) throw refusal(response.status, url);
    // A server that knows no ranges sends all again.
    const at = response.status === 206 && startOf(response) === had ? had : 0;
    if (response.status === 206 && at !== had) throw refusal(416, url);
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    if (Number.isFinite(length) && at + length !== file.size) throw another(file, `it has ${at + length} bytes`);
    const out = await open(part, at === 0 ? "w" : "a", 0o600);
    let done = at;
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(() => stall.abort(new Error("nothing came for too long")), stallMs);
        // More than was promised is not what was promised; the check that follows says so.
        if (done + chunk.length > file.size) {
          await out.truncate(0);
          throw another(file, "it goes on and on");
        }
        await out.writeFile(chunk);
        done += chunk.length;
        progress(done);
      }
      await out.sync();
    } finally {
      await out.close();
    }
    if (done < file.size) throw new Error(`the line was cut after ${done} of ${file.size} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

function another(file: RemoteFile, why: string): DownloadError {
  return new DownloadError(
    "wrong-content",
    `What came as ${file.path} is not the file that Steward expects (${why}), so it was thrown away. Try again; if it stays so, the server or something on the way changes it.`,
  );
}

function startOf(response: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

/** Refusals that may pass are plain errors, which are tried again. */
function refusal(status: number, url: string): Error {
  if (status === 404 || status === 410) {
    return new DownloadError("not-found", `${url} is not there (${status}). Check the address of the model hub.`);
  }
  if (status === 408 || status === 429 || status >= 500) return new Error(`it answers ${status}`);
  return new DownloadError(
    "refused",
    `${url} was refused (${status}). Check the address of the model hub, or a proxy.`,
  );
}

function troubleOf(cause: unknown, file: RemoteFile, { from, signal }: DownloadOptions): DownloadError {
  if (cause instanceof DownloadError) return cause;
  if (signal?.aborted) {
    return new DownloadError("stopped", "The download was stopped; what came is kept, and the next one goes on there.");
  }
  const code = codeIn(cause);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EACCES" || code === "EROFS" || code === "EPERM") {
    return new DownloadError(
      "disk",
      `${file.path} could not be written (${code}). Make room, or let Steward write there.`,
      {
        cause,
      },
    );
  }
  const why = code ?? (cause instanceof Error ? cause.message : "unknown error");
  return new DownloadError(
    "offline",
    `${file.path} could not be fetched from ${from} (${why}). Check the connection and try again; it goes on where it was cut.`,
    { cause },
  );
}

/** The system's code, which fetch hides in causes. */
function codeIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return codeIn(error.cause);
}

async function isWhole(path: string, file: RemoteFile): Promise<boolean> {
  return (await sizeOf(path)) === file.size && (await sha256Of(path)) === file.sha256;
}

/** 0 when it is not there. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
