import type { Clock } from "@steward/core/clock.ts";
import type { Context } from "hono";
import { z } from "zod";
import type { Config } from "../config.ts";
import type { House } from "../house.ts";
import type { Log } from "../log.ts";
import type { Env } from "./binding.ts";
import { readJson } from "./body.ts";
import type { Access, Caller } from "./caller.ts";
import type { Door } from "./door.ts";
import type { Oidc } from "./oidc/index.ts";
import type { OneTimeLink } from "./one-time-link.ts";
import type { ApiLimits } from "./rate-limits.ts";
import type { Guesses } from "./rates.ts";
import type { Turns } from "./turns.ts";

/** What every route may use, beside the house. */
export interface Desk {
  readonly door: Door;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly link: OneTimeLink;
  readonly guesses: Guesses;
  readonly turns: Turns;
  readonly limits: ApiLimits;
  readonly oidc: Oidc;
  readonly version: string;
  readonly startedAt: number;
  /** Aborts when the server stops: streams end then. */
  readonly stopping: AbortSignal;
}

export interface Call<Q, B> extends Desk {
  readonly context: Context<Env>;
  readonly caller: Caller;
  /** The `:id` of the path; empty where the path has none. */
  readonly id: string;
  readonly query: Q;
  readonly body: B;
}

export type HouseCall<Q, B> = Call<Q, B> & { readonly house: House };

/** What an answer is, for `openapi.json`: a schema, or the media type of a stream, or nothing (204). */
export type Answer = z.ZodType | "text/event-stream" | "application/octet-stream" | "application/zip" | "nothing";

interface Facts<Q, B> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** With `:id` where an id stands. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  readonly answer: Answer;
  /** What `openapi.json` says beside what follows from the schemas. */
  readonly openapi?: object;
}

export interface Route extends Facts<unknown, unknown> {
  /** Whether the route works without an open house. */
  readonly atTheDoor: boolean;
  run(call: Call<undefined, undefined>, house: House | undefined): Promise<Response>;
}

/** A route of the open house. The handler translates: a value becomes JSON, undefined 204, a Response stays. */
export function route<Q = undefined, B = undefined>(
  spec: Facts<Q, B> & { handle(call: HouseCall<Q, B>): Promise<unknown> },
): Route {
  return {
    ...spec,
    atTheDoor: false,
    async run(call, house) {
      if (!house) throw new Error(`${spec.path} was reached without an open house`);
      return respond(call.context, await spec.handle({ ...call, ...(await inputs(spec, call.context)), house }));
    },
  };
}

/** A route that works before there is an open house. */
export function doorRoute<Q = undefined, B = undefined>(
  spec: Facts<Q, B> & { handle(call: Call<Q, B>): Promise<unknown> },
): Route {
  return {
    ...spec,
    atTheDoor: true,
    async run(call) {
      return respond(call.context, await spec.handle({ ...call, ...(await inputs(spec, call.context)) }));
    },
  };
}

async function inputs<Q, B>(spec: Facts<Q, B>, context: Context<Env>): Promise<{ query: Q; body: B }> {
  // Without a schema the type parameter was left at `undefined`, which is then what is given.
  const query = spec.query ? spec.query.parse(context.req.query()) : (undefined as Q);
  const body = spec.body ? spec.body.parse(await readJson(context.req.raw)) : (undefined as B);
  return { query, body };
}

function respond(context: Context<Env>, value: unknown): Response {
  if (value instanceof Response) return value;
  if (value === undefined) return context.body(null, 204);
  return context.body(JSON.stringify(value), 200, { "content-type": "application/json" });
}

/** A number in a query string. */
export function queryInt(min: number, max: number, standard: number): z.ZodType<number> {
  return z.coerce.number().int().min(min).max(max).default(standard);
}
