import assert from "node:assert/strict";
import { test } from "node:test";
import { troubleOf } from "./trouble.ts";

test("a full disk is told in the store's own words, wherever it is in the chain of causes", () => {
  const full = Object.assign(new Error("There is no room left. Free some space."), { name: "StoreFull" });
  for (const error of [full, new Error("The turn could not be kept.", { cause: full })]) {
    assert.deepEqual(troubleOf(error, "Built-in"), { code: "internal", message: full.message, retryable: true });
  }
  assert.match(troubleOf(new Error("else"), "Built-in").message, /^Something went wrong inside Steward .*\(else\)/);
});
