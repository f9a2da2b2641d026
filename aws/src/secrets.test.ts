import assert from "node:assert/strict";
import { it } from "node:test";
import { KMSClient } from "@aws-sdk/client-kms";
import { GetParameterHistoryCommand, SSMClient } from "@aws-sdk/client-ssm";
import { sdkSettings } from "./clients.ts";
import { CloudRefused, CloudTrouble } from "./errors.ts";
import { managedSecrets, SecretNameRefused, ssmSecrets } from "./secrets.ts";
import { makeKey } from "./testing/make.ts";
import { freshName, onMoto } from "./testing/moto.ts";
import { jsonError } from "./testing/wire.ts";

await onMoto(async ({ access, wire }) => {
  const client = new SSMClient({ ...sdkSettings(access), maxAttempts: 1 });
  const keyArn = await makeKey(new KMSClient(sdkSettings(access)));
  const open = () => {
    const prefix = `/steward/${freshName("env")}`;
    return { prefix, secrets: ssmSecrets({ client, prefix, keyArn }) };
  };

  it("gives back what was written, under its name, and no longer what was removed", async () => {
    const { secrets } = open();
    assert.deepEqual(await secrets.read(), {});
    await secrets.write("ANTHROPIC_API_KEY", "sk-ant-1");
    await secrets.write("OPENAI_API_KEY", "sk-2");
    assert.deepEqual(await secrets.read(), { ANTHROPIC_API_KEY: "sk-ant-1", OPENAI_API_KEY: "sk-2" });
    await secrets.remove("OPENAI_API_KEY");
    await secrets.remove("OPENAI_API_KEY");
    assert.deepEqual(await secrets.read(), { ANTHROPIC_API_KEY: "sk-ant-1" });
    assert.deepEqual(await open().secrets.read(), {}, "another home has its own");
  });

  it("reads them all, of more than a page", async () => {
    const { secrets } = open();
    const names = Array.from({ length: 12 }, (_, i) => `KEY_${i}`);
    for (const name of names) await secrets.write(name, name.toLowerCase());
    assert.deepEqual(Object.keys(await secrets.read()).sort(), names.sort());
  });

  it("replaces a secret, sealed by the key", async () => {
    const { secrets, prefix } = open();
    await secrets.write("OPENAI_API_KEY", "old");
    await secrets.write("OPENAI_API_KEY", "new");
    assert.deepEqual(await secrets.read(), { OPENAI_API_KEY: "new" });
    const Name = `${prefix}/secrets/OPENAI_API_KEY`;
    const { Parameters = [] } = await client.send(new GetParameterHistoryCommand({ Name }));
    assert.deepEqual(
      Parameters.map(({ Type, KeyId }) => [Type, KeyId]),
      Array(2).fill(["SecureString", keyArn]),
    );
  });

  it("takes the names of environment variables and no others", async () => {
    const { secrets } = open();
    for (const name of ["", "lower", "A/B", "../KIT", "A B", "9A", "A".repeat(101)]) {
      await assert.rejects(secrets.write(name, "x"), SecretNameRefused, name);
      await assert.rejects(secrets.remove(name), SecretNameRefused, name);
    }
  });

  it("says that the role may not", async () => {
    const { secrets } = open();
    wire.intercept(() => jsonError("AccessDeniedException"));
    await assert.rejects(secrets.read(), CloudRefused);
    await assert.rejects(secrets.write("A", "x"), CloudRefused);
    await assert.rejects(managedSecrets({ client, secretId: "s" }).read(), CloudRefused);
    wire.restore();
  });

  // moto does not look into Secrets Manager for Parameter Store; what AWS documents is put on the wire.
  it("reads a secret of Secrets Manager, and never repeats what it could not read", async () => {
    const saying = async (Value: string) => {
      const body = JSON.stringify({ Parameter: { Name: "x", Type: "SecureString", Value } });
      wire.intercept(() => ({ status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body }));
      wire.asked.length = 0;
      return managedSecrets({ client, secretId: "steward/prod" }).read();
    };
    assert.deepEqual(await saying('{"OPENAI_API_KEY":"sk","note":"x","N":7}'), { OPENAI_API_KEY: "sk" });
    assert.deepEqual(JSON.parse(wire.asked[0]?.body.toString() ?? ""), {
      Name: "/aws/reference/secretsmanager/steward/prod",
      WithDecryption: true,
    });
    for (const text of ["canary", '["canary"]', '"canary"', "", "null"]) {
      await assert.rejects(saying(text), (error) => {
        return error instanceof CloudTrouble && !String(error).includes("canary") && error.cause === undefined;
      });
    }
    wire.restore();
  });
});
