import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { EmbedderError } from "./embedder-error.ts";
import { MINILM_ID, MINILM_WEIGHTS } from "./minilm.ts";

/** A sentence-transformers model with an ONNX export, as its folder describes it. */
export interface SentenceModel {
  /** With the revision, or the first of the weights' SHA-256. */
  readonly id: string;
  readonly name: string;
  readonly onnx: string;
  readonly tokenizer: string;
  readonly pooling: Pooling;
  /** As its settings say; undefined when they do not, and the model has to be asked. */
  readonly dimensions?: number;
  /** Pieces of a text that are read, its special tokens included. */
  readonly maxTokens: number;
  /** What goes before a text, by what it is for. */
  readonly prompts: { readonly passage: string; readonly query: string };
}

export type Pooling = "mean" | "cls" | "max" | "mean_sqrt_len_tokens" | "lasttoken";

/** Without a `sentence_bert_config.json`; what the house cuts passages to. */
const USUAL_TOKENS = 256;
const MOST_TOKENS = 512;

/** Throws `EmbedderError` when the folder is none of such a model, or needs what is not built here. */
export async function readSentenceModel(folder: string, machine: Machine = thisMachine): Promise<SentenceModel> {
  const name = basename(folder);
  const tokenizer = join(folder, "tokenizer.json");
  if (!(await isThere(tokenizer))) throw lacks(folder, "tokenizer.json");
  const onnx = await weightsOf(folder, machine);
  if (onnx === undefined) throw lacks(folder, "an ONNX export (onnx/model.onnx, or a quantized one beside it)");
  const modules = await readJson(folder, "modules.json", Modules);
  const dense = modules?.find(({ type }) => type.endsWith(".Dense"));
  if (dense) throw new EmbedderError(`${folder} has a Dense layer after its pooling, which Steward cannot run.`);
  const pooled = await readJson(folder, join("1_Pooling", "config.json"), PoolingConfig);
  const pooling = poolingOf(folder, pooled);
  const length = await readJson(folder, "sentence_bert_config.json", Length);
  const { prompts = {} } = (await readJson(folder, "config_sentence_transformers.json", Prompts)) ?? {};
  const sha256 = await sha256Of(onnx);
  return {
    id: MINILM_WEIGHTS.has(sha256) ? MINILM_ID : `${name}:${sha256.slice(0, 12)}`,
    ...{ name, onnx, tokenizer, pooling },
    ...(pooled?.word_embedding_dimension === undefined ? {} : { dimensions: pooled.word_embedding_dimension }),
    maxTokens: Math.min(MOST_TOKENS, length?.max_seq_length ?? USUAL_TOKENS),
    prompts: { passage: prompts.passage ?? prompts.document ?? "", query: prompts.query ?? "" },
  };
}

export interface Machine {
  readonly arch: string;
  /** The processor has AVX-512 with VNNI. */
  readonly vnni: boolean;
}

/** Quantized weights first, the kind this processor is fastest with. */
export function weightNames({ arch, vnni }: Machine): readonly string[] {
  const any = ["model_int8.onnx", "model_quantized.onnx", "model.onnx"];
  if (arch === "arm64") return ["model_qint8_arm64.onnx", ...any];
  const avx2 = ["model_quint8_avx2.onnx", ...any];
  return vnni ? ["model_qint8_avx512_vnni.onnx", "model_qint8_avx512.onnx", ...avx2] : avx2;
}

async function weightsOf(folder: string, machine: Machine): Promise<string | undefined> {
  for (const name of weightNames(machine)) {
    for (const path of [join(folder, "onnx", name), join(folder, name)]) if (await isThere(path)) return path;
  }
  return undefined;
}

const flags: Promise<string> = readFile("/proc/cpuinfo", "utf8").catch(() => "");
export const thisMachine: Machine = { arch: process.arch, vnni: /\bavx512_vnni\b/.test(await flags) };

function poolingOf(folder: string, config: z.infer<typeof PoolingConfig> | undefined): Pooling {
  if (config === undefined) throw lacks(folder, "1_Pooling/config.json");
  const on = Object.entries(config).flatMap(([key, value]) => (key.startsWith("pooling_mode_") && value ? [key] : []));
  const named = on.length === 1 ? POOLINGS[on[0] ?? ""] : undefined;
  if (named) return named;
  throw new EmbedderError(`${folder} pools by ${on.join(" and ") || "nothing"}, which Steward cannot do.`);
}

const POOLINGS: Readonly<Record<string, Pooling>> = {
  pooling_mode_mean_tokens: "mean",
  pooling_mode_cls_token: "cls",
  pooling_mode_max_tokens: "max",
  pooling_mode_mean_sqrt_len_tokens: "mean_sqrt_len_tokens",
  pooling_mode_lasttoken: "lasttoken",
};

const PoolingConfig = z.looseObject({ word_embedding_dimension: z.int().positive().optional() });
const Modules = z.array(z.object({ type: z.string() }));
const Length = z.object({ max_seq_length: z.int().min(8) });
const Prompts = z.object({ prompts: z.record(z.string(), z.string()).optional() });

async function readJson<T>(folder: string, name: string, shape: z.ZodType<T>): Promise<T | undefined> {
  const path = join(folder, name);
  if (!(await isThere(path))) return undefined;
  try {
    return shape.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new EmbedderError(`${path} is not as sentence-transformers writes it. Fetch the model again.`, { cause });
  }
}

function lacks(folder: string, what: string): EmbedderError {
  return new EmbedderError(`${folder} is no sentence-transformers model that can be run here: it lacks ${what}.`);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
