import type { Embedder } from "../embedder.ts";
import { WordPiece } from "./word-piece.ts";
import { readWordTable } from "./word-table.ts";

/**
 * The built-in embedder: a text is the weighted mean of its pieces' vectors, L2-normalised. Rare pieces count, common
 * ones hardly (Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence embeddings", 2017): what each
 * counts stands in the table. No download, no model, microseconds a passage.
 */
export function wordVectorEmbedder(bytes: Uint8Array, options: { readonly weight?: number } = {}): Embedder {
  const table = readWordTable(bytes);
  const { dimensions, rows } = table;
  const tokenizer = new WordPiece(table.vocabulary);
  const factors = table.scales.map((scale, i) => scale * (table.weights[i] ?? 0));

  // In double precision, so that pieces that cancel out do so exactly enough to be seen.
  const sum = new Float64Array(dimensions);
  const add = (id: number, factor: number) => {
    const row = id * dimensions;
    for (let d = 0; d < dimensions; d += 1) sum[d] = (sum[d] ?? 0) + factor * (rows[row + d] ?? 0);
  };
  const embedOne = (text: string): Float32Array => {
    sum.fill(0);
    for (const id of tokenizer.encode(text)) {
      const factor = factors[id] ?? 0;
      if (factor > 0) add(id, factor);
    }
    if (!hasDirection(sum)) {
      // Nothing in it has a meaning here: every such text is the same, and near to none other.
      sum.fill(0);
      add(tokenizer.unknown, 1);
      if (!hasDirection(sum)) sum[0] = 1;
    }
    const length = Math.sqrt(squaresOf(sum));
    return Float32Array.from(sum, (value) => value / length);
  };
  return {
    id: table.id,
    dimensions,
    weight: options.weight ?? BUILT_IN_WEIGHT,
    knows: (text) => tokenizer.hasWord(text, (id) => (table.weights[id] ?? 0) > LEAST_MEANING),
    async embed(texts) {
      return texts.map(embedOne);
    },
  };
}

/** Of the built-in vectors beside words, fitted by scripts/fit-fusion.ts. */
const BUILT_IN_WEIGHT = 0.25;

/** Of what counts less a text's vector says nothing: stop words, punctuation. */
const LEAST_MEANING = 0.01;

function hasDirection(vector: Float64Array): boolean {
  return squaresOf(vector) > 1e-20;
}

function squaresOf(vector: Float64Array): number {
  let squares = 0;
  for (const value of vector) squares += value * value;
  return squares;
}
