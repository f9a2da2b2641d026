import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { managedSecrets } from "../src/secrets.ts";
import { type CloudFormationTemplate, synthesize } from "./app.ts";
import { EACH } from "./options.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly Condition?: Record<string, unknown>;
}

const templates = [...EACH].map(([name, options]) => [name, synthesize(options)] as const);
const templateOf = (chosen: string): CloudFormationTemplate => {
  const found = templates.find(([name]) => name === chosen)?.[1];
  assert.ok(found, chosen);
  return found;
};
const standard = templateOf("as by default");
const { Resources } = standard;

/** The statements of a policy of ours; one with a condition of the template is taken as if it held. */
function statementsOf(name: string, template = standard): Statement[] {
  const policy = template.Resources[name];
  assert.ok(policy?.Properties, name);
  const { PolicyDocument } = policy.Properties as { PolicyDocument: { Statement: unknown[] } }; // CloudFormation's
  return PolicyDocument.Statement.map((given) => {
    const [, whenTrue] = (given as { "Fn::If"?: [string, Statement, unknown] })["Fn::If"] ?? [];
    return whenTrue ?? (given as Statement);
  });
}
const actionsOf = (name: string, template = standard): string[] =>
  statementsOf(name, template).flatMap(({ Action }) => Action);

/** What a command of the SDK needs leave for, where it is not its own name in its service. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  HeadObject: ["s3:GetObject"],
  ListObjectsV2: ["s3:ListBucket"],
  CreateMultipartUpload: ["s3:PutObject"],
  UploadPart: ["s3:PutObject"],
  CompleteMultipartUpload: ["s3:PutObject"],
  TransactWriteItems: [
    ...["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"],
  ],
};

/** Granted without a command of ours, each with its reason. */
const OF_THEMSELVES: Readonly<Record<string, string>> = {
  "logs:CreateLogStream": "Lambda writes the function's log with its role",
  "logs:PutLogEvents": "the same",
  "sqs:ReceiveMessage": "Lambda takes messages for the worker with its role",
  "sqs:DeleteMessage": "the same",
  "sqs:ChangeMessageVisibility": "the same",
  "sqs:GetQueueAttributes": "the same",
  "kms:GenerateDataKey": "S3 and SQS ask for data keys in the caller's name",
  "kms:DescribeKey": "DynamoDB looks at a table's key in the caller's name",
  "iam:PassRole": "a schedule is made with the role it fires with",
  "bedrock:InvokeModel": "the AI SDK's provider, not a client of ours",
  "bedrock:InvokeModelWithResponseStream": "the same",
  "secretsmanager:GetSecretValue": "Parameter Store asks for it in the caller's name",
};

const SOURCES = join(import.meta.dirname, "..", "src");

/** Every action that a function's code asks for: what its entry imports within `aws/src`, at once or later, is read. */
function actionsOfTheCode(entry: string): Set<string> {
  const actions = new Set<string>();
  const seen = new Set([entry]);
  for (const file of seen) {
    const source = readFileSync(join(SOURCES, file), "utf8");
    for (const [, next = ""] of source.matchAll(
      /(?:^(?:import|export) (?!type )[^;]*?|\bimport\()"\.\/([\w-]+\.ts)"/gm,
    ))
      seen.add(next);
    const services = [...source.matchAll(/"@aws-sdk\/client-([a-z0-9-]+)"/g)].map(([, name = ""]) => name);
    for (const [, command = ""] of source.matchAll(/new (?:\w+\.)?([A-Z]\w+)Command\(/g)) {
      const needed = NEEDS[command] ?? services.map((service) => `${service}:${command}`);
      for (const action of needed) actions.add(action);
    }
  }
  return actions;
}

/** Which code a function runs; each has one role and one policy. */
const ENTRIES = [
  ["api.ts", ["ApiRights", "ChatRights", "MemoryRights", "SearchRights"]],
  ["worker.ts", ["WorkerRights"]],
] as const;

test("each role may do what its own function's code asks for, and nothing it does not, whatever was chosen", () => {
  for (const [entry, names] of ENTRIES) {
    const used = actionsOfTheCode(entry);
    assert.ok(used.size > 12, "the code was read");
    for (const [chosen, template] of templates) {
      for (const name of names.filter((one) => template.Resources[one] !== undefined)) {
        const granted = new Set(actionsOf(name, template));
        const missing = [...used].filter((action) => !granted.has(action));
        assert.deepEqual(missing, [], `${chosen}, ${name}: asked for by the code and not granted`);
        const idle = [...granted].filter((action) => !used.has(action) && OF_THEMSELVES[action] === undefined);
        assert.deepEqual(idle, [], `${chosen}, ${name}: granted, asked for by nobody and not explained`);
      }
    }
  }
  const three = Object.keys(templateOf("functions three").Resources).filter((name) => name.endsWith("Rights"));
  assert.equal(three.length, 6, "the four that answer, the worker and the schedules each have their own");
});

test("each role has its own: the answering one takes no messages and reads no upload", () => {
  const api = actionsOf("ApiRights");
  const worker = actionsOf("WorkerRights");
  for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage"]) {
    assert.ok(!api.includes(action), action);
    assert.ok(worker.includes(action), action);
  }
  const uploads = (name: string) =>
    statementsOf(name).flatMap(({ Action, Resource }) => (JSON.stringify(Resource).includes("Uploads") ? Action : []));
  assert.deepEqual(uploads("ApiRights"), ["s3:PutObject"], "to sign addresses for the owner's page");
  assert.deepEqual(uploads("WorkerRights"), ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"]);
  assert.deepEqual(actionsOf("ScheduleRights"), ["sqs:SendMessage", "kms:GenerateDataKey", "kms:Decrypt"]);
});

test("a secret of Secrets Manager may be read by the name under which the code asks Parameter Store for it", async () => {
  const template = templateOf("secrets secrets-manager");
  const text = (value: unknown) =>
    JSON.stringify(value).replaceAll('",{"Ref":"Env"},"', "home").replaceAll('",{"Ref":"Env"}', 'home"');
  const names = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
    Type === "AWS::Lambda::Function" ? [text(Properties?.Environment)] : [],
  );
  for (const name of names) assert.match(name, /"STEWARD_SECRET":\{"Fn::Join":\["",\["steward-home"\]\]\}/);
  let asked = "";
  const client = {
    send: async ({ input }: { input: { Name: string } }) => {
      asked = input.Name;
      return { Parameter: { Value: "{}" } };
    },
  } as unknown as SSMClient; // one method of it is used
  await managedSecrets({ client, secretId: "steward-home" }).read();
  const [secret] = Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::SecretsManager::Secret");
  assert.ok(secret);
  const [secretName, { Properties: { Name, KmsKeyId } = {} }] = secret;
  assert.equal(text(Name), '{"Fn::Join":["",["steward-home"]]}');
  for (const role of ["ApiRights", "WorkerRights"]) {
    const may = (action: string) =>
      statementsOf(role, template).flatMap(({ Action, Resource }) =>
        Action.includes(action) ? Resource.map(text) : [],
      );
    assert.ok(
      may("ssm:GetParameter").some((resource) => resource.endsWith(`:parameter${asked}"]]}`)),
      asked,
    );
    assert.deepEqual(may("secretsmanager:GetSecretValue"), [JSON.stringify({ Ref: secretName })]);
    assert.ok(may("kms:Decrypt").includes(text(KmsKeyId)), "the secret is under the home's key");
    const others = templates.filter(([, other]) => other !== template);
    for (const [chosen, other] of others)
      assert.ok(!actionsOf(role, other).includes("secretsmanager:GetSecretValue"), chosen);
  }
});

test("no action is a pattern, no resource is everything, and the few patterns are these", () => {
  const patterns = new Set<string>();
  const policies = templates.flatMap(([, template]) =>
    Object.keys(template.Resources).flatMap((name) => (name.endsWith("Rights") ? [statementsOf(name, template)] : [])),
  );
  for (const statements of policies) {
    for (const { Action, Resource } of statements) {
      for (const action of Action) assert.doesNotMatch(action, /\*/);
      for (const resource of Resource) {
        const text = typeof resource === "string" ? resource : JSON.stringify(resource);
        assert.notEqual(text, "*");
        const end = /[^"]*\*[^"]*/.exec(text)?.[0];
        if (end !== undefined) patterns.add(end);
      }
    }
  }
  const argued = [
    "/*", // the parameters and the schedules of this home; its own log's streams
    "/blobs/*",
    "/documents/*",
    ":inference-profile/*", // which model thinks is a setting of the running home
    "arn:aws:bedrock:*:",
    "arn:aws:bedrock:*::foundation-model/*",
  ];
  assert.deepEqual(
    [...patterns].filter((pattern) => !argued.includes(pattern)),
    [],
  );
});

test("nobody but Lambda and the scheduler takes the roles on", () => {
  const trusted = Object.entries(Resources)
    .filter(([, { Type }]) => Type === "AWS::IAM::Role")
    .map(
      ([, { Properties }]) => JSON.stringify(Properties?.AssumeRolePolicyDocument).match(/[a-z]+\.amazonaws\.com/)?.[0],
    );
  assert.deepEqual(trusted.sort(), [
    "apigateway.amazonaws.com", // writes the access log, by AWS's own policy for it
    ...["lambda.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com"],
  ]);
});

test("the key is used by the account's own roles and by the services that keep things under it, each bound to this account", () => {
  const [key] = Object.values(Resources).filter(({ Type }) => Type === "AWS::KMS::Key");
  assert.ok(key?.Properties);
  const { KeyPolicy } = key.Properties as {
    KeyPolicy: { Statement: (Statement & { Principal: Record<string, unknown> })[] }; // CloudFormation's
  };
  for (const { Principal, Condition, Action } of KeyPolicy.Statement) {
    if (Principal.AWS !== undefined) continue; // the account, whose policies then say who
    assert.ok(Condition, JSON.stringify(Principal));
    assert.match(JSON.stringify(Condition), /AWS::AccountId/);
    for (const action of [Action].flat()) assert.match(action, /^kms:(?:Encrypt|Decrypt|GenerateDataKey|DescribeKey)/);
  }
});
