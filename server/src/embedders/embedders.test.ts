import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { builtInEmbedder } from "./built-in.ts";
import { DownloadError } from "./download.ts";
import { type AddProgress, EmbedderError, type EmbeddersDeps, openEmbedders } from "./index.ts";
import { findRuntime } from "./runtime.ts";
import { sha256Of } from "./sentence-model.ts";

const MODELS = process.env.STEWARD_MODELS ?? resolve(import.meta.dirname, "../../../../shared/models");
const MINILM = join(MODELS, "all-MiniLM-L6-v2");
const missing = !existsSync(MINILM) ? "no copy of MiniLM; set STEWARD_MODELS" : !findRuntime(tmpdir()) && "no runtime";
const REVISION = "/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/";
const NOWHERE = "http://127.0.0.1:9";

describe("the embedders", () => {
  let folder = "";
  let baseUrl = "";
  let server: Server;
  let homes = 0;
  const keys: (string | undefined)[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-embedders-"));
    server = createServer(async (request, response) => {
      const path = request.url ?? "";
      if (path === "/api/tags") return response.end(JSON.stringify({ models: [{ name: "nomic-embed-text" }] }));
      if (path.startsWith(REVISION)) {
        const name = path.slice(REVISION.length).replace(/qint8_\w+|quint8_\w+/, "int8");
        return response.end(readFileSync(join(MINILM, name)));
      }
      if (request.method !== "POST") return response.writeHead(404).end();
      keys.push(request.headers.authorization);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { input } = JSON.parse(Buffer.concat(chunks).toString());
      const data = (await builtInEmbedder().embed(input, "query")).map((vector, index) => ({
        index,
        embedding: [...vector],
      }));
      return response.end(JSON.stringify({ data, embeddings: data.map(({ embedding }) => embedding) }));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    baseUrl = `http://127.0.0.1:${address.port}`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  async function fresh(config: Partial<EmbeddersDeps["config"]> = {}) {
    const records = new MemoryRecords(new FakeClock());
    homes += 1;
    const home = join(folder, `home-${homes}`);
    await mkdir(home);
    const deps: EmbeddersDeps = {
      ...{ home, sealed: new SealedRecords(records, plainVault(records)) },
      config: { ollamaUrl: NOWHERE, lmstudioUrl: NOWHERE, providerEnv: {}, ...config },
    };
    return { home, records, open: () => openEmbedders(deps) };
  }
  const currentOf = (choices: readonly { id: string; current: boolean }[]) =>
    choices.filter(({ current }) => current).map(({ id }) => id);

  it("begin with the built-in vectors, without a download", async () => {
    const embedders = (await fresh()).open();
    assert.equal((await embedders.current())?.id, builtInEmbedder().id);
    const choices = await embedders.choices();
    assert.deepEqual(currentOf(choices), ["built-in"]);
    const states = Object.fromEntries(choices.map(({ id, state }) => [id, state]));
    assert.deepEqual(states, {
      ...{ "built-in": "ready", minilm: "needs-download", folder: "not-found", ollama: "not-found" },
      ...{ lmstudio: "not-found", openai: "needs-key", bedrock: "needs-key", compatible: "ready", none: "ready" },
    });
    assert.ok((choices.find(({ id }) => id === "minilm")?.downloadBytes ?? 0) > 23_000_000);
    await embedders.close();
    assert.equal(await embedders.current(), undefined);
  });

  it("keep what was chosen, words alone too, through a start", async () => {
    const house = await fresh();
    const embedders = house.open();
    assert.deepEqual(currentOf(await embedders.choose({ id: "none" })), ["none"]);
    assert.equal(await embedders.current(), undefined);
    await embedders.close();
    const again = house.open();
    assert.equal(await again.current(), undefined);
    await again.choose({ id: "built-in" });
    assert.equal((await again.current())?.id, builtInEmbedder().id);
  });

  it("prove a remote one before it is chosen, and seal its key", async () => {
    const house = await fresh({ ollamaUrl: baseUrl });
    const embedders = house.open();
    await embedders.choose({ id: "compatible", baseUrl, model: "m", apiKey: "sk-secret" });
    const current = await embedders.current();
    assert.deepEqual([current?.dimensions, current?.id], [128, `openai:${new URL(baseUrl).host}:m:128`]);
    assert.ok(!JSON.stringify(await embedders.choices()).includes("sk-secret"));
    assert.equal(keys.at(-1), "Bearer sk-secret");
    // The key is kept for the same address, and sent to no other.
    await embedders.choose({ id: "compatible", baseUrl, model: "other" });
    assert.equal(keys.at(-1), "Bearer sk-secret");
    await embedders.choose({ id: "compatible", baseUrl: `${baseUrl}/v2`, model: "m" });
    assert.equal(keys.at(-1), undefined);
    const ollama = (await embedders.choices()).find(({ id }) => id === "ollama");
    assert.deepEqual([ollama?.state, ollama?.models, ollama?.local], ["ready", ["nomic-embed-text"], true]);
    assert.deepEqual(currentOf(await embedders.choose({ id: "ollama", model: "nomic-embed-text" })), ["ollama"]);
    assert.equal((await (await house.open().current())?.embed(["tea"], "query"))?.length, 1);
  });

  it("stay with the one before when the new one does not answer", async () => {
    const embedders = (await fresh()).open();
    const refused = (setup: Parameters<typeof embedders.choose>[0], words: RegExp) =>
      assert.rejects(embedders.choose(setup), (error) => error instanceof EmbedderError && words.test(error.message));
    await refused({ id: "compatible", baseUrl: `${baseUrl}/x`, model: "" }, /Say which model/);
    await refused({ id: "compatible", model: "m" }, /is no address/);
    await refused({ id: "compatible", baseUrl: "file:///etc/passwd", model: "m" }, /is no address/);
    await refused({ id: "bedrock", model: "amazon.titan-embed-text-v2:0" }, /AWS_REGION/);
    await refused({ id: "minilm" }, /is not here\. Fetch it with/);
    await refused({ id: "folder", model: "../../etc" }, /is not here/);
    await refused({ id: "no-such" }, /no embedder "no-such"/);
    assert.equal((await embedders.current())?.id, builtInEmbedder().id);
    assert.deepEqual(currentOf(await embedders.choices()), ["built-in"]);
  });

  it("fetch MiniLM, run it, and say what is wrong when it goes", { skip: missing }, async () => {
    const onnx = "onnx/model_int8.onnx";
    const files = await Promise.all(
      ["tokenizer.json", onnx].map(async (path) => {
        const file = join(MINILM, path);
        return { path, size: readFileSync(file).length, sha256: await sha256Of(file) };
      }),
    );
    const house = await fresh({ modelHub: baseUrl, modelFiles: files });
    const embedders = house.open();
    const told: AddProgress[] = [];
    await Promise.all([embedders.add("minilm", (progress) => told.push(progress)), embedders.add("minilm")]);
    const total = files.reduce((sum, { size }) => sum + size, 0);
    assert.deepEqual(told.at(-1), { phase: "model", done: total, total });
    assert.equal((await embedders.choices()).find(({ id }) => id === "minilm")?.state, "ready");
    await embedders.choose({ id: "minilm" });
    const current = await embedders.current();
    assert.deepEqual([current?.id, current?.dimensions], ["all-MiniLM-L6-v2@1110a243", 384]);
    assert.equal((await current?.embed(["tea"], "query"))?.[0]?.length, 384);
    await embedders.close();

    const model = join(house.home, "models/all-MiniLM-L6-v2");
    await rm(join(model, onnx));
    const without = house.open();
    assert.equal(await without.current(), undefined);
    const choice = (await without.choices()).find(({ current }) => current);
    assert.deepEqual([choice?.id, choice?.state], ["minilm", "needs-download"]);
    assert.match(choice?.problem ?? "", /lacks an ONNX export/);
    await without.add("minilm");
    assert.equal((await without.current())?.id, "all-MiniLM-L6-v2@1110a243");
    assert.equal((await without.choices()).find(({ current }) => current)?.problem, undefined);
    await without.close();
  });

  it("tell why MiniLM could not be fetched", { skip: missing }, async () => {
    const offline = (await fresh({ modelHub: NOWHERE })).open();
    const stop = AbortSignal.abort();
    await assert.rejects(offline.add("minilm", undefined, stop), DownloadError);
    await assert.rejects(offline.add("ollama"), /nothing to fetch for "ollama"/);
    const changed = (await fresh({ modelHub: baseUrl })).open();
    await assert.rejects(
      changed.add("minilm"),
      (error) => error instanceof DownloadError && error.reason === "wrong-content",
    );
  });

  it("run a model of the owner's from the folder of models", { skip: missing }, async () => {
    const models = join(folder, "models");
    await mkdir(models);
    await symlink(MINILM, join(models, "of-mine"));
    await mkdir(join(models, "broken"));
    await writeFile(join(models, "broken", "tokenizer.json"), "{}");
    const house = await fresh({ modelsFolder: models });
    const embedders = house.open();
    assert.deepEqual((await embedders.choices()).find(({ id }) => id === "folder")?.models, ["broken", "of-mine"]);
    await assert.rejects(embedders.choose({ id: "folder", model: "broken" }), /lacks an ONNX export/);
    const chosen = (await embedders.choose({ id: "folder", model: "of-mine" })).find(({ current }) => current);
    assert.equal(chosen?.chosen, "of-mine");
    assert.equal((await (await embedders.current())?.embed(["tea"], "query"))?.length, 1);
    await embedders.close();
  });
});
