import type { Task } from "@steward/core/agenda.ts";
import type { Clock } from "@steward/core/clock.ts";
import { systemClock } from "@steward/core/clock.ts";
import type { AnswerMessage, ChatEvent, Conversation, Message } from "@steward/core/conversation.ts";
import { newId } from "@steward/core/ids.ts";
import type { Item, Quarantined, Source } from "@steward/core/item.ts";
import type { JobQueue, JobRow } from "@steward/core/jobs.ts";
import type { Memory } from "@steward/core/memory.ts";
import type { PassageIndex } from "@steward/core/search/passage-index.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { EmbedderChoice, Forgetting, Found, Hit, ItemView, ModelChoice, Progress } from "@steward/core/wire.ts";
import { openHomeUploads } from "../home-uploads.ts";
import type { House, Turn } from "../house.ts";
import { openSettings } from "../settings.ts";

/**
 * A house in memory that keeps what `house.ts` promises to the faces, with three known items and answers by script.
 * For tests of the faces; the rooms have their own.
 */
export interface FakeHouse extends House {
  /** What the next turns say, word by word; a turn waits between words until released when `hold` is set. */
  script: { words: readonly string[]; hold?: Promise<void> };
  /** Turns that have ended, with how. */
  readonly ended: AnswerMessage[];
  readonly uploaded: { name: string; bytes: number }[];
  /** Progress events made so far: shows whether a slow listener holds its source back. */
  progressMade: number;
  rebuilds: number;
  /** Bytes of padding in each progress event. */
  progressPadding: number;
  failing: boolean;
  readonly jobs: JobRow[];
}

export const FAKE_ITEMS: readonly (Item & { readonly text: string })[] = [
  {
    id: "item-1",
    kind: "mail",
    title: "Invoice 2041 from Nordlicht",
    date: "2025-03-14T09:30:00+01:00",
    people: [{ role: "from", name: "Greta Lind", address: "greta@nordlicht.example" }],
    source: "source-1",
    trust: "contact",
    mediaType: "message/rfc822",
    size: 23,
    path: "/mail/inbox.mbox!17",
    messageId: "inv-2041@nordlicht.example",
    takenInAt: 1_760_000_000_000,
    text: "The invoice over 240 euros is due on 1 April.",
  },
  {
    id: "item-2",
    kind: "note",
    title: "Garden",
    date: "2025-05-02T08:00:00+02:00",
    people: [],
    source: "source-1",
    trust: "owner",
    mediaType: "text/markdown",
    size: 23,
    path: "/notes/garden.md",
    filename: "garden.md",
    takenInAt: 1_760_000_000_001,
    text: "Plant the tomatoes after the ice saints.",
  },
  {
    id: "item-3",
    kind: "file",
    title: 'naïve\r\nname".html',
    people: [],
    source: "source-1",
    trust: "stranger",
    mediaType: "text/html",
    size: 23,
    filename: 'naïve\r\nname".html',
    takenInAt: 1_760_000_000_002,
    text: "<script>alert(1)</script>",
  },
];

const ORIGINAL = "<script>alert(1)</script>".slice(0, 23);

export function fakeHouse(home = "/nowhere/steward", clock: Clock = systemClock): FakeHouse {
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const sources = new Map<string, Source>();
  const quarantined = new Map<string, Quarantined>();
  const conversations = new Map<string, Conversation & { messages: Message[] }>();
  const memories = new Map<string, Memory>();
  const tasks = new Map<string, Task>();
  const forgettings = new Map<string, Forgetting>();
  const hidden = new Set<string>();
  let model = "extractive";

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

    library: {
      item: async (id) => FAKE_ITEMS.find((item) => item.id === id && !hidden.has(id)),
      reading: async (id) => {
        const item = FAKE_ITEMS.find((one) => one.id === id && !hidden.has(id));
        return item && { text: item.text, passages: [], madeBy: "fake" };
      },
      original: async (id) =>
        FAKE_ITEMS.some((item) => item.id === id && !hidden.has(id))
          ? { size: ORIGINAL.length, bytes: chunks(ORIGINAL) }
          : undefined,
      view: async (id) => {
        const item = FAKE_ITEMS.find((one) => one.id === id && !hidden.has(id));
        return item && viewOf(item);
      },
    },

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

    conversations: {
      list: async (query) => [...conversations.values()].filter(({ title }) => title.includes(query ?? "")).reverse(),
      view: async (id) => conversations.get(id),
      async rename(id, title) {
        const conversation = conversations.get(id);
        if (!conversation) return undefined;
        return put<Conversation & { messages: Message[] }>(conversations, {
          ...conversation,
          title,
          titledBy: "owner",
        });
      },
    },

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

    forgetting: {
      async ask(what) {
        const id = Object.values(what)[0] ?? "";
        const there = [
          FAKE_ITEMS.some((item) => item.id === id),
          sources.has(id),
          conversations.has(id),
          memories.has(id),
        ];
        if (!there.includes(true)) return undefined;
        hidden.add(id);
        const counts = { items: 1, passages: 1, messages: 0, memories: 0 };
        return put(forgettings, {
          id: newId(clock.now()),
          what,
          label: id,
          state: "hidden",
          askedAt: clock.now(),
          counts,
        });
      },
      async undo(id) {
        const forgetting = forgettings.get(id);
        if (forgetting?.state !== "hidden") return false;
        hidden.delete(Object.values(forgetting.what)[0] ?? "");
        put(forgettings, { ...forgetting, state: "undone" });
        return true;
      },
      async confirm(id) {
        const forgetting = forgettings.get(id);
        if (forgetting?.state !== "hidden") return undefined;
        memories.delete(forgetting.label);
        const receipt = {
          id,
          at: clock.now(),
          keysDestroyed: 1,
          segmentsRewritten: 1,
          backupsOpenUntil: "r2",
          mark: "m",
        };
        put(forgettings, { ...forgetting, state: "done", receipt });
        return { ...forgetting, state: "shredding" };
      },
      get: async (id) => forgettings.get(id),
      list: async () => [...forgettings.values()],
    },

    models: {
      choices: async () => fakeChoices(model),
      inForce: async () => {
        const { id, label, local } = fakeChoices(model).find((choice) => choice.current) ?? {
          id: "",
          label: "",
          local: true,
        };
        return { id, label, local };
      },
      prove: async () => ({ ok: true, ms: 3, message: "It answered." }),
      async choose(choice) {
        model = choice.id;
        return fakeChoices(model);
      },
    },

    embedder: async () => undefined,
    embedders: {
      choices: async () => [...FAKE_EMBEDDERS],
      choose: async () => [...FAKE_EMBEDDERS],
      async *add() {
        yield { type: "progress", bytes: 1, totalBytes: 2 };
        yield { type: "done" };
      },
    },

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
      return found(query, options.limit ?? 20, hidden);
    },

    answer: (turn, signal) => speak(house, conversations, turn, signal),
    spentToday: async () => ({ usd: 0.12, tokens: 0 }),
    close: async () => {},
  };
  return house;
}

async function* speak(
  house: FakeHouse,
  conversations: Map<string, Conversation & { messages: Message[] }>,
  turn: Turn,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const now = house.clock.now();
  const text = "text" in turn ? turn.text : "again";
  const id = turn.conversation ?? newId(now);
  const question = newId(now);
  const answer = newId(now);
  yield { type: "turn", conversation: id, question, answer, model: "extractive" };
  yield { type: "step", step: { kind: "search", label: text, found: 1, ms: 1 } };
  let said = "";
  for (const word of house.script.words) {
    if (signal.aborted) break;
    said += word;
    yield { type: "text", delta: word };
    if (house.script.hold) {
      const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      await Promise.race([house.script.hold, stopped]);
    }
  }
  const item = FAKE_ITEMS[0];
  const message: AnswerMessage = {
    id: answer,
    role: "steward",
    answers: question,
    text: said,
    state: signal.aborted ? "stopped" : "done",
    citations: item
      ? [
          {
            n: 1,
            item: item.id,
            kind: item.kind,
            title: item.title,
            ...(item.messageId ? { messageId: item.messageId } : {}),
            ...(item.path ? { path: item.path } : {}),
            quote: "due on 1 April",
            verified: true,
            start: 30,
            end: 44,
          },
        ]
      : [],
    unsupported: [],
    steps: [],
    cards: [],
    model: "extractive",
    usage: { inputTokens: 10, outputTokens: 5, promptTokens: 10, cost: 0, ms: 2 },
    at: now,
  };
  const former = conversations.get(id);
  conversations.set(id, {
    id,
    title: former?.title ?? text,
    titledBy: "first-question",
    createdAt: now,
    updatedAt: now,
    messages: [...(former?.messages ?? []), { id: question, role: "owner", text, at: now }, message],
  });
  house.ended.push(message);
  if (text === "throw") throw new Error("secret words of the owner");
  if (text === "fail") {
    const error = {
      code: "provider-down",
      message: "The provider does not answer. Try again.",
      retryable: true,
    } as const;
    yield { type: "error", error, message: { ...message, state: "failed", error } };
  } else yield { type: "finish", message };
}

function found(query: string, limit: number, hidden: ReadonlySet<string>): Found {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = FAKE_ITEMS.filter(
    (item) => !hidden.has(item.id) && words.some((word) => item.text.toLowerCase().includes(word)),
  ).map((item): Hit => {
    const at = item.text.toLowerCase().indexOf(words.find((word) => item.text.toLowerCase().includes(word)) ?? "");
    const length = words[0]?.length ?? 0;
    return {
      id: item.id,
      kind: item.kind,
      title: item.title,
      ...(item.date ? { date: item.date } : {}),
      people: item.people,
      source: { id: item.source, name: "inbox" },
      ...(item.path ? { path: item.path } : {}),
      ...(item.messageId ? { messageId: item.messageId } : {}),
      trust: item.trust,
      attachments: 0,
      passage: {
        text: item.text,
        start: 0,
        end: item.text.length,
        snippet: item.text,
        highlights: [[at, at + length]],
      },
      more: 0,
      score: 1,
      parts: { words: 1, vectors: 0, recency: 0 },
    };
  });
  const facets = { kind: {}, year: {}, source: {}, people: [] };
  return {
    hits: hits.slice(0, limit),
    total: hits.length,
    ms: 0.1,
    facets,
    understood: [],
    problems: [],
    corrected: [],
  };
}

function viewOf(item: Item & { text: string }): ItemView {
  const { source, takenInAt: _, parent: __, attachments, ...rest } = item;
  return {
    ...rest,
    source: { id: source, name: "inbox" },
    pageStarts: [],
    quoted: [],
    remoteReferences: 0,
    warnings: [],
    attachments: attachments ?? [],
    thread: [],
  };
}

function newSource(now: number, kind: Source["kind"], name: string, state: Source["state"]): Source {
  const progress = { added: 3, known: 0, quarantined: 0, bytes: 69, totalBytes: 69, startedAt: now, endedAt: now };
  return { id: newId(now), kind, name, trust: "contact", state, progress, addedAt: now };
}

function fakeChoices(current: string): ModelChoice[] {
  return [
    { id: "extractive", label: "Built in", description: "Quotes.", local: true, state: "ready", models: [] },
    { id: "anthropic", label: "Anthropic", description: "Cloud.", local: false, state: "needs-key", models: [] },
  ].map((choice) => ({ ...choice, current: choice.id === current }) as ModelChoice); // literals above are the states
}

function backupReport(path: string) {
  return { path, kit: `${path}.kit`, files: 3, bytes: 4_096, items: 3, ok: true, problems: [] };
}

function fakeIndex(hidden: ReadonlySet<string>): PassageIndex {
  const listed = () => FAKE_ITEMS.filter((item) => !hidden.has(item.id)).map((item) => item.id);
  return {
    put: async () => {},
    remove: async () => {},
    setVectors: async () => {},
    search: async () => ({ hits: [], total: 0 }),
    list: async (_, { offset = 0, limit }) => ({
      items: listed().slice(offset, offset + limit),
      total: listed().length,
    }),
    flush: async () => {},
    stats: () => ({ items: 3, passages: 3, livePassages: 3, segments: 0, embedded: 0, bytes: 300 }),
    close: async () => {},
  };
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

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += 8) yield new TextEncoder().encode(text.slice(at, at + 8));
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

const FAKE_EMBEDDERS: readonly EmbedderChoice[] = [
  {
    id: "built-in",
    label: "Built-in",
    description: "Words of like meaning.",
    local: true,
    state: "ready",
    current: true,
  },
];
