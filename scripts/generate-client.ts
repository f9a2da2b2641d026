import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openApi } from "../server/src/http/openapi.ts";
import { ROUTES } from "../server/src/http/owner-face.ts";

/**
 * `npm run generate:client`: the types of the web app's client, made from the OpenAPI document, so that a route or a field
 * that changes is a type error in the app. Ours and small, because the usual generator needs the compiler's API of
 * TypeScript 5; it knows the JSON Schema that zod writes for our routes, and refuses what it does not know.
 */
type Schema = Readonly<Record<string, unknown>>;

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

const FILE = new URL("../web/src/api.generated.ts", import.meta.url);
const HEAD = `/**
 * What the server's routes take and answer: generated from the OpenAPI document by \`npm run generate:client\`. Not to be
 * edited; a test compares it with the document.
 */`;

export function clientTypes(document: object): string {
  // Made by `openApi`.
  const { paths, components } = document as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema> };
  };
  const named = Object.entries(components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => `  readonly "${method.toUpperCase()} ${path}": ${shapeOf(operation)};`,
    ),
  );
  return `${HEAD}\n${named.join("\n\n")}\n\nexport interface Operations {\n${operations.join("\n")}\n}\n`;
}

function shapeOf({ parameters = [], requestBody, responses }: Operation): string {
  const inPlace = (place: string) => parameters.filter((one) => one.in === place);
  const query = inPlace("query").map(({ name, required, schema }) => member(name, schema, required, 3));
  const body = requestBody?.content["application/json"]?.schema;
  const parts = [
    ...(inPlace("path").length > 0 ? ["readonly id: string"] : []),
    ...(query.length > 0 ? [`readonly query: ${block(query, 2)}`] : []),
    ...(body ? [`readonly body: ${typeOf(body, 2)}`] : []),
    `readonly answer: ${answerOf(responses[200]?.content)}`,
  ];
  return block(parts, 1);
}

/** Of a route that streams: what it streams. */
function answerOf(content: Operation["responses"][string]["content"]): string {
  const schema = content?.["application/json"]?.schema;
  if (schema) return typeOf(schema, 2);
  const [type] = Object.keys(content ?? {});
  return type === undefined ? "undefined" : JSON.stringify(type);
}

/** `deep`: how far it is indented. */
export function typeOf(schema: Schema, deep = 0): string {
  const { $ref, const: value, enum: values, anyOf, oneOf, type } = schema;
  if (typeof $ref === "string") return $ref.replace("#/components/schemas/", "");
  if (value !== undefined) return JSON.stringify(value);
  if (Array.isArray(values)) return values.map((one) => JSON.stringify(one)).join(" | ");
  const shapes = anyOf ?? oneOf;
  if (Array.isArray(shapes)) return shapes.map((one: Schema) => typeOf(one, deep)).join(" | ");
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one }, deep)).join(" | ");
  switch (type) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array":
      return `readonly (${typeOf(asSchema(schema.items), deep)})[]`;
    case "object":
      return objectOf(schema, deep);
    case undefined:
      return "unknown";
    default:
      throw new Error(
        `The generator does not know the type ${JSON.stringify(type)}. Teach it in scripts/generate-client.ts.`,
      );
  }
}

/** An object that may have more than its properties is told by these alone; one without any is a map. */
function objectOf({ properties, required, additionalProperties }: Schema, deep: number): string {
  const needed = new Set(Array.isArray(required) ? required : []);
  const members = Object.entries(asSchema(properties)).map(([name, schema]) =>
    member(name, asSchema(schema), needed.has(name), deep + 1),
  );
  if (members.length > 0) return block(members, deep);
  if (additionalProperties === false) return "Record<string, never>";
  return `{ readonly [key: string]: ${typeOf(asSchema(additionalProperties), deep)} }`;
}

function member(name: string, schema: Schema, required: boolean, deep: number): string {
  const key = /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
  return `readonly ${key}${required ? "" : "?"}: ${typeOf(schema, deep)}`;
}

function block(members: readonly string[], deep: number): string {
  const indent = "  ".repeat(deep);
  return `{\n${members.map((one) => `${indent}  ${one};\n`).join("")}${indent}}`;
}

function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? (value as Schema) : {}; // any object is one
}

/** The file as it should be, and as it is. */
export function generated(): { wanted: string; there: string } {
  return { wanted: clientTypes(openApi(ROUTES, "0.0.0")), there: readFileSync(FILE, "utf8") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, clientTypes(openApi(ROUTES, "0.0.0")));
