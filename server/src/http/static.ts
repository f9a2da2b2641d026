import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Context } from "hono";
import { appFileHeaders } from "./app-files.ts";
import type { Env } from "./binding.ts";
import { notFound } from "./problems.ts";

const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** At most this often is a missing file looked for again: the app may be built anew while the server runs. */
const LIST_AGAIN_MS = 1_000;

/**
 * Serves the built web app. Only what was found in the folder is served, by exact name, so no path can climb out of
 * it. A page route of the app (no dot in its last part) gets the page.
 */
export function staticFiles(folder: string): (context: Context<Env>) => Promise<Response> {
  let files = listFiles(folder);
  let listedAt = Date.now();

  return async (context) => {
    const { path, method } = context.req;
    if (method !== "GET" && method !== "HEAD") throw notFound("The page");
    const isPage = !/\.[^/]*$/.test(path);
    const name = isPage ? "/index.html" : path;
    if (!files.has(name) && Date.now() - listedAt > LIST_AGAIN_MS) {
      files = listFiles(folder);
      listedAt = Date.now();
    }
    if (!files.has(name)) {
      if (isPage) return unbuilt();
      throw notFound("The file");
    }
    return serveFile(context, folder, name, files);
  };
}

async function serveFile(
  context: Context<Env>,
  folder: string,
  name: string,
  files: ReadonlySet<string>,
): Promise<Response> {
  const accepted = context.req.header("accept-encoding") ?? "";
  const encoding = ENCODINGS.find(([word, suffix]) => accepted.includes(word) && files.has(name + suffix));
  const bytes = await readFile(join(folder, name + (encoding?.[1] ?? "")));
  const { contentType, cacheControl } = appFileHeaders(name);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  const headers: Record<string, string> = {
    "content-type": contentType,
    "cache-control": cacheControl,
    vary: "accept-encoding",
    etag,
    ...(encoding ? { "content-encoding": encoding[0] } : {}),
  };
  if (context.req.header("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(bytes, { headers });
}

function listFiles(folder: string): ReadonlySet<string> {
  if (!existsSync(folder)) return new Set();
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return new Set(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => `/${relative(folder, join(folder, name)).split(sep).join("/")}`),
  );
}

function unbuilt(): Response {
  const text = "Steward runs, but its pages are not built yet. Run `npm run build`, then load this page again.\n";
  return new Response(text, { status: 503, headers: { "content-type": "text/plain; charset=utf-8" } });
}
