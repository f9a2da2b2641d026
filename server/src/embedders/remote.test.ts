import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { testEmbedder } from "@steward/core/testing/embedder-contract.ts";
import { bedrockRemote } from "./bedrock.ts";
import { builtInEmbedder } from "./built-in.ts";
import { EmbedderError } from "./embedder-error.ts";
import { ollamaRemote, openAiRemote } from "./http-remote.ts";
import { dimensionsOf, type Remote, remoteEmbedder } from "./remote.ts";

interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}
interface Body {
  readonly model?: string;
  readonly input?: readonly string[];
  readonly inputText?: string;
  readonly texts?: readonly string[];
  readonly [field: string]: unknown;
}
/** Instead of the vectors: a status, headers and a body. */
interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** A server that speaks all the wires, refuses the first requests as told, and answers the built-in vectors. */
async function startServer(refusals: readonly Refusal[] = []) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: Body = JSON.parse(Buffer.concat(chunks).toString());
    const path = request.url ?? "";
    const refusal = refusals[seen.length];
    seen.push({ path, headers: request.headers, body });
    const json = { "content-type": "application/json" };
    if (refusal)
      return response.writeHead(refusal.status, { ...json, ...refusal.headers }).end(JSON.stringify(refusal.body));
    const texts = body.input ?? body.texts ?? [body.inputText ?? ""];
    // Longer than one, as a provider's may be.
    const vectors = (await builtInEmbedder().embed(texts, "passage")).map((vector) => [...vector].map((x) => x * 3));
    response.writeHead(200, json).end(JSON.stringify(answerOf(path, vectors)));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { baseUrl: `http://127.0.0.1:${address.port}`, host: `127.0.0.1:${address.port}`, seen, close };
}

function answerOf(path: string, vectors: number[][]): unknown {
  if (path === "/api/embed") return { model: "m", embeddings: vectors };
  // Out of order, which the index is for.
  if (path.endsWith("/embeddings"))
    return { data: vectors.map((embedding, index) => ({ index, embedding })).reverse() };
  if (path.includes("titan")) return { embedding: vectors[0], inputTextTokenCount: 3 };
  return path.includes("v4") ? { embeddings: { float: vectors } } : { embeddings: vectors };
}

const KEYS = { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
const WIRES: Readonly<Record<string, (baseUrl: string) => Remote>> = {
  "OpenAI-compatible": (baseUrl) => openAiRemote({ baseUrl: `${baseUrl}/v1/`, model: "some-embedder", apiKey: "sk-1" }),
  Ollama: (baseUrl) => ollamaRemote({ baseUrl, model: "all-minilm" }),
  "Bedrock, Titan": (baseUrl) => bedrockRemote({ baseUrl, model: "amazon.titan-embed-text-v2:0", env: KEYS }),
  "Bedrock, Cohere": (baseUrl) => bedrockRemote({ baseUrl, model: "cohere.embed-multilingual-v3", env: KEYS }),
  "Bedrock, Cohere 4": (baseUrl) => bedrockRemote({ baseUrl, model: "eu.cohere.embed-v4:0", env: KEYS }),
};

for (const [name, remote] of Object.entries(WIRES)) {
  testEmbedder(name, async () => {
    const { baseUrl, close } = await startServer();
    return { embedder: remoteEmbedder(remote(baseUrl), { dimensions: 128, weight: 0.5 }), close };
  });
}

const open = (remote: Remote) => remoteEmbedder(remote, { dimensions: 128, weight: 0.5, retryMs: 1 });
const openAi = (baseUrl: string) => openAiRemote({ baseUrl, model: "some-embedder", apiKey: "sk-1" });
const fails = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof EmbedderError, String(error));
  assert.match(error.message, words);
  return true;
};
async function withServer(
  refusals: readonly Refusal[],
  work: (at: Awaited<ReturnType<typeof startServer>>) => unknown,
) {
  const server = await startServer(refusals);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

describe("the wires", () => {
  it("speak OpenAI's embeddings, with the key and nothing else of the house", () =>
    withServer([], async ({ baseUrl, seen }) => {
      await open(openAiRemote({ baseUrl: `${baseUrl}/v1`, model: "some-embedder", apiKey: "sk-1" })).embed(
        ["a", "b"],
        "query",
      );
      assert.equal(seen[0]?.path, "/v1/embeddings");
      assert.equal(seen[0]?.headers.authorization, "Bearer sk-1");
      assert.deepEqual(seen[0]?.body, { model: "some-embedder", input: ["a", "b"], encoding_format: "float" });
      await open(openAiRemote({ baseUrl, model: "m" })).embed(["a"], "query");
      assert.equal(seen[1]?.headers.authorization, undefined);
    }));

  it("speak Ollama's, with the words that a model wants before a text", () =>
    withServer([], async ({ baseUrl, seen }) => {
      const nomic = open(ollamaRemote({ baseUrl, model: "nomic-embed-text:v1.5" }));
      await nomic.embed(["a"], "query");
      await nomic.embed(["a"], "passage");
      assert.deepEqual(
        seen.map(({ path, body }) => [path, body.input]),
        [
          ["/api/embed", ["search_query: a"]],
          ["/api/embed", ["search_document: a"]],
        ],
      );
    }));

  it("speak Bedrock's, signed, and say what a text is for where the model asks", () =>
    withServer([], async ({ baseUrl, seen }) => {
      await open(WIRES["Bedrock, Titan"]?.(baseUrl) ?? assert.fail()).embed(["a", "bb"], "query");
      await open(WIRES["Bedrock, Cohere"]?.(baseUrl) ?? assert.fail()).embed(["a", "x".repeat(5000)], "passage");
      await open(WIRES["Bedrock, Cohere 4"]?.(baseUrl) ?? assert.fail()).embed(["a"], "query");
      await open(bedrockRemote({ baseUrl, model: "cohere.embed-v4:0", env: KEYS, apiKey: "bearer" })).embed(
        ["a"],
        "query",
      );
      assert.deepEqual(
        seen
          .slice(0, 2)
          .map(({ body }) => body.inputText)
          .sort(),
        ["a", "bb"],
      );
      assert.equal(seen[0]?.body.dimensions, 512);
      assert.equal(seen[0]?.path, "/model/amazon.titan-embed-text-v2%3A0/invoke");
      assert.match(
        seen[0]?.headers.authorization ?? "",
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d+\/eu-central-1\/bedrock/,
      );
      assert.equal(seen[2]?.body.input_type, "search_document");
      assert.deepEqual(seen[2]?.body.texts?.map((text) => text.length).sort(), [1, 2048]);
      assert.deepEqual([seen[3]?.body.input_type, seen[3]?.body.output_dimension], ["search_query", 512]);
      assert.equal(seen[4]?.headers.authorization, "Bearer bearer");
    }));

  it("batch many texts and give the vectors in their order", () =>
    withServer([], async ({ baseUrl, seen }) => {
      const texts = Array.from({ length: 150 }, (_, i) => `number ${i} ${"word ".repeat(i % 7)}`);
      const vectors = await open(openAi(baseUrl)).embed(texts, "passage");
      const right = await builtInEmbedder().embed(texts, "passage");
      for (const [i, vector] of vectors.entries()) {
        const cosine = vector.reduce((sum, value, d) => sum + value * (right[i]?.[d] ?? 0), 0);
        assert.ok(cosine > 0.9999, texts[i] ?? "");
      }
      assert.deepEqual(
        seen.map(({ body }) => body.input?.length),
        [64, 64, 22],
      );
    }));

  it("send nothing that providers refuse", () =>
    withServer([], async ({ baseUrl, seen }) => {
      await open(openAi(baseUrl)).embed(["", " ", "a\0b", "\ud800", "y".repeat(20_000)], "passage");
      const sent = seen.flatMap(({ body }) => body.input ?? []);
      assert.ok(sent.every((text) => text.trim() !== "" && !text.includes("\0") && text.isWellFormed()));
      assert.equal(Math.max(...sent.map((text) => text.length)), 8_000);
    }));

  it("find out how many numbers the vectors have", () =>
    withServer([], async ({ baseUrl, host }) => {
      assert.equal(await dimensionsOf(openAi(baseUrl)), 128);
      assert.equal(open(openAi(baseUrl)).id, `openai:${host}:some-embedder:128`);
    }));

  it("try again what may pass, as long as the server asks, a bounded number of times", async () => {
    const busy = { status: 429, body: { error: { message: "slow down" } }, headers: { "retry-after": "0" } };
    const down = { status: 503, body: {} };
    await withServer([busy, down, busy], async ({ baseUrl, seen }) => {
      assert.equal((await open(openAi(baseUrl)).embed(["a"], "query")).length, 1);
      assert.equal(seen.length, 4);
    });
    await withServer([busy, busy, busy, busy, busy], async ({ baseUrl, seen }) => {
      await assert.rejects(open(openAi(baseUrl)).embed(["a"], "query"), fails(/429\): slow down/));
      assert.equal(seen.length, 4);
    });
    await withServer([down, down, down, down], async ({ baseUrl }) => {
      const bedrock = WIRES["Bedrock, Titan"]?.(baseUrl) ?? assert.fail();
      await assert.rejects(open(bedrock).embed(["a"], "query"), fails(/could not embed \(503\)/));
    });
  });

  it("say what is wrong, and ask only once what stays wrong", async () => {
    const cases: [Refusal, RegExp][] = [
      [{ status: 401, body: { error: { message: "bad key" } } }, /refuses the key \(401\): bad key/],
      [
        { status: 404, body: { error: "model 'm' not found, try pulling it first" } },
        /not there \(404\): model 'm' not/,
      ],
      [{ status: 400, body: "?" }, /could not embed \(400\)/],
      [{ status: 200, body: { choices: [] } }, /none of an embedding model/],
      [{ status: 200, body: { data: [] } }, /0 vectors for 1 texts/],
      [{ status: 200, body: { data: [{ index: 0, embedding: [0, 0] }] } }, /without direction/],
      [{ status: 200, body: { data: [{ index: 0, embedding: [0, 1] }] } }, /vectors of 2 numbers, not of 128/],
    ];
    for (const [refusal, words] of cases) {
      await withServer([refusal], async ({ baseUrl, seen }) => {
        await assert.rejects(open(openAi(baseUrl)).embed(["a"], "query"), fails(words));
        assert.equal(seen.length, 1);
      });
    }
    await withServer([{ status: 403, body: { message: "no access to the model" } }], async ({ baseUrl }) => {
      const bedrock = WIRES["Bedrock, Cohere"]?.(baseUrl) ?? assert.fail();
      await assert.rejects(open(bedrock).embed(["a"], "query"), fails(/refuses the key \(403\): no access/));
    });
    const { baseUrl, close } = await startServer();
    await close();
    await assert.rejects(open(openAi(baseUrl)).embed(["a"], "query"), fails(/does not answer \(.*ECONNREFUSED.*Check/));
    await assert.rejects(open(bedrockRemote({ model: "m", env: {} })).embed(["a"], "query"), fails(/AWS_REGION/));
    const keyless = bedrockRemote({ model: "m", env: { AWS_REGION: "eu-west-1" } });
    await assert.rejects(open(keyless).embed(["a"], "query"), fails(/no AWS keys/));
  });

  it("do not follow a redirection elsewhere with the texts, nor wait for ever", async () => {
    await withServer([], async ({ baseUrl: other, seen }) => {
      const away = { status: 307, body: {}, headers: { location: `${other}/embeddings` } };
      await withServer([away, away, away, away], async ({ baseUrl }) => {
        await assert.rejects(open(openAi(baseUrl)).embed(["a"], "query"), EmbedderError);
      });
      assert.equal(seen.length, 0);
    });
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const address = silent.address();
    assert.ok(address !== null && typeof address === "object");
    try {
      const remote = openAi(`http://127.0.0.1:${address.port}`);
      const embedder = remoteEmbedder(remote, { dimensions: 128, weight: 0.5, retryMs: 1, timeoutMs: 20 });
      await assert.rejects(embedder.embed(["a"], "query"), fails(/took too long/));
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});
