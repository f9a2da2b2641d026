import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { PutBucketNotificationConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type CloudAccess, s3Settings, sdkSettings } from "../src/clients.ts";
import { makeBucket, makeKey, makeTable } from "../src/testing/make.ts";

/** The stack as `aws/infra` makes it, made on a stand-in: its stores, and the environment that the functions are given. */
export interface LocalStack {
  readonly env: Readonly<Record<string, string>>;
  readonly queueUrl: string;
  readonly deadLettersUrl: string;
  readonly uploads: string;
  readonly keyArn: string;
}

export interface StackOptions {
  readonly publicUrl: string;
  /** Seconds that a message which was handed over is not seen. */
  readonly visibility?: number;
}

export async function makeStack(
  access: CloudAccess & { endpoint: string },
  options: StackOptions,
): Promise<LocalStack> {
  const name = `local-${randomUUID().slice(0, 8)}`;
  const settings = sdkSettings(access);
  const s3 = new S3Client(s3Settings(access));
  const sqs = new SQSClient(settings);
  const [table, bucket, uploads, keyArn, deadLetters] = await Promise.all([
    makeTable(new DynamoDBClient(settings)),
    makeBucket(s3, `${name}-data`),
    makeBucket(s3, `${name}-uploads`),
    makeKey(new KMSClient(settings)),
    makeQueue(sqs, `${name}-dead`, {}),
  ]);
  const redrive = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 5 });
  const visibility = String(options.visibility ?? 60);
  const queue = await makeQueue(sqs, name, { RedrivePolicy: redrive, VisibilityTimeout: visibility });
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: uploads,
      NotificationConfiguration: { QueueConfigurations: [{ QueueArn: queue.arn, Events: ["s3:ObjectCreated:*"] }] },
    }),
  );
  const parameters = `/steward/${name}`;
  const address = { Name: `${parameters}/public-url`, Value: options.publicUrl, Type: "String" } as const;
  await new SSMClient(settings).send(new PutParameterCommand(address));
  return {
    ...{ queueUrl: queue.url, deadLettersUrl: deadLetters.url, uploads, keyArn },
    env: {
      STEWARD_ENV: name,
      STEWARD_TABLE: table,
      STEWARD_BUCKET: bucket,
      STEWARD_UPLOADS: uploads,
      STEWARD_QUEUE_URL: queue.url,
      STEWARD_QUEUE_ARN: queue.arn,
      STEWARD_KMS_KEY: keyArn,
      STEWARD_PARAMETERS: parameters,
      STEWARD_SCHEDULE_GROUP: "default",
      STEWARD_SCHEDULE_ROLE: "arn:aws:iam::123456789012:role/steward",
      AWS_REGION: access.region,
      AWS_ENDPOINT_URL: access.endpoint,
      AWS_ACCESS_KEY_ID: access.credentials?.accessKeyId ?? "moto",
      AWS_SECRET_ACCESS_KEY: access.credentials?.secretAccessKey ?? "moto",
    },
  };
}

async function makeQueue(client: SQSClient, name: string, Attributes: Record<string, string>) {
  const { QueueUrl: url = "" } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] });
  return { url, arn: (await client.send(asked)).Attributes?.QueueArn ?? "" };
}
