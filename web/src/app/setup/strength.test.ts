import assert from "node:assert/strict";
import { test } from "node:test";
import { SHORTEST, strengthOf } from "./strength.ts";

test("short ones are refused with what is missing", () => {
  assert.equal(strengthOf("").level, 0);
  assert.equal(strengthOf("x".repeat(SHORTEST - 1)).words, "1 more character.");
});

test("the best-known, the repeated, the running and the personal are weak however long", () => {
  for (const bad of [
    "password123456",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcdefghijklmnop",
    "Password2024!!",
    "1234567890123",
    "qwertyqwerty",
  ]) {
    assert.equal(strengthOf(bad).level, 1, bad);
  }
  assert.ok(strengthOf("noralindqvist!!", ["nora", "lindqvist"]).level <= 1);
});

test("unrelated words and random letters are not", () => {
  assert.ok(strengthOf("copper lantern glacier thesis").level >= 2);
  assert.equal(strengthOf("copper lantern glacier thesis window marble").level, 3);
  assert.equal(strengthOf("vR8#kq2LzW!x9fTb").level, 3);
});
