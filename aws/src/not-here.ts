import type { Clock } from "@steward/core/clock.ts";
import type { Connector } from "@steward/core/intake/connector.ts";
import type { Reader } from "@steward/core/intake/reader.ts";
import type { Source } from "@steward/core/item.ts";
import type { JobQueue } from "@steward/core/jobs.ts";
import type { IndexReader } from "@steward/core/search/index/index-reader.ts";
import type { KeptIndex } from "@steward/core/search/passage-index.ts";
import type { Embedders } from "@steward/server/embedders/index.ts";
import type { BackupsFace, SourcesFace } from "@steward/server/house.ts";

/** What a home in the cloud has no use for or no place for, each with what to do instead. */
export class NotHere extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotHere";
  }
}

/** The table's point-in-time recovery and the bucket's versions are the backup (docs/aws.md). */
export const backupsByAws: BackupsFace = {
  async create() {
    throw new NotHere(
      "On AWS the table is kept to the second for 35 days, and the bucket keeps versions. To have a copy: steward export.",
    );
  },
  async verify() {
    throw new NotHere(
      "On AWS there is no backup file to verify; docs/aws.md says how to restore the table and try it.",
    );
  },
};

/** Sources are read by the worker: there is nobody to pull here. */
const noConnector = (kind: Source["kind"]): Connector => ({
  kind,
  // biome-ignore lint/correctness/useYield: it refuses before there is anything to yield
  async *pull() {
    throw new NotHere("Sources are read by the worker, not by the function that answers.");
  },
  measure: async () => undefined,
});

export const originsHere = {
  connectors: { path: noConnector("path"), upload: noConnector("upload"), sample: noConnector("sample") },
  async sampleFolder(): Promise<string> {
    throw new NotHere("The sample archive is for trying Steward at home. Upload a file of yours instead.");
  },
  async checkPath(): Promise<string> {
    throw new NotHere("There are no folders to read on AWS. Upload a file instead; an mbox may have any size.");
  },
};

/** Foreign bytes are read by the worker, in its sandbox, and never by the function that answers. */
export const noReader: Reader = {
  async read() {
    throw new NotHere("Files are read by the worker, not by the function that answers.");
  },
  async readMany() {
    throw new NotHere("Files are read by the worker, not by the function that answers.");
  },
  async close() {},
};

/** Models that run here need what a function has not: a disk to be fetched to, and seconds of a processor. */
export function embeddersHere(embedders: Embedders): Embedders {
  const fetched = new Set(["minilm", "folder", "ollama", "lmstudio"]);
  return {
    ...embedders,
    choices: async () => (await embedders.choices()).filter(({ id, current }) => current || !fetched.has(id)),
    async add() {
      throw new NotHere("Nothing is fetched on AWS. Choose the built-in vectors, Bedrock, or a provider with a key.");
    },
  };
}

/**
 * The index for a process that only reads it. What it is told of is written as rows by whoever tells it, and the worker,
 * which writes the index, takes it from there: a removal from what is being forgotten, an undone one by not having it.
 */
export function readOnly(reader: IndexReader): KeptIndex {
  const byTheWorker = async (): Promise<never> => {
    throw new NotHere("The search index is written by the worker. Queue a job for it.");
  };
  return {
    search: (request) => reader.search(request),
    list: (filter, options) => reader.list(filter, options),
    stats: () => reader.stats(),
    close: () => reader.close(),
    put: async () => {},
    remove: async () => {},
    setVectors: async () => {},
    flush: async () => {},
    ...{ tidy: byTheWorker, rewriteWithout: byTheWorker, rebuild: byTheWorker },
    // Only the writer can tell; whoever asks wants to know whether it should look.
    withoutVectors: async () => (await reader.list({}, { limit: 1 })).items,
  };
}

/** Waited for the worker to try again to read something; what it looks at in between. */
const READ_AGAIN_MS = 20_000;
const LOOK_MS = 500;

/** What was set aside is read again by the worker: it is asked, and its answer waited for. */
export function readAgainByWorker(sources: SourcesFace, queue: JobQueue, clock: Clock): SourcesFace {
  const rowOf = async (id: string) => (await sources.quarantine()).find((one) => one.id === id);
  return {
    ...sources,
    async retryQuarantined(id) {
      const job = await queue.add({ kind: "read-again", quarantined: id }, { unique: `read-again-${id}` });
      const until = clock.now() + READ_AGAIN_MS;
      for (let row = await rowOf(id); row; row = await rowOf(id)) {
        const isEnded = !(await queue.list()).some((one) => one.id === job && one.state !== "dead");
        if (isEnded || clock.now() >= until) return rowOf(id);
        await clock.sleep(LOOK_MS);
      }
      return undefined;
    },
  };
}

/** For what takes bytes in and looks nothing up. */
export const noIndex: IndexReader = {
  damaged: [],
  refresh: async () => false,
  search: async () => ({ hits: [], total: 0 }),
  list: async () => ({ items: [], total: 0 }),
  stats: () => ({ items: 0, passages: 0, livePassages: 0, segments: 0, embedded: 0, bytes: 0 }),
  close: async () => {},
};
