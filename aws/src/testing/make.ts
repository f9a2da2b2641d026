import { CreateTableCommand, type DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutBucketVersioningCommand, type S3Client } from "@aws-sdk/client-s3";
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
