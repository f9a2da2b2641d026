import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "@steward/core/clock.ts";
import { type JobRowsOptions, RowJobs } from "@steward/core/job-rows.ts";
import { type JobWorkerDeps, runLease } from "@steward/core/job-worker.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { nameOf } from "./errors.ts";
import type { OneOffSchedules } from "./scheduler.ts";

/**
 * JobQueue on AWS: the rows are the truth (state, lease, fence: `core/src/job-states.ts`), and a message is only a bell. It
 * carries a job's id and wakes a function that asks the rows what there is to do. So a message may come twice, late, early
 * or not at all: a second one finds the job done or at work, an early one is sent again for later, and for one that was
 * lost the sweep rings again.
 *
 * SQS holds a message back for 15 minutes at most; for later times a one-off schedule sends it.
 */
export interface SqsJobsDeps {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly schedules: OneOffSchedules;
  readonly sealed: SealedRecords;
  readonly clock: Clock;
  /** One line each: ids and codes, never content. */
  readonly log: (line: string) => void;
}

export interface SqsJobs {
  readonly queue: RowJobs;
  /** Sends the message of a job. Never rejects: what could not be sent is logged, and left to the sweep. */
  ring(id: string, dueAt: number): Promise<void>;
  /** Rings again for every job that is overdue; how many. For a schedule of every few minutes. */
  sweep(): Promise<number>;
}

const LONGEST_DELAY_MS = 900_000;
/** A job that has been due for so long has no message on its way, or one that is lost. */
const OVERDUE_MS = 60_000;

export function sqsJobs(deps: SqsJobsDeps, options: Omit<JobRowsOptions, "announce"> = {}): SqsJobs {
  const { client, queueUrl, schedules, sealed, clock, log } = deps;

  const send = (body: string, delayMs: number) => {
    const DelaySeconds = Math.ceil(Math.max(0, delayMs) / 1_000);
    return client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds }));
  };
  const ring = async (id: string, dueAt: number) => {
    const body = JSON.stringify({ job: id });
    const delayMs = dueAt - clock.now();
    try {
      if (delayMs <= LONGEST_DELAY_MS) await send(body, delayMs);
      else await schedules.set(`job-${id}`, dueAt, body);
    } catch (error) {
      log(`job ${id}: its message was not sent (${nameOf(error)}); the sweep sends it once it is overdue`);
    }
  };
  const queue = new RowJobs({ sealed, clock }, { ...options, announce: ring });

  return {
    queue,
    ring,
    async sweep() {
      const overdue = (await queue.list()).filter(
        ({ state, dueAt }) => state !== "dead" && dueAt + OVERDUE_MS <= clock.now(),
      );
      for (const { id } of overdue) await ring(id, clock.now());
      return overdue.length;
    },
  };
}

/** What Lambda hands over of a batch of messages, as far as it is looked at. */
export interface SqsEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** The messages that SQS is to keep: they come again after the visibility timeout, and after five times go to the dead letters. */
export interface SqsBatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/**
 * Does the jobs that a batch of messages names, one after the other.
 *
 * | message | outcome |
 * |---|---|
 * | of a job that is due | the job is done, or failed and announced again by its own row; the message is gone |
 * | of a job that is done or dead | gone |
 * | too early, or of a job at work elsewhere | gone, and sent anew for when it is due or that lease lapses |
 * | that is not ours, or was cut short | kept, so that it ends among the dead letters where a person sees it |
 * | while a store does not answer | kept; the job's row is as it was |
 *
 * When `stop` aborts (the function's time is nearly over) the job at work is given back, and it and the rest are rung
 * for anew.
 */
export async function handleSqsBatch(
  deps: Pick<SqsJobs, "queue" | "ring"> & Pick<JobWorkerDeps, "handle" | "clock" | "log" | "heartbeatMs">,
  event: SqsEvent,
  stop: AbortSignal,
): Promise<SqsBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of event.Records) {
    const keep = (why: string) => {
      deps.log(`message ${messageId}: ${why}`);
      batchItemFailures.push({ itemIdentifier: messageId });
    };
    const id = jobIn(body);
    if (id === undefined) keep("names no job; it is kept for the dead letters");
    else
      await answerBell(deps, id, stop).catch((error: unknown) => keep(`job ${id} was not reached: ${nameOf(error)}`));
  }
  return { batchItemFailures };
}

async function answerBell(deps: Parameters<typeof handleSqsBatch>[0], id: string, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return deps.ring(id, deps.clock.now());
  const claim = await deps.queue.claimNamed(id);
  if (claim === "ended") return;
  if ("dueAt" in claim) return deps.ring(id, claim.dueAt);
  await runLease(deps, claim.lease, stop);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id in a message; undefined when it is not one of ours, whole. */
export function jobIn(body: string): string | undefined {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    return undefined;
  }
  const id: unknown = typeof said === "object" && said !== null ? Reflect.get(said, "job") : undefined;
  return typeof id === "string" && UUID.test(id) ? id : undefined;
}
