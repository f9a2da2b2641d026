import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { s3Settings, sdkSettings } from "../src/clients.ts";
import { makeTable } from "../src/testing/make.ts";
import { onMoto } from "../src/testing/moto.ts";
import { exportHome } from "./export.ts";

const folder = mkdtempSync(join(tmpdir(), "steward-export-"));
after(() => rmSync(folder, { recursive: true, force: true }));

await onMoto(({ access }) => {
  it("exports a home in the cloud to a file of the owner's alone, and over no other", async () => {
    const TableInUse = await makeTable(new DynamoDBClient(sdkSettings(access)));
    const { KeyMetadata } = await new KMSClient(sdkSettings(access)).send(new CreateKeyCommand({}));
    await new S3Client(s3Settings(access)).send(new CreateBucketCommand({ Bucket: "home-data" }));
    const Name = "/steward/home/public-url";
    await new SSMClient(sdkSettings(access)).send(
      new PutParameterCommand({ Name, Value: "https://home.example", Type: "String" }),
    );
    const outputs = {
      ...{ TableInUse, DataBucket: "home-data", UploadsBucket: "home-data", KeyArn: KeyMetadata?.Arn ?? "" },
      ...{ JobsUrl: "https://sqs.us-east-1.amazonaws.com/1/jobs", JobsArn: "arn:aws:sqs:us-east-1:1:jobs" },
    };
    const given = { outputs, env: "home", region: "us-east-1", access };
    const file = join(folder, "all.zip");
    await exportHome(given, file);
    const zip = readFileSync(file);
    for (const name of ["items.json", "conversations.json", "memories.json", "tasks.json", "settings.json"])
      assert.ok(zip.includes(name), name);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await assert.rejects(exportHome(given, file), /EEXIST/);
    assert.deepEqual(readFileSync(file), zip);
  });
});
