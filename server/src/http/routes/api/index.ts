import type { Context } from "hono";
import type { Env } from "../../binding.ts";
import { Problem } from "../../problems.ts";
import type { Route } from "../../route.ts";
import { chatRoute } from "./chat.ts";
import { memoryRoute } from "./memory.ts";
import { searchRoute } from "./search.ts";

/** The API for programs (docs/api.md): the same at home and on AWS. */
export const apiRoutes: readonly Route[] = [chatRoute, memoryRoute, searchRoute];

/** GET is a page of the app. */
export function wrongMethod(context: Context<Env>): never {
  const detail = `${context.req.method} is not possible here. Use POST.`;
  throw new Problem("wrong-method", detail, { headers: { allow: "GET, HEAD, POST" } });
}
