import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** The files of a folder, each folder's names in code-unit order, so that every walk is the same. */
export interface Found {
  /** Relative to the root, with `/`; empty when the root is a file itself. */
  readonly file: string;
  readonly absolute: string;
  readonly size: number;
  readonly modifiedAt: number;
  /** The later of change and modification: moving an old file in changes it. */
  readonly changedAt: number;
  /** A mail of a Maildir, whatever its name says. */
  readonly maildir: boolean;
}

export interface Closed {
  readonly file: string;
  readonly absolute: string;
  readonly problem: string;
}

/**
 * Where Linux keeps no files but shows what it is doing: much of it looks like a file, some of it never ends or waits when it is
 * read. What lies in /dev/shm is files in memory.
 */
const SYSTEM = /^\/(?:proc|sys|dev(?!\/shm(?:\/|$)))(?:\/|$)/;

/** `path`: real and absolute. On no other system than Linux and its kin a folder of a person's is called so. */
export function isOfTheSystem(path: string): boolean {
  return SYSTEM.test(path);
}

/**
 * Everything below the root. Hidden files and all symbolic links are passed over (what a link points at inside the
 * folder is found where it lies, and nothing outside was asked for), and so are sockets, pipes, devices and what the system
 * shows of itself.
 */
export async function filesUnder(root: string, signal?: AbortSignal): Promise<(Found | Closed)[]> {
  const top = await realpath(root);
  const about = await stat(top);
  if (about.isFile()) return [foundOf("", top, about, false)];
  if (!about.isDirectory()) return [{ file: "", absolute: top, problem: "It is a pipe, a socket or a device." }];
  if (isOfTheSystem(top))
    return [{ file: "", absolute: top, problem: "It holds no files; the system shows itself there." }];
  const files: (Found | Closed)[] = [];
  await visit(top, "", files, signal);
  return files;
}

async function visit(
  folder: string,
  prefix: string,
  into: (Found | Closed)[],
  signal?: AbortSignal,
  holdsMail = false,
): Promise<void> {
  if (signal?.aborted) return;
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (error) {
    into.push({ file: prefix, absolute: folder, problem: problemOf(error) });
    return;
  }
  const isMaildir = names.includes("cur") && names.includes("new");
  for (const name of names) {
    // A Maildir++ keeps its folders beside cur and new behind a dot (".Sent"); its unfinished mails lie in tmp.
    if (name.startsWith(".") && !isMaildir) continue;
    if (isMaildir && name === "tmp") continue;
    const absolute = join(folder, name);
    const file = prefix === "" ? name : `${prefix}/${name}`;
    const about = await lstat(absolute).catch((error: unknown) => problemOf(error));
    if (typeof about === "string") into.push({ file, absolute, problem: about });
    else if (about.isDirectory()) {
      if (name.startsWith(".") && !(await isMaildirAt(absolute))) continue;
      if (isOfTheSystem(absolute)) continue;
      await visit(absolute, file, into, signal, isMaildir && (name === "cur" || name === "new"));
    } else if (about.isFile() && !name.startsWith(".")) {
      into.push(foundOf(file, absolute, about, holdsMail));
    }
  }
}

async function isMaildirAt(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.includes("cur") && names.includes("new");
}

function foundOf(
  file: string,
  absolute: string,
  about: { size: number; mtimeMs: number; ctimeMs: number },
  maildir: boolean,
): Found {
  const changedAt = Math.max(about.mtimeMs, about.ctimeMs);
  return { file, absolute, size: about.size, modifiedAt: about.mtimeMs, changedAt, maildir };
}

/** What the system said, for the person. */
export function problemOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "Steward may not read it. Give yourself the right to read it, then try again.";
    case "ENOENT":
      return "It is no longer there.";
    case "EMFILE":
    case "ENFILE":
      return "Too many files are open on this machine. Try again.";
    default:
      return `It could not be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
