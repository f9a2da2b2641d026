import { MAX_METADATA, type Memory } from "@steward/core/memory.ts";
import type { Forgetting } from "@steward/core/wire.ts";
import { z } from "zod";
import type { House } from "../../../house.ts";
import { demand } from "../../api-keys.ts";
import { notFound, Problem } from "../../problems.ts";
import { type ApiCall, apiRoute, words } from "./api-route.ts";
import { nearMemories } from "./near.ts";

/** `POST /memory`: what programs keep for the owner, each entry sealed under a data key of its own. */
const id = z.string().min(1).max(100);
const category = words(60);
const metadata = z
  .record(
    z.string().max(200),
    z.union([z.string(), z.number(), z.boolean(), z.null()], "must be a string, a number, true, false or null"),
  )
  .refine(
    (value) => JSON.stringify(value).length <= MAX_METADATA,
    `must have at most ${MAX_METADATA} characters as JSON`,
  )
  .describe(`Flat; at most ${MAX_METADATA} characters as JSON`);
const instant = z.iso.datetime({ offset: true, error: "must be ISO 8601 with a zone, such as 2026-05-01T00:00:00Z" });
const topK = z.int().min(1).max(100);
const minScore = z.number().min(-1).max(1);

const Store = z
  .strictObject({
    action: z.literal("store"),
    content: words(40_000),
    category: category.exactOptional(),
    metadata: metadata.exactOptional(),
  })
  .meta({
    title: "store",
    examples: [
      { action: "store", content: "The boiler is serviced every May.", category: "home", metadata: { by: "script" } },
    ],
  });

const RetrieveOne = z
  .strictObject({ action: z.literal("retrieve"), id })
  .meta({ title: "retrieve by id", examples: [{ action: "retrieve", id: "0198c5a0-0000-7000-8000-000000000000" }] });

const Retrieve = z
  .strictObject({
    action: z.literal("retrieve"),
    query: words(10_000),
    topK: topK.exactOptional().describe("10 by default"),
    category: category.exactOptional(),
    minScore: minScore.exactOptional().describe("Cosine; only where an embedder is on"),
  })
  .meta({ title: "retrieve by meaning", examples: [{ action: "retrieve", query: "heating maintenance", topK: 5 }] });

const List = z
  .strictObject({
    action: z.literal("list"),
    category: category.exactOptional(),
    since: instant.exactOptional().describe("Stored at or after"),
    before: instant.exactOptional().describe("Stored before"),
    limit: z.int().min(1).max(100).exactOptional().describe("20 by default"),
    cursor: z.guid("must be the cursor of the page before").exactOptional().describe("Of the page before"),
  })
  .meta({ title: "list", examples: [{ action: "list", category: "home", limit: 20 }] });

const Forget = z
  .strictObject({ action: z.literal("forget"), id })
  .meta({ title: "forget", examples: [{ action: "forget", id: "0198c5a0-0000-7000-8000-000000000000" }] });

const MemoryRequest = z.union([Store, RetrieveOne, Retrieve, List, Forget]).meta({ id: "MemoryRequest" });
type MemoryBody = z.infer<typeof MemoryRequest>;

const Entry = z
  .object({
    id: z.string(),
    content: z.string(),
    category: z.string(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    storedAt: z.iso.datetime(),
    trust: z.enum(["owner", "contact", "stranger"]).describe("`owner`: the owner said it; else a claim"),
    score: z.number().optional(),
  })
  .meta({ id: "MemoryEntry" });

const Stored = z
  .object({ id: z.string(), storedAt: z.iso.datetime(), embedded: z.boolean(), embedder: z.string().optional() })
  .meta({ title: "store" });
const Entries = z
  .object({
    memories: z.array(Entry),
    ranking: z.enum(["vectors", "words"]).optional().describe("How a query was ranked: cosines, or shared words"),
    waiting: z.int().optional().describe("Memories that have no vector yet and were not ranked"),
    cursor: z.string().optional().describe("Of the next page"),
  })
  .meta({ title: "retrieve, list" });
const Forgot = z
  .object({
    id: z.string(),
    forgetting: z.string(),
    state: z.enum(["shredding", "done"]).describe("Its keys are destroyed in both; `done` has the receipt"),
    receipt: z
      .object({
        id: z.string(),
        at: z.number(),
        keysDestroyed: z.int(),
        segmentsRewritten: z.int(),
        backupsOpenUntil: z.string(),
        mark: z.string(),
      })
      .optional(),
  })
  .meta({ title: "forget" });

interface Outcome {
  readonly stored?: z.infer<typeof Stored>;
  readonly forgot?: { readonly id: string; readonly forgetting: string };
}

const LONGEST_WRITE_MS = 60_000;
/** How long a forget waits for its receipt before it answers `shredding`. */
const RECEIPT_MS = 5_000;

export const memoryRoute = apiRoute<MemoryBody, Outcome>({
  path: "/memory",
  summary: "Stores, retrieves, lists and forgets memories",
  description:
    "`store` and `forget` need the scope `memory:write`, `retrieve` and `list` `memory:read`. A key forgets what keys have stored; what the owner said is the owner's to forget.",
  access: ["memory:read", "memory:write"],
  body: MemoryRequest,
  parse: parseMemory,
  answer: z.union([Stored, Entries, Forgot]).meta({ id: "MemoryAnswer" }),
  refusals: [400, 401, 403, 404, 409, 413, 415, 422, 429],

  async handle(call) {
    const { body, house, caller } = call;
    demand(caller, isWrite(body) ? "memory:write" : "memory:read", "action");
    switch (body.action) {
      case "store":
        return store(call, body);
      case "retrieve":
        return "id" in body ? { memories: [entryOf(await known(house, body.id))] } : retrieve(house, body);
      case "list":
        return list(house, body);
      case "forget":
        return forget(call, body.id);
      default:
        return body satisfies never;
    }
  },

  writes: {
    leaseMs: LONGEST_WRITE_MS,
    isWrite,
    async again({ house, caller }, { stored, forgot }) {
      demand(caller, "memory:write", "action");
      if (forgot) return forgotOf(forgot.id, (await house.forgetting.get(forgot.forgetting)) ?? forgot.forgetting);
      return stored;
    },
  },
});

function isWrite(body: MemoryBody): boolean {
  return body.action === "store" || body.action === "forget";
}

/** By action and by what is there, so that a problem names the one field that is wrong and not every shape there is. */
function parseMemory(json: unknown): MemoryBody {
  const { action } = z.looseObject({ action: z.enum(["store", "retrieve", "list", "forget"]) }).parse(json);
  switch (action) {
    case "store":
      return Store.parse(json);
    case "retrieve":
      return z.looseObject({ id: z.unknown().optional() }).parse(json).id === undefined
        ? Retrieve.parse(json)
        : RetrieveOne.parse(json);
    case "list":
      return List.parse(json);
    case "forget":
      return Forget.parse(json);
    default:
      return action satisfies never;
  }
}

async function store({ house, by, claim }: ApiCall<MemoryBody>, body: z.infer<typeof Store>) {
  const embedder = await house.embedder();
  const { content, category, metadata } = body;
  const about = { ...(category === undefined ? {} : { category }), ...(metadata === undefined ? {} : { metadata }) };
  const [values] = (await embedder?.embed([content], "passage").catch(() => [])) ?? [];
  const answerOf = (memory: Memory): z.infer<typeof Stored> => ({
    id: memory.id,
    storedAt: new Date(memory.learnedAt).toISOString(),
    embedded: values !== undefined,
    ...(embedder && values ? { embedder: embedder.label ?? embedder.id } : {}),
  });
  const vector = embedder && values ? { embedder: embedder.id, values } : undefined;
  const memory = await house.ledger.store(
    { text: content, key: by, ...about, ...(vector ? { vector } : {}) },
    async (made) => (claim ? [await claim.completion({ stored: answerOf(made) } satisfies Outcome)] : []),
  );
  return answerOf(memory);
}

async function retrieve(house: House, body: z.infer<typeof Retrieve>) {
  const { query, topK = 10, category, minScore } = body;
  const embedder = await house.embedder();
  if (embedder) {
    const near = await nearMemories(house, embedder, { query, limit: topK, category, least: minScore });
    return {
      memories: near.hits.map(({ memory, score }) => ({ ...entryOf(memory), score })),
      ranking: "vectors",
      waiting: near.waiting,
    };
  }
  const ranked = await house.ledger.vectors.byWords(query, { limit: topK, category });
  return { memories: ranked.map(({ memory, score }) => ({ ...entryOf(memory), score })), ranking: "words" };
}

async function list(house: House, body: z.infer<typeof List>) {
  const { category, since, before, limit = 20, cursor } = body;
  const page = await house.ledger.page({
    limit,
    ...(category === undefined ? {} : { category }),
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(before === undefined ? {} : { before: Date.parse(before) }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { memories: page.memories.map(entryOf), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
}

async function forget({ house, clock, claim }: ApiCall<MemoryBody>, memoryId: string) {
  const memory = await known(house, memoryId);
  if (!("key" in memory.source)) {
    const detail = "The owner said this, no program stored it: only the owner can have it forgotten.";
    throw new Problem("forbidden", detail, { field: "id" });
  }
  const asked = await house.forgetting.ask({ memory: memoryId });
  const confirmed = asked && (await house.forgetting.confirm(asked.id));
  if (!confirmed) throw notFound("The memory");
  await claim?.complete({ forgot: { id: memoryId, forgetting: confirmed.id } } satisfies Outcome);
  let forgetting = confirmed;
  for (const until = clock.now() + RECEIPT_MS; forgetting.state !== "done" && clock.now() < until; ) {
    await clock.sleep(10);
    forgetting = (await house.forgetting.get(confirmed.id)) ?? forgetting;
  }
  return forgotOf(memoryId, forgetting);
}

function forgotOf(memory: string, forgetting: Forgetting | string): z.infer<typeof Forgot> {
  if (typeof forgetting === "string") return { id: memory, forgetting, state: "shredding" };
  const { receipt } = forgetting;
  return { id: memory, forgetting: forgetting.id, ...(receipt ? { state: "done", receipt } : { state: "shredding" }) };
}

async function known(house: House, memory: string): Promise<Memory> {
  const found = /^[A-Za-z0-9_.:-]+$/.test(memory) ? await house.ledger.get(memory) : undefined;
  if (found) return found;
  throw new Problem("not-found", "That memory is not here: it was forgotten, or the id is mistyped.", { field: "id" });
}

export function entryOf(memory: Memory): z.infer<typeof Entry> {
  const { id: name, text, category: kind, metadata: about, learnedAt, trust } = memory;
  return {
    id: name,
    content: text,
    category: kind,
    ...(about === undefined ? {} : { metadata: { ...about } }),
    storedAt: new Date(learnedAt).toISOString(),
    trust,
  };
}
