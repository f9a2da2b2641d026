import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { oneEditApart, Sought } from "./edits.ts";

test("one insertion, deletion, replacement or swap, and nothing else", () => {
  for (const [a, b] of [
    ["harbour", "harbor"],
    ["harbor", "harbour"],
    ["harbour", "harboar"],
    ["harbour", "harbuor"],
  ] as const)
    assert.ok(oneEditApart(a, b), `${a} ${b}`);
  for (const [a, b] of [
    ["harbour", "harbour"],
    ["harbour", "arbor"],
    ["harbour", "haruobr"],
    ["ab", "ba c"],
  ] as const)
    assert.ok(!oneEditApart(a, b), `${a} ${b}`);
});

test("bytes say what the words say", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "é", "ж", "東", "🎉"), maxLength: 6 });
  const ascii = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
  fc.assert(
    fc.property(fc.oneof(word, ascii), fc.oneof(word, ascii), (a, b) => {
      const bytes = new TextEncoder().encode(`<${b}>`);
      assert.equal(new Sought(a).isOneEditFrom(bytes, 1, bytes.length - 1), oneEditApart(a, b), `${a} ${b}`);
    }),
    { numRuns: 5_000 },
  );
});
