import { z } from "zod";
import { ProblemDetails } from "./problems.ts";
import type { Answer, Route } from "./route.ts";

/** OpenAPI 3.1 of the routes, made from the very schemas that parse their requests. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][route.method] = operation(route);
  }
  return withComponents({
    openapi: "3.1.0",
    info: { title: "Steward", version, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(ProblemDetails, "output") },
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "steward_session" },
        token: {
          ...{ type: "http", scheme: "bearer", bearerFormat: "stw_… or JWT" },
          description:
            "An API key, or an access token of the OpenID Connect issuer that the owner named; the same scopes",
        },
      },
    },
  });
}

/** Named schemas move from where zod defines them to the document's components, and references follow. */
function withComponents<D extends { components: { schemas: Record<string, unknown> } }>(document: D): D {
  const { schemas } = document.components;
  const moved = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(moved);
    if (!isObject(node)) return node;
    const { $defs, ...rest } = node;
    if (isObject($defs)) for (const [name, schema] of Object.entries($defs)) schemas[name] ??= moved(schema);
    return Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [
        key,
        key === "$ref" && typeof value === "string" ? value.replace("#/$defs/", "#/components/schemas/") : moved(value),
      ]),
    );
  };
  // The same shape: only `$defs` are taken out.
  return { ...(moved(document) as D), components: { ...document.components, schemas } };
}

function operation(route: Route): object {
  return {
    summary: route.summary,
    operationId: operationId(route),
    security: securityOf(route),
    ...(route.access === "terminal" ? { "x-steward-terminal-only": true } : {}),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...requestBody(route),
    responses: {
      ...success(route.answer),
      default: {
        description: "A problem (RFC 9457)",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
    ...route.openapi,
  };
}

function operationId(route: Route): string {
  return `${route.method}${route.path.replace(/[/:_.-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
}

function securityOf(route: Route): object[] {
  if (route.access === "public" || route.access === "terminal") return [];
  if (route.access === "owner") return [{ session: [] }];
  const scopes = typeof route.access === "string" ? [route.access] : route.access;
  return [{ session: [] }, ...scopes.map((scope) => ({ token: [scope] }))];
}

export function pathParameters({ path }: Pick<Route, "path">): object[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(route: Route): object[] {
  if (!route.query) return [];
  const schema = jsonSchema(route.query, "input");
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: property,
  }));
}

function requestBody(route: Route): object {
  if (!route.body) {
    return route.path === "/api/uploads"
      ? { requestBody: { required: true, content: { "application/octet-stream": {} } } }
      : {};
  }
  return {
    requestBody: { required: true, content: { "application/json": { schema: jsonSchema(route.body, "input") } } },
  };
}

function success(answer: Answer): object {
  if (answer === "nothing") return { 204: { description: "Done" } };
  if (typeof answer === "string") return { 200: { description: "A stream", content: { [answer]: {} } } };
  return {
    200: { description: "Done", content: { "application/json": { schema: jsonSchema(answer, "output") } } },
  };
}

export function jsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", target: "draft-2020-12" });
  return rest;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
