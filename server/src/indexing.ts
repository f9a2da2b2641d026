import type { Blobs } from "@steward/core/blobs.ts";
import type { Clock } from "@steward/core/clock.ts";
import type { Forgettings } from "@steward/core/forget.ts";
import type { Sources } from "@steward/core/intake/sources.ts";
import type { ItemId } from "@steward/core/item.ts";
import type { JobQueue } from "@steward/core/jobs.ts";
import type { Library } from "@steward/core/library.ts";
import type { KeptIndex } from "@steward/core/search/passage-index.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Config } from "./config.ts";
import type { PostgresIndex } from "./engines/postgres-index.ts";
import type { IndexingFace } from "./house.ts";
import type { Log } from "./log.ts";
import { openSegmentThread } from "./segment-thread.ts";

/**
 * Indexing: which index this house searches (its own, sealed, or the engine that the configuration names), and making
 * it anew from the readings while the old one goes on answering.
 */
export interface IndexDeps {
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly library: Library;
  readonly config: Pick<Config, "engine">;
  readonly log: Pick<Log, "warn">;
}

/** The index, and the engine it is kept by when that is not the house itself. */
export interface OpenedIndex {
  readonly index: KeptIndex;
  readonly engine?: PostgresIndex;
}

export async function openIndex({ sealed, blobs, clock, library, config, log }: IndexDeps): Promise<OpenedIndex> {
  if (config.engine) {
    const { openEngine } = await import("./engines/index.ts");
    const engine = await openEngine(config.engine);
    return { index: engine, engine };
  }
  // Loaded here: a process that only reads the index has no use for what writes it.
  const { openPrivateIndex } = await import("@steward/core/search/index/private-index.ts");
  const { build } = openSegmentThread((reason) => log.warn("segment-thread-ended", { reason }));
  const replay = (after: ItemId | undefined) => library.indexedAfter(after);
  const index = await openPrivateIndex({ sealed, blobs, clock, replay, build });
  for (const { segment, reason } of index.damaged) log.warn("segment-made-anew", { segment, reason });
  return { index };
}

export interface Indexing {
  readonly face: IndexingFace;
  /** Once the house knows what is hidden: an engine gets what it lacks. */
  open(): Promise<void>;
  /** The job. */
  run(signal: AbortSignal): Promise<void>;
}

export interface IndexingDeps extends OpenedIndex {
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly library: Library;
  readonly queue: JobQueue;
  readonly sources: Pick<Sources, "tellIndexing">;
  readonly isHidden: Forgettings["isHidden"];
}

export function openIndexing(deps: IndexingDeps): Indexing {
  const { index, engine, library, queue, sources } = deps;
  const rebuild = async () => {
    await queue.add({ kind: "rebuild-index" }, { unique: "rebuild-index" });
  };

  /** Everything that may be found, from the item after `after` on. */
  async function* findable(after: ItemId | undefined, signal?: AbortSignal) {
    for await (const item of library.indexedAfter(after)) {
      signal?.throwIfAborted();
      if (!deps.isHidden({ item: item.item })) yield item;
    }
  }

  return {
    face: { engine: engine ? "postgres" : "private", rebuild },

    async open() {
      if (!engine) return;
      const { catchUp } = await import("./engines/index.ts");
      await catchUp(engine, (after) => findable(after));
      if (engine.stats().items > 0) await dropPrivate(deps);
      else if (await holdsAny(findable(undefined))) await rebuild();
    },

    async run(signal) {
      const before = index.stats().items;
      const tell = (done: number) => sources.tellIndexing({ done, total: Math.max(before, done) });
      try {
        tell(0);
        await index.rebuild(findable(undefined, signal), tell);
        if (engine) await dropPrivate(deps);
      } finally {
        sources.tellIndexing(undefined);
      }
    },
  };
}

async function dropPrivate(deps: IndexingDeps): Promise<void> {
  const { dropIndex } = await import("@steward/core/search/index/drop-index.ts");
  await dropIndex(deps);
}

async function holdsAny(items: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of items) return true;
  return false;
}
