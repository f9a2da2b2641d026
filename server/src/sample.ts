import { mkdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { isOfTheSystem } from "./connectors/walk.ts";
import { makeSample } from "./sample/make.ts";

/**
 * What a path given by the person must be, and where the sample archive is made. The sample is fiction, so it may lie
 * readable in the home folder; it is made again at each use (the same bytes).
 */
export function makeSampleIn(home: string): {
  readonly sampleFolder: () => Promise<string>;
  readonly checkPath: (path: string) => Promise<string>;
} {
  return {
    async sampleFolder() {
      const folder = join(home, "sample");
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await makeSample(folder);
      return folder;
    },
    async checkPath(path) {
      const absolute = resolve(path.startsWith("~/") ? join(homedir(), path.slice(2)) : path);
      const about = await stat(absolute).catch((error: unknown) => {
        throw new PathRefused(absolute, codeOf(error));
      });
      // A pipe is read until somebody writes into it, a device without an end.
      if (!about.isFile() && !about.isDirectory()) throw new PathRefused(absolute, "DEVICE");
      if (isOfTheSystem(await realpath(absolute))) throw new PathRefused(absolute, "SYSTEM");
      const inHome = absolute === home || absolute.startsWith(`${home}/`);
      if (inHome) throw new PathRefused(absolute, "HOME");
      return absolute;
    },
  };
}

export class PathRefused extends Error {
  constructor(path: string, code: string) {
    super(sentenceOf(path, code));
    this.name = "PathRefused";
  }
}

function sentenceOf(path: string, code: string): string {
  if (code === "ENOENT") return `There is nothing at ${path}. Check the spelling; a path starts with / or ~/.`;
  if (code === "EACCES" || code === "EPERM")
    return `${path} cannot be read. Give yourself permission to it and try again.`;
  if (code === "HOME") return `${path} is where Steward keeps its own sealed files; choose what you want to have read.`;
  if (code === "DEVICE")
    return `${path} is neither a file nor a folder but a pipe, a socket or a device. Choose another.`;
  if (code === "SYSTEM")
    return `${path} holds no files: the system shows there what it is doing. Choose the folder with your own.`;
  return `${path} cannot be read (${code}).`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
