import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readWordTable, type WordTable, WordTableError, writeWordTable } from "./word-table.ts";
import { wordVectorEmbedder } from "./word-vectors.ts";

const VOCABULARY = ["[PAD]", "[UNK]", "tea", "coffee", "the", "##s", "é"];
const TABLE: WordTable = {
  id: "test:1",
  dimensions: 4,
  vocabulary: VOCABULARY,
  scales: Float32Array.of(0, 0.01, 0.01, 0.02, 0.01, 0.01, 0.01),
  weights: Float32Array.of(0, 1e-4, 1, 0.5, 1e-4, 1, 1),
  rows: Int8Array.from(
    [
      [0, 0, 0, 0],
      [0, 0, 0, 127],
      [127, 0, 0, 0],
      [0, 127, 0, 0],
      [0, 0, 127, 0],
      [-127, 0, 0, 0],
      [1, 2, 3, -128],
    ].flat(),
  ),
  made: { model: "none", licence: "none" },
};

describe("the table of word vectors", () => {
  it("is read as it was written, wherever it lies in memory", () => {
    const bytes = writeWordTable(TABLE);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    for (const at of [bytes, shifted.subarray(3)]) assert.deepEqual(readWordTable(at), TABLE);
  });

  it("is refused when it is cut, longer, of another kind or of a newer version", () => {
    const bytes = writeWordTable(TABLE);
    const changed = (at: number, value: number) => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    for (const length of [0, 8, 23, 24, bytes.length - 1]) {
      assert.throws(() => readWordTable(bytes.subarray(0, length)), WordTableError, `${length} bytes`);
    }
    assert.throws(() => readWordTable(new Uint8Array([...bytes, 0])), /has \d+ bytes and says it has/);
    assert.throws(() => readWordTable(changed(0, 0)), /another kind of file/);
    assert.throws(() => readWordTable(changed(8, 2)), /of version 2, this program reads 1/);
    assert.throws(() => readWordTable(changed(24, 0)), /its text is damaged/);
    assert.throws(() => readWordTable(changed(25, "x".charCodeAt(0))), WordTableError);
    const words = bytes.indexOf("\n".charCodeAt(0));
    assert.throws(() => readWordTable(changed(words, "x".charCodeAt(0))), /6 pieces and says it has 7/);
    const numbers = bytes.length - TABLE.rows.length - 56;
    assert.throws(() => readWordTable(changed(numbers + 7, 0xff)), /a number in it is damaged/);
  });
});

describe("word vectors", () => {
  const embedder = wordVectorEmbedder(writeWordTable(TABLE));
  const embed = async (text: string) => {
    const [vector] = await embedder.embed([text], "query");
    return [...(vector ?? [])].map((value) => Math.round(value * 100) / 100);
  };

  it("are the weighted mean of the pieces, one long", async () => {
    assert.deepEqual(await embed("tea"), [1, 0, 0, 0]);
    // 1 × .01 of tea beside .5 × .02 of coffee: as much of each.
    assert.deepEqual(await embed("Tea coffee"), [0.71, 0.71, 0, 0]);
    assert.deepEqual(await embed("coffees"), [-0.71, 0.71, 0, 0]);
  });

  it("leave stop words out where there is anything else, and only there", async () => {
    assert.deepEqual(await embed("the tea, the the"), [1, 0, 0, 0]);
    assert.deepEqual(await embed("the"), [0, 0, 1, 0]);
  });

  it("of a text without any piece, or whose pieces cancel out, are those of the unknown", async () => {
    assert.deepEqual(await embed(""), [0, 0, 0, 1]);
    assert.deepEqual(await embed("[PAD]"), [0, 0, 0, 1]);
    assert.deepEqual(await embed("teas"), [0, 0, 0, 1]);
  });

  it("weigh as they are told", () => {
    assert.equal(wordVectorEmbedder(writeWordTable(TABLE), { weight: 0.4 }).weight, 0.4);
  });
});
