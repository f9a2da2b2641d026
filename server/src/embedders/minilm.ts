import type { RemoteFile } from "./download.ts";
import type { Machine } from "./sentence-model.ts";

/**
 * all-MiniLM-L6-v2 as its repository on the model hub has it, at one revision: what is fetched after one click. The
 * weights differ by processor; they are quantizations of the same numbers, so their vectors go together under one id.
 */
export const MINILM = {
  name: "all-MiniLM-L6-v2",
  repository: "sentence-transformers/all-MiniLM-L6-v2",
  revision: "1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
  licence: "Apache-2.0",
} as const;

export const MINILM_ID = `${MINILM.name}@${MINILM.revision.slice(0, 8)}`;

/** Of its vectors beside words, fitted by scripts/fit-fusion.ts. */
export const MINILM_WEIGHT = 0.45;

/** Where the model hub is; a mirror may stand in for it. */
export const MODEL_HUB = "https://huggingface.co";

const INT8 = { size: 23_026_053, sha256: "4278337fd0ff3c68bfb6291042cad8ab363e1d9fbc43dcb499fe91c871902474" };
const UINT8 = { size: 23_046_789, sha256: "b941bf19f1f1283680f449fa6a7336bb5600bdcd5f84d10ddc5cd72218a0fd21" };
const FLOAT = { size: 90_405_214, sha256: "6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452" };
const TOKENIZER = { size: 466_247, sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037" };
/** An int8 export of the same weights with standard operators only. */
const STANDARD = "c8cefc9f0ae88030c42353df96dc48db5614c6a7d260607fbbb2342f8329c8bd";

/** SHA-256 of every file of weights that is this model. */
export const MINILM_WEIGHTS: ReadonlySet<string> = new Set([INT8.sha256, UINT8.sha256, FLOAT.sha256, STANDARD]);

/** What to fetch for a processor; paths within the repository and within the folder. */
export function minilmFiles({ arch, vnni }: Machine): readonly RemoteFile[] {
  const tokenizer = { path: "tokenizer.json", ...TOKENIZER };
  if (arch === "arm64") return [tokenizer, { path: "onnx/model_qint8_arm64.onnx", ...INT8 }];
  if (vnni) return [tokenizer, { path: "onnx/model_qint8_avx512_vnni.onnx", ...INT8 }];
  return [tokenizer, { path: "onnx/model_quint8_avx2.onnx", ...UINT8 }];
}

/** What the folder says besides, the same for every revision: too small to fetch. */
export const MINILM_SETTINGS: Readonly<Record<string, unknown>> = {
  "1_Pooling/config.json": { word_embedding_dimension: 384, pooling_mode_mean_tokens: true },
  "sentence_bert_config.json": { max_seq_length: 256, do_lower_case: false },
};
