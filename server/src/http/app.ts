import type { Clock } from "@steward/core/clock.ts";
import { type Context, Hono } from "hono";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Env } from "./binding.ts";
import { admit, callerOf } from "./caller.ts";
import { API_PATHS, crossOrigin } from "./cors.ts";
import type { Door } from "./door.ts";
import { pagesOnLocalhost, sameSiteOnly, securityHeaders } from "./guard.ts";
import { openOidc } from "./oidc/index.ts";
import { OneTimeLink } from "./one-time-link.ts";
import { openApi } from "./openapi.ts";
import { answerProblem, notFound, Problem } from "./problems.ts";
import { ApiLimits } from "./rate-limits.ts";
import { type GuessCounts, Guesses } from "./rates.ts";
import type { Desk, Route } from "./route.ts";
import { docsPage, docsStyle } from "./routes/api/docs.ts";
import { apiRoutes, pageOrWrongMethod, wrongMethod } from "./routes/api/index.ts";
import { chatRoutes } from "./routes/chat.ts";
import { embedderRoutes } from "./routes/embedders.ts";
import { exportRoutes } from "./routes/export.ts";
import { houseRoutes } from "./routes/house.ts";
import { itemRoutes } from "./routes/items.ts";
import { keepingRoutes } from "./routes/keeping.ts";
import { oidcRoutes } from "./routes/oidc.ts";
import { searchRoutes } from "./routes/search.ts";
import { locked, sessionRoutes, setupNeeded } from "./routes/session.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { staticFiles } from "./static.ts";
import { Turns } from "./turns.ts";

export interface AppDeps {
  readonly door: Door;
  /** Folder of the built web app. */
  readonly static: string;
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
  /** The one-time link, when the caller prints it; otherwise one of the app's own. */
  readonly link?: OneTimeLink;
  /** Where guesses of a secret are counted; in memory when absent. */
  readonly guessCounts?: GuessCounts;
}

export interface App {
  /** Answers a request; the bindings say how it came in. */
  fetch(request: Request, env: Env["Bindings"]): Promise<Response>;
  readonly link: OneTimeLink;
  /** Resolves when every turn has ended and stored what it made. */
  idle(): Promise<void>;
  /** Ends streams, stops the running turns and resolves when each has stored what was written. */
  stop(): Promise<void>;
}

export const ROUTES: readonly Route[] = [
  ...houseRoutes,
  ...embedderRoutes,
  ...sessionRoutes,
  ...oidcRoutes,
  ...chatRoutes,
  ...searchRoutes,
  ...itemRoutes,
  ...sourceRoutes,
  ...keepingRoutes,
  ...exportRoutes,
  ...apiRoutes,
];

/** An id in a path: opaque words of ours, nothing that could mean something elsewhere. */
const ID = /^[A-Za-z0-9_.:-]{1,100}$/;

/** The one HTTP app: every face, the CLI included, speaks to it. */
export function createApp(deps: AppDeps): App {
  const { door, config, log, clock, version } = deps;
  const stopping = new AbortController();
  const turns = new Turns(log);
  const link = deps.link ?? new OneTimeLink(clock);
  const startedAt = clock.now();
  const guesses = new Guesses(clock, deps.guessCounts);
  const limits = new ApiLimits(clock, config.apiRate);
  const desk: Desk = {
    limits,
    oidc: openOidc(deps),
    door,
    config,
    clock,
    log,
    link,
    guesses,
    turns,
    version,
    startedAt,
    stopping: stopping.signal,
  };

  const app = new Hono<Env>();
  app.use(securityHeaders(), sameSiteOnly(config), crossOrigin(config), pagesOnLocalhost());
  for (const route of ROUTES)
    app.on(route.method.toUpperCase(), route.path, (context) => runRoute(route, desk, context));
  let description: string | undefined; // made when first asked for: most processes never are
  app.get("/openapi.json", (context) => {
    description ??= JSON.stringify(openApi(ROUTES, version));
    return context.body(description, 200, { "content-type": "application/json" });
  });
  app.get("/docs", (context) => docsPage(context, openApi(ROUTES, version)));
  app.get("/docs.css", docsStyle);
  app.on("GET", [...API_PATHS], pageOrWrongMethod);
  app.on(["PUT", "PATCH", "DELETE", "OPTIONS"], [...API_PATHS], wrongMethod);
  app.all("/documents/*", wrongMethod);
  app.all("/api/*", (context) => {
    throw ROUTES.some((route) => route.path === context.req.path)
      ? new Problem("wrong-method", `${context.req.method} is not possible here.`)
      : notFound("The address");
  });
  app.all("*", staticFiles(deps.static));
  app.onError((error, context) => answerProblem(error, log, `${context.req.method}:${context.req.routePath}`));

  return {
    fetch: async (request, env) => app.fetch(request, env),
    link,
    idle: () => turns.idle(),
    async stop() {
      stopping.abort();
      await turns.stopAll();
    },
  };
}

async function runRoute(route: Route, desk: Desk, context: Context<Env>): Promise<Response> {
  const house = desk.door.house();
  const caller = await callerOf(context, house, desk);
  if (!route.atTheDoor) {
    if (!house) throw locked(desk.door);
    const canSignIn = desk.oidc.signIn !== undefined || (await desk.door.password.isSet());
    if (caller.kind === "nobody" && !canSignIn) throw setupNeeded();
  }
  admit(caller, route.access, { method: context.req.method, csrf: context.req.header("x-steward-csrf") });
  const id = context.req.param("id") ?? "";
  if (route.path.includes(":id") && !ID.test(id)) throw notFound("What was asked for");
  return route.run({ ...desk, context, caller, id, query: undefined, body: undefined }, house);
}
