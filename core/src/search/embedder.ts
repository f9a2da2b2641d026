/**
 * Embedder: the port that makes vectors of texts. Adapters: the built-in word vectors, MiniLM, any OpenAI-compatible
 * endpoint, Ollama, Bedrock. Dimensions are the embedder's, never a constant.
 */
export interface Embedder {
  /** Stable name that includes the model and its revision; vectors of different ids are never compared. */
  readonly id: string;
  /** What the person reads: `built-in`, `MiniLM`. */
  readonly label?: string;
  readonly dimensions: number;
  /** The weight of vectors beside words in the convex mix, fitted on judged sets. 0 to 1. */
  readonly weight: number;
  /** See `IndexRequest.vector.floor`; what fits most embedders when absent. */
  readonly floor?: number;
  /**
   * Whether any word of a question has a meaning here: for one that has none ("xqzzyv") vectors say nothing. Absent where
   * the embedder cannot tell.
   */
  knows?(text: string): boolean;
  /** Unit vectors, in the order of the texts. */
  embed(texts: readonly string[], purpose: "passage" | "query"): Promise<Float32Array[]>;
}
