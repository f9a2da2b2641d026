import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { testRecords } from "@steward/core/testing/records-contract.ts";
import { sdkSettings } from "./clients.ts";
import { dynamoRecords } from "./records.ts";
import { makeTable } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";

await onMoto((cloud) => {
  const client = new DynamoDBClient(sdkSettings(cloud.access));
  testRecords("DynamoDB", async () => {
    const clock = new FakeClock();
    const table = await makeTable(client);
    return { records: dynamoRecords({ client, table, clock }), clock, close: async () => {} };
  });
});
