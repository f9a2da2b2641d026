import { CreateTableCommand, type DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutBucketVersioningCommand, type S3Client } from "@aws-sdk/client-s3";
import { CreateScheduleGroupCommand, type SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { freshName } from "./moto.ts";

/** What the stack makes, made for a test: the same shapes, under fresh names. Each returns the name. */

/** The one table, on demand, with `x` as its time to live. */
export async function makeTable(client: DynamoDBClient, name = freshName("table")): Promise<string> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "p", AttributeType: "S" },
        { AttributeName: "s", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "p", KeyType: "HASH" },
        { AttributeName: "s", KeyType: "RANGE" },
      ],
    }),
  );
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: "x", Enabled: true },
    }),
  );
  return name;
}

/** The private, versioned bucket. */
export async function makeBucket(client: S3Client, name = freshName("bucket")): Promise<string> {
  await client.send(new CreateBucketCommand({ Bucket: name }));
  await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Enabled" } }));
  return name;
}

/** The symmetric key; its ARN. */
export async function makeKey(client: KMSClient): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: "for a test" }));
  if (KeyMetadata?.Arn === undefined) throw new Error("KMS made a key without an ARN.");
  return KeyMetadata.Arn;
}

/**
 * The queue, which hands a message to its dead letters after five tries. No message that was read stays hidden, so that
 * a test need not wait to read it again.
 */
export async function makeQueue(
  client: SQSClient,
  name = freshName("queue"),
): Promise<{ url: string; arn: string; deadUrl: string }> {
  const made = async (QueueName: string, Attributes: Record<string, string>) => {
    const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    const asked = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    return { url: QueueUrl, arn: asked.Attributes?.QueueArn ?? "" };
  };
  const dead = await made(`${name}-dead`, { VisibilityTimeout: "0" });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 });
  const queue = await made(name, { VisibilityTimeout: "0", RedrivePolicy });
  return { ...queue, deadUrl: dead.url };
}

/** The group of one-off schedules. */
export async function makeScheduleGroup(client: SchedulerClient, name = freshName("group")): Promise<string> {
  await client.send(new CreateScheduleGroupCommand({ Name: name }));
  return name;
}
