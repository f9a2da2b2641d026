import type { Context } from "hono";
import type { Env } from "../../binding.ts";

/** `/docs`: the OpenAPI document as a page. Made here, without a script and without anything from elsewhere. */
interface Shown {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: object }>>;
  readonly tags?: readonly string[];
}

export function docsPage(context: Context<Env>, document: object): Response {
  // Made by `openApi` a moment ago.
  const { info, paths, components } = document as {
    info: { title: string; version: string };
    paths: Record<string, Record<string, Shown>>;
    components: { schemas: Record<string, unknown> };
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, shown]) => ({ path, method, shown })),
  );
  const isApi = ({ shown }: { shown: Shown }) => shown.tags?.includes("API") ?? false;
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)} API</title>
<link rel="stylesheet" href="/docs.css">
<main>
<h1>${text(info.title)} API</h1>
<p>Version ${text(info.version)}. The whole document: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).
Send a key as <code>Authorization: Bearer stw_…</code>. Make one with <code>npx steward token create NAME --scope chat,search</code>.</p>
<h2>For programs</h2>
${operations
  .filter(isApi)
  .map((one) => operation(one, components.schemas))
  .join("\n")}
<h2>The app's own routes</h2>
${operations
  .filter((one) => !isApi(one))
  .map((one) => operation(one, components.schemas))
  .join("\n")}
</main>
</html>
`;
  return context.body(html, 200, { "content-type": "text/html; charset=utf-8" });
}

export function docsStyle(context: Context<Env>): Response {
  return context.body(STYLE, 200, { "content-type": "text/css; charset=utf-8" });
}

function operation(
  { path, method, shown }: { path: string; method: string; shown: Shown },
  named: Readonly<Record<string, unknown>>,
): string {
  const given = shown.requestBody?.content?.["application/json"]?.schema;
  const name = /#\/components\/schemas\/(\w+)/.exec(JSON.stringify(given) ?? "")?.[1];
  const schema = (name === undefined ? undefined : named[name]) ?? given;
  const scopes = [...new Set((shown.security ?? []).flatMap((one) => one.token ?? []))];
  const examples = examplesOf(schema);
  const answers = Object.entries(shown.responses ?? {}).map(
    ([status, { description, content }]) =>
      `<tr><th scope="row">${text(status)}</th><td>${text(description ?? "")}</td><td>${text(Object.keys(content ?? {}).join(", "))}</td></tr>`,
  );
  return `<details${shown.tags ? " open" : ""}>
<summary><code><b>${method.toUpperCase()}</b> ${text(path)}</code> ${text(shown.summary ?? "")}</summary>
${shown.description ? `<p>${text(shown.description)}</p>` : ""}
${scopes.length > 0 ? `<p>Scopes: ${scopes.map((scope) => `<code>${text(scope)}</code>`).join(" or ")}</p>` : ""}
${examples.map((example) => `<pre>${text(JSON.stringify(example, null, 2))}</pre>`).join("\n")}
${schema ? `<details><summary>Schema of the request</summary><pre>${text(JSON.stringify(schema, null, 2))}</pre></details>` : ""}
<table>${answers.join("")}</table>
</details>`;
}

/** Those of the schema itself and of the shapes it may have. */
function examplesOf(schema: unknown): unknown[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "examples" in schema && Array.isArray(schema.examples) ? schema.examples : [];
  const shapes = "anyOf" in schema && Array.isArray(schema.anyOf) ? schema.anyOf : [];
  return [...own, ...shapes.flatMap(examplesOf)];
}

function text(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const STYLE = `:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8886; border-radius: .4rem; font-size: .85rem; }
details { margin: .75rem 0; border-left: 3px solid #8886; padding-left: .75rem; }
summary { cursor: pointer; }
th { text-align: left; padding-right: 1rem; }
td { padding-right: 1rem; }
a { color: inherit; }
`;
