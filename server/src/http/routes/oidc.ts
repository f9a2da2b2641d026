import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import type { House } from "../../house.ts";
import type { Env } from "../binding.ts";
import { beginSession, isHttps, originOf } from "../caller.ts";
import { rememberOwner } from "../oidc/issuer.ts";
import { FLOW_MS, type Flow, type SignIn, type SignInFailure } from "../oidc/sign-in.ts";
import { notFound } from "../problems.ts";
import { type Call, doorRoute } from "../route.ts";
import { isTimeZone, openHouseOf } from "./session.ts";

/**
 * The owner's sign-in with their issuer: there and back again, ending in the same session cookie that a password gives.
 * The first time counts as setting up: no password is needed. What goes wrong is told by the sign-in page, which finds
 * the reason in the fragment.
 */
const REDIRECT = { responses: { 302: { description: "On the way" } } };

export const oidcRoutes = [
  doorRoute({
    method: "get",
    path: "/auth/oidc",
    summary: "Sends the browser to the owner's issuer to sign in",
    access: "public",
    query: z.object({ zone: z.string().max(60).optional().describe("IANA time zone, for a house that has none yet") }),
    answer: "nothing",
    openapi: REDIRECT,
    async handle(call) {
      const { context, query, config } = call;
      const house = openHouseOf(call);
      const zone = query.zone !== undefined && isTimeZone(query.zone) ? query.zone : undefined;
      const begun = await signInOf(call).begin(house.sealed, `${originOf(context, config)}/auth/callback`, zone);
      if (!begun) return failed(context, "unreachable");
      const secure = isHttps(context, config);
      // Lax: the issuer's page is another site, and the browser comes back from there.
      const how = { httpOnly: true, sameSite: "Lax", path: "/", secure, maxAge: FLOW_MS / 1000 } as const;
      setCookie(context, flowCookie(call), begun.cookie, how);
      return context.redirect(begun.url, 302);
    },
  }),

  doorRoute({
    method: "get",
    path: "/auth/callback",
    summary: "Where the issuer sends the browser back: signs in the owner, and nobody else",
    access: "public",
    answer: "nothing",
    openapi: REDIRECT,
    async handle(call) {
      const { context, config } = call;
      const house = openHouseOf(call);
      const cookie = getCookie(context, flowCookie(call));
      deleteCookie(context, flowCookie(call), { path: "/", secure: isHttps(context, config) });
      const finished = await signInOf(call).finish(house.sealed, new URL(context.req.url).search, cookie);
      if (typeof finished === "string") return failed(context, finished);
      const isFirst = await rememberOwner(signInOf(call).issuer, house.sealed, finished.claims);
      const isSetUp = isFirst && !(await call.door.password.isSet());
      if (isSetUp) await setUp(house, finished);
      await beginSession(context, house, config);
      return context.redirect(isSetUp ? "/setup" : "/", 302);
    },
  }),
];

function signInOf({ oidc }: Pick<Call<unknown, unknown>, "oidc">): SignIn {
  if (!oidc.signIn) throw notFound("Signing in with an issuer");
  return oidc.signIn;
}

function flowCookie({ context, config }: Call<unknown, unknown>): string {
  return isHttps(context, config) ? "__Host-steward-oidc" : "steward_oidc";
}

function failed(context: Context<Env>, why: SignInFailure): Response {
  return context.redirect(`/#sign-in=${why}`, 302);
}

async function setUp(house: House, { claims, flow }: { claims: Readonly<Record<string, unknown>>; flow: Flow }) {
  const { name } = await house.settings.get();
  const said = typeof claims.name === "string" ? claims.name.trim().slice(0, 200) : "";
  await house.settings.patch({
    ...(flow.zone === undefined ? {} : { timeZone: flow.zone }),
    ...(name === undefined && said !== "" ? { name: said } : {}),
  });
}
