import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { WordPiece } from "./word-piece.ts";
import { readWordTable } from "./word-table.ts";

/** The vocabulary of the table that comes with Steward: the one of all-MiniLM-L6-v2. */
const { vocabulary } = readWordTable(
  readFileSync(new URL("../../../../server/assets/word-vectors.bin", import.meta.url)),
);

const TEXTS = [
  "Hello, World!",
  "Ana's e-mail: ana.silva+news@example.org (re: INV-2025-0042)",
  "naïve café Ångström İstanbul ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ Straße",
  "unaffable embeddings transmogrification antidisestablishmentarianism",
  "$5.00 + 3^2 = `x` ~ <a|b> 100% #tag @me \\ [brackets] {braces}",
  "«guillemets» — “quotes” … ¿qué? ¡sí! 、。「」",
  "東京タワー and 漢字 in English 中文字 한국어 조선말",
  "tabs\tand\nnew\r\nlines\u00a0no-break\u2003em\u3000ideographic\u2028line",
  "soft\u00adhyphen zero\u200bwidth \ufeffbom \u0000null \ufffd bell\u0007 \u0085next",
  "emoji 👩‍👩‍👧 🙂 flags 🇨🇭 keycap 1️⃣",
  "שָׁלוֹם عَرَبِيّ हिन्दी ไทย ქართული Հայերեն",
  "x".repeat(100),
  "x".repeat(101),
  "é".repeat(100),
  "𝕏".repeat(101),
  "ﬁne ﬂow ½ ² Ⅳ ㎏",
  "\ud83d lone \udc00 halves",
  "  ",
  "",
  "##ing ## # ing##",
  "𠀀𠀁 supplementary ideographs",
  "I don't, can't, won't; it's rock'n'roll",
];

describe("WordPiece", () => {
  const mine = new WordPiece(vocabulary);
  const theirs = new Tokenizer(
    {
      version: "1.0",
      added_tokens: [],
      normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: null,
      decoder: null,
      model: {
        type: "WordPiece",
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
      },
    },
    {},
  );
  const same = (text: string) => {
    const expected = theirs.encode(text, { add_special_tokens: false }).ids;
    assert.deepEqual(mine.encode(text), expected, JSON.stringify(text));
  };

  it("cuts texts of many scripts as @huggingface/tokenizers does", () => {
    for (const text of TEXTS) same(text);
  });

  it("cuts any text as @huggingface/tokenizers does", () => {
    const words = fc.array(fc.constantFrom(...TEXTS.join(" ").split(" "), "the", "running", "zzyzx", "–", "\t"));
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), same), { numRuns: 400 });
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), same), { numRuns: 400 });
    fc.assert(
      fc.property(words, fc.constantFrom("", " "), (some, glue) => same(some.join(glue))),
      { numRuns: 400 },
    );
  });

  it("gives the ids recorded with the published model", () => {
    assert.deepEqual(mine.encode("hello"), [7592]);
    assert.deepEqual(mine.encode("Unaffable"), [14477, 20961, 3468]);
    assert.deepEqual(mine.encode("zzz🙂").at(-1), mine.unknown);
  });

  it("takes special tokens in a text for text", () => {
    assert.ok(!mine.encode("[CLS] [SEP] [MASK] [PAD]").some((id) => [0, 101, 102, 103].includes(id)));
  });

  it("refuses a vocabulary without [UNK]", () => {
    assert.throws(() => new WordPiece(["a", "##b"]), /no \[UNK\]/);
  });

  it("tells words, whole or cut into syllables, from letters struck at random", () => {
    for (const text of [
      "plumber",
      "the invoice?",
      "giraffe",
      "水",
      "漢字 水",
      "漢字 tea",
      "Reiseversicherung",
      "xqzzyv tv",
    ])
      assert.ok(mine.hasWord(text), text);
    for (const text of [
      "xqzzyv",
      "blorf asdfghjkl",
      "q w e r t",
      "mxyzptlk!",
      "9f8a7c6e5d",
      "漢字",
      "量子 力学",
      "我的房租是多少？",
      "電車",
      "テスト",
      "임대 보증금",
      "",
      "?!",
      "\u0000",
      "𝕏".repeat(9),
    ])
      assert.ok(!mine.hasWord(text), text);
    const stop = mine.encode("the")[0];
    assert.ok(!mine.hasWord("the xqzzyv", (id) => id !== stop), "a word that does not count");
  });
});
