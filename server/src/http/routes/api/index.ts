import type { Context, Next } from "hono";
import type { Env } from "../../binding.ts";
import { Problem } from "../../problems.ts";
import type { Route } from "../../route.ts";
import { chatRoute } from "./chat.ts";
import { documentRoutes } from "./documents.ts";
import { memoryRoute } from "./memory.ts";
import { searchRoute } from "./search.ts";

/** The API for programs (docs/api.md): the same at home and on AWS. */
export const apiRoutes: readonly Route[] = [chatRoute, memoryRoute, searchRoute, ...documentRoutes];

/** A browser that opens the address wants the page of the app that has the same name. */
export async function pageOrWrongMethod(context: Context<Env>, next: Next): Promise<void> {
  if (!/\btext\/html\b/.test(context.req.header("accept") ?? "")) wrongMethod(context);
  await next();
}

export function wrongMethod({ req }: Context<Env>): never {
  const allow = !req.path.startsWith("/documents/") ? "POST" : req.path.endsWith("/content") ? "PUT" : "GET";
  throw new Problem("wrong-method", `${req.method} is not possible here. Use ${allow}.`, { headers: { allow } });
}
