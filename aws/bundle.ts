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
import { build, type Metafile, type Plugin } from "esbuild";

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
  const assets = new Set<string>();
  const { version } = JSON.parse(await readFile(join(ROOT, "server", "package.json"), "utf8")) as { version: string };
  const { metafile } = await build({
    entryPoints: { ...FUNCTIONS[name] },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    ...{ bundle: true, splitting: true, minify: true, metafile: true },
    ...{ format: "esm", platform: "node", target: "node24", mainFields: ["module", "main"] },
    chunkNames: "[name]-[hash]",
    external: NOT_HERE,
    legalComments: "none",
    // Packages that were written for CommonJS ask for Node's own modules by `require`.
    banner: {
      js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
    define: { "process.env.NODE_ENV": '"production"', VERSION: JSON.stringify(version) },
    logLevel: "warning",
    plugins: [ownSources(assets)],
  });
  for (const asset of assets) await cp(asset, join(folder, basename(asset)), { recursive: true });
  await writeFile(join(folder, "package.json"), '{"type":"module"}\n');
  return metafile;
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
