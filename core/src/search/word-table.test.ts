import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WordTable } from "./word-table.ts";

test("gives what a map gives, wherever in a text the word stands", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "é", "1", "\ud83d"), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.nat()), { maxLength: 300 }), word, (entries, other) => {
      const table = new WordTable<number>();
      const map = new Map<string, number>();
      for (const [text, value] of entries) if (!map.has(text) && table.add(text, value)) map.set(text, value);
      assert.equal(table.size, map.size);
      for (const text of [...map.keys(), other]) {
        assert.equal(table.get(`ab${text}ba`, 2, 2 + text.length), map.get(text));
      }
    }),
  );
});

test("holds a large vocabulary, and words that were made to meet are passed over", () => {
  const table = new WordTable<number>();
  const words = Array.from({ length: 50_000 }, (_, i) => `w${i.toString(36)}`);
  const held = words.filter((word, i) => table.add(word, i));
  assert.ok(held.length > words.length * 0.999, `${held.length} of ${words.length}`);
  for (const [i, word] of words.entries()) {
    const found = table.get(word, 0, word.length);
    assert.ok(found === i || found === undefined);
  }
});
