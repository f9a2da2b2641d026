import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chosen, LISTS, modelsIn, WIRED } from "./testing/providers.ts";
import { collect, QUESTION, turnWith } from "./testing/turn.ts";
import { nowhere, type Reply, type WireServer, wireServer } from "./testing/wire-server.ts";

/** What the owner sees of the models, tries and chooses. */
async function withServer(
  dialect: Parameters<typeof wireServer>[0],
  lists: Readonly<Record<string, unknown>>,
  use: (server: WireServer) => Promise<void>,
) {
  const server = await wireServer(dialect, lists);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const byId = <T extends { id: string }>(choices: readonly T[], id: string): T => {
  const found = choices.find((choice) => choice.id === id);
  assert.ok(found);
  return found;
};

test("with nothing set up the built-in model answers, and every other choice says what it needs", async () => {
  const { models } = modelsIn({ ollamaUrl: await nowhere(), lmstudioUrl: await nowhere() });
  const choices = await models.choices();
  assert.deepEqual(
    choices.map(({ id, state, current }) => [id, state, current]),
    [
      ["extractive", "ready", true],
      ["ollama", "not-found", false],
      ["lmstudio", "not-found", false],
      ["anthropic", "needs-key", false],
      ["openai", "needs-key", false],
      ["bedrock", "needs-key", false],
      ["compatible", "not-found", false],
    ],
  );
  assert.match(byId(choices, "ollama").description, /^Not found at port \d+\. Start Ollama/);
  assert.equal((await models.current()).id, "extractive");
});

test("local servers are found with their models, and the description says that nothing leaves the machine", async () => {
  await withServer("chat", LISTS, async (server) => {
    const { models } = modelsIn({ ollamaUrl: server.url, lmstudioUrl: server.url });
    const choices = await models.choices();
    const ollama = byId(choices, "ollama");
    assert.equal(ollama.label, "Ollama on this computer");
    assert.equal(ollama.description, `Found at port ${server.port}: llama3.3, qwen3. Nothing leaves the machine.`);
    assert.deepEqual(ollama.models, ["llama3.3", "qwen3"]);
    assert.equal(ollama.state, "ready");
    assert.deepEqual(byId(choices, "lmstudio").models, ["qwen3-8b", "big-model"]);
  });
});

test("a model that Ollama passes on to its cloud is not called local", async () => {
  const tags = { models: [{ name: "gpt-oss:120b-cloud", remote_host: "https://ollama.com" }] };
  await withServer("chat", { "/api/tags": tags }, async (server) => {
    const { models } = modelsIn({ ollamaUrl: server.url });
    assert.match(byId(await models.choices(), "ollama").description, /passed on to Ollama's cloud/);
    await models.choose({ id: "ollama", model: "gpt-oss:120b-cloud" });
    assert.equal((await models.current()).local, false);
  });
});

test("keys: the environment's and the sealed one are named in words, and no key is ever given back", async () => {
  const env = {
    ANTHROPIC_API_KEY: "sk-ant-env",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "s",
    AWS_REGION: "eu-west-1",
  };
  const { models, sealed } = modelsIn({ env });
  const before = await models.choices();
  assert.equal(byId(before, "anthropic").keyFrom, "A key lies in your environment.");
  assert.equal(byId(before, "bedrock").state, "ready");
  assert.match(byId(before, "bedrock").description, /region eu-west-1/);
  const after = await models.choose({ id: "openai", model: "gpt-6-luna", apiKey: "sk-sealed-canary" });
  const openai = byId(after, "openai");
  assert.deepEqual([openai.state, openai.current, openai.chosen], ["ready", true, "gpt-6-luna"]);
  assert.equal(openai.keyFrom, "A key is kept sealed here.");
  assert.ok(!JSON.stringify(await models.choices()).includes("canary"));
  assert.ok(!JSON.stringify(await models.current()).includes("canary"));
  const row = await sealed.get<unknown>({ partition: "setting", sort: "models", scope: "house:settings" });
  assert.ok(JSON.stringify(row?.value).includes("sk-sealed-canary"), "it is kept, sealed");
});

test("a kept key goes to the address it was given for and to no other", async () => {
  await withServer("chat", LISTS, async (mine) => {
    await withServer("chat", LISTS, async (other) => {
      const { models } = modelsIn({});
      await models.choose({ id: "compatible", baseUrl: `${mine.url}/v1`, model: "big-model", apiKey: "sk-mine" });
      assert.equal(mine.looks.at(-1)?.headers.authorization, "Bearer sk-mine");
      await models.choose({ id: "compatible", baseUrl: `${other.url}/v1`, model: "big-model" });
      assert.equal(other.looks.at(-1)?.headers.authorization, undefined);
    });
  });
});

test("what cannot be chosen is refused with what to do instead, and nothing changes", async () => {
  await withServer("chat", LISTS, async (server) => {
    const env = { ANTHROPIC_API_KEY: "sk-wrong", ANTHROPIC_BASE_URL: server.url };
    const { models } = modelsIn({ ollamaUrl: server.url, lmstudioUrl: await nowhere(), env });
    const refusals: [Parameters<typeof models.choose>[0], RegExp][] = [
      [{ id: "grok" }, /There is no provider "grok"\. Choose one of: extractive, ollama/],
      [{ id: "openai", model: "gpt-6-luna" }, /OpenAI needs a key/],
      [
        { id: "ollama", model: "qwen9" },
        /Ollama has no model "qwen9"\. It has: llama3\.3, qwen3\. .*ollama pull qwen9/,
      ],
      [{ id: "anthropic", model: "claude-9" }, /Anthropic has no model "claude-9"\. It has: qwen3-8b/],
      [{ id: "lmstudio" }, /Nothing answers at 127\.0\.0\.1:\d+\. Start LM Studio/],
      [{ id: "compatible", model: "x" }, /Say where the server is/],
      [{ id: "compatible", baseUrl: "file:///etc/passwd" }, /http:\/\/ or https:\/\//],
      [{ id: "compatible", baseUrl: "http://me:secret@host/v1" }, /not within the address/],
      [{ id: "openai", apiKey: "two words" }, /Copy it again/],
      [{ id: "bedrock" }, /AWS_ACCESS_KEY_ID/],
    ];
    for (const [setup, words] of refusals) {
      await assert.rejects(models.choose(setup), { name: "ModelRefused", message: words });
      assert.equal((await models.prove(setup)).ok, false);
    }
    assert.equal((await models.current()).id, "extractive");
  });
});

test("a provider's refusal of the key while a name is looked up says so", async () => {
  await withServer("anthropic", { "/v1/models": 401 }, async (server) => {
    const { models } = modelsIn({ env: { ANTHROPIC_API_KEY: "sk-wrong", ANTHROPIC_BASE_URL: server.url } });
    await assert.rejects(models.choose({ id: "anthropic", model: "claude-9" }), /Anthropic refused the key/);
  });
});

for (const wired of WIRED) {
  test(`${wired.id}: a proof asks for real, and each failure is explained`, async () => {
    await withServer(wired.dialect, LISTS, async (server) => {
      const { models } = modelsIn({ env: wired.env(server.url) });
      // Only the one that hangs is waited for briefly: a busy machine must not look like a hanging provider.
      const hasty = modelsIn({ env: wired.env(server.url), proveMs: 300 }).models;
      const prove = async (reply: Reply) => {
        server.will(reply);
        return ("hang" in reply ? hasty : models).prove(wired.setup(server.url));
      };
      const proof = await prove({ say: { text: ["ready"] } });
      assert.ok(proof.ok, proof.message);
      assert.match(proof.message, /answered in \d+\.\d s/);
      assert.equal(server.questions.length, 1);
      const failures: [Reply, RegExp][] = [
        [{ status: 401 }, /refused the (?:key|credentials)/],
        [{ status: 404 }, /has no model|may not use/],
        [{ status: 429 }, /asked too often/],
        [{ status: 500 }, /fault of its own/],
        [{ bytes: [Buffer.from("<html></html>")], mediaType: "text/html" }, /does not speak/],
        [{ hang: true }, /did not answer in time/],
      ];
      for (const [reply, words] of failures) {
        const { ok, message } = await prove(reply);
        assert.equal(ok, false, message);
        assert.match(message, words);
      }
      const message = "this model does not support tools";
      const body = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message }, message });
      assert.match((await prove({ status: 400, body })).message, /cannot use tools/);
    });
  });
}

test("a choice takes effect with the next turn", async () => {
  await withServer("chat", LISTS, async (server) => {
    const { models } = modelsIn({ ollamaUrl: server.url });
    assert.equal((await models.current()).id, "extractive");
    await models.choose({ id: "ollama", model: "qwen3" });
    const model = await models.current();
    assert.deepEqual([model.id, model.local, model.contextTokens], ["ollama/qwen3", true, 16_384]);
    await models.choose({ id: "extractive" });
    assert.equal((await models.current()).id, "extractive");
    await models.choose({ id: "ollama" });
    assert.equal((await models.current()).id, "ollama/qwen3", "the model chosen there before");
  });
});

test("what is sent: OpenAI stores nothing, thinks little, and keys stay in their headers", async () => {
  for (const wired of WIRED) {
    await withServer(wired.dialect, LISTS, async (server) => {
      const house = await turnWith(await chosen(wired, server.url));
      server.will({ say: { text: ["Hello."] } });
      await collect(house.ask(QUESTION));
      const [asked] = server.questions;
      assert.ok(asked);
      assert.doesNotMatch(asked.body, /sk-|AKID/);
      if (wired.id === "openai") assert.match(asked.body, /"store":false/);
      if (wired.id === "openai") assert.match(asked.body, /"effort":"low"/);
      if (wired.id === "bedrock") assert.match(asked.headers.authorization ?? "", /^AWS4-HMAC-SHA256 .*eu-central-1/);
      if (wired.id === "anthropic") assert.equal(asked.headers["x-api-key"], "sk-ant-test");
    });
  }
});

test("the owner's prices go before the table; a file that cannot be read leaves the token cap to count", async () => {
  const home = await mkdtemp(join(tmpdir(), "prices-"));
  try {
    const { models } = modelsIn({ home, env: { OPENAI_API_KEY: "sk" } });
    await models.choose({ id: "openai", model: "gpt-6-luna" });
    const price = async () => (await models.current()).price;
    assert.deepEqual(await price(), { inputPerM: 0.1, outputPerM: 0.5 });
    const file = join(home, "prices.json");
    await writeFile(
      file,
      JSON.stringify({ "openai/gpt-6-luna": { inputPerM: 3, outputPerM: 4, contextTokens: 9000 } }),
    );
    assert.deepEqual(await price(), { inputPerM: 3, outputPerM: 4 });
    assert.equal((await models.current()).contextTokens, 9000);
    for (const broken of ["{", '{"openai/gpt-6-luna":{"inputPerM":-1,"outputPerM":1}}', '{"gpt":{}}']) {
      await writeFile(file, broken);
      assert.equal(await price(), undefined);
      assert.match(byId(await models.choices(), "openai").description, /prices\.json/);
    }
  } finally {
    await rm(home, { recursive: true });
  }
});
