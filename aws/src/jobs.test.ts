import assert from "node:assert/strict";
import { it } from "node:test";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { newId } from "@steward/core/ids.ts";
import { JobHopeless, type JobRun } from "@steward/core/job-worker.ts";
import type { Job } from "@steward/core/jobs.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { testQueue } from "@steward/core/testing/queue-contract.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { sdkSettings } from "./clients.ts";
import { handleSqsBatch, type SqsEvent, sqsJobs } from "./jobs.ts";
import { dynamoRecords } from "./records.ts";
import { eventBridgeSchedules } from "./scheduler.ts";
import { makeQueue, makeScheduleGroup, makeTable } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";
import { jsonError } from "./testing/wire.ts";

const LIMITS = { leaseMs: 30_000, maxTries: 4 };
const PULL: Job = { kind: "pull", source: "s1" };
const never = new AbortController().signal;

await onMoto(async ({ access, wire }) => {
  const dynamo = new DynamoDBClient({ ...sdkSettings(access), maxAttempts: 1 });
  const sqs = new SQSClient({ ...sdkSettings(access), maxAttempts: 1 });
  const scheduler = new SchedulerClient(sdkSettings(access));

  const open = async () => {
    const clock = new FakeClock();
    const records = dynamoRecords({ client: dynamo, table: await makeTable(dynamo), clock });
    const sealed = new SealedRecords(records, plainVault(records));
    const { url, arn, deadUrl } = await makeQueue(sqs);
    const group = await makeScheduleGroup(scheduler);
    const schedules = eventBridgeSchedules({
      access,
      group,
      roleArn: "arn:aws:iam::123456789012:role/x",
      queueArn: arn,
    });
    const lines: string[] = [];
    const log = (line: string) => {
      lines.push(line);
    };
    const jobs = sqsJobs({ client: sqs, queueUrl: url, schedules, sealed, clock, log }, { ...LIMITS, random: () => 0 });
    return { ...jobs, records, clock, url, deadUrl, group, lines, log };
  };
  type Opened = Awaited<ReturnType<typeof open>>;

  testQueue("rows in DynamoDB, rung by SQS", async () => ({ ...(await open()), ...LIMITS, close: async () => {} }));

  /** What SQS would hand to the function now, as Lambda hands it over; and the way to say which it may forget. */
  const receive = async (url: string) => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    return Messages.map(({ MessageId = "", Body = "", ReceiptHandle }) => ({
      messageId: MessageId,
      body: Body,
      ReceiptHandle,
    }));
  };
  const invoke = async (
    opened: Opened,
    handle: (job: Job, run: JobRun) => Promise<void>,
    event: SqsEvent,
    stop: AbortSignal = never,
  ) => {
    const { queue, ring, clock, log } = opened;
    return (await handleSqsBatch({ queue, ring, clock, log, handle }, event, stop)).batchItemFailures;
  };
  /** One turn of Lambda's poller: messages that did not fail are deleted. */
  const turn = async (opened: Opened, handle: (job: Job, run: JobRun) => Promise<void>, stop: AbortSignal = never) => {
    const Records = await receive(opened.url);
    const failed = (await invoke(opened, handle, { Records }, stop)).map(({ itemIdentifier }) => itemIdentifier);
    for (const { messageId, ReceiptHandle } of Records) {
      if (failed.includes(messageId)) continue;
      await sqs.send(new DeleteMessageCommand({ QueueUrl: opened.url, ReceiptHandle }));
    }
    return { received: Records.length, failed: failed.length };
  };
  const doing = (done: Job[]) => async (job: Job) => {
    done.push(job);
  };
  /** The delays, in seconds, of the messages sent while `work` ran. */
  const delaysSent = async (work: () => Promise<unknown>) => {
    wire.asked.length = 0;
    await work();
    return wire.asked.flatMap(({ operation, body }) =>
      operation === "SendMessage" ? [JSON.parse(body.toString()).DelaySeconds] : [],
    );
  };
  const inEvent = (...bodies: string[]): SqsEvent => ({
    Records: bodies.map((body, i) => ({ messageId: `m${i}`, body })),
  });
  const bellOf = (id: string) => JSON.stringify({ job: id });

  it("rings when a job is added, and the message leads to the job", async () => {
    const opened = await open();
    await opened.queue.add(PULL);
    const done: Job[] = [];
    assert.deepEqual(await turn(opened, doing(done)), { received: 1, failed: 0 });
    assert.deepEqual(done, [PULL]);
    assert.deepEqual(await opened.queue.list(), []);
    assert.deepEqual(await turn(opened, doing(done)), { received: 0, failed: 0 });
  });

  it("carries nothing but the id in a message", async () => {
    const opened = await open();
    const id = await opened.queue.add({ kind: "pull", source: "canary" }, { unique: "canary" });
    assert.deepEqual(
      (await receive(opened.url)).map(({ body }) => body),
      [bellOf(id)],
    );
  });

  it("does a job once whose message comes five times, one after the other or at once", async () => {
    const opened = await open();
    const id = await opened.queue.add(PULL);
    const bells = Array.from({ length: 5 }, () => bellOf(id));
    const done: Job[] = [];
    assert.deepEqual(await invoke(opened, doing(done), inEvent(...bells)), []);
    assert.equal(done.length, 1);
    const second = await opened.queue.add(PULL);
    const ends = await Promise.all(bells.map(() => invoke(opened, doing(done), inEvent(bellOf(second)))));
    assert.deepEqual(ends.flat(), []);
    assert.equal(done.length, 2);
  });

  it("rings again for when a lease lapses, when a message meets a job that is at work", async () => {
    const opened = await open();
    const id = await opened.queue.add(PULL);
    const lease = await opened.queue.claim();
    const done: Job[] = [];
    assert.deepEqual(await delaysSent(() => invoke(opened, doing(done), inEvent(bellOf(id)))), [30]);
    assert.deepEqual(done, [], "nobody works on it beside the holder");
    // The holder vanishes; the message that was sent for then comes.
    await opened.clock.advance(LIMITS.leaseMs);
    assert.equal(await lease?.heartbeat(), true, "as long as nobody else has it");
    await opened.clock.advance(LIMITS.leaseMs);
    await invoke(opened, doing(done), inEvent(bellOf(id)));
    assert.equal(done.length, 1);
  });

  it("keeps what names no job for the dead letters, does the others, and writes none of it to the log", async () => {
    const opened = await open();
    const id = await opened.queue.add(PULL);
    const done: Job[] = [];
    const bad = [
      "",
      "{",
      bellOf(id).slice(0, -4),
      "canary",
      '{"job":7}',
      '{"job":"../x"}',
      "null",
      '"x"',
      "[]",
      '{"jobs":1}',
    ];
    const failed = await invoke(opened, doing(done), inEvent(...bad, bellOf(id)));
    assert.deepEqual(
      failed.map(({ itemIdentifier }) => itemIdentifier),
      bad.map((_, i) => `m${i}`),
    );
    assert.equal(done.length, 1);
    assert.equal(opened.lines.length, bad.length);
    assert.ok(!opened.lines.join("\n").includes("canary"));
  });

  it("sees a cut message to the dead letters after five tries", async () => {
    const opened = await open();
    await sqs.send(new SendMessageCommand({ QueueUrl: opened.url, MessageBody: '{"job":"cut' }));
    let tries = 0;
    for (let polls = 0; polls < 12 && (await receive(opened.deadUrl)).length === 0; polls++) {
      tries += (await turn(opened, doing([]))).failed;
    }
    assert.equal(tries, 5);
    assert.deepEqual(
      (await receive(opened.deadUrl)).map(({ body }) => body),
      ['{"job":"cut'],
    );
  });

  it("lets a message of a job that is done, dead or never was go", async () => {
    const opened = await open();
    const id = await opened.queue.add(PULL);
    await opened.queue.fail((await opened.queue.claim()) ?? assert.fail("due"), "no", { retry: false });
    const done: Job[] = [];
    const sent = await delaysSent(async () => {
      assert.deepEqual(await invoke(opened, doing(done), inEvent(bellOf(id), bellOf(newId(0)))), []);
    });
    assert.deepEqual([done, sent], [[], []]);
  });

  it("rings later for a job that failed, and no more once it is hopeless", async () => {
    const opened = await open();
    const id = await opened.queue.add(PULL);
    const failing = async () => {
      throw new Error("not now");
    };
    assert.deepEqual(await delaysSent(() => invoke(opened, failing, inEvent(bellOf(id)))), [1]);
    assert.equal((await opened.queue.list())[0]?.error, "not now");
    assert.deepEqual(await delaysSent(() => invoke(opened, failing, inEvent(bellOf(id)))), [1], "early: sent again");
    await opened.clock.advance(1_000);
    const hopeless = async () => {
      throw new JobHopeless("never");
    };
    assert.deepEqual(await delaysSent(() => invoke(opened, hopeless, inEvent(bellOf(id)))), []);
    assert.equal((await opened.queue.list())[0]?.state, "dead");
    assert.deepEqual(await delaysSent(() => opened.queue.rerun(id)), [0]);
  });

  it("gives back the job at work when the function's time is over, and rings for it and for the rest", async () => {
    const opened = await open();
    const ids = [await opened.queue.add(PULL), await opened.queue.add({ kind: "tidy-index" })];
    const stop = new AbortController();
    const begun: Job[] = [];
    const long = async (job: Job, { signal }: JobRun) => {
      begun.push(job);
      stop.abort();
      assert.ok(signal.aborted);
      throw new Error("stopped half-way");
    };
    const sent = await delaysSent(async () => {
      assert.deepEqual(await invoke(opened, long, inEvent(...ids.map(bellOf)), stop.signal), []);
    });
    assert.deepEqual(sent, [0, 0]);
    assert.deepEqual(
      (await opened.queue.list()).map(({ state, tries }) => [state, tries]),
      [
        ["waiting", 0],
        ["waiting", 0],
      ],
    );
    assert.equal(begun.length, 1);
    const done: Job[] = [];
    assert.deepEqual(await invoke(opened, doing(done), inEvent(...ids.map(bellOf))), []);
    assert.equal(done.length, 2);
  });

  it("keeps the message when a store does not answer, and loses nothing", async () => {
    const opened = await open();
    const id = await opened.queue.add(PULL);
    wire.intercept(({ service }) => (service === "dynamodb" ? jsonError("InternalServerError", 500) : undefined));
    const done: Job[] = [];
    assert.equal((await invoke(opened, doing(done), inEvent(bellOf(id)))).length, 1);
    wire.restore();
    assert.deepEqual(done, []);
    assert.match(opened.lines.join("\n"), /was not reached: CloudBusy/);
    assert.deepEqual(await turn(opened, doing(done)), { received: 1, failed: 0 });
    assert.equal(done.length, 1);
  });

  it("keeps a job whose message could not be sent, and the sweep rings for it", async () => {
    const opened = await open();
    wire.intercept(({ service }) => (service === "sqs" ? jsonError("ServiceUnavailable", 503) : undefined));
    await opened.queue.add(PULL);
    wire.restore();
    assert.match(opened.lines.join("\n"), /its message was not sent/);
    const done: Job[] = [];
    assert.equal((await turn(opened, doing(done))).received, 0);
    assert.equal(await opened.sweep(), 0, "it may yet be on its way");
    await opened.clock.advance(60_000);
    assert.equal(await opened.sweep(), 1);
    assert.equal((await turn(opened, doing(done))).received, 1);
    assert.equal(done.length, 1);
    await opened.clock.advance(3_600_000);
    assert.equal(await opened.sweep(), 0);
  });

  it("sweeps a job whose worker vanished, and leaves alone what is at work, dead or not due", async () => {
    const opened = await open();
    const claim = async (kind: "embed" | "tidy-index") => {
      const id = await opened.queue.add({ kind });
      const claimed = await opened.queue.claimNamed(id);
      return claimed !== "ended" && "lease" in claimed ? claimed.lease : assert.fail("due");
    };
    const lost = await claim("embed");
    await opened.clock.advance(LIMITS.leaseMs + 60_000);
    await opened.queue.fail(await claim("tidy-index"), "no", { retry: false });
    await claim("tidy-index");
    await opened.queue.add(PULL, { dueAt: opened.clock.now() + 600_000 });
    wire.asked.length = 0;
    assert.equal(await opened.sweep(), 1);
    const rung = wire.asked.flatMap(({ operation, body }) =>
      operation === "SendMessage" ? [JSON.parse(body.toString()).MessageBody] : [],
    );
    assert.deepEqual(rung, [bellOf(lost.id)]);
  });

  it("sends for a time within 15 minutes by the queue, and for a later one by a schedule", async () => {
    const opened = await open();
    const dueIn = (ms: number) => opened.queue.add(PULL, { dueAt: opened.clock.now() + ms });
    assert.deepEqual(await delaysSent(() => dueIn(900_000)), [900]);
    assert.deepEqual(await delaysSent(() => dueIn(1)), [1], "never before its time");
    wire.asked.length = 0;
    const id = await dueIn(900_001);
    assert.equal(wire.asked.filter(({ operation }) => operation === "SendMessage").length, 0);
    const schedule = await scheduler.send(new GetScheduleCommand({ GroupName: opened.group, Name: `job-${id}` }));
    assert.equal(schedule.ScheduleExpression, "at(2026-11-21T00:15:01)");
    assert.equal(schedule.Target?.Input, bellOf(id));
  });
});
