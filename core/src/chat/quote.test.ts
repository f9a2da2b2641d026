import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findQuote } from "./quote.ts";

const found = (text: string, quote: string) => {
  const place = findQuote(text, quote);
  return place && text.slice(place.start, place.end);
};

test("white space, the shape of quotation marks and soft hyphens are forgiven, and the offsets are the text's own", () => {
  assert.equal(found("The fee is\n  CHF 0.21 a word.", "fee is CHF 0.21"), "fee is\n  CHF 0.21");
  assert.equal(found("She said “yes, it’s done”.", `She said "yes, it's done"`), "She said “yes, it’s done”");
  assert.equal(found("Miet\u00advertrag liegt bei", "Mietvertrag liegt"), "Miet\u00advertrag liegt");
  assert.equal(found("no\u00a0break", "no break"), "no\u00a0break");
});

test("letters, digits, case and order are never forgiven", () => {
  for (const quote of ["the fee is CHF 0.22", "The Fee", "fee The is", "The fee was", "The fee is CHF 0.2"]) {
    assert.equal(found("The fee is CHF 0.21 a word.", quote), undefined, quote);
  }
});

test("a quote stands on whole words and whole numbers", () => {
  assert.equal(found("In 2015 it cost 1,250.00", "15"), undefined);
  assert.equal(found("In 2015 it cost 1,250.00", "250"), undefined);
  assert.equal(found("In 2015 it cost 1,250.00", "1,250"), undefined);
  assert.equal(found("at 14:30 sharp", "14"), undefined);
  assert.equal(found("It is 15. Then 16.", "15"), "15");
  assert.equal(found("会议在三月", "三月"), "三月");
  assert.equal(found("anything", "…"), undefined);
});

test("an occurrence in the passage shown wins over an earlier one", () => {
  const text = "total 50. And later: total 50.";
  assert.deepEqual(findQuote(text, "total 50", { start: 15, end: text.length }), { start: 21, end: 29 });
  assert.deepEqual(findQuote(text, "total 50"), { start: 0, end: 8 });
});

test("whatever whole words are cut from a text are found where they stand, however their blanks are written", () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 3, maxLength: 20 }), fc.nat(), fc.nat(), (words, a, b) => {
      const from = a % words.length;
      const to = from + 1 + (b % (words.length - from));
      const text = words.join("\n ");
      const place = findQuote(text, words.slice(from, to).join("   "));
      assert.ok(place);
      assert.equal(text.slice(place.start, place.end).replace(/\s+/g, " "), words.slice(from, to).join(" "));
    }),
    { numRuns: 200 },
  );
});
