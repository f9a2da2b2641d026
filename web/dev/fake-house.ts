import type { ServerResponse } from "node:http";
import type { Message } from "@steward/core/conversation.ts";
import type {
  Conversation,
  EmbedderChoice,
  Forgetting,
  JobRow,
  Memory,
  ModelChoice,
  Quarantined,
  Session,
  Settings,
  Source,
  Task,
  Token,
} from "@steward/core/wire.ts";
import { EMBEDDERS, MESSAGES, MODELS, SETTINGS, SOURCES, TABLE_TEXT } from "./fake-world.ts";

/** The moment at which the fixed world stands still. */
export const NOW = Date.UTC(2026, 10, 21, 3, 10);

export interface FakeOptions {
  readonly port?: number;
  readonly state?: Session["state"];
  /** Scales the delays of streams; 0 for tests. */
  readonly pace?: number;
  /** The built app to serve; `web/dist` unless named. */
  readonly dist?: string;
  /** Nothing taken in yet. */
  readonly empty?: boolean;
  /** What opens it while it is locked. */
  readonly unlockBy?: Session["unlockBy"];
  /** The owner may sign in with an issuer. */
  readonly signIn?: Session["signIn"];
  /** The key file was written anew, and the person should know. */
  readonly warned?: boolean;
}

/** What the fake knows; its routes change it in place. */
export interface FakeHouse {
  readonly pace: number;
  readonly unlockBy: Session["unlockBy"];
  readonly signIn?: Session["signIn"];
  readonly warnings: readonly string[];
  state: Session["state"];
  empty: boolean;
  settings: Settings;
  models: readonly ModelChoice[];
  embedders: readonly EmbedderChoice[];
  /** Passages that have their meaning, of 9,310. */
  embedded: number;
  tasks: readonly Task[];
  memories: readonly Memory[];
  quarantine: readonly Quarantined[];
  jobs: readonly JobRow[];
  tokens: readonly Token[];
  forgettings: readonly Forgetting[];
  conversations: readonly Conversation[];
  readonly messages: Map<string, Message[]>;
  sources: readonly Source[];
  serial: number;
  readonly stopped: Set<string>;
  /** Joins a listener to the turn that writes this answer. */
  readonly turns: Map<string, (listener: ServerResponse) => void>;
}

export function newHouse(options: FakeOptions): FakeHouse {
  const state = options.state ?? "signed-in";
  return {
    pace: options.pace ?? 1,
    state,
    unlockBy: options.unlockBy ?? "passphrase",
    ...(options.signIn ? { signIn: options.signIn } : {}),
    warnings: options.warned
      ? ["The key file was gone; it was written anew when the recovery code opened this home."]
      : [],
    empty: options.empty ?? state === "setup",
    settings: SETTINGS,
    models: MODELS,
    embedders: EMBEDDERS,
    embedded: 1204,
    tasks: TASKS,
    memories: MEMORIES,
    quarantine: QUARANTINE,
    jobs: JOBS,
    tokens: TOKENS,
    forgettings: [],
    conversations: CONVERSATIONS,
    messages: new Map([
      ["c1", [...MESSAGES]],
      ["c2", MESSAGES.slice(0, 2)],
      ["c3", MESSAGES.slice(0, 2).map((m) => (m.role === "steward" ? { ...m, text: TABLE_TEXT, unsupported: [] } : m))],
    ]),
    sources: SOURCES,
    serial: 0,
    stopped: new Set(),
    turns: new Map(),
  };
}

export function sessionOf(house: FakeHouse): Session {
  if (house.state === "locked") return { state: "locked", ...(house.unlockBy ? { unlockBy: house.unlockBy } : {}) };
  if (house.state === "signed-out" && house.signIn) return { state: "signed-out", signIn: house.signIn };
  if (house.state !== "signed-in") return { state: house.state };
  return { state: house.state, csrf: "fake-csrf", owner: { name: "Nora", timeZone: "Europe/Zurich" } };
}

/** Ids of what was forgotten and not taken back. */
export function hiddenIn(house: FakeHouse): Set<string> {
  return new Set(house.forgettings.filter((f) => f.state !== "undone").flatMap((f) => Object.values(f.what)));
}

const TASKS: readonly Task[] = [
  {
    id: "t1",
    title: "Check in for TAP 933",
    due: "2025-03-13T07:40",
    zone: "Europe/Zurich",
    done: false,
    createdAt: NOW,
  },
  {
    id: "t2",
    title: "Send the meter reading to the landlord",
    note: "It is in the cellar.",
    done: false,
    createdAt: NOW,
  },
  {
    id: "t4",
    title: "Call Mamma",
    due: "2099-11-22T09:00",
    zone: "Europe/Zurich",
    done: false,
    createdAt: NOW,
    conversation: "c1",
  },
  { id: "t3", title: "Renew the library card", done: true, doneAt: NOW, createdAt: NOW },
];

const MEMORIES: readonly Memory[] = [
  {
    id: "m1",
    text: "You take the window seat.",
    category: "preference",
    source: { conversation: "c1", message: "q2" },
    trust: "owner",
    confidence: 1,
    learnedAt: NOW,
  },
  {
    id: "m2",
    text: "Ana is allergic to walnuts.",
    category: "people",
    source: { typed: true },
    trust: "owner",
    confidence: 1,
    learnedAt: NOW - 9e8,
  },
  {
    id: "m3",
    text: "The key of the flat on Rua da Rosa is at the café next door.",
    category: "places",
    source: { item: "i-flat" },
    trust: "contact",
    confidence: 0.5,
    learnedAt: NOW - 9e8,
  },
  {
    id: "m4",
    text: "The boiler man comes in \u202eyaM",
    category: "home",
    source: { key: "k2" },
    trust: "contact",
    confidence: 0.5,
    learnedAt: NOW - 9e8,
  },
];

const QUARANTINE: readonly Quarantined[] = [
  {
    id: "x1",
    source: "s-mail",
    path: "Mail.mbox!message 9,114",
    reason: "The mail ends in the middle of a MIME part; the part before it was kept.",
    code: "damaged",
    size: 48_212,
    at: NOW,
  },
  {
    id: "x2",
    source: "s-files",
    path: "Documents/tax 2019.pdf",
    reason: "The PDF asks for a password. Save a copy without one and take that in.",
    code: "encrypted",
    size: 912_000,
    at: NOW,
  },
];

const JOBS: readonly JobRow[] = [
  {
    id: "j1",
    job: { kind: "pull", source: "s-files" },
    state: "dead",
    tries: 5,
    addedAt: NOW,
    dueAt: NOW,
    error: "The folder /home/nora/Documents could not be read.",
  },
];

const TOKENS: readonly Token[] = [
  { id: "k1", name: "Shortcut on my phone", scopes: ["chat", "search"], createdAt: NOW - 4e8, lastUsedAt: NOW },
  {
    ...{ id: "k2", name: "Nightly notes", scopes: ["memory:read", "memory:write", "ingest"], createdAt: NOW - 9e9 },
    expiresAt: NOW - 9e7,
  },
];

const CONVERSATIONS: readonly Conversation[] = [
  { id: "c1", title: "Lisbon in March", titledBy: "first-question", createdAt: NOW, updatedAt: NOW },
  {
    id: "c2",
    title: "Which insurance covers the bike?",
    titledBy: "first-question",
    createdAt: NOW - 9e7,
    updatedAt: NOW - 9e7,
  },
  {
    id: "c3",
    title: "Rent increases since 2021",
    titledBy: "owner",
    createdAt: NOW - 4e8,
    updatedAt: NOW - 4e8,
  },
];
