import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Embedder } from "../search/embedder.ts";

export interface OpenedEmbedder {
  readonly embedder: Embedder;
  close(): Promise<void>;
}

export interface EmbedderTraits {
  /**
   * Cosine that a text's vector has at least to itself, embedded among other texts. A model whose activations are
   * quantized by the batch gives a little less than 1.
   */
  readonly alike?: number;
}

/** What every Embedder must pass. `open` gives one that works; texts are English, as the built-in vectors know best. */
export function testEmbedder(name: string, open: () => Promise<OpenedEmbedder>, traits: EmbedderTraits = {}): void {
  const alike = traits.alike ?? 0.9999;
  const withEmbedder = (work: (embedder: Embedder) => Promise<void>) => async () => {
    const opened = await open();
    try {
      await work(opened.embedder);
    } finally {
      await opened.close();
    }
  };

  describe(`Embedder: ${name}`, () => {
    it(
      "says who it is",
      withEmbedder(async (embedder) => {
        assert.match(embedder.id, /\S/);
        assert.ok(Number.isInteger(embedder.dimensions) && embedder.dimensions > 0, String(embedder.dimensions));
        assert.ok(embedder.weight >= 0 && embedder.weight <= 1, String(embedder.weight));
      }),
    );

    it(
      "gives one unit vector a text, in the order of the texts",
      withEmbedder(async (embedder) => {
        assert.deepEqual(await embedder.embed([], "passage"), []);
        const alone = await Promise.all(TEXTS.map(async (text) => one(embedder, text)));
        const together = await embedder.embed(TEXTS, "passage");
        assert.equal(together.length, TEXTS.length);
        for (const [i, vector] of together.entries()) {
          unit(embedder, vector, TEXTS[i]);
          const cosine = dot(vector, alone[i] ?? vector);
          assert.ok(cosine >= alike, `${TEXTS[i]}: ${cosine} to itself`);
        }
      }),
    );

    it(
      "puts a question near the passage that answers it",
      withEmbedder(async (embedder) => {
        const passages = await embedder.embed(PASSAGES, "passage");
        const questions = await embedder.embed(QUESTIONS, "query");
        for (const [i, question] of questions.entries()) {
          const cosines = passages.map((passage) => dot(question, passage));
          assert.equal(cosines.indexOf(Math.max(...cosines)), i, `${QUESTIONS[i]}: ${cosines}`);
        }
      }),
    );

    it(
      "gives a unit vector of anything at all",
      withEmbedder(async (embedder) => {
        const vectors = await embedder.embed(ODD, "passage");
        assert.equal(vectors.length, ODD.length);
        for (const [i, vector] of vectors.entries()) unit(embedder, vector, ODD[i]?.slice(0, 20));
        unit(embedder, await one(embedder, "", "query"), "an empty query");
      }),
    );

    it(
      "keeps apart what is asked of it at once",
      withEmbedder(async (embedder) => {
        const asked = await Promise.all(PASSAGES.map((text) => one(embedder, text)));
        const again = await embedder.embed(PASSAGES, "passage");
        for (const [i, vector] of again.entries()) {
          assert.ok(dot(vector, asked[i] ?? vector) >= alike, `asked alone: ${PASSAGES[i]}`);
        }
      }),
    );
  });
}

const PASSAGES = [
  "The dentist moved your appointment to Thursday morning at half past nine.",
  "We booked the cheap flights to Lisbon; the hotel is two streets from the beach.",
  "The boiler leaks again, the plumber comes to repair the heating tomorrow.",
];
const QUESTIONS = ["when do I see the dentist", "holiday travel and airplane tickets", "broken heating"];
const TEXTS = ["hello", ...PASSAGES, "a", "Invoice 2025-0042: 1,240.50 EUR due on 3 May", "hello"];
const ODD = [
  "",
  " \n\t",
  "🙂🙃",
  "\0\0",
  "the of and",
  "\ud800 alone",
  "שלום עולם",
  "東京の天気はどうですか",
  "ก็ไม่รู้เหมือนกัน",
  "...!?",
  "x".repeat(10_000),
  "word ".repeat(2_000),
  "[CLS] [SEP] [MASK]",
];

async function one(embedder: Embedder, text: string, purpose: "passage" | "query" = "passage"): Promise<Float32Array> {
  const [vector, ...more] = await embedder.embed([text], purpose);
  assert.equal(more.length, 0);
  return vector ?? assert.fail("no vector");
}

function unit(embedder: Embedder, vector: Float32Array, what: string | undefined): void {
  assert.equal(vector.length, embedder.dimensions, what ?? "");
  const length = Math.sqrt(dot(vector, vector));
  assert.ok(Math.abs(length - 1) < 1e-3, `${JSON.stringify(what)} is ${length} long`);
}

function dot(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
