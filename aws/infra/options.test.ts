import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Match, Template } from "aws-cdk-lib/assertions";
import { serverless } from "./app.ts";
import { CHOICES, DEFAULTS, EACH, OptionError, optionsOf } from "./options.ts";
import { writeRelease } from "./release.ts";

/** What may be chosen when the template is made, and that each choice makes one that can be put up. */

test("three functions: those of the seed with its sizes, each behind its path", () => {
  const three = Template.fromStack(serverless({ ...DEFAULTS, functions: "three" }));
  for (const size of [512, 1024, 2048]) three.hasResourceProperties("AWS::Lambda::Function", { MemorySize: size });
  three.resourceCountIs("AWS::Lambda::Function", 5);
  three.resourceCountIs("AWS::ApiGateway::Method", 4);
  for (const part of ["chat", "memory", "search", "{proxy+}"])
    three.hasResourceProperties("AWS::ApiGateway::Resource", { PathPart: part });
});

test("an HTTP API hands over whole answers; a function URL streams and needs a domain of one's own", () => {
  const http = Template.fromStack(serverless({ ...DEFAULTS, edge: "http-api" }));
  http.hasResourceProperties("AWS::Lambda::Function", { Handler: "index.buffered" });
  http.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
    DefaultRouteSettings: {
      ThrottlingRateLimit: { Ref: "ThrottleRate" },
      ThrottlingBurstLimit: { Ref: "ThrottleBurst" },
    },
  });
  http.resourceCountIs("AWS::ApiGateway::RestApi", 0);
  const url = Template.fromStack(serverless({ ...DEFAULTS, edge: "function-url" }));
  url.hasResourceProperties("AWS::Lambda::Url", { InvokeMode: "RESPONSE_STREAM" });
  assert.ok(url.toJSON().Rules?.NeedsDomain, "said before anything is made");
});

test("storage in tiers moves only what is large enough to be worth it", () => {
  const tiers = Template.fromStack(serverless({ ...DEFAULTS, storage: "intelligent-tiering" }));
  tiers.hasResourceProperties("AWS::S3::Bucket", {
    LifecycleConfiguration: {
      Rules: Match.arrayWith([
        Match.objectLike({
          ObjectSizeGreaterThan: Match.anyValue(),
          Transitions: [{ StorageClass: "INTELLIGENT_TIERING", TransitionInDays: 0 }],
        }),
      ]),
    },
  });
});

test("a choice that does not exist is refused with those that do", () => {
  assert.throws(
    () => optionsOf({ edge: "telnet" }),
    (error) => error instanceof OptionError && /rest or http-api or function-url/.test(error.message),
  );
  assert.deepEqual(optionsOf({}), DEFAULTS);
  assert.deepEqual(Object.keys(CHOICES), Object.keys(DEFAULTS));
});

const hasLint = spawnSync("cfn-lint", ["--version"]).status === 0;

test("the release file passes cfn-lint, whatever was chosen", {
  skip: hasLint ? false : "cfn-lint is not installed here",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "steward-release-"));
  try {
    const files = [...EACH.values()].map((options, n) => writeRelease(join(folder, String(n)), { ...options }));
    const { stdout, status } = spawnSync("cfn-lint", files, { encoding: "utf8" });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
