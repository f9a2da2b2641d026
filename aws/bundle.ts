/**
 * Bundles the functions for Lambda: Node 24 on arm64, ECMAScript modules, everything they need in one folder each.
 *
 *   dist/api/index.mjs       answers requests; what is rare (providers, the embedders' table) lies in chunks of its own
 *   dist/worker/index.mjs    runs jobs; reader.mjs is the sandboxed process that parses foreign bytes
 *
 * Everything lies flat in the function's folder, chunks and assets alike, so that an asset is found beside whichever chunk
 * asks for it: `new URL("../../assets/x", import.meta.url)` of the source becomes `./x` here.
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "..");

export const FUNCTIONS = {
  api: { index: join(HERE, "src", "api.ts") },
  worker: { index: join(HERE, "src", "worker.ts"), reader: join(ROOT, "server", "src", "readers", "child.ts") },
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

/** Packages that only the home uses: nothing in a function asks for them. */
const NOT_HERE = ["pg", "onnxruntime-node", "@huggingface/tokenizers"];

/** Builds one function into `folder`; what esbuild says about what lies where. */
export async function bundle(name: FunctionName, folder: string): Promise<Metafile> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { version } = JSON.parse(await readFile(join(ROOT, "server", "package.json"), "utf8")) as { version: string };
  const assets = new Set<string>();
  const apart = new Set<string>();
  const required = new Set<string>();
  const common = {
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    ...({ bundle: true, minify: true, metafile: true, splitting: true } as const),
    ...({ format: "esm", platform: "node", target: "node24" } as const),
    mainFields: ["module", "main"],
    chunkNames: "[name]-[hash]",
    external: [...NOT_HERE, "*.cjs"],
    legalComments: "none",
    // Packages that were written for CommonJS ask for Node's own modules by `require`; it is made when one does.
    banner: {
      js: 'import{createRequire as __make}from"node:module";let __made;const require=(name)=>(__made??=__make(import.meta.url))(name);',
    },
    define: { "process.env.NODE_ENV": '"production"', VERSION: JSON.stringify(version) },
    logLevel: "warning",
  } satisfies BuildOptions;
  const { metafile } = await build({
    ...common,
    entryPoints: { ...FUNCTIONS[name] },
    plugins: [ownSources(assets), builtApart(apart), requiredLate(required), roleCredentials()],
  });
  if (apart.size > 0) {
    await build({ ...common, entryPoints: [...apart].map((path) => ({ in: path, out: nameOf(path) })) });
  }
  for (const path of required) {
    const outfile = join(folder, `${nameOf(path)}.cjs`);
    await build({ entryPoints: [path], outfile, bundle: true, minify: true, format: "cjs", platform: "node" });
  }
  for (const asset of assets) await cp(asset, join(folder, basename(asset)), { recursive: true });
  await writeFile(join(folder, "package.json"), '{"type":"module"}\n');
  return metafile;
}

/**
 * The providers' packages are built by themselves. In one build with ours they would have zod whole, and with it every
 * function that starts without them.
 */
function builtApart(apart: Set<string>): Plugin {
  return {
    name: "built-apart",
    setup({ onResolve }) {
      onResolve({ filter: /^(?:@ai-sdk\/[\w-]+|ai)$/ }, ({ path }) => {
        apart.add(path);
        return { path: `./${nameOf(path)}.mjs`, external: true };
      });
    },
  };
}

/** What takes long to load and is not needed at once, and what of it is used: read from a file of its own at the first call. */
const LATE: Readonly<Record<string, readonly string[]>> = {
  "snowball-stemmers": ["newStemmer"],
  "chrono-node/en": ["parse"],
};

/** Defines its global when that is first asked for, and only where Node has none. */
const LATE_GLOBAL = { specifier: "temporal-polyfill/global", name: "Temporal" } as const;

function requiredLate(required: Set<string>): Plugin {
  return {
    name: "required-late",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${LATE_GLOBAL.specifier}$`) }, ({ path }) => ({
        path,
        namespace: "late-global",
      }));
      onLoad({ filter: /.*/, namespace: "late-global" }, ({ path }) => {
        required.add(path);
        const { name } = LATE_GLOBAL;
        const get = `get() { delete globalThis.${name}; require("./${nameOf(path)}.cjs"); return globalThis.${name}; }`;
        const define = `Object.defineProperty(globalThis, "${name}", { configurable: true, ${get} });`;
        return { contents: `if (!("${name}" in globalThis)) ${define}` };
      });
      onResolve({ filter: new RegExp(`^(?:${Object.keys(LATE).join("|")})$`) }, ({ path }) => ({
        path,
        namespace: "late",
      }));
      onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => {
        required.add(path);
        const names = LATE[path] ?? [];
        const calls = names.map((name) => `export const ${name} = (...given) => real().${name}(...given);`).join("\n");
        const real = `let loaded; const real = () => (loaded ??= require("./${nameOf(path)}.cjs"));`;
        return { contents: `${real}\n${calls}\nexport default { ${names.join(", ")} };` };
      });
    },
  };
}

/** A function has its role's credentials in its environment; what looks for them elsewhere (files, SSO, instances) stays out. */
function roleCredentials(): Plugin {
  return {
    name: "role-credentials",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({ path, namespace: "role" }));
      onLoad({ filter: /.*/, namespace: "role" }, () => ({
        contents: 'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";',
        resolveDir: ROOT,
      }));
    },
  };
}

function nameOf(specifier: string): string {
  return specifier.replace(/^@/, "").replaceAll("/", "-");
}

/**
 * Two things of our own sources that a bundle wants otherwise: assets lie beside the code, and zod comes as a namespace, of
 * which esbuild keeps what is used (the object `z` it would keep whole, with every language's messages: 300 kB).
 */
function ownSources(assets: Set<string>): Plugin {
  return {
    name: "own-sources",
    setup({ onLoad }) {
      onLoad({ filter: /[/\\](?:core|server|aws)[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        const asked = /new URL\("(?:\.\.\/)+(assets\/[^"]+|package\.json)", import\.meta\.url\)/g;
        const slim = source.replace('import { z } from "zod";', 'import * as z from "zod";');
        const contents = slim.replace(asked, (_, asset: string) => {
          const file = join(ROOT, "server", asset);
          // The packages that run MiniLM are fetched by npm, which a function has not.
          if (asset !== "package.json" && !asset.endsWith("embedding-runtime")) assets.add(file);
          return `new URL("./${basename(asset)}", import.meta.url)`;
        });
        return contents === source ? undefined : { contents, loader: "ts" };
      });
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of Object.keys(FUNCTIONS) as FunctionName[]) {
    const { outputs } = await bundle(name, join(HERE, "dist", name));
    const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
    process.stdout.write(`${name}: ${Object.keys(outputs).length} files, ${Math.round(bytes / 1000)} kB\n`);
  }
}
