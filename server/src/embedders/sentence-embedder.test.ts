import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { testEmbedder } from "@steward/core/testing/embedder-contract.ts";
import { EmbedderError } from "./embedder-error.ts";
import { findRuntime } from "./runtime.ts";
import { openSentenceEmbedder } from "./sentence-embedder.ts";
import { readSentenceModel, weightNames } from "./sentence-model.ts";

const FOLDER = join(
  process.env.STEWARD_MODELS ?? resolve(import.meta.dirname, "../../../../shared/models"),
  "all-MiniLM-L6-v2",
);
const runtime = findRuntime(tmpdir());
const missing = !existsSync(FOLDER) ? "no copy of MiniLM; set STEWARD_MODELS" : runtime ? false : "no onnxruntime-node";

async function open(folder = FOLDER, idleMs = 60_000) {
  const model = await readSentenceModel(folder);
  return openSentenceEmbedder({ model, runtime: runtime ?? assert.fail(), weight: 0.5, threads: 1, idleMs });
}

/** A copy of the model's folder, by links, with some of its files written anew or left out. */
async function withModel(files: Readonly<Record<string, unknown>>, work: (folder: string) => Promise<void>) {
  const home = await mkdtemp(join(tmpdir(), "steward-model-"));
  const folder = join(home, "some-model");
  try {
    await mkdir(join(folder, "onnx"), { recursive: true });
    for (const name of ["tokenizer.json", "config.json", "1_Pooling/config.json", "onnx/model_int8.onnx"]) {
      if (name in files) continue;
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await symlink(join(FOLDER, name), join(folder, name));
    }
    for (const [name, content] of Object.entries(files)) {
      if (content === undefined) continue;
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    }
    await work(folder);
  } finally {
    await rm(home, { recursive: true });
  }
}

if (!missing) {
  testEmbedder(
    "MiniLM",
    async () => {
      const embedder = await open();
      return { embedder, close: () => embedder.close() };
    },
    // One scale for the activations of a whole batch.
    { alike: 0.97 },
  );
}

describe("a sentence model", { skip: missing }, () => {
  it("gives the vectors that the model's makers get, but for its rounding to eight bits", async () => {
    const embedder = await open();
    try {
      const reference: { text: string; vector: number[] }[] = JSON.parse(
        readFileSync(join(FOLDER, "reference.json"), "utf8"),
      );
      const vectors = await embedder.embed(
        reference.map(({ text }) => text),
        "passage",
      );
      for (const [i, { text, vector }] of reference.entries()) {
        const cosine = vector.reduce((sum, value, d) => sum + value * (vectors[i]?.[d] ?? 0), 0);
        assert.ok(cosine >= 0.97, `${text}: ${cosine}`);
      }
      assert.deepEqual([embedder.id, embedder.dimensions], ["all-MiniLM-L6-v2@1110a243", 384]);
    } finally {
      await embedder.close();
    }
  });

  it("reads no more of a text than it takes, and all of what it takes", async () => {
    await withModel({ "sentence_bert_config.json": { max_seq_length: 16 } }, async (folder) => {
      const embedder = await open(folder);
      try {
        const words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split(" ");
        const texts = [words.join(" "), [...words, "and", "more"].join(" "), words.slice(0, 13).join(" ")];
        const [all, longer, shorter] = await Promise.all(
          texts.map(async (t) => (await embedder.embed([t], "query"))[0]),
        );
        assert.deepEqual(longer, all);
        assert.notDeepEqual(shorter, all);
      } finally {
        await embedder.close();
      }
    });
  });

  it("puts the model's own words before a question and a passage", async () => {
    const prompts = { prompts: { query: "question: ", document: "answer: " } };
    await withModel({ "config_sentence_transformers.json": prompts }, async (folder) => {
      const prefixed = await open(folder);
      const plain = await open();
      try {
        assert.deepEqual(await prefixed.embed(["tea"], "query"), await plain.embed(["question: tea"], "query"));
        assert.deepEqual(await prefixed.embed(["tea"], "passage"), await plain.embed(["answer: tea"], "passage"));
      } finally {
        await Promise.all([prefixed.close(), plain.close()]);
      }
    });
  });

  it("ends its thread when there is nothing to do, and starts it again", async () => {
    const embedder = await open(FOLDER, 20);
    try {
      const [before] = await embedder.embed(["tea"], "query");
      while (embedder.running) await wait(5);
      const [after] = await embedder.embed(["tea"], "query");
      assert.deepEqual(after, before);
    } finally {
      await embedder.close();
    }
    assert.equal(embedder.running, false);
    await assert.rejects(embedder.embed(["tea"], "query"), /is closed/);
  });

  it("starts no thread before it is asked, unless it must be asked how many numbers it gives", async () => {
    const embedder = await open();
    assert.deepEqual([embedder.dimensions, embedder.running], [384, false]);
    await embedder.close();
    await withModel({ "1_Pooling/config.json": { pooling_mode_mean_tokens: true } }, async (folder) => {
      const asked = await open(folder);
      assert.equal(asked.dimensions, 384);
      await asked.close();
    });
  });

  it("answers a question before the passages that were waiting", async () => {
    const embedder = await open();
    try {
      const done: string[] = [];
      const passages = Array.from({ length: 200 }, (_, i) => `Passage ${i} about tea and its many kinds of leaves`);
      const slow = embedder.embed(passages, "passage").then(() => done.push("passages"));
      const quick = embedder.embed(["tea"], "query").then(() => done.push("question"));
      await Promise.all([slow, quick]);
      assert.deepEqual(done, ["question", "passages"]);
    } finally {
      await embedder.close();
    }
  });

  it("rejects what waits when it is closed", async () => {
    const embedder = await open();
    const waiting = embedder.embed(Array(100).fill("some text"), "passage");
    await Promise.all([assert.rejects(waiting, EmbedderError), embedder.close()]);
  });

  it("says what a folder lacks, and what in it cannot be run", async () => {
    const fails = (files: Readonly<Record<string, unknown>>, words: RegExp) =>
      withModel(files, async (folder) => {
        const ran = async () => {
          const embedder = await open(folder);
          await embedder.embed(["tea"], "query").finally(() => embedder.close());
        };
        await assert.rejects(ran(), (error) => error instanceof EmbedderError && words.test(error.message));
      });
    await fails({ "tokenizer.json": undefined }, /lacks tokenizer\.json/);
    await fails({ "onnx/model_int8.onnx": undefined }, /lacks an ONNX export/);
    await fails({ "1_Pooling/config.json": undefined }, /lacks 1_Pooling/);
    await fails({ "1_Pooling/config.json": { pooling_mode_weightedmean_tokens: true } }, /pools by .*weightedmean/);
    await fails({ "1_Pooling/config.json": "{" }, /is not as sentence-transformers writes it/);
    await fails({ "modules.json": [{ type: "sentence_transformers.models.Dense" }] }, /Dense layer/);
    await fails({ "onnx/model_int8.onnx": "not a model" }, /could not be run/);
    const wrong = { word_embedding_dimension: 99, pooling_mode_mean_tokens: true };
    await fails({ "1_Pooling/config.json": wrong }, /gives 384 numbers and says it gives 99/);
    await fails({ "tokenizer.json": "{}" }, /could not be run/);
  });

  it("is named for its weights, whatever its folder is called", async () => {
    await withModel({}, async (folder) => {
      assert.equal((await readSentenceModel(folder)).id, "all-MiniLM-L6-v2@1110a243");
      await cp(join(folder, "tokenizer.json"), join(folder, "onnx", "model_quantized.onnx"));
      await rm(join(folder, "onnx", "model_int8.onnx"));
      assert.match((await readSentenceModel(folder)).id, /^some-model:[0-9a-f]{12}$/);
    });
  });
});

it("weights are chosen by the processor", () => {
  assert.equal(weightNames({ arch: "arm64", vnni: false })[0], "model_qint8_arm64.onnx");
  assert.equal(weightNames({ arch: "x64", vnni: true })[0], "model_qint8_avx512_vnni.onnx");
  assert.equal(weightNames({ arch: "x64", vnni: false })[0], "model_quint8_avx2.onnx");
});
