import assert from "node:assert/strict";
import { it } from "node:test";
import { neighboursOf, SHORT_MESSAGE } from "./neighbours.ts";

const HOUR = 3_600_000;
const texts = (...all: string[]) => all.map((text) => ({ text }));

it("a short message has the three before it and the two after it, in their order", () => {
  const all = texts("a", "b", "c", "d", "e", "f", "g", "h");
  assert.deepEqual(neighboursOf(all, 4), ["b", "c", "d", "f", "g"]);
  assert.deepEqual(neighboursOf(all, 0), ["b", "c"]);
  assert.deepEqual(neighboursOf(all, 7), ["e", "f", "g"]);
  assert.deepEqual(neighboursOf(all, 8), []);
  assert.deepEqual(neighboursOf(texts("alone"), 0), []);
});

it("a long message needs none, and lends only its beginning, cut at a word", () => {
  const long = "boiler ".repeat(SHORT_MESSAGE / 7 + 1);
  assert.deepEqual(neighboursOf(texts("When?", long), 1), []);
  const [lent = ""] = neighboursOf(texts("When?", long), 0);
  assert.ok(lent.length <= 200 && lent.length > 180, `${lent.length}`);
  assert.match(lent, /boiler$/);
  assert.equal(neighboursOf(texts("When?", "x".repeat(1_000)), 0)[0]?.length, 200);
  assert.deepEqual(neighboursOf(texts("When?", "at\n\n  nine ", "  "), 0), ["at nine"]);
});

it("a cut takes no half of a character", () => {
  const [lent = ""] = neighboursOf(texts("When?", "🎉".repeat(300)), 0);
  assert.equal(lent, "🎉".repeat(100));
  const [odd = ""] = neighboursOf(texts("When?", `x${"🎉".repeat(300)}`), 0);
  assert.ok(odd.isWellFormed());
});

it("what was said half a day before was another talk", () => {
  const all = [
    { text: "Good night", at: 0 },
    { text: "At nine", at: 20 * HOUR },
    { text: "Fine", at: 21 * HOUR },
    { text: "undated" },
  ];
  assert.deepEqual(neighboursOf(all, 1), ["Fine", "undated"]);
  assert.deepEqual(neighboursOf(all, 3), ["Good night", "At nine", "Fine"]);
});
