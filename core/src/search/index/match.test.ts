import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { indexedItem } from "../../testing/passage-index-contract.ts";
import { buildSegment } from "./build.ts";
import { LONGEST_SEQUENCE, matchSequence } from "./match.ts";

/** Words that are their own stems and no stop words. */
const WORDS = ["harbour", "lantern", "meadow", "orchard"];
const aText = fc.array(fc.constantFrom(...WORDS), { maxLength: 10 });

test("a sequence stands where its words do, one behind the other", () => {
  fc.assert(
    fc.property(
      fc.array(aText, { minLength: 1, maxLength: 12 }),
      fc.array(fc.uniqueArray(fc.constantFrom(...WORDS, "nowhere"), { minLength: 1, maxLength: 2 }), {
        minLength: 1,
        maxLength: 3,
      }),
      (texts, sequence) => {
        const segment = buildSegment(
          texts.map((words) => indexedItem(words.join(" "), { title: "" })),
          1,
        );
        const expected = texts.flatMap((words, doc) => {
          const times = words.filter((_, i) => sequence.every((meant, k) => meant.includes(words[i + k] ?? "")));
          return times.length > 0 ? [{ doc, times: sequence.length === 1 ? 1 : times.length }] : [];
        });
        const found = matchSequence(
          segment,
          sequence.map((meant) => meant.map((term) => ({ term }))),
        );
        assert.deepEqual(found, expected);
      },
    ),
    { numRuns: 500 },
  );
});

test("of a long sequence the first words are looked for", () => {
  const words = Array.from({ length: LONGEST_SEQUENCE + 10 }, (_, i) => `code${i}`);
  const segment = buildSegment([indexedItem(words.slice(0, LONGEST_SEQUENCE).join(" "), { title: "" })], 1);
  const sequence = words.map((term) => [{ term }]);
  assert.deepEqual(matchSequence(segment, sequence), [{ doc: 0, times: 1 }]);
  assert.deepEqual(matchSequence(segment, sequence.slice(1)), []);
});
