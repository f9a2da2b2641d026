import type { Task } from "@steward/core/agenda.ts";
import type { Blobs } from "@steward/core/blobs.ts";
import type { Clock } from "@steward/core/clock.ts";
import type { ChatEvent, Conversation, TurnTerms } from "@steward/core/conversation.ts";
import type { Item, ItemId, Quarantined, Reading, Source } from "@steward/core/item.ts";
import type { JobQueue } from "@steward/core/jobs.ts";
import type { Page, PageRequest } from "@steward/core/memory/category-index.ts";
import type { NewEntry } from "@steward/core/memory/ledger.ts";
import type { MemoryVectors } from "@steward/core/memory/memory-vectors.ts";
import type { Memory } from "@steward/core/memory.ts";
import type { Change } from "@steward/core/records.ts";
import type { Embedder } from "@steward/core/search/embedder.ts";
import type { PassageIndex } from "@steward/core/search/passage-index.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Vault } from "@steward/core/vault/vault.ts";
import type {
  BackupReport,
  ConversationView,
  EmbedderChoice,
  EmbedderDownload,
  ForgetRequest,
  Forgetting,
  Found,
  ItemView,
  ModelChoice,
  Progress,
  Settings,
  Status,
} from "@steward/core/wire.ts";

/**
 * The opened house: what the faces (HTTP routes, CLI) may ask for. `compose.ts` builds it; a route only translates.
 * Interfaces here are what each room promises to the faces; the rooms' own files say how.
 */
export interface House {
  readonly home: string;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly queue: JobQueue;
  readonly index: PassageIndex;
  readonly library: LibraryFace;
  readonly sources: SourcesFace;
  readonly uploads: Uploads;
  readonly conversations: ConversationsFace;
  readonly ledger: LedgerFace;
  readonly tasks: TasksFace;
  readonly forgetting: ForgettingFace;
  readonly models: ModelsFace;
  readonly embedders: EmbeddersFace;
  readonly indexing: IndexingFace;
  readonly settings: SettingsFace;
  readonly backups: BackupsFace;
  /** Whether other processes write the same stores. */
  readonly shared?: boolean;
  /** The embedder in force; undefined when words alone are searched. */
  embedder(): Promise<Embedder | undefined>;
  find(query: string, options?: FindOptions): Promise<Found>;
  /** One turn; the stream ends with `finish` or `error`. Aborting the signal stops it and keeps what was written. */
  answer(turn: Turn, signal: AbortSignal): AsyncIterable<ChatEvent>;
  /** Spent today (the owner's zone), in dollars and in tokens of unpriced models. */
  spentToday(): Promise<{ usd: number; tokens: number }>;
  close(): Promise<void>;
}

export type Turn = (
  | { readonly conversation?: string; readonly text: string }
  | { readonly conversation: string; readonly retry: string }
) & { readonly terms?: TurnTerms };

export interface FindOptions {
  readonly limit?: number;
  readonly offset?: number;
  readonly order?: "best" | "newest" | "oldest";
  readonly explain?: boolean;
}

export interface LibraryFace {
  item(id: ItemId): Promise<Item | undefined>;
  reading(id: ItemId): Promise<Reading | undefined>;
  /** The original's bytes as they stream out of the vault. */
  original(id: ItemId): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> } | undefined>;
  view(id: ItemId): Promise<ItemView | undefined>;
}

export interface SourcesFace {
  list(): Promise<Source[]>;
  get(id: string): Promise<Source | undefined>;
  /** An absolute path on this machine; refused with a message when it does not exist or cannot be read. */
  addPath(path: string): Promise<Source>;
  addSample(): Promise<Source>;
  /**
   * Seals the bytes while they stream; `name` decides nothing but what the person sees. `id` is the source's when it was
   * given out before the bytes came; the same id twice is a `RecordsConflict`.
   */
  addUpload(name: string, bytes: AsyncIterable<Uint8Array>, id?: string): Promise<Source>;
  run(id: string): Promise<Source>;
  pause(id: string): Promise<Source>;
  /** Resolves when the source is done, failed or paused. */
  finished(id: string, signal?: AbortSignal): Promise<Source>;
  /** Yields at once, then whenever something changed (at most four times a second) until aborted. */
  progress(signal: AbortSignal): AsyncIterable<Progress>;
  quarantine(): Promise<Quarantined[]>;
  retryQuarantined(id: string): Promise<Quarantined | undefined>;
  dismissQuarantined(id: string): Promise<boolean>;
}

/**
 * Where a program sends a document's bytes: an address that takes them without a key, once, until it expires. At home it
 * is this house's own streaming route, on AWS a presigned PUT to S3. Whoever receives the bytes hands them to
 * `Documents.arrived` (documents.ts) with the id; bytes that come twice are taken in once.
 */
export interface Uploads {
  begin(document: NewDocument): Promise<UploadTicket>;
}

export interface NewDocument {
  /** What the document, and then its source, is called by. */
  readonly id: string;
  readonly name: string;
  /** Bytes, where the sender knows them: then no other number is taken. */
  readonly size?: number;
  readonly mediaType?: string;
}

export interface UploadTicket {
  readonly id: string;
  /** Absolute, or a path of this house's own address. */
  readonly url: string;
  readonly method: "PUT";
  /** To be sent with the bytes, as they are. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface ConversationsFace {
  list(query?: string): Promise<Conversation[]>;
  view(id: string): Promise<ConversationView | undefined>;
  rename(id: string, title: string): Promise<Conversation | undefined>;
}

export interface LedgerFace {
  list(): Promise<Memory[]>;
  get(id: string): Promise<Memory | undefined>;
  /** In the order asked; undefined for what is forgotten, hidden or was never there. */
  getMany(ids: readonly string[]): Promise<(Memory | undefined)[]>;
  /** Of a category or of all, newest first, without reading the others. */
  page(request: PageRequest): Promise<Page>;
  /** By meaning, or by words where there is no embedder. */
  readonly vectors: Pick<MemoryVectors, "near" | "byWords">;
  /** What a program stores, kept word for word; `also` are changes to be written with it or not at all. */
  store(entry: NewEntry, also?: (memory: Memory) => Promise<readonly Change[]>): Promise<Memory>;
  remember(text: string, category?: string): Promise<Memory>;
}

export interface TasksFace {
  list(): Promise<Task[]>;
  create(task: Pick<Task, "title"> & Partial<Pick<Task, "note" | "due" | "zone" | "conversation">>): Promise<Task>;
  update(id: string, patch: Partial<Pick<Task, "title" | "note" | "due" | "done">>): Promise<Task | undefined>;
  remove(id: string): Promise<boolean>;
}

export interface ForgettingFace {
  /** Hides at once; undefined when there is no such thing. */
  ask(what: ForgetRequest): Promise<Forgetting | undefined>;
  undo(id: string): Promise<boolean>;
  /** Destroys the keys now and queues the rewriting; the receipt is there when the state is `done`. */
  confirm(id: string): Promise<Forgetting | undefined>;
  get(id: string): Promise<Forgetting | undefined>;
  list(): Promise<Forgetting[]>;
}

export interface ModelsFace {
  choices(): Promise<ModelChoice[]>;
  /** What thinks now, from what is kept: asks no server. */
  inForce(): Promise<Status["model"]>;
  /** A real completion of a few tokens. */
  prove(choice: ModelSetup): Promise<{ ok: boolean; ms: number; message: string }>;
  /** Seals the key, if one is given, and makes it the model of every new turn. */
  choose(choice: ModelSetup): Promise<ModelChoice[]>;
}

export interface ModelSetup {
  readonly id: string;
  readonly model?: string;
  readonly apiKey?: string;
  readonly baseUrl?: string;
}

export interface EmbeddersFace {
  choices(): Promise<EmbedderChoice[]>;
  /** Proves it with a real text and makes it the current one; what is there is embedded again in the background. */
  choose(setup: ModelSetup): Promise<EmbedderChoice[]>;
  /** Fetches what it needs; ends with `done` or `error`. */
  add(id: string, signal: AbortSignal): AsyncIterable<EmbedderDownload>;
}

export interface IndexingFace {
  readonly engine: "private" | "postgres";
  /** Queues the making anew from the readings; search goes on meanwhile, `sources.progress` tells how far it is. */
  rebuild(): Promise<void>;
}

export interface SettingsFace {
  get(): Promise<Settings>;
  patch(patch: Partial<Settings>): Promise<Settings>;
}

export interface BackupsFace {
  /** Writes the backup and, beside it, the kit; consistent while the house goes on working. */
  create(folder: string): Promise<BackupReport>;
  verify(path: string): Promise<BackupReport>;
}
