import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { s3Settings, sdkSettings } from "../src/clients.ts";
import { type LocalCloud, openLocalCloud } from "./cloud.ts";
import { type Any, programOf } from "./testing/program.ts";

/**
 * The built function that works in the background, under Lambda's Node, on a stand-in for AWS: what becomes of what is put
 * into the bucket and the queue, and that the function that answers then knows of it.
 */
const opened = await openLocalCloud({ visibility: 2 });

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
  const { moto, stack } = cloud;
  const { get, ok, bring, found } = programOf(cloud);
  const s3 = new S3Client(s3Settings(moto.access));
  const sqs = new SQSClient(sdkSettings(moto.access));
  after(() => cloud[Symbol.asyncDispose]());

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
      assert.ok((await found("who mended the roof"))[0]?.includes("Oberholzer"));
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
      const about = async () => (await found("surprise trip Helgoland")).filter((text) => text.includes("Helgoland"));
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
    return s3.send(new GetObjectCommand({ Bucket: stack.uploads, Key: `documents/${id}` }));
  }
}
