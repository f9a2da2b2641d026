import assert from "node:assert/strict";
import { it } from "node:test";
import { testEmbedder } from "@steward/core/testing/embedder-contract.ts";
import { builtInEmbedder } from "./built-in.ts";

testEmbedder("built-in word vectors", async () => ({ embedder: builtInEmbedder(), close: async () => {} }));

it("is one for the whole process, named for its model and edition", () => {
  assert.equal(builtInEmbedder(), builtInEmbedder());
  assert.equal(builtInEmbedder().id, "word-vectors-128:all-MiniLM-L6-v2:1");
  assert.equal(builtInEmbedder().dimensions, 128);
});

it("knows words, and neither letters struck at random nor stop words alone nor what Chinese characters make together", () => {
  const { knows } = builtInEmbedder();
  for (const text of ["invoice", "where is the plumber", "Reiseversicherung"]) assert.equal(knows?.(text), true, text);
  for (const text of ["xqzzyv blorf", "the asdfghjkl", "where is it", "…", "量子 力学"])
    assert.equal(knows?.(text), false, text);
});
