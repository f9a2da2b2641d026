import { extname } from "node:path";

/** How a file of the built web app is sent, by this house itself or from a bucket (aws/deploy/objects.ts). */
export interface AppFileHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

/**
 * Files under `assets/` carry their content's hash in their name and may be kept for ever; the rest is asked for again each
 * time, so that the page always names files that are there. `name` is within the app's folder, with slashes.
 */
export function appFileHeaders(name: string): AppFileHeaders {
  return {
    contentType: MEDIA_TYPES[extname(name)] ?? "application/octet-stream",
    cacheControl: /^\/?assets\//.test(name) ? "public, max-age=31536000, immutable" : "no-cache",
  };
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};
