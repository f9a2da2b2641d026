import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { CreateStackCommand } from "@aws-sdk/client-cloudformation";
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  UpdateContinuousBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { systemClock } from "@steward/core/clock.ts";
import { rotate } from "@steward/core/vault/rotate.ts";
import { DOMAINS } from "@steward/core/vault/vault.ts";
import { type Account, DeployError, openAccount } from "../deploy/account.ts";
import { configOf } from "../deploy/config.ts";
import { findStack } from "../deploy/stack.ts";
import { openStores } from "../src/compose.ts";
import { openCloudLog } from "../src/log.ts";
import { onMoto } from "../src/testing/moto.ts";
import { objectsAsOf } from "./objects.ts";
import { type Recovery, recover } from "./recover.ts";

/**
 * The drill: a home with sealed rows and objects loses some, and is brought back.
 *
 * What moto does not show: it restores a table as it is now, whatever time is asked for, and at once; how long AWS takes is in
 * no test. It knows no latest restorable time of its own and runs no function, so that the functions follow the stack's parameter is
 * known from the template's tests. What is shown is ours: the order, what a restore leaves out, the look at the keys, the objects.
 */
const TEMPLATE = {
  Parameters: { RestoredTable: { Type: "String", Default: "" } },
  Conditions: { HasRestoredTable: { "Fn::Not": [{ "Fn::Equals": [{ Ref: "RestoredTable" }, ""] }] } },
  Resources: {
    Key: { Type: "AWS::KMS::Key", Properties: { KeyPolicy: "" } },
    Jobs: { Type: "AWS::SQS::Queue" },
    Data: { Type: "AWS::S3::Bucket", Properties: { VersioningConfiguration: { Status: "Enabled" } } },
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        KeySchema: [
          { AttributeName: "p", KeyType: "HASH" },
          { AttributeName: "s", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "p", AttributeType: "S" },
          { AttributeName: "s", AttributeType: "S" },
        ],
        BillingMode: "PAY_PER_REQUEST",
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    },
  },
  Outputs: {
    TableInUse: { Value: { "Fn::If": ["HasRestoredTable", { Ref: "RestoredTable" }, { Ref: "Table" }] } },
    DataBucket: { Value: { Ref: "Data" } },
    UploadsBucket: { Value: { Ref: "Data" } },
    KeyArn: { Value: { "Fn::GetAtt": ["Key", "Arn"] } },
    JobsUrl: { Value: { Ref: "Jobs" } },
    JobsArn: { Value: { "Fn::GetAtt": ["Jobs", "Arn"] } },
  },
};

await onMoto(({ access }) => {
  let account: Account;
  const WHERE = { table: "t", id: "i", field: "f" };
  const drill = (more: Partial<Recovery> = {}) =>
    recover({ account, env: "drill", access, acceptLoss: false, say: () => {}, ...more });

  async function home() {
    const stack = await findStack(account.formation, "steward-drill");
    assert.ok(stack);
    const config = configOf({ outputs: stack.outputs, env: "drill", region: "us-east-1", access });
    return {
      outputs: stack.outputs,
      ...(await openStores({ config, clock: systemClock, log: openCloudLog(() => {}) }, DOMAINS)),
    };
  }

  it("brings the table back into a new one, dressed as the old, and points the home at it", async () => {
    account = await openAccount({ access });
    const body = JSON.stringify(TEMPLATE);
    const given = [{ ParameterKey: "RestoredTable", ParameterValue: "" }];
    await account.formation.send(
      new CreateStackCommand({ StackName: "steward-drill", TemplateBody: body, Parameters: given }),
    );
    const before = await home();
    // moto's CloudFormation passes over both.
    await account.dynamo.send(
      new UpdateContinuousBackupsCommand({
        TableName: before.outputs.TableInUse,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await account.s3.send(
      new PutBucketVersioningCommand({ Bucket: before.outputs.DataBucket, VersioningConfiguration }),
    );
    const { key, change } = before.vault.create("private", "scope");
    const sealed = key.seal(WHERE, Uint8Array.of(1, 2, 3));
    await before.records.write([change]);

    const { table, keys, seconds } = await drill();
    assert.notEqual(table, before.outputs.TableInUse);
    assert.equal(keys.lost, 0);
    assert.ok(keys.opens >= 1 && seconds.whole >= seconds.restore);
    const after = await home();
    assert.equal(after.outputs.TableInUse, table);
    assert.deepEqual((await after.vault.key("private", "scope")).open(WHERE, sealed), Uint8Array.of(1, 2, 3));

    const { Table } = await account.dynamo.send(new DescribeTableCommand({ TableName: table }));
    assert.equal(Table?.DeletionProtectionEnabled, true);
    const { TimeToLiveDescription } = await account.dynamo.send(new DescribeTimeToLiveCommand({ TableName: table }));
    assert.deepEqual([TimeToLiveDescription?.TimeToLiveStatus, TimeToLiveDescription?.AttributeName], ["ENABLED", "x"]);
    const { ContinuousBackupsDescription } = await account.dynamo.send(
      new DescribeContinuousBackupsCommand({ TableName: table }),
    );
    assert.equal(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus, "ENABLED");
  });

  it("brings back objects that were deleted or written over, and leaves those that came later", async () => {
    const { outputs } = await home();
    const Bucket = outputs.DataBucket ?? "";
    const put = (name: string, Body: string) =>
      account.s3.send(new PutObjectCommand({ Bucket, Key: `blobs/${name}`, Body }));
    const read = async (name: string) =>
      (await account.s3.send(new GetObjectCommand({ Bucket, Key: `blobs/${name}` }))).Body?.transformToString();
    await put("kept", "one");
    await put("deleted", "two");
    await put("manifest", "old");
    await delay(1_100); // S3 tells times in seconds
    const at = new Date();
    await delay(1_100);
    await put("manifest", "new");
    await put("later", "three");
    await account.s3.send(new DeleteObjectCommand({ Bucket, Key: "blobs/deleted" }));
    assert.deepEqual(await objectsAsOf(account, Bucket, at), { back: 2, same: 2 });
    assert.deepEqual(await Promise.all(["kept", "deleted", "manifest", "later"].map(read)), [
      "one",
      "two",
      "old",
      "three",
    ]);
    assert.equal((await objectsAsOf(account, Bucket, new Date())).back, 0, "a second time there is nothing to do");
  });

  it("refuses a time from before a rotation, tells how much is lost, and touches nothing", async () => {
    const { vault, records, outputs } = await home();
    const table = outputs.TableInUse;
    // A row as an older table has it: its key wrapped by a domain key that the rotation destroys.
    const { change } = vault.create("private", "forgotten");
    await records.write([change]);
    await rotate(vault, "private");
    if ("put" in change) await records.write([{ put: change.put }]);
    await assert.rejects(
      drill(),
      (error) =>
        error instanceof DeployError && /1 of \d+ keys.*rotated after that time.*--accept-loss/s.test(error.message),
    );
    assert.equal((await home()).outputs.TableInUse, table, "the home runs on what it ran on");
    const { keys } = await drill({ acceptLoss: true });
    assert.equal(keys.lost, 1);
  });

  it("names the times that can be restored when asked for another", async () => {
    await assert.rejects(
      drill({ at: new Date("2020-01-01T00:00:00Z") }),
      (error) => error instanceof DeployError && /2020-01-01.*choose a time from \d{4}.* to \d{4}/s.test(error.message),
    );
    await assert.rejects(drill({ env: "none" }), /no stack steward-none/);
  });
});
