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
      `<tr><th scope="row">${text(status)}</th><td>${marked(description ?? "")}</td><td>${text(Object.keys(content ?? {}).join(", "))}</td></tr>`,
  );
  return `<details${shown.tags ? " open" : ""}>
<summary><b>${method.toUpperCase()}</b> <code>${text(path)}</code> <span>${marked(shown.summary ?? "")}</span></summary>
${shown.description ? `<p>${marked(shown.description)}</p>` : ""}
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

/** What stands between backticks is code. */
function marked(value: string): string {
  return text(value).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

/** The app's look (web/src/app/tokens.css) with the fonts that are there anyway: the page stands by itself. */
const STYLE = `:root {
  color-scheme: light dark;
  --paper: light-dark(oklch(0.982 0.005 85), oklch(0.195 0.008 265));
  --surface: light-dark(#fff, oklch(0.228 0.009 265));
  --line: light-dark(oklch(0.905 0.008 85), oklch(0.295 0.01 265));
  --ink: light-dark(oklch(0.25 0.015 265), oklch(0.93 0.006 85));
  --ink-2: light-dark(oklch(0.44 0.015 265), oklch(0.765 0.008 85));
  --accent: light-dark(oklch(0.43 0.075 168), oklch(0.8 0.085 168));
  --accent-soft: light-dark(oklch(0.945 0.025 168), oklch(0.285 0.03 168));
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 "Instrument Sans Variable", ui-sans-serif, system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { margin: 0 0 .25rem; font-size: 1.875rem; letter-spacing: -.01em; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.0625rem; }
p { max-width: 44rem; color: var(--ink-2); }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
code, pre { font-family: "JetBrains Mono Variable", ui-monospace, monospace; font-size: .8125rem; }
p code, td code { padding: .05rem .3rem; border-radius: 6px; background: var(--accent-soft); color: var(--accent); }
pre { overflow-x: auto; margin: .75rem 0; padding: .75rem .9rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
details { margin: .6rem 0; padding: .65rem 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 3.4rem; color: var(--accent); font-size: .75rem; letter-spacing: .03em; }
summary span { margin-left: .5rem; color: var(--ink-2); }
table { width: 100%; border-collapse: collapse; font-size: .8125rem; }
th, td { padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
td { color: var(--ink-2); }
td:last-child { white-space: nowrap; }
@media (max-width: 40rem) { summary span { display: block; margin: .15rem 0 0; } td:last-child { display: none; } }
`;
