import { ITEM_KINDS } from "@steward/core/item.ts";
import { z } from "zod";

/** Answers as `openapi.json` tells them; the types of `wire.ts` are the authority and the tests hold both together. */
export const SessionAnswer = z
  .object({
    state: z.enum(["setup", "locked", "signed-out", "signed-in"]),
    csrf: z.string().optional(),
    unlockBy: z.enum(["passphrase", "recovery-code"]).optional(),
    signIn: z.object({ password: z.boolean(), issuer: z.string() }).optional(),
    owner: z.object({ name: z.string().optional(), timeZone: z.string() }).optional(),
  })
  .meta({ id: "Session" });

export const OkAnswer = z.object({ ok: z.boolean(), reason: z.string().optional() });

export const StatusAnswer = z
  .object({
    version: z.string(),
    home: z.string(),
    items: z.int(),
    passages: z.int(),
    index: z.object({ engine: z.enum(["private", "postgres"]), segments: z.int(), bytes: z.int(), embedded: z.int() }),
    embedder: z.string().optional(),
    model: z.object({ id: z.string(), label: z.string(), local: z.boolean() }),
    spend: z.object({ today: z.number(), cap: z.number() }),
    sources: z.object({ reading: z.int(), failed: z.int() }),
    quarantined: z.int(),
    deadJobs: z.int(),
    lock: z.enum(["key-file", "passphrase"]),
    warnings: z.array(z.string()).optional(),
    memoryMb: z.number(),
    uptimeS: z.number(),
  })
  .meta({ id: "Status" });

export const SettingsAnswer = z
  .object({
    name: z.string().optional(),
    timeZone: z.string(),
    dailyCapUsd: z.number(),
    dailyTokenCap: z.number(),
    theme: z.enum(["light", "dark", "system"]),
    addresses: z.array(z.string()),
  })
  .meta({ id: "Settings" });

const PersonAnswer = z
  .object({ role: z.string(), name: z.string().optional(), address: z.string().optional() })
  .meta({ id: "Person" });

const trust = z.enum(["owner", "contact", "stranger"]);
/** What stands over an item wherever it is shown. */
const head = {
  id: z.string(),
  kind: z.enum([...ITEM_KINDS] as [string, ...string[]]), // ITEM_KINDS is not empty
  title: z.string(),
  date: z.string().optional(),
  people: z.array(PersonAnswer),
  source: z.object({ id: z.string(), name: z.string() }),
};

export const HitAnswer = z
  .object({
    ...head,
    path: z.string().optional(),
    messageId: z.string().optional(),
    trust,
    attachments: z.int(),
    passage: z.object({
      text: z.string(),
      start: z.int().describe("UTF-16 units into the item's text"),
      end: z.int(),
      page: z.int().optional(),
      snippet: z.string(),
      highlights: z.array(z.array(z.int())),
    }),
    more: z.int(),
    score: z.number(),
    parts: z.object({ words: z.number(), vectors: z.number(), recency: z.number() }),
  })
  .meta({ id: "Hit" });

const counts = z.record(z.string(), z.int());

export const FoundAnswer = z
  .object({
    hits: z.array(HitAnswer),
    total: z.int(),
    ms: z.number(),
    facets: z.object({
      ...{ kind: counts, year: counts, source: counts },
      people: z.array(z.object({ person: z.string(), count: z.int() })),
    }),
    understood: z.array(z.object({ operator: z.string(), value: z.string(), start: z.int(), end: z.int() })),
    problems: z.array(z.object({ message: z.string(), start: z.int(), end: z.int() })),
    corrected: z.array(z.object({ from: z.string(), to: z.array(z.string()) })),
  })
  .meta({ id: "Found" });

export const ItemAnswer = z
  .looseObject({
    ...head,
    trust,
    mediaType: z.string(),
    size: z.int(),
    text: z.string(),
  })
  .meta({ id: "ItemView" });

export const SourceAnswer = z
  .looseObject({
    id: z.string(),
    kind: z.enum(["path", "upload", "sample"]),
    name: z.string(),
    state: z.enum(["waiting", "reading", "done", "paused", "failed"]),
    progress: z.looseObject({ added: z.int(), known: z.int(), quarantined: z.int(), bytes: z.int() }),
    error: z.string().optional(),
  })
  .meta({ id: "Source" });

export const ConversationAnswer = z
  .looseObject({ id: z.string(), title: z.string(), createdAt: z.number(), updatedAt: z.number() })
  .meta({ id: "Conversation" });

export const ConversationViewAnswer = z
  .looseObject({ id: z.string(), title: z.string(), messages: z.array(z.looseObject({ id: z.string() })) })
  .meta({ id: "ConversationView" });

export const ModelChoiceAnswer = z
  .looseObject({ id: z.string(), label: z.string(), state: z.enum(["ready", "needs-key", "not-found"]) })
  .meta({ id: "ModelChoice" });

export const TaskAnswer = z.looseObject({ id: z.string(), title: z.string(), done: z.boolean() }).meta({ id: "Task" });
export const MemoryAnswer = z.looseObject({ id: z.string(), text: z.string() }).meta({ id: "Memory" });
export const JobAnswer = z.looseObject({ id: z.string(), state: z.string() }).meta({ id: "JobRow" });
export const QuarantinedAnswer = z
  .looseObject({ id: z.string(), path: z.string(), reason: z.string(), code: z.string() })
  .meta({ id: "Quarantined" });
export const ForgettingAnswer = z
  .looseObject({ id: z.string(), label: z.string(), state: z.enum(["hidden", "shredding", "done", "undone"]) })
  .meta({ id: "Forgetting" });
export const TokenAnswer = z
  .looseObject({ id: z.string(), name: z.string(), scopes: z.array(z.string()), secret: z.string().optional() })
  .meta({ id: "Token" });
export const BackupAnswer = z
  .looseObject({ path: z.string(), kit: z.string(), ok: z.boolean(), problems: z.array(z.string()) })
  .meta({ id: "BackupReport" });
