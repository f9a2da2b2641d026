import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "@steward/core/clock.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import { memoryKit, memoryRing } from "@steward/core/testing/memory-keys.ts";
import { testPassageIndex } from "@steward/core/testing/passage-index-contract.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { s3Blobs } from "./blobs.ts";
import { s3Settings, sdkSettings } from "./clients.ts";
import { dynamoRecords } from "./records.ts";
import { makeBucket, makeTable } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";

/** The private index where it lives in the cloud: its manifest and rows in DynamoDB, its segments in S3. */
await onMoto(({ access }) => {
  const dynamo = new DynamoDBClient(sdkSettings(access));
  const s3 = new S3Client(s3Settings(access));

  testPassageIndex("the private index over DynamoDB and S3", async () => {
    const clock = systemClock;
    const [table, bucket] = await Promise.all([makeTable(dynamo), makeBucket(s3)]);
    const records = dynamoRecords({ client: dynamo, table, clock });
    const blobs = s3Blobs({ client: s3, bucket, clock });
    const vault = await openVault({ records, ring: memoryRing(), kit: memoryKit(), clock });
    const sealed = new SealedRecords(records, vault);
    const index = await openPrivateIndex({ sealed, blobs, clock, async *replay() {} });
    return { index, close: () => index.close() };
  });
});
