import { spawn } from "node:child_process";
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { EmbedderError } from "./embedder-error.ts";

/**
 * What runs a sentence model: `onnxruntime-node` and `@huggingface/tokenizers`. They are 290 MB, and who stays with the
 * built-in vectors needs neither, so they are no dependency of Steward: a developer has them among the development
 * tools, anyone else gets them below the home with the model, through npm, at the versions and checksums of
 * server/assets/embedding-runtime.
 */
export interface Runtime {
  /** Absolute paths of what the two packages export. */
  readonly onnxruntime: string;
  readonly tokenizers: string;
}

/** Where a developer has them, else in `<home>/runtime`; undefined when in neither. */
export function findRuntime(home: string): Runtime | undefined {
  for (const from of [import.meta.url, pathToFileURL(join(runtimeFolder(home), "index.js")).href]) {
    const found = runtimeFrom(from);
    if (found) return found;
  }
  return undefined;
}

export function runtimeFolder(home: string): string {
  return join(home, "runtime");
}

/** Of the download, roughly, for who is asked whether to begin it. */
export const RUNTIME_BYTES = 110_000_000;

export interface InstallOptions {
  readonly home: string;
  /** Folder with a package.json and a package-lock.json; those that come with Steward unless told. */
  readonly packages?: string;
  /** npm's own setting when not told. */
  readonly registry?: string;
  readonly npm?: string;
  readonly signal?: AbortSignal;
}

/**
 * Installs both into `<home>/runtime`, which is there whole or not at all; what is there already is kept. Nothing that
 * the packages would run at their installation is run. Throws `EmbedderError`.
 */
export async function installRuntime(options: InstallOptions): Promise<Runtime> {
  const { home } = options;
  const place = runtimeFolder(home);
  const there = runtimeFrom(pathToFileURL(join(place, "index.js")).href);
  if (there) return there;
  const draft = `${place}.part`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    await cp(options.packages ?? fileURLToPath(new URL("../../assets/embedding-runtime", import.meta.url)), draft, {
      recursive: true,
    });
    const cache = join(draft, "npm-cache");
    await runNpm(options, draft, [
      "ci",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      // Who has no network learns so in seconds; npm's own waits are minutes.
      "--fetch-retries=1",
      "--fetch-retry-mintimeout=2000",
      `--cache=${cache}`,
    ]);
    await rm(cache, { recursive: true, force: true });
    await dropOtherPlatforms(draft);
    await rm(place, { recursive: true, force: true });
    await rename(draft, place);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw cause instanceof EmbedderError
      ? cause
      : cannot(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const installed = runtimeFrom(pathToFileURL(join(place, "index.js")).href);
  if (!installed) throw cannot("npm left out one of the packages");
  return installed;
}

function runtimeFrom(url: string): Runtime | undefined {
  const { resolve } = createRequire(url);
  try {
    return { onnxruntime: resolve("onnxruntime-node"), tokenizers: resolve("@huggingface/tokenizers") };
  } catch {
    return undefined;
  }
}

async function runNpm(options: InstallOptions, folder: string, args: readonly string[]): Promise<void> {
  const windows = process.platform === "win32";
  const registry = options.registry === undefined ? [] : [`--registry=${options.registry}`];
  const child = spawn(options.npm ?? (windows ? "npm.cmd" : "npm"), [...args, ...registry], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    // npm is a script there, which only a shell runs; no argument comes from outside.
    shell: windows,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-8_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).catch((cause: unknown) => {
    if (options.signal?.aborted) throw new EmbedderError("The installation was stopped. Begin it again when you like.");
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw cannot(missing ? "there is no npm on this machine's PATH" : String(cause), cause);
  });
  if (code !== 0) throw cannot(reasonIn(said) ?? `npm ended with ${code}`);
}

/** npm's first lines of an error: its code and what it says of it. */
function reasonIn(said: string): string | undefined {
  const lines = [...said.matchAll(/^npm (?:error|ERR!) (?:code )?(.+)$/gm)].map(([, line]) => line ?? "");
  return lines.length > 0 ? lines.slice(0, 2).join(": ").slice(0, 300) : undefined;
}

/** onnxruntime-node brings its libraries for every platform; five sixths of it are for others. */
async function dropOtherPlatforms(folder: string): Promise<void> {
  const bin = join(folder, "node_modules", "onnxruntime-node", "bin", "napi-v6");
  for (const platform of await readdir(bin).catch(() => [])) {
    for (const arch of await readdir(join(bin, platform))) {
      if (platform === process.platform && arch === process.arch) continue;
      await rm(join(bin, platform, arch), { recursive: true });
    }
  }
}

function cannot(why: string, cause?: unknown): EmbedderError {
  return new EmbedderError(
    `What runs the model could not be installed (${why}). Check the connection and npm's settings, then try again.`,
    { cause },
  );
}
