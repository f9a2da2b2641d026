import { type CfnCondition, Fn, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Schedules } from "./functions.ts";
import type { Parameters } from "./parameters.ts";
import type { Storage } from "./storage.ts";

/**
 * What each function may do, action by action and resource by resource. `rights.test.ts` holds the other side: every
 * command that `aws/src` sends needs an action that stands here, and nothing stands here that no command needs.
 */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>>;
  /** Granted only where this condition of the template holds. */
  readonly when?: CfnCondition;
}

/** The one secret that holds the keys of model providers, where that was chosen. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
}

export interface Needs {
  readonly answering: readonly Grant[];
  readonly working: readonly Grant[];
}

export function needsOf(
  scope: Construct,
  parameters: Parameters,
  storage: Storage,
  { schedules, secret }: { schedules: Schedules; secret?: Secret },
): Needs {
  const { account, region } = Stack.of(scope);
  const { data, uploads, queue } = storage;
  const blobs = `${data.bucketArn}/blobs/*`;
  const shared: Grant[] = [
    ...rows(scope, parameters, storage),
    { actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], resources: [blobs] },
    // Also without a prefix: whoever asks for an object that is not there is told so (404) only with leave to list, and
    // such a request names no prefix. Without it S3 says 403, and a missing blob looks like a refusal.
    {
      actions: ["s3:ListBucket"],
      resources: [data.bucketArn],
      conditions: { StringLikeIfExists: { "s3:prefix": "blobs/*" } },
    },
    sealing(storage),
    {
      actions: ["ssm:GetParameter", "ssm:GetParametersByPath", "ssm:PutParameter", "ssm:DeleteParameters"],
      resources: [`arn:aws:ssm:${region}:${account}:parameter/steward/${parameters.env}/*`],
    },
    { actions: ["sqs:SendMessage"], resources: [queue.queueArn] },
    {
      actions: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"],
      resources: [schedules.schedules],
    },
    {
      actions: ["iam:PassRole"],
      resources: [schedules.role.roleArn],
      conditions: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
    },
    ...models(scope, parameters),
    ...(secret === undefined ? [] : secretByParameter(scope, secret)),
  ];
  return {
    answering: [...shared, { actions: ["s3:PutObject"], resources: [`${uploads.bucketArn}/documents/*`] }],
    working: [
      ...shared,
      // Whatever the owner copies there is taken in, not announced documents alone.
      { actions: ["s3:GetObject", "s3:DeleteObject"], resources: [`${uploads.bucketArn}/*`] },
      { actions: ["s3:ListBucket"], resources: [uploads.bucketArn] },
      {
        actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
        resources: [queue.queueArn],
      },
    ],
  };
}

/** The table, and after a recovery the restored one in its place. A transaction is authorised by what it is made of. */
function rows(scope: Construct, { hasRestoredTable, restoredTable }: Parameters, { table }: Storage): Grant[] {
  const { account, region } = Stack.of(scope);
  const restored = `arn:aws:dynamodb:${region}:${account}:table/${restoredTable}`;
  const inUse = Fn.conditionIf(hasRestoredTable.logicalId, restored, table.tableArn).toString();
  return [
    {
      actions: [
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
      ],
      resources: [inUse],
    },
  ];
}

/** The key: the key ring wraps domain keys with it, and table, objects, messages and parameters are under it. */
function sealing({ key }: Storage): Grant {
  return {
    actions: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
    resources: [key.keyArn],
  };
}

/**
 * A secret of Secrets Manager asked for through Parameter Store needs leave in both places (AWS, "Referencing AWS Secrets
 * Manager secrets from Parameter Store parameters"): for the name it has there, and for the secret. Opening it with the home's
 * key is allowed by `sealing`.
 */
function secretByParameter(scope: Construct, { arn, name }: Secret): Grant[] {
  const { account, region } = Stack.of(scope);
  return [
    {
      actions: ["ssm:GetParameter"],
      resources: [`arn:aws:ssm:${region}:${account}:parameter/aws/reference/secretsmanager/${name}`],
    },
    { actions: ["secretsmanager:GetSecretValue"], resources: [arn] },
  ];
}

/** Which model thinks is chosen in the settings of the running home, so the policy can name no single one. */
function models(scope: Construct, { hasBedrock }: Parameters): Grant[] {
  const { account } = Stack.of(scope);
  return [
    {
      actions: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      resources: ["arn:aws:bedrock:*::foundation-model/*", `arn:aws:bedrock:*:${account}:inference-profile/*`],
      when: hasBedrock,
    },
  ];
}
