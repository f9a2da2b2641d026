import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { z } from "zod";

/** The pieces of a model's vocabulary by id, from its `tokenizer.json`. Throws when it is no WordPiece tokenizer. */
export async function readVocabulary(model: string): Promise<string[]> {
  const file = join(model, "tokenizer.json");
  const { model: pieces } = Tokenizer.parse(JSON.parse(await readFile(file, "utf8")));
  const vocabulary: string[] = [];
  for (const [piece, id] of Object.entries(pieces.vocab)) vocabulary[id] = piece;
  for (let id = 0; id < vocabulary.length; id += 1) {
    if (vocabulary[id] === undefined) throw new Error(`${file} has no piece with the id ${id}.`);
  }
  return vocabulary;
}

const Tokenizer = z.object({
  model: z.object({ type: z.literal("WordPiece"), vocab: z.record(z.string(), z.int().min(0)) }),
});

/** `[unused12]`, `[CLS]` and their kind stand in no text. `[UNK]` stands for what a text has and the table has not. */
export function standsInTexts(piece: string): boolean {
  return piece === "[UNK]" || !/^\[[A-Za-z]+\d*\]$/.test(piece);
}

const CLS = 101n;
const SEP = 102n;
/** Runs at a time, each on one thread: the result is the same however many there are. */
const LANES = 2;

/**
 * Each piece through the model alone (`[CLS] piece [SEP]`), mean-pooled; row by row, not normalised. One piece a run,
 * because the int8 model scales its activations by all that is in a run: so no piece depends on its neighbours.
 */
export async function embedPieces(onnx: string, ids: readonly number[]): Promise<Float64Array> {
  let rows = new Float64Array(0);
  let next = 0;
  const lane = async () => {
    const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const tensor = (values: readonly bigint[]) => new Tensor("int64", BigInt64Array.from(values), [1, 3]);
    const ones = tensor([1n, 1n, 1n]);
    const zeros = tensor([0n, 0n, 0n]);
    while (next < ids.length) {
      const at = next;
      next += 1;
      const feeds = {
        input_ids: tensor([CLS, BigInt(ids[at] ?? 0), SEP]),
        attention_mask: ones,
        token_type_ids: zeros,
      };
      const { last_hidden_state: state } = await session.run(feeds);
      if (!(state?.data instanceof Float32Array)) throw new Error(`${onnx} gives no last_hidden_state of float32.`);
      const width = state.data.length / 3;
      if (rows.length === 0) rows = new Float64Array(ids.length * width);
      for (let d = 0; d < width; d += 1) {
        rows[at * width + d] =
          ((state.data[d] ?? 0) + (state.data[width + d] ?? 0) + (state.data[2 * width + d] ?? 0)) / 3;
      }
    }
    await session.release();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return rows;
}
