import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { synthesize } from "./app.ts";
import { DEFAULTS } from "./options.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly Condition?: Record<string, unknown>;
}

const { Resources } = synthesize(DEFAULTS);

/** The statements of a policy of ours; one with a condition of the template is taken as if it held. */
function statementsOf(name: string): Statement[] {
  const policy = Resources[name];
  assert.ok(policy?.Properties, name);
  const { PolicyDocument } = policy.Properties as { PolicyDocument: { Statement: unknown[] } }; // CloudFormation's
  return PolicyDocument.Statement.map((given) => {
    const [, whenTrue] = (given as { "Fn::If"?: [string, Statement, unknown] })["Fn::If"] ?? [];
    return whenTrue ?? (given as Statement);
  });
}
const actionsOf = (name: string): string[] => statementsOf(name).flatMap(({ Action }) => Action);

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
  "ses:SendRawEmail": "what SES asks for where a mail is given as it is",
};

const SERVICES: Readonly<Record<string, string>> = {
  ...{ dynamodb: "dynamodb", s3: "s3", kms: "kms", ssm: "ssm", sqs: "sqs", scheduler: "scheduler", sesv2: "ses" },
};

/** Every action that the cloud home's code asks for. */
function actionsOfTheCode(): Set<string> {
  const folder = join(import.meta.dirname, "..", "src");
  const actions = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.includes(".test."))) {
    const source = readFileSync(join(folder, file), "utf8");
    const services = [...source.matchAll(/"@aws-sdk\/client-([a-z0-9-]+)"/g)].map(([, name = ""]) => name);
    for (const [, command = ""] of source.matchAll(/new (?:\w+\.)?([A-Z]\w+)Command\(/g)) {
      const needed = NEEDS[command] ?? services.map((service) => `${SERVICES[service] ?? service}:${command}`);
      for (const action of needed) actions.add(action);
    }
  }
  return actions;
}

test("the roles may do what the code asks for, and nothing it does not", () => {
  const used = actionsOfTheCode();
  const granted = new Set([...actionsOf("ApiRights"), ...actionsOf("WorkerRights")]);
  assert.ok(used.size > 12, "the code was read");
  const missing = [...used].filter((action) => !granted.has(action));
  assert.deepEqual(missing, [], "asked for by the code and not granted");
  const idle = [...granted].filter((action) => !used.has(action) && OF_THEMSELVES[action] === undefined);
  assert.deepEqual(idle, [], "granted, asked for by nobody and not explained");
});

test("each role has its own: the answering one takes no messages, sends no mail and reads no upload", () => {
  const api = actionsOf("ApiRights");
  const worker = actionsOf("WorkerRights");
  for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage", "ses:SendEmail"]) {
    assert.ok(!api.includes(action), action);
    assert.ok(worker.includes(action), action);
  }
  const uploads = (name: string) =>
    statementsOf(name).flatMap(({ Action, Resource }) => (JSON.stringify(Resource).includes("Uploads") ? Action : []));
  assert.deepEqual(uploads("ApiRights"), ["s3:PutObject"], "to sign addresses for the owner's page");
  assert.deepEqual(uploads("WorkerRights"), ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"]);
  assert.deepEqual(actionsOf("ScheduleRights"), ["sqs:SendMessage", "kms:GenerateDataKey", "kms:Decrypt"]);
});

test("no action is a pattern, no resource is everything, and the few patterns are these", () => {
  const patterns = new Set<string>();
  for (const name of ["ApiRights", "WorkerRights", "ScheduleRights"]) {
    for (const { Action, Resource } of statementsOf(name)) {
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
    ":identity/*", // narrowed by the sender's address
    ":inference-profile/*", // which model thinks is a setting of the running home
    "arn:aws:bedrock:*:",
    "arn:aws:bedrock:*::foundation-model/*",
  ];
  assert.deepEqual(
    [...patterns].filter((pattern) => !argued.includes(pattern)),
    [],
  );
  const mail = statementsOf("WorkerRights").find(({ Action }) => Action.includes("ses:SendEmail"));
  assert.deepEqual(mail?.Condition, { StringEquals: { "ses:FromAddress": { Ref: "MailFrom" } } });
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
