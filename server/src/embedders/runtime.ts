import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The two packages that run a sentence model, as absolute paths. */
export interface Runtime {
  readonly onnxruntime: string;
  readonly tokenizers: string;
}

/** In the house's own node_modules where a developer has them, else in `<home>/runtime`; undefined when in neither. */
export function findRuntime(home: string): Runtime | undefined {
  for (const from of [import.meta.url, pathToFileURL(join(runtimeFolder(home), "index.js")).href]) {
    const { resolve } = createRequire(from);
    try {
      return { onnxruntime: resolve("onnxruntime-node"), tokenizers: resolve("@huggingface/tokenizers") };
    } catch {
      // Not here.
    }
  }
  return undefined;
}

export function runtimeFolder(home: string): string {
  return join(home, "runtime");
}
