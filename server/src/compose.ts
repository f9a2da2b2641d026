import { join } from "node:path";
import type { Clock } from "@steward/core/clock.ts";
import { sweepPending } from "@steward/core/intake/shelve.ts";
import { openUpload } from "@steward/core/intake/uploads.ts";
import { RowJobs } from "@steward/core/job-rows.ts";
import { runJobs } from "@steward/core/job-worker.ts";
import { Library } from "@steward/core/library.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { createBackup, verifyBackup } from "./backup.ts";
import type { Config } from "./config.ts";
import { openConnectors } from "./connectors/index.ts";
import { openEmbedders } from "./embedders/index.ts";
import { openHomeUploads } from "./home-uploads.ts";
import type { House } from "./house.ts";
import { openIndex } from "./indexing.ts";
import { keepHouse } from "./keeping.ts";
import type { Log } from "./log.ts";
import { openModels } from "./models/index.ts";
import { openReaders } from "./readers/index.ts";
import { openRooms, type Rooms } from "./rooms.ts";
import { makeSampleIn } from "./sample.ts";
import { openSettings } from "./settings.ts";
import { spareMemory } from "./spare-memory.ts";
import { openFolderBlobs } from "./stores/folder-blobs.ts";
import { kitFile, type RootKey } from "./stores/key-file.ts";
import { openSqliteRecords } from "./stores/sqlite-records.ts";

/**
 * Compose ★: the only wiring at home. Which adapter stands behind which port is said here and nowhere else; read it from
 * top to bottom: stores, vault, search, the work in the background. What is made of them (intake, chat, memory, forgetting)
 * is the same in every home: `rooms.ts`.
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

  const { index, engine } = await openIndex({ sealed, blobs, clock, library, config, log });
  const models = openModels({ sealed, config, home });
  const embedders = openEmbedders({ home, sealed, config });
  const reader = openReaders();

  const queue = new RowJobs({ sealed, clock });
  // The home's lock is ours alone, so whoever held a lease is gone.
  await queue.releaseAll();
  const keeping = keepHouse({
    ...{ clock, log, vault, kit, records, queue, index },
    wakeEmbedding: () => rooms.embedding.wake(),
  });

  const rooms: Rooms = openRooms({
    ...{ home, clock, vault, sealed, blobs, library, index, queue, reader, settings, models, embedders },
    ...(engine ? { engine } : {}),
    origins: {
      connectors: openConnectors({
        sampleFolder: join(home, "sample"),
        openUpload: (source) => openUpload({ sealed, blobs }, source),
      }),
      ...makeSampleIn(home),
    },
    purge: () => records.scrub(),
    nextRotation: keeping.nextRotation,
  });
  await rooms.sources.open();
  await rooms.forgettings.open();
  await rooms.indexing.open();

  const stop = new AbortController();
  const working = runJobs({ queue, clock, handle: rooms.handle, log: keeping.logJob, width: 2 }, stop.signal);
  const kept = Promise.all([keeping.run(stop.signal), spareMemory(clock, stop.signal)]);

  return {
    ...rooms.faces,
    uploads: openHomeUploads({ vault, clock }),
    backups: {
      create: (folder) => createBackup({ home, records, blobsFolder: join(home, "blobs"), kit, folder, clock }),
      verify: (path) => verifyBackup(path),
    },
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
