import { join } from "node:path";
import { Tasks } from "@steward/core/agenda/tasks.ts";
import { answer } from "@steward/core/chat/answer.ts";
import { Conversations } from "@steward/core/chat/conversations.ts";
import { Spend } from "@steward/core/chat/spend.ts";
import type { Clock } from "@steward/core/clock.ts";
import { openDerived } from "@steward/core/derived.ts";
import { Forgettings } from "@steward/core/forget.ts";
import { handleJob } from "@steward/core/handle-job.ts";
import { sweepPending } from "@steward/core/intake/shelve.ts";
import { Sources } from "@steward/core/intake/sources.ts";
import { openUpload } from "@steward/core/intake/uploads.ts";
import { viewOf } from "@steward/core/item-view.ts";
import { RowJobs } from "@steward/core/job-rows.ts";
import { runJobs } from "@steward/core/job-worker.ts";
import { Library } from "@steward/core/library.ts";
import { Ledger } from "@steward/core/memory/ledger.ts";
import { find } from "@steward/core/search/find.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { createBackup, verifyBackup } from "./backup.ts";
import type { Config } from "./config.ts";
import { openConnectors } from "./connectors/index.ts";
import { openEmbedders } from "./embedders/index.ts";
import { openEmbedding } from "./embedding.ts";
import { openHomeUploads } from "./home-uploads.ts";
import type { House } from "./house.ts";
import { openIndex, openIndexing } from "./indexing.ts";
import { keepHouse } from "./keeping.ts";
import type { Log } from "./log.ts";
import { openModels } from "./models/index.ts";
import { openReaders } from "./readers/index.ts";
import { makeSampleIn } from "./sample.ts";
import { openSettings } from "./settings.ts";
import { spareMemory } from "./spare-memory.ts";
import { openFolderBlobs } from "./stores/folder-blobs.ts";
import { kitFile, type RootKey } from "./stores/key-file.ts";
import { openSqliteRecords } from "./stores/sqlite-records.ts";

/**
 * Compose ★: the only wiring. Which adapter stands behind which port at home is said here and nowhere else; read it
 * from top to bottom: stores, vault, search, intake, chat, forgetting, then the work in the background.
 */
export interface HouseOptions {
  /** Absolute path of a folder that is there, 0700. */
  readonly home: string;
  readonly root: RootKey;
  readonly config: Pick<Config, "ollamaUrl" | "lmstudioUrl" | "providerEnv" | "modelsFolder" | "engine">;
  readonly clock: Clock;
  readonly log: Log;
}

export async function openHouse(options: HouseOptions): Promise<House> {
  const { home, root, config, clock, log } = options;

  const records = openSqliteRecords(join(home, "steward.db"), clock);
  const blobs = await openFolderBlobs(join(home, "blobs"));
  const kit = kitFile(home);
  const vault = await openVault({ records, ring: root.ring, kit, clock });
  const sealed = new SealedRecords(records, vault);
  const library = new Library({ sealed, blobs });
  const settings = openSettings(sealed);
  await sweepPending({ sealed, library });

  const { index, engine } = await openIndex({ sealed, blobs, clock, library, config });

  const queue = new RowJobs({ sealed, clock });
  // The home's lock is ours alone, so whoever held a lease is gone.
  await queue.releaseAll();
  const reader = openReaders();
  const sources = new Sources({
    ...{ clock, sealed, blobs, library, index, reader, queue },
    connectors: openConnectors({
      sampleFolder: join(home, "sample"),
      openUpload: (source) => openUpload({ sealed, blobs }, source),
    }),
    ownAddresses: async () => new Set((await settings.get()).addresses.map((address) => address.toLowerCase())),
    ...makeSampleIn(home),
  });

  const hidden = (what: Parameters<Forgettings["isHidden"]>[0]) => forgettings.isHidden(what);
  const ledger = new Ledger({ clock, sealed, hidden: (memory) => hidden({ memory }) });
  const tasks = new Tasks({ clock, sealed });
  const conversations = new Conversations({ clock, sealed, hidden: (conversation) => hidden({ conversation }) });
  const spend = new Spend({ clock, sealed });
  const models = openModels({ sealed, config, home });

  const keeping = keepHouse({
    ...{ clock, log, vault, kit, records, queue, index },
    wakeEmbedding: () => embedding.wake(),
  });
  const forgettings = new Forgettings({
    ...{ clock, sealed, blobs, library, index, queue },
    derived: openDerived({ sealed, library, ledger, sources }),
    purge: () => records.scrub(),
    nextRotation: keeping.nextRotation,
    pauseSource: (id) => sources.pause(id),
    sourceRemoved: (id) => sources.removed(id),
  });
  await sources.open();
  await forgettings.open();

  const indexing = openIndexing({
    ...{ index, sealed, blobs, library, queue, sources },
    ...(engine ? { engine } : {}),
    isHidden: hidden,
  });
  await indexing.open();

  const embedders = openEmbedders({ home, sealed, config });
  const embedding = openEmbedding({ embedders, index, library, queue, sources });

  const sourceNames = async () => new Map((await sources.list()).map((source) => [source.id, source.name]));
  const findNow = async (query: string, how: Parameters<House["find"]>[1] = {}) => {
    const [{ timeZone }, embedder] = await Promise.all([settings.get(), embedders.current()]);
    return find({ index, library, sourceNames, clock, timeZone, ...(embedder ? { embedder } : {}) }, query, how);
  };

  const stop = new AbortController();
  const handle = (job: Parameters<typeof handleJob>[1], run: Parameters<typeof handleJob>[2]) =>
    handleJob({ sources, forgettings, index, rebuildIndex: indexing.run, embedWaiting: embedding.run }, job, run);
  const working = runJobs({ queue, clock, handle, log: keeping.logJob, width: 2 }, stop.signal);
  const kept = Promise.all([keeping.run(stop.signal), spareMemory(clock, stop.signal)]);

  return {
    ...{ home, clock, vault, sealed, blobs, queue, index, conversations, ledger, tasks, models, settings },
    sources: {
      ...facesOf(sources),
      list: async () => (await sources.list()).filter(({ id }) => !hidden({ source: id })),
    },
    uploads: openHomeUploads({ vault, clock }),
    forgetting: forgettings,
    embedders: embedding.face,
    indexing: indexing.face,
    embedder: () => embedders.current(),
    library: {
      item: (id) => library.item(id),
      reading: (id) => library.reading(id),
      original: async (id) => (hidden({ item: id }) ? undefined : library.original(id)),
      view: async (id) => (hidden({ item: id }) ? undefined : viewOf({ library, index, sources }, id)),
    },
    backups: {
      create: (folder) => createBackup({ home, records, blobsFolder: join(home, "blobs"), kit, folder, clock }),
      verify: (path) => verifyBackup(path),
    },
    find: findNow,
    async *answer(turn, signal) {
      const [now, model] = await Promise.all([settings.get(), models.current()]);
      const deps = { clock, find: findNow, library, conversations, ledger, tasks, settings: now, model, spend };
      yield* answer(deps, turn, signal);
    },
    spentToday: async () => spend.today((await settings.get()).timeZone),
    async close() {
      stop.abort();
      await Promise.all([working, kept]);
      await reader.close();
      await embedders.close();
      await index.close();
      records.close();
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
