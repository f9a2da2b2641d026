import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CreateUserPoolCommand, ListUsersCommand } from "@aws-sdk/client-cognito-identity-provider";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetParametersByPathCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { type CloudFormationTemplate, synthesize } from "../infra/app.ts";
import { DEFAULTS } from "../infra/options.ts";
import { onMoto } from "../src/testing/moto.ts";
import { type Account, DeployError, openAccount } from "./account.ts";
import { zipOf } from "./code.ts";
import { type Deployment, deploy } from "./deploy.ts";
import { destroy } from "./destroy.ts";
import { emptyBucket, putWebFiles } from "./objects.ts";
import { findStack } from "./stack.ts";

/**
 * A deployment as far as moto goes: code and template go up, a change set is made and executed, the app's files and the
 * owner's account follow, a second deployment changes nothing, and taking it down leaves what it says.
 *
 * What it does not show: moto's CloudFormation passes over API Gateway's stages, CloudFront, alarms, Cognito, schedules and
 * bucket policies, crashes on an API's methods, runs no function and takes nothing back. So the template is cut down here to what
 * moto makes, the pool is made beside it, and that the whole template deploys is known from its checks alone.
 */
const MADE_BY_MOTO = /^AWS::(?:KMS|DynamoDB|S3::Bucket$|SQS::Queue$|SSM|Logs)/;

const folder = mkdtempSync(join(tmpdir(), "steward-deploy-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The stack's own resources that moto can make, and those outputs that name nothing else. */
function cutDown(pool: string): CloudFormationTemplate {
  const whole = synthesize(DEFAULTS);
  const kept = Object.entries(whole.Resources).filter(([, { Type }]) => MADE_BY_MOTO.test(Type));
  const names = new Set(kept.map(([name]) => name));
  const gone = Object.keys(whole.Resources).filter((name) => !names.has(name));
  const namesGone = (value: unknown) => gone.some((name) => JSON.stringify(value).includes(`"${name}"`));
  const Resources = Object.fromEntries(
    kept
      .filter(([, resource]) => resource.Type !== "AWS::SSM::Parameter")
      .map(([name, resource]) => {
        const {
          CorsConfiguration: _,
          NotificationConfiguration: __,
          Tags: ___,
          KeyPolicy, // which moto stores in a form it then cannot read: none, and it takes its own
          VisibilityTimeout: ____, // from a mapping by a number, which moto cannot look up
          ...Properties
        } = resource.Properties ?? {};
        return [
          name,
          {
            Type: resource.Type,
            Properties: KeyPolicy === undefined ? Properties : { ...Properties, KeyPolicy: "" },
            DeletionPolicy: resource.DeletionPolicy?.replace("ExceptOnCreate", "") ?? "Delete",
          },
        ];
      }),
  );
  const outputs = Object.entries(whole.Outputs ?? {}).filter(([, value]) => !namesGone(value));
  return {
    ...whole,
    Resources,
    Outputs: {
      ...Object.fromEntries(outputs),
      UserPoolId: { Value: pool },
      Address: { Value: "https://d111111abcdef8.cloudfront.net" },
    },
  };
}

async function builtHere(): Promise<Pick<Deployment, "code" | "web">> {
  const web = join(folder, "web");
  mkdirSync(join(web, "assets"), { recursive: true });
  writeFileSync(join(web, "index.html"), "<!doctype html>");
  writeFileSync(join(web, "index.html.br"), "compressed for the home's server");
  writeFileSync(join(web, "assets", "app-1.js"), "export {};");
  const code = join(folder, "code");
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "index.mjs"), "export const handler = 1;");
  return { web, code: { api: await zipOf("api", code), worker: await zipOf("worker", code) } };
}

await onMoto(({ access }) => {
  let account: Account;
  let deployment: Deployment;

  it("opens the account that the keys belong to", async () => {
    account = await openAccount({ access });
    assert.match(account.id, /^\d{12}$/);
    assert.equal(account.region, "us-east-1");
  });

  it("wants to know the owner the first time", async () => {
    const pool = await account.cognito.send(
      new CreateUserPoolCommand({ PoolName: "owner", UsernameAttributes: ["email"] }),
    );
    deployment = {
      ...{ account, env: "test", parameters: {}, say: () => {} },
      ...(await builtHere()),
      template: cutDown(pool.UserPool?.Id ?? ""),
    };
    await assert.rejects(deploy(deployment), (error) => error instanceof DeployError && /--owner/.test(error.message));
  });

  it("refuses a parameter that the template has not, naming those it has", async () => {
    const wrong = { ...deployment, ownerEmail: "owner@example.org", parameters: { Memory: "1" } };
    await assert.rejects(
      deploy(wrong),
      (error) => error instanceof DeployError && /no parameter Memory.*ApiMemory/.test(error.message),
    );
  });

  it("makes the stack, puts up code and app, and makes the owner's account", async () => {
    const { address, isNew, outputs } = await deploy({ ...deployment, ownerEmail: "owner@example.org" });
    assert.equal(address, "https://d111111abcdef8.cloudfront.net");
    assert.ok(isNew);
    const Bucket = `steward-test-code-${account.id}-us-east-1`;
    await account.s3.send(new HeadObjectCommand({ Bucket, Key: deployment.code.api.key }));
    const page = await account.s3.send(new GetObjectCommand({ Bucket: outputs.WebBucket, Key: "index.html" }));
    assert.equal(page.ContentType, "text/html; charset=utf-8");
    assert.equal(page.CacheControl, "no-cache");
    const script = await account.s3.send(new HeadObjectCommand({ Bucket: outputs.WebBucket, Key: "assets/app-1.js" }));
    assert.match(script.CacheControl ?? "", /immutable/);
    await assert.rejects(account.s3.send(new HeadObjectCommand({ Bucket: outputs.WebBucket, Key: "index.html.br" })));
    const { Users } = await account.cognito.send(new ListUsersCommand({ UserPoolId: outputs.UserPoolId }));
    assert.equal(Users?.length, 1);
    const { Table } = await account.dynamo.send(new DescribeTableCommand({ TableName: outputs.TableName }));
    const { Stacks } = await account.formation.send(new DescribeStacksCommand({ StackName: "steward-test" }));
    const value = (name: string) => Stacks?.[0]?.Parameters?.find((one) => one.ParameterKey === name)?.ParameterValue;
    assert.equal(value("Protect"), "yes", "protected once it stands; moto does not change the table itself");
    assert.equal(value("OwnerSubject"), Users?.[0]?.Attributes?.find(({ Name }) => Name === "sub")?.Value);
    assert.equal(value("ApiCodeKey"), deployment.code.api.key);
    assert.equal(Table?.TableStatus, "ACTIVE");
  });

  it("changes nothing when the same is deployed again, and keeps one owner", async () => {
    const { isNew, outputs } = await deploy({ ...deployment, ownerEmail: "owner@example.org" });
    assert.equal(isNew, false);
    const { Users } = await account.cognito.send(new ListUsersCommand({ UserPoolId: outputs.UserPoolId }));
    assert.equal(Users?.length, 1);
  });

  it("makes the owner's account when an earlier deployment broke off before that", async () => {
    const env = "broken";
    const nothing = join(folder, "no-such-folder");
    await assert.rejects(deploy({ ...deployment, env, web: nothing, ownerEmail: "owner@example.org" }), /ENOENT/);
    const before = await findStack(account.formation, "steward-broken");
    assert.deepEqual([before?.parameters.OwnerSubject, before?.parameters.Protect], ["", "no"]);
    await deploy({ ...deployment, env });
    const after = await findStack(account.formation, "steward-broken");
    assert.match(after?.parameters.OwnerSubject ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(after?.parameters.Protect, "yes");
  });

  it("takes the home down and keeps the data, saying what stays", async () => {
    const before = await findStack(account.formation, "steward-test");
    const { TableName = "", DataBucket = "", WebBucket = "", KeyArn = "" } = before?.outputs ?? {};
    const remains = await destroy({ account, env: "test", data: "keep", keyDays: 30, say: () => {} });
    assert.equal(await findStack(account.formation, "steward-test"), undefined);
    await assert.rejects(account.s3.send(new HeadBucketCommand({ Bucket: WebBucket })));
    await account.s3.send(new HeadBucketCommand({ Bucket: DataBucket }));
    await account.dynamo.send(new DescribeTableCommand({ TableName }));
    const { KeyMetadata } = await account.kms.send(new DescribeKeyCommand({ KeyId: KeyArn }));
    assert.equal(KeyMetadata?.KeyState, "Enabled");
    for (const name of [TableName, DataBucket, KeyArn])
      assert.ok(
        remains.some((line) => line.includes(name)),
        name,
      );
  });

  it("takes another down with everything in it: table, versions, kit, and the key's end is set", async () => {
    const env = "gone";
    const { outputs } = await deploy({ ...deployment, env, ownerEmail: "owner@example.org" });
    const { TableName, DataBucket: Bucket, KeyArn } = outputs;
    for (const Body of ["one", "two"]) await account.s3.send(new PutObjectCommand({ Bucket, Key: "blobs/a", Body }));
    await account.ssm.send(
      new PutParameterCommand({ Name: `/steward/${env}/kit/00000001`, Type: "SecureString", Value: "kit" }),
    );
    const remains = await destroy({ account, env, data: "delete", keyDays: 7, say: () => {} });
    await assert.rejects(account.s3.send(new HeadBucketCommand({ Bucket })));
    await assert.rejects(account.dynamo.send(new DescribeTableCommand({ TableName })));
    const { Parameters } = await account.ssm.send(
      new GetParametersByPathCommand({ Path: `/steward/${env}`, Recursive: true }),
    );
    assert.deepEqual(Parameters, []);
    const { KeyMetadata } = await account.kms.send(new DescribeKeyCommand({ KeyId: KeyArn }));
    assert.equal(KeyMetadata?.KeyState, "PendingDeletion");
    const days = ((KeyMetadata?.DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    assert.ok(days > 6 && days <= 7.01, `${days} days`);
    assert.match(remains.join("\n"), /cancel-key-deletion/);
    assert.match(remains.join("\n"), /35 days/);
  });

  it("says so when there is nothing to take down", async () => {
    await assert.rejects(
      destroy({ account, env: "none", data: "keep", keyDays: 30, say: () => {} }),
      (error) => error instanceof DeployError && /no stack steward-none/.test(error.message),
    );
  });

  it("finds a bucket that is gone empty, and puts up no hidden file", async () => {
    assert.equal(await emptyBucket(account, "never-was-here-1234"), 0);
    writeFileSync(join(deployment.web, ".built-from"), "hash");
    assert.ok(existsSync(join(deployment.web, ".built-from")));
    const { outputs } = await deploy({ ...deployment, env: "web", ownerEmail: "owner@example.org" });
    assert.equal(await putWebFiles(account, outputs.WebBucket ?? "", deployment.web), 2);
  });
});

it("says what to do when nobody is signed in", async () => {
  const nobody = {
    region: "us-east-1",
    endpoint: "http://127.0.0.1:9",
    credentials: { accessKeyId: "x", secretAccessKey: "y" },
  };
  await assert.rejects(
    openAccount({ access: nobody }),
    (error) => error instanceof DeployError && /aws sso login.*--dry-run/s.test(error.message),
  );
});

it("makes the same zip of the same code", async () => {
  const code = join(folder, "same");
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "b.mjs"), "2");
  writeFileSync(join(code, "a.mjs"), "1");
  const first = await zipOf("api", code);
  writeFileSync(join(code, "a.mjs"), "1");
  assert.deepEqual(await zipOf("api", code), first);
  writeFileSync(join(code, "a.mjs"), "3");
  assert.notEqual((await zipOf("api", code)).key, first.key);
});
