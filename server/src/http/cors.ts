import type { HonoRequest, MiddlewareHandler } from "hono";
import type { Config } from "../config.ts";
import type { Env } from "./binding.ts";

/**
 * Pages of other origins: none, unless the owner names exact origins (`apiOrigins`), and then the API alone, with an API
 * key in the request and never with a cookie. Answers carry no `Access-Control-Allow-Credentials`, so a browser sends and
 * shows nothing that belongs to a signed-in session.
 */
export const API_PATHS: ReadonlySet<string> = new Set(["/chat", "/memory", "/search", "/documents"]);

function isApi(path: string): boolean {
  return API_PATHS.has(path) || path.startsWith("/documents/");
}

const EXPOSED =
  "ratelimit-limit, ratelimit-policy, ratelimit-remaining, ratelimit-reset, retry-after, idempotency-replayed";

/** Whether this is a call of the API from an origin the owner named: a preflight, or one that shows a key and no cookie. */
export function isAllowedCrossOrigin(request: HonoRequest, config: Config): boolean {
  const origin = request.header("origin");
  if (origin === undefined || !isApi(request.path) || !originsOf(config).has(origin)) return false;
  if (request.method === "OPTIONS") return true;
  return request.header("authorization") !== undefined && request.header("cookie") === undefined;
}

export function crossOrigin(config: Config): MiddlewareHandler<Env> {
  return async (context, next) => {
    if (!isAllowedCrossOrigin(context.req, config)) return next();
    const preflight = context.req.method === "OPTIONS";
    if (preflight) context.res = new Response(null, { status: 204 });
    else await next();
    const { headers } = context.res;
    headers.set("access-control-allow-origin", context.req.header("origin") ?? "");
    headers.append("vary", "Origin");
    headers.set("cross-origin-resource-policy", "cross-origin");
    if (!preflight) headers.set("access-control-expose-headers", EXPOSED);
    else {
      headers.set("access-control-allow-methods", "GET, POST, PUT");
      headers.set("access-control-allow-headers", "authorization, content-type, accept, idempotency-key");
      headers.set("access-control-max-age", "600");
    }
    return undefined;
  };
}

function originsOf(config: Config): ReadonlySet<string> {
  return new Set((config.apiOrigins ?? "").split(/[\s,]+/).filter(Boolean));
}
