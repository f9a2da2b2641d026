import type { Task } from "@steward/core/agenda.ts";
import type { Clock } from "@steward/core/clock.ts";
import { systemClock } from "@steward/core/clock.ts";
import { newId } from "@steward/core/ids.ts";
import type { Quarantined, Source } from "@steward/core/item.ts";
import type { JobQueue, JobRow } from "@steward/core/jobs.ts";
import type { Memory } from "@steward/core/memory.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Progress } from "@steward/core/wire.ts";
import { openHomeUploads } from "../home-uploads.ts";
import type { House } from "../house.ts";
import { openSettings } from "../settings.ts";
import { type FakeConversations, fakeConversations, type Speaker, speak } from "./fake-chat.ts";
import { fakeForgetting } from "./fake-forgetting.ts";
import { fakeIndex, fakeLibrary, foundIn } from "./fake-items.ts";
import { fakeEmbedders, fakeModels } from "./fake-models.ts";

/**
 * A house in memory that keeps what `house.ts` promises to the faces, with three known items and answers by script.
 * For tests of the faces; the rooms have their own.
 */
export interface FakeHouse extends House, Speaker {
  readonly uploaded: { name: string; bytes: number }[];
  /** Progress events made so far: shows whether a slow listener holds its source back. */
  progressMade: number;
  rebuilds: number;
  /** Bytes of padding in each progress event. */
  progressPadding: number;
  failing: boolean;
  readonly jobs: JobRow[];
}

export function fakeHouse(home = "/nowhere/steward", clock: Clock = systemClock): FakeHouse {
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const sources = new Map<string, Source>();
  const quarantined = new Map<string, Quarantined>();
  const conversations: FakeConversations = new Map();
  const memories = new Map<string, Memory>();
  const tasks = new Map<string, Task>();
  const hidden = new Set<string>();

  const house: FakeHouse = {
    home,
    clock,
    sealed,
    vault: sealed.vault,
    blobs: new MemoryBlobs(),
    queue: fakeQueue(() => house.jobs),
    index: fakeIndex(hidden),
    settings: openSettings(sealed),
    script: { words: ["Due ", "on ", "1 April.[^1]"] },
    ended: [],
    uploaded: [],
    progressMade: 0,
    rebuilds: 0,
    progressPadding: 0,
    failing: false,
    jobs: [],

    library: fakeLibrary(hidden),
    conversations: fakeConversations(conversations),
    forgetting: fakeForgetting({ clock, sources, conversations, memories, hidden }),
    models: fakeModels(),

    sources: {
      list: async () => [...sources.values()],
      get: async (id) => sources.get(id),
      async addPath(path) {
        if (path.includes("missing")) {
          throw Object.assign(new Error(`There is no ${path}. Check it.`), { name: "PathRefused" });
        }
        const state = path.includes("broken") ? "failed" : "done";
        return put<Source>(sources, {
          ...newSource(clock.now(), "path", path.split("/").at(-1) ?? path, state),
          path,
          ...(state === "failed" ? { error: "The file ends in the middle." } : {}),
        });
      },
      addSample: async () => put(sources, newSource(clock.now(), "sample", "Sample archive", "done")),
      async addUpload(name, bytes, id) {
        let size = 0;
        for await (const chunk of bytes) size += chunk.byteLength;
        house.uploaded.push({ name, bytes: size });
        const source = newSource(clock.now(), "upload", name, "done");
        return put(sources, id === undefined ? source : { ...source, id });
      },
      run: async (id) => put<Source>(sources, { ...known(sources, id), state: "done" }),
      pause: async (id) => put<Source>(sources, { ...known(sources, id), state: "paused" }),
      finished: async (id) => known(sources, id),
      async *progress(signal): AsyncGenerator<Progress & { padding: string }> {
        while (!signal.aborted) {
          house.progressMade += 1;
          yield { sources: [...sources.values()], rates: {}, padding: "x".repeat(house.progressPadding) };
          if (house.progressPadding === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
      quarantine: async () => [...quarantined.values()],
      retryQuarantined: async (id) => quarantined.get(id),
      dismissQuarantined: async (id) => quarantined.delete(id),
    },

    uploads: openHomeUploads({ vault: sealed.vault, clock }),

    ledger: {
      get: async (id) => memories.get(id),
      getMany: async (ids) => ids.map((id) => memories.get(id)),
      page: async ({ limit }) => ({ memories: [...memories.values()].slice(0, limit) }),
      store: async ({ text, category = "fact", key }) => {
        const now = clock.now();
        const about = { trust: "contact", confidence: 0.5, learnedAt: now, source: { key } } as const;
        return put<Memory>(memories, { id: newId(now), text, category, ...about });
      },
      vectors: {
        near: async () => ({ hits: [], scored: 0, waiting: memories.size, usual: new Float32Array(0) }),
        byWords: async () => [],
      },
      list: async () => [...memories.values()],
      remember: async (text, category = "fact") => {
        const source = { typed: true } as const;
        const now = clock.now();
        return put(memories, { id: newId(now), text, category, source, trust: "owner", confidence: 1, learnedAt: now });
      },
    },

    tasks: {
      list: async () => [...tasks.values()],
      create: async (task) => put(tasks, { ...task, id: newId(clock.now()), done: false, createdAt: clock.now() }),
      async update(id, patch) {
        const task = tasks.get(id);
        return task && put(tasks, { ...task, ...patch });
      },
      remove: async (id) => tasks.delete(id),
    },

    embedder: async () => undefined,
    embedders: fakeEmbedders(),
    indexing: {
      engine: "private",
      async rebuild() {
        house.rebuilds += 1;
      },
    },

    backups: {
      create: async (folder) => backupReport(`${folder}/backup`),
      verify: async (path) => ({ ...backupReport(path), ok: !path.includes("damaged") }),
    },

    async find(query, options = {}) {
      if (house.failing) throw new Error("secret words of the owner");
      return foundIn(query, options.limit ?? 20, hidden);
    },

    answer: (turn, signal) => speak(house, conversations, turn, signal),
    spentToday: async () => ({ usd: 0.12, tokens: 0 }),
    close: async () => {},
  };
  return house;
}

function newSource(now: number, kind: Source["kind"], name: string, state: Source["state"]): Source {
  const progress = { added: 3, known: 0, quarantined: 0, bytes: 69, totalBytes: 69, startedAt: now, endedAt: now };
  return { id: newId(now), kind, name, trust: "contact", state, progress, addedAt: now };
}

function backupReport(path: string) {
  return { path, kit: `${path}.kit`, files: 3, bytes: 4_096, items: 3, ok: true, problems: [] };
}

function fakeQueue(jobs: () => JobRow[]): JobQueue {
  const isDead = (id: string) => jobs().some((job) => job.id === id && job.state === "dead");
  return {
    add: async () => "job",
    claim: async () => undefined,
    complete: async () => {},
    fail: async () => {},
    release: async () => {},
    list: async () => jobs(),
    rerun: async (id) => isDead(id),
    dismiss: async (id) => isDead(id),
    wait: async () => {},
  };
}

function put<T extends { readonly id: string }>(map: Map<string, T>, value: T): T {
  map.set(value.id, value);
  return value;
}

function known<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id);
  if (value === undefined) throw new Error(`no ${id}`);
  return value;
}
