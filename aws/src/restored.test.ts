import assert from "node:assert/strict";
import { it } from "node:test";
import { DescribeTimeToLiveCommand, DynamoDBClient, RestoreTableToPointInTimeCommand } from "@aws-sdk/client-dynamodb";
import { memoryKit, memoryRing } from "@steward/core/testing/memory-keys.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { rotate } from "@steward/core/vault/rotate.ts";
import { sdkSettings } from "./clients.ts";
import { dynamoRecords } from "./records.ts";
import { lookAtRestored } from "./restored.ts";
import { HastyClock } from "./testing/hasty-clock.ts";
import { makeTable } from "./testing/make.ts";
import { freshName, onMoto } from "./testing/moto.ts";

const WHERE = { table: "t", id: "i", field: "f" };

await onMoto(({ access }) => {
  const client = new DynamoDBClient(sdkSettings(access));
  const clock = new HastyClock();

  // moto restores a table as it is now, whatever time is asked for: here that is the time before the rotation.
  it("opens a table restored from after the last rotation, and tells one from before it", async () => {
    const table = await makeTable(client);
    const records = dynamoRecords({ client, table, clock });
    const restore = async () => {
      const name = freshName("restored");
      await client.send(new RestoreTableToPointInTimeCommand({ SourceTableName: table, TargetTableName: name }));
      return dynamoRecords({ client, table: name, clock });
    };
    const [ring, kit] = [memoryRing(), memoryKit()];
    const vault = await openVault({ records, ring, kit, clock });
    const { key, change } = vault.create("private", "scope");
    const sealed = key.seal(WHERE, Uint8Array.of(1, 2, 3));
    await records.write([change]);
    const others = vault.create("index", "other");
    await records.write([others.change]);

    const before = await restore();
    assert.deepEqual(await lookAtRestored(before, vault), { opens: 2, lost: 0 });
    await rotate(vault, "private");
    assert.deepEqual(await lookAtRestored(before, vault), { opens: 1, lost: 1 });

    const after = await restore();
    const again = await openVault({ records: after, ring, kit, clock });
    assert.deepEqual(await lookAtRestored(after, again), { opens: 2, lost: 0 });
    assert.deepEqual((await again.key("private", "scope")).open(WHERE, sealed), Uint8Array.of(1, 2, 3));
  });

  it("finds a restored table without its time to live, which has to be set anew", async () => {
    const table = await makeTable(client);
    const name = freshName("restored");
    await client.send(new RestoreTableToPointInTimeCommand({ SourceTableName: table, TargetTableName: name }));
    const statusOf = async (TableName: string) =>
      (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription?.TimeToLiveStatus;
    assert.deepEqual([await statusOf(table), await statusOf(name)], ["ENABLED", "DISABLED"]);
  });
});
