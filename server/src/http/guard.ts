import type { MiddlewareHandler } from "hono";
import type { Config } from "../config.ts";
import type { Env } from "./binding.ts";
import { isAllowedCrossOrigin } from "./cors.ts";
import { Problem } from "./problems.ts";

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Every answer carries these, whatever it is. */
export const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ["content-security-policy", CONTENT_SECURITY_POLICY],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
  ["x-dns-prefetch-control", "off"],
];

export function securityHeaders(): MiddlewareHandler<Env> {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    for (const [name, value] of SECURITY_HEADERS) if (!headers.has(name)) headers.set(name, value);
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  };
}

/**
 * Only our own names may be asked for (a rebound DNS name of another site is not among them), and only our own pages
 * may change anything. Requests over the socket come from the owner's terminal and have neither.
 */
export function sameSiteOnly(config: Config): MiddlewareHandler<Env> {
  return async (context, next) => {
    if (context.env.via === "socket") return next();
    const base = config.baseUrl ? new URL(config.baseUrl) : undefined;
    const host = context.req.header("host") ?? "";
    if (!isAllowedHost(host, base)) {
      throw new Problem("wrong-host", "This house answers as localhost only. Open http://localhost with its port.");
    }
    if (isAllowedCrossOrigin(context.req, config)) return next();
    const site = context.req.header("sec-fetch-site");
    const changes = !["GET", "HEAD"].includes(context.req.method);
    const api = context.req.path.startsWith("/api/");
    if ((changes || api) && site !== undefined && site !== "same-origin" && site !== "none") throw wrongOrigin();
    const { headers } = context.req.raw;
    if (changes && !isOwnOrigin(headers, host, base)) throw isProgram(headers) ? keyMissing() : wrongOrigin();
    return next();
  };
}

/** Pages live on `localhost` (where cookies and passkeys belong); the API and health checks answer on addresses too. */
export function pagesOnLocalhost(): MiddlewareHandler<Env> {
  return async (context, next) => {
    const { req, env } = context;
    const named = /^(?:127\.0\.0\.1|\[::1\])(:\d+)?$/.exec(req.header("host") ?? "");
    const page = req.method === "GET" && !/^\/(?:api\/|documents\/|healthz|readyz|openapi\.json)/.test(req.path);
    if (env.via === "socket" || !named || !page) return next();
    return context.redirect(`http://localhost${named[1] ?? ""}${new URL(req.url).pathname}`, 302);
  };
}

function isAllowedHost(host: string, base: URL | undefined): boolean {
  if (base && host.toLowerCase() === base.host) return true;
  const name = /^(\[[0-9a-f:]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
  return name !== undefined && LOOPBACK_NAMES.has(name);
}

/** Browsers send Origin with every change. Its absence is allowed only to a bearer of a token, who is no browser. */
function isOwnOrigin(headers: Headers, host: string, base: URL | undefined): boolean {
  const origin = headers.get("origin");
  if (origin === null) return headers.has("authorization") && !headers.has("cookie");
  if (base && host.toLowerCase() === base.host) return origin === base.origin;
  return origin === `http://${host.toLowerCase()}`;
}

/** No browser sends a change without an Origin, and none of ours comes without a cookie: who does has forgotten the key. */
function isProgram(headers: Headers): boolean {
  return !["origin", "cookie", "sec-fetch-site"].some((name) => headers.has(name));
}

function keyMissing(): Problem {
  const detail =
    "The request shows no key. Make one in Settings, under API keys, or with `npx steward token create`, and send it as `Authorization: Bearer stw_…`.";
  return new Problem("not-signed-in", detail, { headers: { "www-authenticate": "Bearer" } });
}

function wrongOrigin(): Problem {
  return new Problem("wrong-origin", "The request came from another site and was refused. Use the app's own page.");
}
