import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StringTable, sortStrings } from "./strings.ts";

test("a table of strings gives back every string, in the order of their bytes, and finds it", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 60 }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 30 }), text, (texts, other) => {
      const sorted = sortStrings([...texts]);
      const table = StringTable.from(sorted);
      assert.equal(table.length, texts.length);
      for (const [i, one] of sorted.entries()) {
        assert.equal(table.at(i), one);
        assert.equal(table.find(one), i);
        const before = sorted[i - 1];
        if (before !== undefined) assert.ok(Buffer.compare(Buffer.from(before), Buffer.from(one)) < 0);
      }
      assert.equal(table.find(other), sorted.indexOf(other));
      const { first, end } = table.prefixed(other);
      const prefixed = sorted.filter((one) =>
        Buffer.from(one).subarray(0, Buffer.byteLength(other)).equals(Buffer.from(other)),
      );
      assert.deepEqual(sorted.slice(first, end), prefixed);
    }),
    { numRuns: 500 },
  );
});

test("many strings that begin alike are sorted by their bytes", () => {
  const unit = fc.constantFrom("a", "b", "\x7f", "é", "\ue000", "\uffff", "😀", "\u{10ffff}");
  const text = fc.tuple(fc.constantFrom("", "begin", "begi\x7f", "é", "ab😀"), fc.string({ unit, maxLength: 4 }));
  fc.assert(
    fc.property(
      fc.uniqueArray(
        text.map(([a, b]) => a + b),
        { minLength: 60, maxLength: 150 },
      ),
      (texts) => {
        const wanted = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(sortStrings([...texts]), wanted);
      },
    ),
    { numRuns: 200 },
  );
});

test("half a pair of surrogates does not take its neighbour with it", () => {
  const table = StringTable.from(["a\ud83c", "b", "\udf89"]);
  assert.equal(table.length, 3);
  assert.equal(table.at(1), "b");
});
