import type { Clock } from "@steward/core/clock.ts";
import { Hono } from "hono";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Env } from "./binding.ts";
import { crossOrigin } from "./cors.ts";
import type { Door } from "./door.ts";
import { pagesOnLocalhost, sameSiteOnly, securityHeaders } from "./guard.ts";
import { openOidc } from "./oidc/index.ts";
import { OneTimeLink } from "./one-time-link.ts";
import { answerProblem } from "./problems.ts";
import { ApiLimits } from "./rate-limits.ts";
import { type GuessCounts, Guesses } from "./rates.ts";
import type { Desk } from "./route.ts";
import { apiRoutes } from "./routes/api/index.ts";
import { runRoute } from "./run-route.ts";
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
  for (const route of apiRoutes)
    app.on(route.method.toUpperCase(), route.path, (context) => runRoute(route, desk, context));
  // What the owner's browser and the CLI ask for is loaded when one of them asks: a function that programs call starts without it.
  let face: Promise<Hono<Env>> | undefined;
  app.all("*", async (context) => {
    face ??= import("./owner-face.ts").then(({ ownerFace }) => ownerFace(desk, deps.static));
    return (await face).fetch(context.req.raw, context.env);
  });
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
