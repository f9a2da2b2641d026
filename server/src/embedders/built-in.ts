import { readFileSync } from "node:fs";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { wordVectorEmbedder } from "@steward/core/search/embedders/word-vectors.ts";

/** The table that `npm run distill` makes and that comes with Steward. */
const TABLE = new URL("../../assets/word-vectors.bin", import.meta.url);

let opened: Embedder | undefined;

/** The built-in word vectors, read at first use. Throws `WordTableError` when the file is damaged. */
export function builtInEmbedder(): Embedder {
  opened ??= wordVectorEmbedder(readFileSync(TABLE));
  return opened;
}
