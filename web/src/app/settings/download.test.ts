import assert from "node:assert/strict";
import { test } from "node:test";
import { rateOf } from "./download.ts";

test("the rate counts from the first word, not from what had come before it", () => {
  assert.equal(rateOf({ bytes: 10_000_000, at: 1000 }, { bytes: 16_000_000, at: 3000 }), 3_000_000);
});

test("there is no rate before half a second, and none below nothing", () => {
  assert.equal(rateOf({ bytes: 0, at: 0 }, { bytes: 900_000, at: 499 }), undefined);
  assert.equal(rateOf({ bytes: 5000, at: 0 }, { bytes: 1000, at: 1000 }), 0);
});
