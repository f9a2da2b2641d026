import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { LAMBDA_NODE, whyNoLambdaNode } from "./functions.ts";

const TESTS = join(import.meta.dirname, "..", "..", "server", "src", "readers", "sandbox.test.ts");

it("a taken-over reader gets no further under Lambda's Node than under ours", {
  skip: whyNoLambdaNode() ?? false,
}, () => {
  const { status, stdout } = spawnSync(LAMBDA_NODE, ["--test", "--test-reporter=tap", TESTS], {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin" }, // not this test runner's: it would take the other for a part of itself
  });
  assert.equal(status, 0, stdout.slice(-3_000));
  const refused = [...stdout.matchAll(/^\s+ok \d+ - cannot /gm)].length;
  assert.ok(refused >= 20, `${refused} escapes were tried`);
});
