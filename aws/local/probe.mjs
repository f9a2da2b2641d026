// Loads a bundle as Lambda does and says which of its bytes were read for it. For `npm run bench:lambda`.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** `ready`: bytes until it can be called; `house`: and until the house can be opened. Absent: nothing is counted. */
const [, , bundle, count] = process.argv;
let bytes = 0;
if (count !== undefined) {
  registerHooks({
    load(url, context, next) {
      if (url.startsWith("file:")) bytes += readFileSync(fileURLToPath(url)).length;
      return next(url, context);
    },
  });
}
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
await import(pathToFileURL(bundle).href);
// The house's own code is read in the background from here on: it is counted where that is asked for.
if (count === "house") await new Promise((resolve) => setTimeout(resolve, 2_000));
process.stdout.write(`${bytes}\n`, () => process.exit(0));
