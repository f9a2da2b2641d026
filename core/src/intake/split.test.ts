import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { split } from "./split.ts";

const words = (text: string) => text.replace(/\s+/g, "");

test("every word of the text stands in exactly one passage, in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z .\n!?é猫]{0,400}$/), { maxLength: 12 }),
      fc.nat(500),
      fc.nat(900),
      (paragraphs, a, b) => {
        const text = paragraphs.join("\n\n");
        const start = Math.min(a, b, text.length);
        const end = Math.min(Math.max(a, b), text.length);
        const passages = split({ text, marks: [{ kind: "quoted", start, end }] }, "");
        assert.equal(words(passages.map((p) => text.slice(p.start, p.end)).join("")), words(text));
        for (const p of passages) assert.ok(p.end - p.start <= 960, `a passage of ${p.end - p.start} characters`);
      },
    ),
  );
});

test("a heading begins a passage and a quoted reply stands alone, marked", () => {
  const text = "Hello Ana,\n\nYes, that works.\n\n> Shall we meet at nine?\n\n# Later\n\nMore.";
  const quotedAt = text.indexOf(">");
  const headingAt = text.indexOf("# Later");
  const passages = split(
    {
      text,
      marks: [
        { kind: "quoted", start: quotedAt, end: headingAt },
        { kind: "heading", start: headingAt, end: headingAt + 7, level: 1 },
      ],
    },
    "From Ana",
  );
  assert.deepEqual(
    passages.map((p) => [text.slice(p.start, p.end), p.quoted ?? false]),
    [
      ["Hello Ana,\n\nYes, that works.", false],
      ["> Shall we meet at nine?", true],
      ["# Later\n\nMore.", false],
    ],
  );
});

test("a long paragraph is cut after sentences", () => {
  const sentence = "The plumber comes on Tuesday and wants the key. ";
  const passages = split({ text: sentence.repeat(60), marks: [] }, "");
  assert.ok(passages.length > 3);
  for (const p of passages) assert.match(sentence.repeat(60).slice(p.start, p.end), /\.$/);
});

test("what has no words still has one passage, to be found by its title", () => {
  assert.deepEqual(split({ text: " \n ", marks: [] }, "photo of a cat"), [
    { start: 0, end: 0, context: "photo of a cat" },
  ]);
});

test("a cut never falls between the halves of a character", () => {
  const text = "🦊".repeat(2000);
  for (const p of split({ text, marks: [] }, "")) assert.equal((p.end - p.start) % 2, 0);
});
