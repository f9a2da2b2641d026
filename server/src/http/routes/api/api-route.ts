import { z } from "zod";
import type { House } from "../../../house.ts";
import { nameOf } from "../../api-keys.ts";
import { readJson } from "../../body.ts";
import type { Access } from "../../caller.ts";
import { begin, type Claim } from "../../idempotency.ts";
import { jsonSchema, pathParameters } from "../../openapi.ts";
import { answerProblem, type Problem } from "../../problems.ts";
import type { HouseCall, Route } from "../../route.ts";

/**
 * A route of the API: limits first, then the body, then Idempotency-Key, then what the route does. Every answer, a refusal
 * too, says what is left of the key's rate.
 */
export interface ApiSpec<B, O> {
  /** `post` unless said otherwise; a `get` has no body. */
  readonly method?: "get" | "post";
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly access: Access;
  /** For `openapi.json`; `parse`, where it is given, does the parsing with the same schemas. */
  readonly body: z.ZodType<B>;
  readonly parse?: (json: unknown) => B;
  /** Media types of a 200 beside JSON. */
  readonly streams?: boolean;
  readonly answer: z.ZodType;
  readonly refusals: readonly number[];
  handle(call: ApiCall<B>): Promise<unknown>;
  /** Writes take an Idempotency-Key. `again` answers from what the first request kept. */
  readonly writes?: {
    readonly leaseMs: number;
    isWrite(body: B): boolean;
    again(call: ApiCall<B>, outcome: O): Promise<unknown>;
  };
}

export interface ApiCall<B> extends HouseCall<undefined, B> {
  /** Whose request it is: the key's id, or `owner`. */
  readonly by: string;
  /** Of a request with an Idempotency-Key: to be completed by whoever does the writing. */
  readonly claim?: Claim;
}

export function apiRoute<B, O = never>(spec: ApiSpec<B, O>): Route {
  const method = spec.method ?? "post";
  return {
    method,
    path: spec.path,
    summary: spec.summary,
    access: spec.access,
    ...(method === "get" ? {} : { body: spec.body }),
    answer: spec.answer,
    atTheDoor: false,
    get openapi() {
      return describe(spec); // made when it is asked for: most processes never are
    },
    async run(call, house) {
      if (!house) throw new Error(`${spec.path} was reached without an open house`);
      const { headers, refusal, leave } = call.limits.enter(nameOf(call.caller));
      const response = await answerOf(spec, { ...call, house }, refusal).catch((error) =>
        answerProblem(error, call.log, `${method.toUpperCase()}:${spec.path}`),
      );
      leave();
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
      return response;
    },
  };
}

async function answerOf<B, O>(
  spec: ApiSpec<B, O>,
  call: HouseCall<undefined, undefined> & { house: House },
  refusal: Problem | undefined,
): Promise<Response> {
  if (refusal) throw refusal;
  const { context, clock, house } = call;
  const json = spec.method === "get" ? undefined : await readJson(context.req.raw);
  const body = spec.parse ? spec.parse(json) : spec.body.parse(json);
  const by = nameOf(call.caller);
  const asked: ApiCall<B> = { ...call, body, by };
  const key = context.req.header("idempotency-key");
  if (key === undefined || !spec.writes?.isWrite(body)) return respond(await spec.handle(asked));
  const { leaseMs, again } = spec.writes;
  const begun = await begin({ sealed: house.sealed, clock }, { by, path: spec.path, key, body: json, leaseMs });
  if ("outcome" in begun) {
    // The route itself kept it, for this very path.
    const response = respond(await again(asked, begun.outcome as O));
    response.headers.set("idempotency-replayed", "true");
    return response;
  }
  try {
    return respond(await spec.handle({ ...asked, claim: begun.claim }));
  } catch (error) {
    await begun.claim.abandon();
    throw error;
  }
}

function respond(value: unknown): Response {
  if (value instanceof Response) return value;
  return new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: "The request is not valid; `field` names what is wrong",
  401: "No key, one that is unknown, revoked or expired, or a token that does not work",
  403: "The scopes do not include this, or the token is not the owner's",
  404: "What was named is not here, or not any more",
  409: "The first request with this Idempotency-Key still runs",
  413: "Over 1 MB",
  415: "Not application/json",
  422: "This Idempotency-Key was used with another body",
  429: "The key asks too often or too much at once, or the day's cap is reached",
  502: "The model's provider refused or failed",
  503: "Not ready: locked, or what is needed is not switched on",
  504: "The model took too long",
};

const LIMIT_HEADERS = {
  "RateLimit-Limit": header("Requests that fit the bucket", "integer"),
  "RateLimit-Remaining": header("Requests left now", "integer"),
  "RateLimit-Reset": header("Seconds until the bucket is full again", "integer"),
};

function header(description: string, type: "integer" | "string") {
  return { description, schema: { type } };
}

function describe<B, O>(spec: ApiSpec<B, O>): object {
  const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  const refusals = spec.refusals.map((status) => {
    const retry = status === 429 ? { headers: { "Retry-After": header("Seconds to wait", "integer") } } : {};
    return [String(status), { description: REFUSALS[status] ?? "Refused", content: problem, ...retry }] as const;
  });
  const content = {
    "application/json": { schema: jsonSchema(spec.answer, "output") },
    // Each event's data is one ChatEvent as JSON; JSON Schema has no words for a stream of them.
    ...(spec.streams ? { "text/event-stream": {} } : {}),
  };
  const idempotency = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "Of a write: the same key with the same body is answered as the first time, for 24 hours",
    schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~]+$" },
  };
  return {
    tags: ["API"],
    description: spec.description,
    parameters: [...pathParameters(spec), ...(spec.writes ? [idempotency] : [])],
    responses: { 200: { description: "Done", headers: LIMIT_HEADERS, content }, ...Object.fromEntries(refusals) },
  };
}

/**
 * At least one sign that can be seen: no spaces, control or format characters alone. Written so that every regular
 * expression engine that reads JSON Schema understands it the same.
 */
const UNSEEN =
  "\\u0000-\\u0020\\u007f-\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff";
const VISIBLE = new RegExp(`[^${UNSEEN}]`);

export function words(most: number): z.ZodString {
  return z.string().min(1, "must not be empty").max(most).regex(VISIBLE, "must not be empty");
}
