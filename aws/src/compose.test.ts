import assert from "node:assert/strict";
import { it } from "node:test";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { systemClock } from "@steward/core/clock.ts";
import { quiet } from "@steward/server/log.ts";
import { s3Settings, sdkSettings } from "./clients.ts";
import { openStores } from "./compose.ts";
import { cloudConfig } from "./config.ts";
import { KeyTrouble } from "./key-ring.ts";
import { ssmSecrets } from "./secrets.ts";
import { makeBucket, makeKey, makeQueue, makeTable } from "./testing/make.ts";
import { freshName, onMoto } from "./testing/moto.ts";
import { jsonError } from "./testing/wire.ts";

await onMoto(async ({ access, wire }) => {
  const settings = sdkSettings(access);
  const keyArn = await makeKey(new KMSClient(settings));

  /** A deployment of its own, as the stack's outputs name it to the functions. */
  const deployed = async () => {
    const env = freshName("env");
    const queue = await makeQueue(new SQSClient(settings));
    const config = cloudConfig({
      STEWARD_ENV: env,
      STEWARD_TABLE: await makeTable(new DynamoDBClient(settings)),
      STEWARD_BUCKET: await makeBucket(new S3Client(s3Settings(access))),
      STEWARD_UPLOADS: "uploads",
      STEWARD_QUEUE_URL: queue.url,
      STEWARD_QUEUE_ARN: queue.arn,
      STEWARD_KMS_KEY: keyArn,
      STEWARD_PARAMETERS: `/steward/${env}`,
      STEWARD_SCHEDULE_GROUP: "schedules",
      STEWARD_SCHEDULE_ROLE: "arn:aws:iam::123456789012:role/schedules",
      AWS_REGION: access.region,
    });
    return { config: { ...config, access }, clock: systemClock, log: quiet };
  };

  it("opens the stores over the stack's resources, and again as another process", async () => {
    const options = await deployed();
    const first = await openStores(options, ["private"]);
    await first.settings.patch({ name: "Nora" });
    const second = await openStores(options, ["private"]);
    assert.equal((await second.settings.get()).name, "Nora");
    assert.deepEqual(second.ring.calls, { encrypt: 0, decrypt: 1 });
    assert.equal(await second.blobs.put("b", Uint8Array.of(1)), 1);
    await second.queue.add({ kind: "tidy-index" });
    assert.equal((await first.queue.list()).length, 1);
  });

  it("opens for several processes that are all the first", async () => {
    const options = await deployed();
    const opened = await Promise.all([1, 2, 3].map(() => openStores(options, ["private"])));
    assert.equal(new Set(opened.map(({ vault }) => vault.tenant)).size, 1);
    await opened[0]?.settings.patch({ name: "Nora" });
    for (const { settings } of opened) assert.equal((await settings.get()).name, "Nora");
  });

  it("gives the providers the secrets of the deployment", async () => {
    const options = await deployed();
    const stateOf = async () => {
      const { models } = await openStores(options, ["private"]);
      return (await models.choices()).find(({ id }) => id === "anthropic")?.state;
    };
    assert.equal(await stateOf(), "needs-key");
    const prefix = options.config.parameters;
    await ssmSecrets({ client: new SSMClient(settings), prefix, keyArn }).write("ANTHROPIC_API_KEY", "sk-ant-test");
    assert.equal(await stateOf(), "ready");
  });

  it("does not open while the key is disabled, says so, and opens once it is enabled", async () => {
    const options = await deployed();
    await openStores(options, ["private"]);
    wire.intercept(({ service }) => (service === "kms" ? jsonError("DisabledException") : undefined));
    await assert.rejects(openStores(options, ["private"]), (error) => {
      return error instanceof KeyTrouble && error.code === "disabled" && /enable-key/.test(error.message);
    });
    wire.restore();
    await openStores(options, ["private"]);
  });
});
