import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, draftStart, queryOf, withFilter } from "./chips.ts";

const QUERY = "from:ana lisbon during:2025-03 flat";
const UNDERSTOOD = [
  { operator: "from", value: "Ana", start: 0, end: 8 },
  { operator: "during", value: "March 2025", start: 16, end: 30 },
];

test("what the server understood becomes chips, and the query keeps its meaning", () => {
  const box = boxOf(QUERY, UNDERSTOOD);
  assert.deepEqual(
    box.chips.map((c) => c.raw),
    ["from:ana", "during:2025-03"],
  );
  assert.equal(box.draft, "lisbon flat");
  assert.equal(queryOf(box), "from:ana during:2025-03 lisbon flat");
  assert.equal(draftStart(box), "from:ana during:2025-03 ".length);
});

test("a filter still being typed stays text, and so does the space after a word", () => {
  const understood = [{ operator: "from", value: "An", start: 0, end: 7 }];
  assert.deepEqual(boxOf("from:An", understood, true), { chips: [], draft: "from:An" });
  assert.deepEqual(boxOf("from:An ", understood, true), {
    chips: [{ operator: "from", value: "An", raw: "from:An" }],
    draft: "",
  });
  assert.equal(boxOf("flat ", [], true).draft, "flat ");
});

test("ranges that overlap or lie outside are left as text", () => {
  const box = boxOf("from:ana x", [
    { operator: "from", value: "Ana", start: 0, end: 8 },
    { operator: "?", value: "?", start: 5, end: 9 },
    { operator: "?", value: "?", start: 8, end: 99 },
  ]);
  assert.deepEqual(box, { chips: [{ operator: "from", value: "Ana", raw: "from:ana" }], draft: "x" });
});

test("an empty box is an empty query", () => {
  assert.equal(queryOf({ chips: [], draft: "  " }), "");
});

test("a filter is added to whatever is asked, and quoted where it has to be", () => {
  assert.equal(withFilter("", "people", "Ana"), "people:Ana");
  assert.equal(withFilter("flat ", "people", "Ana Silva"), 'flat people:"Ana Silva"');
  assert.equal(withFilter("flat", "people", 'Ana "the cat" Silva'), 'flat people:"Ana the cat Silva"');
  assert.equal(withFilter("flat", "in", "Nora’s archive"), 'flat in:"Nora’s archive"');
  assert.equal(withFilter("from:ana", "during", "2025"), "from:ana during:2025");
  assert.equal(withFilter("", "people", "ana@example.org"), "people:ana@example.org");
});
