import assert from "node:assert/strict";
import { test } from "node:test";
import { argumentsOf } from "@steward/server/cli/deploy.ts";
import { synthesize } from "../infra/app.ts";
import { DEFAULTS } from "../infra/options.ts";
import { run } from "./main.ts";

/** What needs no account: the dry run, and every wrong word. */
async function steward(args: readonly string[], answers: readonly string[] = []) {
  const left = [...answers];
  let out = "";
  let err = "";
  const code = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    ask: async () => left.shift(),
  });
  return { code, out, err };
}

test("a dry run tells what is made, what it costs, what it may do, and the command that does it", async () => {
  const { code, out, err } = await steward([
    "deploy",
    "--dry-run",
    "--owner=me@example.org",
    "--domain=my.example",
    "--certificate=arn:x",
  ]);
  assert.equal(code, 0, err);
  assert.match(out, /CloudFront Distribution/);
  assert.match(out, /2 {2}Lambda Function/);
  assert.match(out, /Total .* 100,000 requests .* \d\.\d\d +1\.\d\d/);
  assert.match(
    out,
    /Api: .*dynamodb \(GetItem, .*s3 \(GetObject, PutObject, DeleteObject, AbortMultipartUpload, ListBucket\)/,
  );
  assert.match(out, /These stay when the stack goes.*KMS::Key.*DynamoDB::Table.*S3::Bucket/);
  assert.match(out, /npx steward deploy --owner me@example\.org .*--domain my\.example --certificate arn:x/);
});

test("the command that is told has all that was given, quoted for a shell", async () => {
  const given = ["--profile=work", "--region=us-west-2", "--functions=three", "--parameter=Env=it's a home"];
  const { out } = await steward(["deploy", "--dry-run", "--json", ...given]);
  const rest = String.raw`--functions three --parameter 'Env=it'\''s a home'`;
  const owner = "--owner you@example.org";
  const { next } = JSON.parse(out);
  assert.equal(next, `To make it: npx steward deploy ${owner} --profile work --region us-west-2 ${rest}`);
});

test("the same as JSON, of other choices", async () => {
  const { code, out } = await steward([
    "deploy",
    "--dry-run",
    "--json",
    "--env=work",
    "--edge=http-api",
    "--dashboard=off",
  ]);
  assert.equal(code, 0);
  const plan = JSON.parse(out);
  assert.equal(plan.env, "work");
  assert.equal(plan.options.edge, "http-api");
  assert.ok(plan.bill.withFree < 1.9 && plan.bill.lines.length > 15);
  assert.equal(plan.bill.dashboards, 0);
  assert.ok(plan.resources.some(({ type }: { type: string }) => type === "AWS::ApiGatewayV2::Api"));
  assert.deepEqual(plan.rights.map(({ role }: { role: string }) => role).sort(), ["Api", "Schedule", "Worker"]);
  const { actions }: { actions: string[] } = plan.rights.find(({ role }: { role: string }) => role === "Worker");
  assert.ok(actions.length > 20);
  const { Resources } = synthesize({ ...DEFAULTS, edge: "http-api", dashboard: "off" });
  const policy = JSON.stringify(Resources.WorkerRights?.Properties);
  for (const [, list = ""] of policy.matchAll(/"Action":\[([^\]]+)\]/g))
    for (const action of JSON.parse(`[${list}]`)) assert.ok(actions.includes(action), `${action} is told`);
  assert.equal(plan.template, undefined, "the template is a file of its own: aws/infra/release.ts");
});

test("wrong words are answered with the right ones, and nothing is asked of AWS", async () => {
  const wrong: [string[], RegExp][] = [
    [["deploy", "--dry-run", "--edge=telnet"], /no choice for edge. Choose rest/],
    [["deploy", "--dry-run", "--env=My Home"], /no name for a home/],
    [["deploy", "--dry-run", "--domain=my.example"], /needs its certificate/],
    [["deploy", "--dry-run", "--parameter=Memory"], /not Name=Value/],
    [["deploy", "--dry-run", "--nonsense"], /nonsense/],
    [["destroy", "--key-days=3"], /from 7 to 30/],
    [["fly"], /Say deploy or destroy/],
  ];
  for (const [args, message] of wrong) {
    const { code, err } = await steward(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(err, message);
  }
  const { out } = await steward(["deploy", "--dry-run", "--json", "--edge=telnet"]);
  assert.match(JSON.parse(out).error, /telnet/);
});

test("what the command line has read is passed on as it was said", () => {
  const given = { dryRun: true, json: false, keyDays: 7, parameter: ["A=1", "B=2 3"] };
  assert.deepEqual(argumentsOf(given), ["--dry-run", "--key-days=7", "--parameter=A=1", "--parameter=B=2 3"]);
});
