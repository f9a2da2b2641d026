import { dirname } from "node:path";
import type { Clock } from "@steward/core/clock.ts";
import { openUpload } from "@steward/core/intake/uploads.ts";
import type { RowJobs } from "@steward/core/job-rows.ts";
import { runDueJobs } from "@steward/core/job-worker.ts";
import { IndexHeld } from "@steward/core/search/index/lease.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import { openConnectors } from "@steward/server/connectors/index.ts";
import { keepHouse } from "@steward/server/keeping.ts";
import { openReaders } from "@steward/server/readers/index.ts";
import { openRooms } from "@steward/server/rooms.ts";
import { type CloudOptions, followKit, foundationOver, LONGEST_TURN_MS, OTHERS_MS, type Stores } from "./compose.ts";
import { handleSqsBatch, jobIn, type SqsBatchResponse } from "./jobs.ts";
import type { Messages } from "./messages.ts";
import { originsHere } from "./not-here.ts";
import { type Taken, takeIn } from "./taking-in.ts";

/**
 * The work of the background, as one invocation of the worker does it: take in what was uploaded, then do the jobs that the
 * messages name and whatever else is due, as the one process that writes the index. It holds the index's lease while it
 * works and gives it back with everything sealed, so that every reader sees it.
 */
export interface Work {
  readonly stores: Stores;
  readonly options: CloudOptions;
  /** The reader's program beside the worker's. */
  readonly readerScript: string;
  /** Aborts when the function's time is nearly over: what is at work then is given back, and rung for anew. */
  readonly stop: AbortSignal;
}

/** How long a worker waits for another that writes the index, before it has the messages come later. */
const WAIT_MS = 10_000;
const LATER_MS = 30_000;

export async function work(given: Work, messages: Messages): Promise<SqsBatchResponse> {
  const { stores, options } = given;
  await followKit(stores.vault, options.clock);
  const failures = await Promise.all(messages.uploads.map((message) => uploaded(given, message)));
  const jobs = await writing(given, messages);
  return { batchItemFailures: [...failures.flat(), ...jobs.batchItemFailures] };
}

async function uploaded({ stores, options }: Work, message: Taken): Promise<{ itemIdentifier: string }[]> {
  try {
    await takeIn({ stores, options }, message);
    return [];
  } catch (error) {
    options.log.error("upload-not-taken", error, { message: message.messageId });
    return [{ itemIdentifier: message.messageId }];
  }
}

/** Does jobs with the index open for writing. Without any job nothing is opened. */
async function writing(given: Work, { jobs: records, tick }: Messages): Promise<SqsBatchResponse> {
  const { stores, options, stop } = given;
  const { clock, log } = options;
  const sqs = await stores.jobs();
  if (records.length === 0 && !tick && !(await isAnyDue(sqs.queue, clock))) return { batchItemFailures: [] };
  const house = await openWriter(given).catch((error: unknown) => {
    if (error instanceof IndexHeld) return undefined;
    throw error;
  });
  if (!house) {
    // Another worker writes the index; it does what is due. Should it be gone by then, this one comes again.
    log.info("index-held", { jobs: records.length });
    const nameless = [];
    for (const { body, messageId } of records) {
      const id = jobIn(body);
      if (id === undefined) nameless.push({ itemIdentifier: messageId });
      else await sqs.ring(id, clock.now() + LATER_MS);
    }
    return { batchItemFailures: nameless };
  }
  const doing = {
    ...{ queue: sqs.queue, ring: sqs.ring, clock },
    handle: house.rooms.handle,
    log: house.keeping.logJob,
  };
  try {
    if (tick) await house.keeping.round(stop);
    const answer = await handleSqsBatch(doing, { Records: records }, stop);
    // What these jobs queued, and what has lost its message.
    await runDueJobs(doing, stop);
    return answer;
  } finally {
    await house.close();
  }
}

async function openWriter({ stores, options, readerScript }: Work) {
  const { clock, log } = options;
  const { sealed, blobs, library, vault, kit, queue, embedders } = stores;
  const replay = (after: string | undefined) => library.indexedAfter(after);
  const index = await openPrivateIndex({ sealed, blobs, clock, replay, shared: { waitMs: WAIT_MS } });
  const reader = openReaders({ processes: 1, script: readerScript, readable: [dirname(readerScript)] });
  const keeping = keepHouse({
    ...{ clock, log, vault, kit, queue, index, othersMs: OTHERS_MS },
    records: { sweep: async () => Promise.all([kit.sweep(), (await stores.jobs()).sweep()]) },
    wakeEmbedding: () => rooms.embedding.wake(),
  });
  const rooms: ReturnType<typeof openRooms> = openRooms({
    ...foundationOver(stores, options),
    ...{ index, reader, nextRotation: keeping.nextRotation },
    origins: {
      ...originsHere,
      connectors: openConnectors({ sampleFolder: "", openUpload: (source) => openUpload({ sealed, blobs }, source) }),
    },
    others: { longestTurnMs: LONGEST_TURN_MS, catchUp: async () => {} },
  });
  await Promise.all([rooms.catchUp(), embedders.follow()]);
  return {
    ...{ rooms, keeping },
    async close() {
      await reader.close();
      await index.close();
    },
  };
}

async function isAnyDue(queue: RowJobs, clock: Clock): Promise<boolean> {
  return (await queue.list()).some(({ state, dueAt }) => state !== "dead" && dueAt <= clock.now());
}
