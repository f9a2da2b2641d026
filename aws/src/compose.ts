import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import type { Blobs } from "@steward/core/blobs.ts";
import type { Clock } from "@steward/core/clock.ts";
import type { JobQueue } from "@steward/core/jobs.ts";
import { Library } from "@steward/core/library.ts";
import type { Records } from "@steward/core/records.ts";
import { openIndexReader } from "@steward/core/search/index/index-reader.ts";
import { KitFault } from "@steward/core/vault/domain-keys.ts";
import type { KeyVault } from "@steward/core/vault/keys.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Domain } from "@steward/core/vault/vault.ts";
import { type Embedders, openEmbedders } from "@steward/server/embedders/index.ts";
import type { House, SettingsFace } from "@steward/server/house.ts";
import type { Log } from "@steward/server/log-entry.ts";
import { type Models, openModels } from "@steward/server/models/index.ts";
import { type Foundation, openRooms, type Rooms } from "@steward/server/rooms.ts";
import { openSettings } from "@steward/server/settings.ts";
import { s3Settings, sdkSettings } from "./clients.ts";
import type { CloudConfig } from "./config.ts";
import type { SqsJobs } from "./jobs.ts";
import { type KmsKeyRing, kmsKeyRing } from "./key-ring.ts";
import type { SsmKit } from "./kit.ts";
import { lazyBlobs, lazyQueue, once } from "./lazy.ts";
import { backupsByAws, embeddersHere, noReader, originsHere, readAgainByWorker, readOnly } from "./not-here.ts";
import { dynamoRecords } from "./records.ts";
import { eventBridgeSchedules } from "./scheduler.ts";
import { presignedUploads } from "./uploads.ts";

/**
 * Compose ★: the only wiring in the cloud, as `server/src/compose.ts` is at home. The stores behind the ports, then the
 * house as the answering function opens it; the worker's own is in `work.ts`. Many processes do this at once, and none of
 * them knows of the others: what each remembers is brought up to date by `catchUp` (docs/aws.md, "Several processes").
 */
export interface CloudOptions {
  readonly config: CloudConfig;
  readonly clock: Clock;
  readonly log: Log;
}

/** The opened stores. */
export interface Stores {
  readonly records: Records;
  readonly blobs: Blobs;
  readonly ring: KmsKeyRing;
  readonly kit: SsmKit;
  /** At which address people find this home. */
  readonly publicUrl: () => Promise<string>;
  readonly vault: KeyVault;
  readonly sealed: SealedRecords;
  readonly library: Library;
  readonly settings: SettingsFace;
  readonly queue: JobQueue;
  /** What is behind the queue, for the worker. */
  readonly jobs: () => Promise<SqsJobs>;
  readonly models: Models;
  readonly embedders: Embedders;
}

/** The longest that an answer takes: a function lives no longer than this. */
export const LONGEST_TURN_MS = 15 * 60_000;
/** How old the kit may be that a process wraps new keys by. */
const KIT_AGE_MS = 5 * 60_000;
/**
 * How long after a rotation began a process may still store a key wrapped by the old generation: the age of its kit, and
 * the invocation it began with that.
 */
export const OTHERS_MS = KIT_AGE_MS + 2 * LONGEST_TURN_MS;

/** Opens the named domains: the answering function has no use for the keys of a rotation, and KMS is asked for each. */
export async function openStores({ config, clock, log }: CloudOptions, domains: readonly Domain[]): Promise<Stores> {
  const { access } = config;
  const records = dynamoRecords({ client: new DynamoDBClient(sdkSettings(access)), table: config.table, clock });
  const blobs = lazyBlobs(async () => {
    const [{ S3Client }, { s3Blobs }] = await Promise.all([import("@aws-sdk/client-s3"), import("./blobs.ts")]);
    return s3Blobs({ client: new S3Client(s3Settings(access)), bucket: config.bucket, clock });
  });
  const ring = kmsKeyRing({ client: new KMSClient(sdkSettings(access)), keyArn: config.kmsKey, tenant: config.env });
  const { openParameters } = await import("./parameters.ts");
  const { kit, secrets: given, publicUrl } = openParameters(config, clock);
  const open = () => openVault({ records, ring, kit, clock }, { domains });
  // Of two processes that are both the first one makes the kit; the other opens that.
  const opening = open().catch((error: unknown) => {
    if (error instanceof KitFault && (error.code === "changed" || error.code === "missing")) return open();
    throw error;
  });
  const [vault, secrets] = await Promise.all([opening, given.read()]);
  const sealed = new SealedRecords(records, vault);
  const jobs = once(async () => {
    const [{ SQSClient }, { sqsJobs }] = await Promise.all([import("@aws-sdk/client-sqs"), import("./jobs.ts")]);
    const { queueUrl, queueArn, scheduleGroup: group, scheduleRole: roleArn } = config;
    const schedules = eventBridgeSchedules({ access, group, roleArn, queueArn });
    const said = (line: string) => log.warn("job", { line: line.replace(/\W+/g, "-").slice(0, 80) });
    return sqsJobs({ client: new SQSClient(sdkSettings(access)), queueUrl, schedules, sealed, clock, log: said });
  });
  const home = `aws:${config.table}`;
  const providers = { ollamaUrl: NOWHERE, lmstudioUrl: NOWHERE, providerEnv: { ...config.providerEnv, ...secrets } };
  return {
    ...{ records, blobs, ring, kit, publicUrl, vault, sealed, jobs },
    queue: lazyQueue(async () => (await jobs()).queue),
    library: new Library({ sealed, blobs }),
    settings: openSettings(sealed),
    models: openModels({ sealed, config: providers, home }),
    embedders: embeddersHere(openEmbedders({ home, sealed, config: providers })),
  };
}

/** There is no model server beside a function. */
const NOWHERE = "http://127.0.0.1:9";

export interface CloudHouse {
  readonly house: House;
  readonly publicUrl: string;
  /** Before each request: what other processes wrote since the last. */
  catchUp(): Promise<void>;
}

/** The house of the answering function: it reads the index, and leaves all work to the worker. */
export async function openAnswering(options: CloudOptions): Promise<CloudHouse> {
  const { config, clock } = options;
  const stores = await openStores(options, ["private", "index"]);
  const reader = await openIndexReader(stores);
  const index = readOnly(reader);
  const rooms = openRooms({
    ...foundationOver(stores, options),
    index,
    others: {
      longestTurnMs: LONGEST_TURN_MS,
      catchUp: async () => {
        await Promise.all([reader.refresh(), followKit(stores.vault, clock)]);
      },
    },
  });
  const [publicUrl] = await Promise.all([stores.publicUrl(), rooms.catchUp()]);
  return { house: houseOf(rooms, stores, config, clock), publicUrl, catchUp: rooms.catchUp };
}

/** What the answering function and the worker have alike; the worker puts its reader and its connectors in the place of none. */
export function foundationOver(stores: Stores, { clock, config }: CloudOptions): Omit<Foundation, "index" | "others"> {
  return {
    ...{ ...stores, home: `aws:${config.table}`, clock, reader: noReader, origins: originsHere },
    // A deleted row is gone from the table at once; of what point-in-time recovery keeps, the keys are destroyed.
    purge: async () => {},
    nextRotation: async () => clock.now() + 30 * 24 * 3_600_000,
  };
}

export function houseOf(rooms: Rooms, stores: Stores, config: CloudConfig, clock: Clock): House {
  return {
    ...rooms.faces,
    sources: readAgainByWorker(rooms.faces.sources, stores.queue, clock),
    uploads: presignedUploads({ config, clock }),
    backups: backupsByAws,
    close: async () => {
      await rooms.faces.index.close();
      await stores.embedders.close();
    },
  };
}

const kitReadAt = new WeakMap<KeyVault, number>();

/** Reads the kit again when this process's is old: another may have begun a rotation. */
export async function followKit(vault: KeyVault, clock: Clock): Promise<void> {
  const now = clock.now();
  const last = kitReadAt.get(vault);
  if (last === undefined) kitReadAt.set(vault, now);
  else if (now - last >= KIT_AGE_MS) {
    await vault.domainKeys.reload();
    kitReadAt.set(vault, now);
  }
}
