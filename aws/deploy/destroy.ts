import { DeleteStackCommand, waitUntilStackDeleteComplete } from "@aws-sdk/client-cloudformation";
import { DeleteTableCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { DeleteParametersCommand, GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import { type Account, DeployError, stackNameOf } from "./account.ts";
import { codeBucketOf, deleteBucket, emptyBucket } from "./objects.ts";
import { findStack, type Outputs } from "./stack.ts";

/**
 * Taking a home down. The stack goes in any case; what the owner has (table, objects, key, kit) is kept or deleted as they
 * say. Whatever remains is told, with how long and what it costs.
 */
export interface Destruction {
  readonly account: Account;
  readonly env: string;
  readonly data: "keep" | "delete";
  /** Days until the key is gone for good: 7 to 30. Until then its deletion can be taken back. */
  readonly keyDays: number;
  say(line: string): void;
}

/** Resolves to what remains, a line each. Throws `DeployError`. */
export async function destroy({ account, env, data, keyDays, say }: Destruction): Promise<string[]> {
  const name = stackNameOf(env);
  const stack = await findStack(account.formation, name);
  if (!stack) throw new DeployError(`There is no stack ${name} in ${account.region}.`);
  const { outputs } = stack;
  say("Emptying the app's files and the uploads…");
  for (const bucket of [outputs.WebBucket, outputs.UploadsBucket]) if (bucket) await emptyBucket(account, bucket);
  say("Deleting the stack (CloudFront takes about five minutes)…");
  await account.formation.send(new DeleteStackCommand({ StackName: name }));
  try {
    const waiting = { client: account.formation, maxWaitTime: 30 * 60, minDelay: 2, maxDelay: 10 };
    await waitUntilStackDeleteComplete(waiting, { StackName: name });
  } catch (error) {
    throw new DeployError(`The stack ${name} could not be deleted whole; its events say why. Run this again then.`, {
      cause: error,
    });
  }
  const gateway = "The role with which API Gateway writes logs (of the account and region, costs nothing).";
  if (data === "keep") return [...keptOf(outputs, env), gateway];
  say("Deleting the data…");
  await deleteData(account, env, outputs);
  const until = outputs.KeyArn ? await deleteKey(account, outputs.KeyArn, keyDays) : undefined;
  return [
    ...(until
      ? [`The key, until ${day(until)}; until then: aws kms cancel-key-deletion --key-id ${outputs.KeyArn}`]
      : []),
    "AWS's own last backup of the deleted table, 35 days, at no cost; without kit and key nobody can read it.",
    gateway,
  ];
}

function keptOf({ TableName, DataBucket, KeyArn }: Outputs, env: string): string[] {
  return [
    `The table ${TableName}, with point-in-time recovery ($0.45 a GB and month).`,
    `The bucket ${DataBucket} ($0.023 a GB and month).`,
    `The key ${KeyArn} ($1 a month), without which neither can be read.`,
    `The kit below /steward/${env} in Parameter Store (free). With these four nothing is lost: docs/aws.md, "After keep".`,
  ];
}

async function deleteData(
  account: Account,
  env: string,
  { TableInUse, TableName, DataBucket }: Outputs,
): Promise<void> {
  for (const table of new Set([TableName, TableInUse])) if (table) await deleteTable(account, table);
  if (DataBucket) await deleteBucket(account, DataBucket);
  await deleteBucket(account, codeBucketOf(account.id, account.region, env));
  await deleteParameters(account, `/steward/${env}`);
}

async function deleteTable({ dynamo }: Account, TableName: string): Promise<void> {
  try {
    await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await dynamo.send(new DeleteTableCommand({ TableName }));
  } catch (error) {
    if (!(error instanceof Error && error.name === "ResourceNotFoundException")) throw error;
  }
}

/** The kit goes with them: what any backup still has is noise from then on. */
async function deleteParameters({ ssm }: Account, Path: string): Promise<void> {
  for (;;) {
    const { Parameters = [] } = await ssm.send(
      new GetParametersByPathCommand({ Path, Recursive: true, MaxResults: 10 }),
    );
    const Names = Parameters.flatMap(({ Name }) => (Name ? [Name] : []));
    if (Names.length === 0) return;
    await ssm.send(new DeleteParametersCommand({ Names }));
  }
}

async function deleteKey({ kms }: Account, arn: string, days: number): Promise<Date | undefined> {
  const KeyId = arn.slice(arn.lastIndexOf("/") + 1);
  const { DeletionDate } = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: days }));
  return DeletionDate;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
