import { Tasks } from "@steward/core/agenda/tasks.ts";
import type { Blobs } from "@steward/core/blobs.ts";
import { answer } from "@steward/core/chat/answer.ts";
import { Conversations } from "@steward/core/chat/conversations.ts";
import { Spend } from "@steward/core/chat/spend.ts";
import type { Clock } from "@steward/core/clock.ts";
import { openDerived } from "@steward/core/derived.ts";
import { Forgettings } from "@steward/core/forget.ts";
import { handleJob } from "@steward/core/handle-job.ts";
import type { Reader } from "@steward/core/intake/reader.ts";
import { Sources, type SourcesDeps } from "@steward/core/intake/sources.ts";
import type { Item, ItemId } from "@steward/core/item.ts";
import { viewOf } from "@steward/core/item-view.ts";
import type { JobRun } from "@steward/core/job-worker.ts";
import type { Job, JobQueue } from "@steward/core/jobs.ts";
import type { Library } from "@steward/core/library.ts";
import { Ledger } from "@steward/core/memory/ledger.ts";
import { find } from "@steward/core/search/find.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Vault } from "@steward/core/vault/vault.ts";
import type { Embedders } from "./embedders/index.ts";
import { type Embedding, openEmbedding } from "./embedding.ts";
import type { House, SettingsFace } from "./house.ts";
import { type Indexing, type OpenedIndex, openIndexing } from "./indexing.ts";
import type { Models } from "./models/index.ts";

/**
 * The rooms of a house over its opened stores: the same at home and in the cloud. Whoever calls this has opened what lies
 * below (`compose.ts` at home, the cloud's own wiring there), and then lets in the work of the background.
 */
export interface Foundation extends OpenedIndex {
  readonly home: string;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly library: Library;
  readonly queue: JobQueue;
  readonly reader: Reader;
  readonly settings: SettingsFace;
  readonly models: Models;
  readonly embedders: Embedders;
  /** Where things come from: the connectors, and what a path or the sample is here. */
  readonly origins: Pick<SourcesDeps, "connectors" | "sampleFolder" | "checkPath">;
  /** Makes deleted bytes unrecoverable from the store's own files. */
  readonly purge: () => Promise<void>;
  /** When the keys of every domain will have rotated, ms since the epoch. */
  readonly nextRotation: () => Promise<number>;
  /** Where other processes work in the same stores. */
  readonly others?: Others;
}

export interface Others {
  /** Takes over what they have changed in the index and the keys since the last time. */
  catchUp(): Promise<void>;
  /** How long one of them may still be writing an answer, ms. */
  readonly longestTurnMs: number;
}

/** How much later than others' a row of another process may arrive: clocks of two machines, and a slow write. */
const LATE_MS = 60_000;

export interface Rooms {
  readonly faces: Omit<House, "uploads" | "backups" | "close">;
  readonly sources: Sources;
  readonly forgettings: Forgettings;
  readonly embedding: Embedding;
  readonly indexing: Indexing;
  /** Does one job. */
  handle(job: Job, run: JobRun): Promise<void>;
  /** Brings what this process remembers up to date with what others wrote. At home there are none. */
  catchUp(): Promise<void>;
}

export function openRooms(over: Foundation): Rooms {
  const { home, clock, vault, sealed, blobs, library, index, queue, settings, models, embedders, others } = over;

  const sources = new Sources({
    ...{ clock, sealed, blobs, library, index, queue, reader: over.reader, ...over.origins },
    ownAddresses: async () => new Set((await settings.get()).addresses.map((address) => address.toLowerCase())),
    ...(others ? { shared: true } : {}),
  });

  const hidden = (what: Parameters<Forgettings["isHidden"]>[0]) => forgettings.isHidden(what);
  const ledger = new Ledger({
    ...{ clock, sealed, hidden: (memory: string) => hidden({ memory }) },
    ...(others ? { othersMs: LATE_MS } : {}),
  });
  const tasks = new Tasks({ clock, sealed });
  const conversations = new Conversations({
    ...{ clock, sealed, hidden: (conversation: string) => hidden({ conversation }) },
    ...(others ? { othersMs: others.longestTurnMs } : {}),
  });
  const spend = new Spend({ clock, sealed });

  const forgettings: Forgettings = new Forgettings({
    ...{ clock, sealed, blobs, library, index, queue, purge: over.purge, nextRotation: over.nextRotation },
    derived: openDerived({ sealed, library, ledger, sources }),
    pauseSource: (id) => sources.pause(id),
    sourceRemoved: (id) => sources.removed(id),
  });
  const indexing = openIndexing({
    ...{ index, sealed, blobs, library, queue, sources, isHidden: hidden },
    ...(over.engine ? { engine: over.engine } : {}),
  });
  const embedding = openEmbedding({ embedders, index, library, queue, sources });

  async function catchUp(): Promise<void> {
    if (others) await Promise.all([others.catchUp(), forgettings.refresh(), embedders.follow()]);
  }

  // The index is told of what is hidden a moment later than the rows are, and in another process later still.
  const shown = <I extends Item>(item: I | undefined) =>
    item && (hidden({ item: item.id }) || hidden({ source: item.source })) ? undefined : item;
  const visible = {
    item: async (id: ItemId) => shown(await library.item(id)),
    items: async (ids: readonly ItemId[]) => (await library.items(ids)).map(shown),
    reading: async (id: ItemId) => (hidden({ item: id }) ? undefined : library.reading(id)),
  };
  const sourceNames = async () => new Map((await sources.list()).map((source) => [source.id, source.name]));
  const findNow: House["find"] = async (query, how = {}) => {
    const [{ timeZone }, embedder] = await Promise.all([settings.get(), embedders.current(), catchUp()]);
    const deps = { index, library: visible, sourceNames, clock, timeZone, ...(embedder ? { embedder } : {}) };
    return find(deps, query, how);
  };

  return {
    ...{ sources, forgettings, embedding, indexing, catchUp },
    handle: (job, run) =>
      handleJob({ sources, forgettings, index, rebuildIndex: indexing.run, embedWaiting: embedding.run }, job, run),
    faces: {
      ...{ home, clock, vault, sealed, blobs, queue, index, conversations, ledger, tasks, models, settings },
      ...(others ? { shared: true } : {}),
      sources: {
        ...facesOf(sources),
        list: async () => (await sources.list()).filter(({ id }) => !hidden({ source: id })),
      },
      forgetting: forgettings,
      embedders: embedding.face,
      indexing: indexing.face,
      embedder: () => embedders.current(),
      library: {
        item: visible.item,
        reading: visible.reading,
        original: async (id) => ((await visible.item(id)) ? library.original(id) : undefined),
        view: async (id) => ((await visible.item(id)) ? viewOf({ library, index, sources }, id) : undefined),
      },
      find: findNow,
      async *answer(turn, signal) {
        const [now, model] = await Promise.all([settings.get(), models.current()]);
        const deps = { clock, find: findNow, library: visible, conversations, ledger, tasks, settings: now, model };
        yield* answer({ ...deps, spend, embedder: () => embedders.current() }, turn, signal);
      },
      spentToday: async () => spend.today((await settings.get()).timeZone),
    },
  };
}

/** The methods of a class instance as a plain object, so that one of them can be narrowed. */
function facesOf(sources: Sources): House["sources"] {
  return {
    list: () => sources.list(),
    get: (id) => sources.get(id),
    addPath: (path) => sources.addPath(path),
    addSample: () => sources.addSample(),
    addUpload: (name, bytes, id) => sources.addUpload(name, bytes, id),
    run: (id) => sources.run(id),
    pause: (id) => sources.pause(id),
    finished: (id, signal) => sources.finished(id, signal),
    progress: (signal) => sources.progress(signal),
    quarantine: () => sources.quarantine(),
    retryQuarantined: (id) => sources.retryQuarantined(id),
    dismissQuarantined: (id) => sources.dismissQuarantined(id),
  };
}
