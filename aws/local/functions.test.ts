import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ChatEvent } from "@steward/core/conversation.ts";
import { s3Settings, sdkSettings } from "../src/clients.ts";
import { jsonError } from "../src/testing/wire.ts";
import { type LocalCloud, openLocalCloud } from "./cloud.ts";
import { LocalFunction } from "./functions.ts";
import { openSlowModel } from "./slow-model.ts";

/**
 * The built functions under Lambda's Node, on a stand-in for AWS: what a program and a person get from them. Each request
 * goes through the gateway to a process of the function, and another process may have the next.
 */
const opened = await openLocalCloud({ visibility: 2 });

// biome-ignore lint/suspicious/noExplicitAny: answers of the routes under test, each looked at field by field
type Any = any;

const mailOf = (subject: string, text: string) =>
  [
    "From: Greta Lind <greta@nordlicht.example>",
    "To: nora@example.org",
    `Subject: ${subject}`,
    "Date: Fri, 14 Mar 2025 09:30:00 +0100",
    `Message-ID: <${subject.replaceAll(/\W+/g, "-")}@nordlicht.example>`,
    "",
    text,
    "",
  ].join("\r\n");

if (typeof opened === "string") it("runs the built functions", { skip: opened }, () => {});
else define(opened);

function define(cloud: LocalCloud): void {
  const { gateway, moto, stack } = cloud;
  const s3 = new S3Client(s3Settings(moto.access));
  const sqs = new SQSClient(sdkSettings(moto.access));
  let all = "";

  before(async () => {
    all = await cloud.key(["chat", "search", "memory:read", "memory:write", "ingest", "read"]);
  });
  after(() => cloud[Symbol.asyncDispose]());

  function post(path: string, body: unknown, secret = all, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(gateway.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secret}`, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  async function ok(path: string, body: unknown, headers = {}): Promise<Any> {
    const answer = await post(path, body, all, headers);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  }

  const get = (path: string) => fetch(gateway.url + path, { headers: { authorization: `Bearer ${all}` } });

  async function problem(answer: Response, status: number): Promise<Any> {
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    const details = (await answer.json()) as Any;
    assert.equal(answer.status, status, JSON.stringify(details));
    return details;
  }

  /** As a program brings a document: announced, put where the ticket says. */
  async function bring(name: string, text: string): Promise<string> {
    const size = Buffer.byteLength(text);
    const ticket = await ok("/documents", { name, size, mediaType: "message/rfc822" });
    const put = await fetch(ticket.url, { method: ticket.method, headers: ticket.headers, body: text });
    assert.equal(put.status, 200, await put.text());
    return ticket.id;
  }

  const found = async (query: string) => (await ok("/search", { query })).results.map(({ text }: Any) => text);

  describe("a function that answers", () => {
    it("is well before and after the house is open, and knows its own name alone", async () => {
      assert.deepEqual(await (await get("/healthz")).json(), { ok: true });
      assert.deepEqual(await (await get("/readyz")).json(), { ok: true });
      const event = { httpMethod: "GET", path: "/search", headers: { "x-forwarded-host": "evil.example" } };
      const { prelude, body } = await cloud.api.invoke(event);
      assert.equal(prelude?.statusCode, 421);
      body.resume();
      const headers = (await get("/openapi.json")).headers;
      assert.equal(headers.get("x-content-type-options"), "nosniff");
    });

    it("gives a whole answer at once to an edge that cannot stream", async () => {
      const folder = `${cloud.folder}/api`;
      const whole = new LocalFunction({ ...{ folder, env: stack.env, handler: "buffered", log: () => {} } });
      const asked = { rawPath: "/healthz", requestContext: { http: { method: "GET" } }, headers: { host: "x" } };
      const said = (await whole.call({ ...asked, headers: { host: new URL(gateway.url).host } })) as Any;
      await whole.close();
      assert.equal(said.statusCode, 200);
      assert.deepEqual(JSON.parse(Buffer.from(said.body, "base64").toString()), { ok: true });
    });

    it("refuses who has no key, and a body that is none", async () => {
      assert.equal(
        (await problem(await post("/search", { query: "x" }, "stw_none"), 401)).type.split(":").at(-1),
        "not-signed-in",
      );
      assert.equal((await problem(await post("/search", { query: "x", topK: 0 }), 400)).field, "topK");
      await problem(await post("/memory", "{", all), 400);
      await problem(await post("/search", { query: "a".repeat(1_100_000) }), 413);
    });

    it("stores, finds, lists and forgets memories, whichever process is asked", async () => {
      const { id } = await ok("/memory", {
        action: "store",
        content: "The boiler is serviced every May",
        category: "Home",
      });
      await cloud.api.freeze();
      const again = { "idempotency-key": "once" };
      const first = await ok("/memory", { action: "store", content: "Aunt Vreni likes figs" }, again);
      assert.equal((await ok("/memory", { action: "store", content: "Aunt Vreni likes figs" }, again)).id, first.id);
      const near = await ok("/memory", { action: "retrieve", query: "boiler maintenance", topK: 1 });
      assert.equal(near.memories[0].id, id);
      assert.deepEqual(
        (await ok("/memory", { action: "list", category: "home" })).memories.map((one: Any) => one.id),
        [id],
      );
      const results = (await ok("/search", { query: "fruit that an aunt likes" })).results;
      assert.equal(results[0].text, "Aunt Vreni likes figs");
      assert.ok(results[0].score <= 1 && results[0].score > results[1].score);
      const forgetting = ok("/memory", { action: "forget", id });
      await cloud.drain();
      assert.ok(["done", "shredding"].includes((await forgetting).state));
      await cloud.drain();
      await problem(await post("/memory", { action: "retrieve", id }), 404);
    });

    it("answers a chat, as JSON and word by word while the model still speaks", async () => {
      const model = await openSlowModel();
      const { house } = await cloud.house();
      try {
        const before = await ok("/chat", { message: "Hello", knowledge: false });
        assert.equal(before.state, "done");
        await house.models.choose({ id: "compatible", baseUrl: model.baseUrl, model: "slow" });
        const answer = await post("/chat", {
          message: "And now?",
          sessionId: before.sessionId,
          knowledge: false,
          stream: true,
        });
        assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
        const events = eventsOf(answer);
        await model.say("Good morning");
        let first = await events.next();
        while (!first.done && first.value.type !== "text") first = await events.next();
        // The first words are here; only now is the rest said.
        await model.say(", Nora.");
        await model.end();
        const rest: ChatEvent[] = [];
        for await (const event of events) rest.push(event);
        const last = rest.at(-1);
        assert.equal(last?.type === "finish" && last.message.text, "Good morning, Nora.");
      } finally {
        await house.models.choose({ id: "extractive" });
        await model.close();
      }
    });

    it("keeps a turn whose listener went away", async () => {
      const model = await openSlowModel();
      const { house } = await cloud.house();
      try {
        await house.models.choose({ id: "compatible", baseUrl: model.baseUrl, model: "slow" });
        const gone = new AbortController();
        const answer = await fetch(`${gateway.url}/chat`, {
          ...{
            method: "POST",
            signal: gone.signal,
            body: JSON.stringify({ message: "Stay", knowledge: false, stream: true }),
          },
          headers: { "content-type": "application/json", authorization: `Bearer ${all}` },
        });
        await model.say("Half");
        let session = "";
        for await (const event of eventsOf(answer)) {
          if (event.type === "turn") session = event.conversation;
          if (event.type === "text") break;
        }
        gone.abort();
        await model.say(" and whole.");
        await model.end();
        for (let i = 0; i < 200; i++) {
          const view = await house.conversations.view(session);
          if (view?.messages.at(-1)?.text === "Half and whole.") return;
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
        assert.fail("the answer was not kept");
      } finally {
        await house.models.choose({ id: "extractive" });
        await model.close();
      }
    });

    it("stops an answer that another process writes", async () => {
      const model = await openSlowModel();
      const { house } = await cloud.house();
      const secret = await cloud.key(["ask"]);
      try {
        await house.models.choose({ id: "compatible", baseUrl: model.baseUrl, model: "slow" });
        const events = eventsOf(await post("/api/chat", { text: "Tell me all" }, secret));
        const begun = await events.next();
        await model.say("It begins");
        assert.ok(!begun.done && begun.value.type === "turn");
        const { answer } = begun.value;
        assert.equal((await post("/api/chat/stop", { answer }, secret)).status, 204);
        let last: ChatEvent | undefined;
        for (let next = await events.next(); !next.done; next = await events.next()) last = next.value;
        assert.equal(last?.type === "finish" && last.message.state, "stopped");
      } finally {
        await house.models.choose({ id: "extractive" });
        await model.close();
      }
    });

    it("ends a session after 24 hours, whether or not the table has swept its rows", async () => {
      const { sessionId } = await ok("/chat", { message: "My code word is heliotrope", knowledge: false });
      await ok("/chat", { message: "Go on", sessionId, knowledge: false });
      const later = "data:text/javascript,const now=Date.now;Date.now=()=>now()+24*3600000;";
      const tomorrow = new LocalFunction({
        ...{ folder: `${cloud.folder}/api`, env: stack.env, flags: ["--import", later], log: () => {} },
      });
      const body = JSON.stringify({ message: "What was it?", sessionId, knowledge: false });
      const headers = {
        "content-type": "application/json",
        authorization: `Bearer ${all}`,
        "x-forwarded-host": new URL(gateway.url).host,
      };
      const { prelude, body: text } = await tomorrow.invoke({ httpMethod: "POST", path: "/chat", headers, body });
      const said = Buffer.concat(await text.toArray()).toString();
      await tomorrow.close();
      assert.equal(prelude?.statusCode, 404, said);
      assert.equal(JSON.parse(said).field, "sessionId");
    });

    it("asks KMS for its domains once a process, however many chats there are", async () => {
      await cloud.api.freeze();
      moto.wire.asked.length = 0;
      const sessions = await Promise.all([0, 1].map(() => ok("/chat", { message: "Hello", knowledge: false })));
      for (const { sessionId } of sessions) {
        for (let i = 0; i < 4; i++) await ok("/chat", { message: "More", sessionId, knowledge: false });
      }
      const calls = moto.wire.asked.filter(({ service }) => service === "kms").length;
      // Two domains a process; two chats at once may have started two.
      assert.ok(
        calls >= 2 && calls <= 2 * cloud.api.starts.length,
        `${calls} calls, ${cloud.api.starts.length} processes`,
      );
    });

    it("says what is wrong when the key may not be used, and goes on once it may", async () => {
      await cloud.api.freeze();
      moto.wire.intercept(({ service }) => (service === "kms" ? jsonError("AccessDeniedException") : undefined));
      const refused = await problem(await post("/memory", { action: "list" }), 503);
      assert.match(refused.detail, /may not be used by this function/);
      assert.doesNotMatch(JSON.stringify(refused), /arn:aws/);
      assert.deepEqual(await (await get("/healthz")).json(), { ok: true });
      moto.wire.intercept(({ service }) => (service === "kms" ? jsonError("DisabledException") : undefined));
      assert.match((await problem(await post("/memory", { action: "list" }), 503)).detail, /is disabled/);
      moto.wire.restore();
      await ok("/memory", { action: "list" });
    });

    it("says that the table is busy, writes nothing of that request, and goes on", async () => {
      const busy = jsonError("ProvisionedThroughputExceededException");
      const writes = /PutItem|UpdateItem|DeleteItem|TransactWriteItems/;
      const { memories } = await ok("/memory", { action: "list" });
      moto.wire.intercept(({ service, operation }) =>
        service === "dynamodb" && writes.test(operation) ? busy : undefined,
      );
      const answer = await post("/memory", { action: "store", content: "Never written" });
      const chat = await post("/chat", { message: "Hello", knowledge: false });
      moto.wire.restore();
      assert.ok(chat.status >= 500);
      assert.match((await problem(chat, chat.status)).detail, /busy/);
      assert.match((await problem(answer, 503)).detail, /busy/i);
      assert.equal((await ok("/memory", { action: "list" })).memories.length, memories.length);
    });
  });

  describe("the worker", () => {
    it("takes in a mail that was put into the bucket, and a chat then cites it", async () => {
      const id = await bring(
        "invoice.eml",
        mailOf("Invoice 2041", "The invoice over 240 euros is due on 1 April 2025."),
      );
      await cloud.drain();
      const state = (await (await get(`/documents/${id}`)).json()) as Any;
      assert.equal(state.state, "done", JSON.stringify(state));
      const { citations, reply } = await ok("/chat", { message: "When is the Nordlicht invoice due?" });
      assert.match(reply, /1 April 2025/);
      assert.equal(citations[0].quote, "The invoice over 240 euros is due on 1 April 2025.");
      await assert.rejects(s3Text(id), /NoSuchKey|does not exist/);
    });

    it("takes in once what S3 tells five times, and a file the owner copied there under any name", async () => {
      const Key = "raw/old mail+(1).eml";
      const Body = mailOf("Roof", "The roof was mended by Zimmerei Oberholzer.");
      await s3.send(new PutObjectCommand({ Bucket: stack.uploads, Key, Body }));
      const [message] = await peek();
      assert.match(message ?? "", /raw\/old|raw%2Fold/);
      const told = `${message}`.replace("raw/old+mail", "raw%2Fold+mail");
      for (let i = 0; i < 4; i++)
        await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrl, MessageBody: told }));
      await settle();
      const { house } = await cloud.house();
      const named = (await house.sources.list()).filter(({ name }) => name === "old mail+(1).eml");
      assert.deepEqual(
        named.map(({ state, progress }) => [state, progress.added]),
        [["done", 1]],
      );
      assert.ok((await found("who mended the roof"))[0].includes("Oberholzer"));
    });

    it("keeps messages that are cut short or foreign for the dead letters, and does the others", async () => {
      const id = await bring("garden.eml", mailOf("Garden", "The garden gate code is 7314."));
      const [told = ""] = await peek();
      const foreign = told.replaceAll(stack.uploads, "another-bucket");
      const bodies = [told.slice(0, 80), told, "{}", '{"job":"nonsense"}', foreign, '{"Event":"s3:TestEvent"}'];
      const Records = bodies.map((body, i) => ({ messageId: `m${i}`, body }));
      const { batchItemFailures } = (await cloud.worker.call({ Records })) as Any;
      assert.deepEqual(
        batchItemFailures.map(({ itemIdentifier }: Any) => itemIdentifier),
        ["m0", "m2", "m3", "m4"],
      );
      await cloud.drain();
      assert.equal(((await (await get(`/documents/${id}`)).json()) as Any).state, "done");
    });

    it("gives back in time what it cannot end, and another invocation goes on with it", async () => {
      const mails = Array.from(
        { length: 66 },
        (_, i) =>
          `From greta@nordlicht.example Fri Mar 14 09:30:00 2025\n${mailOf(`Note ${i}`, `The number of note ${i} is ${i * 7}.`)}`,
      );
      const id = await bring("notes.mbox", `${mails.join("\n")}\n`);
      // A second of work, and what the function keeps for sealing the index: less than two batches take on a stand-in.
      const [told = ""] = await peek();
      const begun = performance.now();
      const first = (await cloud.worker.call({ Records: [{ messageId: "m", body: told }] }, 16_000)) as Any;
      assert.deepEqual(first.batchItemFailures, []);
      assert.ok(performance.now() - begun < 16_000);
      const { house } = await cloud.house();
      for (let i = 0; i < 100 && (await house.sources.get(id))?.state !== "done"; i++) await settle();
      const source = await house.sources.get(id);
      assert.equal(source?.state, "done", JSON.stringify(source));
      assert.equal(source.progress.added + source.progress.known, 66);
      const texts = (await ok("/search", { query: "number of note 65", topK: 100 })).results.map(
        ({ text }: Any) => text,
      );
      assert.ok(texts.some((text: string) => text.includes("The number of note 65 is 455.")));
      assert.equal(new Set(texts).size, texts.length, "none twice");
    });

    it("shreds what is forgotten; until then every process hides it from the moment it was asked", async () => {
      await bring("secret.eml", mailOf("Wedding", "The surprise is a trip to Helgoland."));
      await cloud.drain();
      const about = async () =>
        (await found("surprise trip Helgoland")).filter((text: string) => text.includes("Helgoland"));
      assert.equal((await about()).length, 1);
      const { house, catchUp } = await cloud.house();
      await catchUp();
      const { hits } = await house.find("Helgoland");
      const asked = await house.forgetting.ask({ item: hits[0]?.id ?? "" });
      assert.deepEqual(await about(), [], "the functions' processes had it in memory");
      assert.equal(await house.forgetting.undo(asked?.id ?? ""), true);
      assert.equal((await about()).length, 1);
      const again = await house.forgetting.ask({ item: hits[0]?.id ?? "" });
      await house.forgetting.confirm(again?.id ?? "");
      assert.deepEqual(await about(), []);
      await cloud.drain();
      const done = await house.forgetting.get(again?.id ?? "");
      assert.equal(done?.state, "done");
      assert.ok((done?.receipt?.keysDestroyed ?? 0) >= 1);
      assert.ok((done?.receipt?.segmentsRewritten ?? 0) >= 1);
      assert.deepEqual(await about(), []);
    });
  });

  /** What waits in the queue, left there. */
  async function peek(): Promise<string[]> {
    const asked = new ReceiveMessageCommand({
      QueueUrl: stack.queueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    });
    return ((await sqs.send(asked)).Messages ?? []).map(({ Body = "" }) => Body);
  }

  /** Drains, and waits out the visibility timeout of what was kept. */
  async function settle(): Promise<void> {
    await cloud.drain();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }

  async function s3Text(id: string): Promise<unknown> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    return s3.send(new GetObjectCommand({ Bucket: stack.uploads, Key: `documents/${id}` }));
  }
}

async function* eventsOf(answer: Response): AsyncGenerator<ChatEvent> {
  const decoder = new TextDecoder();
  let text = "";
  // Not `for await` over the body: that would end it with the first `break`.
  const reader = answer.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return;
    text += decoder.decode(next.value, { stream: true });
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    // Each event's data is a ChatEvent, written by our own route.
    for (const part of parts) if (part.startsWith("data: ")) yield JSON.parse(part.slice(6)) as ChatEvent;
  }
}
