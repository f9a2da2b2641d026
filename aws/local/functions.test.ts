import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { ChatEvent } from "@steward/core/conversation.ts";
import type { House } from "@steward/server/house.ts";
import { jsonError } from "../src/testing/wire.ts";
import { type LocalCloud, openLocalCloud } from "./cloud.ts";
import { LocalFunction } from "./functions.ts";
import { openSlowModel, type SlowModel } from "./slow-model.ts";
import { type Any, eventsOf, problem, programOf } from "./testing/program.ts";

/**
 * The built function that answers, under Lambda's Node, on a stand-in for AWS: what a program gets from it. Each request
 * goes through the gateway to a process of the function, and another process may have the next.
 */
const opened = await openLocalCloud({ visibility: 2 });

if (typeof opened === "string") it("runs the built functions", { skip: opened }, () => {});
else define(opened);

function define(cloud: LocalCloud): void {
  const { gateway, moto, stack } = cloud;
  const { key, get, post, ok } = programOf(cloud);
  after(() => cloud[Symbol.asyncDispose]());

  /** Meanwhile a model answers that says what it is told to, when it is told to. */
  async function withSlowModel(work: (model: SlowModel, house: House) => Promise<void>): Promise<void> {
    const model = await openSlowModel();
    const { house } = await cloud.house();
    await house.models.choose({ id: "compatible", baseUrl: model.baseUrl, model: "slow" });
    try {
      await work(model, house);
    } finally {
      await house.models.choose({ id: "extractive" });
      await model.close();
    }
  }

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
      await problem(await post("/memory", "{"), 400);
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
      const before = await ok("/chat", { message: "Hello", knowledge: false });
      assert.equal(before.state, "done");
      await withSlowModel(async (model) => {
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
      });
    });

    it("keeps a turn whose listener went away", async () => {
      await withSlowModel(async (model, house) => {
        const gone = new AbortController();
        const answer = await fetch(`${gateway.url}/chat`, {
          ...{
            method: "POST",
            signal: gone.signal,
            body: JSON.stringify({ message: "Stay", knowledge: false, stream: true }),
          },
          headers: { "content-type": "application/json", authorization: `Bearer ${await key()}` },
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
      });
    });

    it("stops an answer that another process writes", async () => {
      const secret = await cloud.key(["ask"]);
      await withSlowModel(async (model) => {
        const events = eventsOf(await post("/api/chat", { text: "Tell me all" }, secret));
        const begun = await events.next();
        await model.say("It begins");
        assert.ok(!begun.done && begun.value.type === "turn");
        const { answer } = begun.value;
        assert.equal((await post("/api/chat/stop", { answer }, secret)).status, 204);
        let last: ChatEvent | undefined;
        for (let next = await events.next(); !next.done; next = await events.next()) last = next.value;
        assert.equal(last?.type === "finish" && last.message.state, "stopped");
      });
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
        authorization: `Bearer ${await key()}`,
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
}
