import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Config } from "../config.ts";
import type { House } from "../house.ts";
import { type OwnerSession, Sessions } from "../sessions.ts";
import { type Scope, Tokens } from "../tokens.ts";
import type { Env } from "./binding.ts";
import type { Oidc } from "./oidc/index.ts";
import { Problem } from "./problems.ts";

/** Who asks: the owner's terminal, the owner's signed-in browser, a program with a token, or nobody known. */
export type Caller =
  | { readonly kind: "terminal" }
  | { readonly kind: "browser"; readonly session: OwnerSession }
  | { readonly kind: "token"; readonly id: string; readonly scopes: readonly string[] }
  | { readonly kind: "nobody" };

/** What a route asks of its caller. A scope: the owner, or a token that has it; of several any one. */
export type Access = "public" | "terminal" | "owner" | Scope | readonly Scope[];

export interface Keepers {
  readonly sessions: Sessions;
  readonly tokens: Tokens;
}

const keepersByHouse = new WeakMap<House, Keepers>();

export function keepersOf(house: House): Keepers {
  let keepers = keepersByHouse.get(house);
  if (!keepers) {
    keepers = { sessions: new Sessions(house), tokens: new Tokens(house) };
    keepersByHouse.set(house, keepers);
  }
  return keepers;
}

export async function callerOf(
  context: Context<Env>,
  house: House | undefined,
  { config, oidc }: { config: Config; oidc: Oidc },
): Promise<Caller> {
  if (context.env.via === "socket") return { kind: "terminal" };
  if (!house) return { kind: "nobody" };
  const { sessions, tokens } = keepersOf(house);
  const bearer = /^Bearer (\S+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
  const secret = sessionSecret(context, config);
  if (bearer && secret !== undefined) {
    const detail = "The request shows a key and a browser's session. Send one of them, so that it is plain who asks.";
    throw new Problem("not-signed-in", detail, { headers: { "www-authenticate": "Bearer" } });
  }
  if (bearer && oidc.bearer && !bearer.startsWith("stw_")) {
    return { kind: "token", ...(await oidc.bearer.callerOf(bearer, house.sealed)) };
  }
  if (bearer) {
    const token = await tokens.find(bearer);
    if (!token)
      throw new Problem("not-signed-in", "The token is unknown, revoked or expired. Create a new one.", {
        headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      });
    return { kind: "token", id: token.id, scopes: token.scopes };
  }
  const session = secret ? await sessions.find(secret) : undefined;
  return session ? { kind: "browser", session } : { kind: "nobody" };
}

/** Throws unless the caller may; a browser that changes something must also show its session's CSRF value. */
export function admit(caller: Caller, access: Access, request: { method: string; csrf: string | undefined }): void {
  if (access === "public" || caller.kind === "terminal") return;
  if (caller.kind === "nobody")
    throw new Problem("not-signed-in", "Sign in to go on. A program sends its key as `Authorization: Bearer stw_…`.", {
      headers: { "www-authenticate": "Bearer" },
    });
  if (access === "terminal") throw new Problem("forbidden", "This is done in the terminal only, with `steward`.");
  if (caller.kind === "token") {
    const enough: readonly string[] = typeof access === "string" ? [access] : access;
    if (access !== "owner" && enough.some((scope) => caller.scopes.includes(scope))) return;
    const needed = enough.map((scope) => `\`${scope}\``).join(" or ");
    throw new Problem(
      "forbidden",
      access === "owner"
        ? "No key reaches this. It is done in the app or in the terminal."
        : `This needs the scope ${needed}, which the key does not have. Make a key that has it.`,
    );
  }
  const changes = !["GET", "HEAD"].includes(request.method);
  if (changes && request.csrf !== caller.session.csrf) {
    throw new Problem("wrong-csrf", "The page is out of date. Load it again and repeat what you did.");
  }
}

export function sessionSecret(context: Context<Env>, config: Config): string | undefined {
  return getCookie(context, cookieName(context, config));
}

/** Signs this browser in: a new session, and its cookie on the way. The session the browser had before ends. */
export async function beginSession(context: Context<Env>, house: House, config: Config): Promise<OwnerSession> {
  const { sessions } = keepersOf(house);
  const { secret, session } = await sessions.begin(config.sessionDays, sessionSecret(context, config));
  setCookie(context, cookieName(context, config), secret, {
    httpOnly: true,
    sameSite: "Strict",
    path: "/",
    secure: isHttps(context, config),
    // Browsers keep a cookie at most 400 days (RFC 6265bis).
    expires: new Date(session.expiresAt),
  });
  return session;
}

export function clearSessionCookie(context: Context<Env>, config: Config): void {
  deleteCookie(context, cookieName(context, config), { path: "/", secure: isHttps(context, config) });
}

/** How the outside names this house in this request: behind a proxy its base URL, else the host that was asked for. */
export function originOf(context: Context<Env>, config: Config): string {
  if (isHttps(context, config) && config.baseUrl) return new URL(config.baseUrl).origin;
  return `http://${context.req.header("host") ?? "localhost"}`;
}

/** `__Host-` needs Secure, which plain http on localhost does not have. */
function cookieName(context: Context<Env>, config: Config): string {
  return isHttps(context, config) ? "__Host-steward" : "steward_session";
}

export function isHttps(context: Context<Env>, config: Config): boolean {
  if (!config.baseUrl) return false;
  const base = new URL(config.baseUrl);
  return base.protocol === "https:" && context.req.header("host")?.toLowerCase() === base.host;
}
