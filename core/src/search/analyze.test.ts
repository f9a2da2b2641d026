import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tokensOf } from "./analyze.ts";
import { fold } from "./fold.ts";

const terms = (text: string, language?: string) =>
  tokensOf(text, language)
    .filter(({ compound }) => !compound)
    .map(({ term }) => term);
const compounds = (text: string) =>
  tokensOf(text)
    .filter(({ compound }) => compound)
    .map(({ term }) => term);

describe("folding", () => {
  it("makes one form of what people write in several", () => {
    const cases: [string, string][] = [
      ["Crème BRÛLÉE", "creme brulee"],
      ["Straße", "strasse"],
      ["Ærøskøbing", "aeroskobing"],
      ["Łódź", "lodz"],
      ["ﬁnance", "finance"],
      ["ｆｕｌｌ", "full"],
      ["İstanbul", "istanbul"],
      ["ΑΘΉΝΑΣ", "αθηνασ"],
      ["schlüs\u00adsel", "schlussel"],
      ["שָׁלוֹם", "שלום"],
      ["Ёлка", "елка"],
    ];
    for (const [written, folded] of cases) assert.equal(fold(written), folded);
    assert.equal(fold("й"), "й", "a letter of its own keeps its mark");
  });

  it("folds what is folded to itself", () => {
    for (const text of ["Crème", "İ", "ß", "½", "Ǆ", "한국어", "ก็"]) assert.equal(fold(fold(text)), fold(text));
  });
});

describe("analysis", () => {
  it("stems words by their language, and tells forms of one stem apart", () => {
    assert.deepEqual(terms("Invoices, invoiced!", "en"), ["invoic", "invoic"]);
    assert.deepEqual(terms("Rechnungen", "de"), terms("Rechnung", "de"));
    const [plural, past] = tokensOf("invoices invoiced", "en");
    assert.notEqual(plural?.form, past?.form);
    assert.equal(tokensOf("train", "en")[0]?.form, 0);
    assert.notEqual(tokensOf("trains", "en")[0]?.form, 0);
  });

  it("gives one number for its ways of writing", () => {
    for (const written of ["1,240.50", "1.240,50", "1'240.50", "1240.5", "1240,50"]) {
      assert.deepEqual(terms(written), ["1240.5"], written);
      assert.deepEqual(compounds(written), ["1240"], written);
    }
    assert.deepEqual(terms("€ 1,240"), ["1240"]);
    assert.deepEqual(terms("12.03"), ["12.03"]);
    assert.deepEqual(terms("192.168.0.1"), ["192", "168", "0", "1"], "an address is no number");
  });

  it("keeps codes, and takes joined things both apart and whole", () => {
    assert.deepEqual(terms("NX4Q7L"), ["nx4q7l"]);
    assert.deepEqual(terms("INV-2025-0042"), ["inv", "2025", "0042"]);
    assert.deepEqual(compounds("INV-2025-0042"), ["inv20250042"]);
    assert.deepEqual(compounds("e-mail"), ["email"]);
    assert.deepEqual(compounds("anna.meyer@post.example"), ["anna.meyer@post.example"]);
    assert.deepEqual(terms("anna.meyer@post.example"), ["anna", "meyer", "post", "exampl"]);
    assert.deepEqual(compounds("14:30"), ["14:30"]);
    assert.deepEqual(terms("U.S.A."), ["usa"]);
    assert.deepEqual(terms("Anna's don't"), ["anna", "don"]);
  });

  it("takes Chinese, Japanese and Korean in pairs, and Thai in words", () => {
    assert.deepEqual(terms("東京タワー"), ["東京", "京タ", "タワ", "ワー"]);
    assert.deepEqual(compounds("東京"), ["京"]);
    assert.deepEqual(terms("行"), ["行"]);
    assert.ok(terms("สวัสดีครับ").length >= 1);
    assert.deepEqual(terms("𠮷野家 🎉").slice(-1), ["🎉"]);
  });

  it("says where each token stands", () => {
    const text = "Der Zug — l’été, INV-7 🎉 東京";
    for (const { term, start, end } of tokensOf(text, "fr")) {
      assert.ok(start < end && end <= text.length, term);
      assert.ok(text.slice(start, end).trim() !== "");
    }
    const places = tokensOf(text).filter(({ compound }) => !compound);
    for (const [i, { position }] of places.entries()) assert.equal(position, i);
  });

  it("finds nothing in nothing, and cuts what is no word", () => {
    for (const text of ["", "   ", "!!! … ---", "\u0000\u200b\u00ad", "\ud800", "\u0301"]) {
      for (const { term } of tokensOf(text)) assert.ok(term.length > 0, JSON.stringify(text));
    }
    assert.equal(terms("x".repeat(10_000))[0]?.length, 64);
  });
});
