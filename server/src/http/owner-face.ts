import { Hono } from "hono";
import type { Env } from "./binding.ts";
import { API_PATHS } from "./cors.ts";
import { openApi } from "./openapi.ts";
import { answerProblem, notFound, Problem } from "./problems.ts";
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
import { sessionRoutes } from "./routes/session.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { runRoute } from "./run-route.ts";
import { staticFiles } from "./static.ts";

const OWNER_ROUTES: readonly Route[] = [
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
];

/** Every route of the app, those of the API (`app.ts`) too. */
export const ROUTES: readonly Route[] = [...OWNER_ROUTES, ...apiRoutes];

/**
 * Everything of the app but the API for programs: the routes of its pages and of the CLI, the descriptions, the pages
 * themselves, and what is said of an address that is none. `folder` holds the built web app. It stands behind the guards of
 * `app.ts` and has none of its own.
 */
export function ownerFace(desk: Desk, folder: string): Hono<Env> {
  const { version, log } = desk;
  const app = new Hono<Env>();
  for (const route of OWNER_ROUTES)
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
  app.all("*", staticFiles(folder));
  app.onError((error, context) => answerProblem(error, log, `${context.req.method}:${context.req.routePath}`));
  return app;
}
