import assert from "node:assert/strict";
import { test } from "node:test";
import { indexedItem } from "../../testing/passage-index-contract.ts";
import type { Clause } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { Lexicon } from "./lexicon.ts";
import { LONGEST_SEQUENCE } from "./match.ts";
import { MOST_WANTED, planQuery } from "./plan.ts";

/** Counts how often a term is sought and how often the vocabulary is read through. */
function counting(texts: readonly string[]) {
  const segment = buildSegment(
    texts.map((text) => indexedItem(text, { title: "" })),
    1,
  );
  const counts = { sought: 0, begun: 0 };
  const { terms } = segment.columns;
  const findTerm = segment.findTerm.bind(segment);
  segment.findTerm = (wanted) => {
    counts.sought += 1;
    return findTerm(wanted);
  };
  const prefixed = terms.prefixed.bind(terms);
  terms.prefixed = (prefix) => {
    counts.begun += 1;
    return prefixed(prefix);
  };
  return { lexicon: new Lexicon([segment]), counts };
}

const words = (texts: readonly string[]): Clause[] => texts.map((text) => ({ type: "word", text }));

test("ten thousand words are as much work as some hundred", () => {
  const known = Array.from(
    { length: 400 },
    (_, i) => `known${"abcdefghij"[i % 10]}${"klmnopqrst"[Math.floor(i / 10) % 10]}x`,
  );
  const { lexicon, counts } = counting([known.join(" ")]);
  const typed = Array.from({ length: 10_000 }, (_, i) =>
    i % 2 ? `unheard${i.toString(36)}q` : (known[i % 400] ?? ""),
  );
  const plan = planQuery(words(typed), lexicon, ["en"]);
  assert.ok(plan.wanted.length <= MOST_WANTED && plan.wanted.length > 0);
  assert.ok(counts.sought <= 1_000, `${counts.sought} terms were sought`);
  assert.ok(counts.begun <= 8, `the vocabulary was read ${counts.begun} times`);
});

test("a word typed again takes no other's place", () => {
  const { lexicon } = counting(["harbour lantern"]);
  const plan = planQuery(words([...Array.from({ length: 5_000 }, () => "harbour"), "lantern"]), lexicon, ["en"]);
  assert.equal(plan.wanted.length, 2);
});

test("of things written together the first parts are looked for", () => {
  const parts = Array.from({ length: 3_000 }, (_, i) => `p${i}`);
  const { lexicon, counts } = counting([parts.slice(0, 30).join(" ")]);
  planQuery(words([parts.join("-")]), lexicon, ["en"]);
  assert.ok(counts.sought <= 10 * LONGEST_SEQUENCE, `${counts.sought} terms were sought`);
});
