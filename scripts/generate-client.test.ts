import assert from "node:assert/strict";
import { test } from "node:test";
import { clientTypes, generated, typeOf } from "./generate-client.ts";

test("the client's types are those of the OpenAPI document as it is now", () => {
  const { wanted, there } = generated();
  assert.equal(there, wanted, "Run `npm run generate:client` and see what the app says to it.");
});

test("schemas become types; one that is not known is refused", () => {
  const optional = {
    type: "object",
    properties: { a: { type: "string" }, "b-c": { type: "integer" } },
    required: ["a"],
  };
  assert.equal(typeOf(optional), '{\n  readonly a: string;\n  readonly "b-c"?: number;\n}');
  assert.equal(
    typeOf({ type: "object", additionalProperties: { type: ["number", "null"] } }),
    "{ readonly [key: string]: number | null }",
  );
  assert.equal(typeOf({ type: "array", items: { $ref: "#/components/schemas/Hit" } }), "readonly (Hit)[]");
  assert.equal(typeOf({ anyOf: [{ const: "a" }, { enum: ["b", 1] }] }), '"a" | "b" | 1');
  assert.equal(typeOf({}), "unknown");
  assert.throws(() => typeOf({ type: "tuple" }), /Teach it/);
});

test("a route becomes its id, query, body and answer", () => {
  const schema = { type: "string" };
  const operation = {
    parameters: [
      { name: "id", in: "path", required: true, schema },
      { name: "q", in: "query", required: false, schema },
    ],
    requestBody: { content: { "application/json": { schema } } },
    responses: { 200: { content: { "text/event-stream": {} } } },
  };
  const types = clientTypes({
    paths: { "/x/{id}": { post: operation } },
    components: { schemas: { B: schema, A: schema } },
  });
  assert.match(types, /export type A = string;\n\nexport type B = string;/);
  const flat = types.replace(/\s+/g, " ");
  assert.match(
    flat,
    /"POST \/x\/\{id\}": \{ readonly id: string; readonly query: \{ readonly q\?: string; \}; readonly body: string; readonly answer: "text\/event-stream"; \}/,
  );
});
