import assert from "node:assert/strict";
import { after, beforeEach, it } from "node:test";
import { troubleOf } from "@steward/core/chat/trouble.ts";
import { bedrockRemote } from "@steward/server/embedders/bedrock.ts";
import { bedrock } from "@steward/server/models/bedrock.ts";
import { modelsIn } from "@steward/server/models/testing/providers.ts";
import { openBedrock } from "./testing/bedrock.ts";

/**
 * The product's own Bedrock clients in a function: what they sign with is what Lambda puts into its environment, the
 * temporary credentials of the function's role, and nobody types a key.
 */
const MODEL = "amazon.nova-lite-v1:0";
const wire = await openBedrock();
after(() => wire.close());
beforeEach(() => {
  wire.asked.length = 0;
  wire.will({ say: ["Grüße", " 🙂", "."] });
});

/** What Lambda gives a function in eu-central-1 beside our own settings; the address is the wire's. */
const ROLE = {
  AWS_REGION: "eu-central-1",
  AWS_DEFAULT_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "ASIAROLEEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "role-secret",
  AWS_SESSION_TOKEN: "role-session",
};
const env = { ...ROLE, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: wire.url };

const signedByTheRole = () => {
  for (const { headers } of wire.asked) {
    assert.match(
      headers.authorization ?? "",
      /^AWS4-HMAC-SHA256 Credential=ASIAROLEEXAMPLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request, .*x-amz-security-token/,
    );
    assert.equal(headers["x-amz-security-token"], "role-session");
  }
};

const saying = async (prompt: string) => {
  const access = { baseUrl: wire.url, env, apiKey: bedrock.envKey?.(env) ?? assert.fail("the role's key") };
  const model = bedrock.model(access, MODEL, { thinks: false });
  const { stream } = await model.doStream({ prompt: [{ role: "user", content: [{ type: "text", text: prompt }] }] });
  const texts: string[] = [];
  let tokens: number | undefined;
  for await (const part of stream) {
    if (part.type === "text-delta") texts.push(part.delta);
    if (part.type === "finish") tokens = part.usage.outputTokens.total;
  }
  return { texts, tokens };
};

it("goes to Bedrock of the function's own region unless told otherwise", () => {
  assert.equal(bedrock.address(ROLE), "https://bedrock-runtime.eu-central-1.amazonaws.com");
});

it("answers, streamed, with the role's temporary credentials", async () => {
  assert.deepEqual(await saying("Hello"), { texts: ["Grüße", " 🙂", "."], tokens: 3 });
  assert.equal(wire.asked[0]?.path, `/model/${MODEL}/converse-stream`);
  signedByTheRole();
});

it("is chosen as the model without a key, and proves itself by one question", async () => {
  const { models } = modelsIn({ env });
  assert.equal((await models.prove({ id: "bedrock", model: MODEL })).ok, true);
  await models.choose({ id: "bedrock", model: MODEL });
  assert.equal((await models.current()).id, `bedrock/${MODEL}`);
  assert.equal(wire.asked.length, 1);
  signedByTheRole();
});

it("says that AWS did not allow the model, and that a throttle came in the middle of an answer", async () => {
  wire.will({ refuse: "AccessDeniedException", status: 403, message: "You don't have access to the model" });
  await assert.rejects(saying("Hello"), (error) => troubleOf(error, MODEL).code === "sign-in");
  const proof = await modelsIn({ env }).models.prove({ id: "bedrock", model: MODEL });
  assert.deepEqual([proof.ok, /access to this model in the Bedrock console/.test(proof.message)], [false, true]);
  wire.will({ say: ["Half"], breaks: "throttlingException" });
  await assert.rejects(saying("Hello"), (error) => troubleOf(error, MODEL).retryable);
});

it("makes vectors with the role's temporary credentials", async () => {
  const remote = bedrockRemote({ model: "amazon.titan-embed-text-v2:0", env, baseUrl: wire.url });
  const [vector] = await remote.call(["a passage"], "passage", new AbortController().signal);
  assert.equal(vector?.length, 512);
  assert.deepEqual(wire.asked[0]?.body, { inputText: "a passage", dimensions: 512 });
  signedByTheRole();
});
