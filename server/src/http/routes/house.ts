import type { Status } from "@steward/core/wire.ts";
import { z } from "zod";
import { doorRoute, type HouseCall, route } from "../route.ts";
import { ModelChoiceAnswer, OkAnswer, SettingsAnswer, StatusAnswer } from "../schemas.ts";
import { isTimeZone } from "./session.ts";

const url = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).max(2_000);

const ModelSetup = z.strictObject({
  id: z.string().min(1).max(50),
  model: z.string().min(1).max(200).exactOptional(),
  apiKey: z.string().min(1).max(1_000).exactOptional(),
  baseUrl: url.exactOptional(),
});

const SettingsPatch = z.strictObject({
  name: z.string().trim().max(200).exactOptional(), // empty: nameless again
  timeZone: z.string().refine(isTimeZone, "must be an IANA time zone such as Europe/Paris").exactOptional(),
  dailyCapUsd: z.number().min(0).max(10_000).exactOptional(),
  dailyTokenCap: z.number().int().min(0).max(1e12).exactOptional(),
  theme: z.enum(["light", "dark", "system"]).exactOptional(),
  addresses: z.array(z.email("must be an e-mail address").toLowerCase()).max(100).exactOptional(),
});

/** The house itself: health, status, settings, models. */
export const houseRoutes = [
  doorRoute({
    method: "get",
    path: "/healthz",
    summary: "The process answers",
    access: "public",
    answer: OkAnswer,
    handle: async () => ({ ok: true }),
  }),

  doorRoute({
    method: "get",
    path: "/readyz",
    summary: "The house is open and answers questions; 503 with a reason until then",
    access: "public",
    answer: OkAnswer,
    async handle({ door, stopping, context }) {
      const reason = stopping.aborted ? "stopping" : door.house() ? undefined : "locked";
      return reason ? context.json({ ok: false, reason }, 503) : { ok: true };
    },
  }),

  route({
    method: "get",
    path: "/api/status",
    summary: "Counts, sizes, model, spending",
    access: "owner",
    answer: StatusAnswer,
    handle: statusOf,
  }),

  route({
    method: "get",
    path: "/api/settings",
    summary: "The owner's settings",
    access: "owner",
    answer: SettingsAnswer,
    handle: ({ house }) => house.settings.get(),
  }),

  route({
    method: "patch",
    path: "/api/settings",
    summary: "Changes some settings",
    access: "owner",
    body: SettingsPatch,
    answer: SettingsAnswer,
    handle: ({ house, body }) => house.settings.patch(body),
  }),

  route({
    method: "get",
    path: "/api/models",
    summary: "Who may think: models found here and providers",
    access: "owner",
    answer: z.array(ModelChoiceAnswer),
    handle: ({ house }) => house.models.choices(),
  }),

  route({
    method: "post",
    path: "/api/models/prove",
    summary: "Tries a model with a real completion of a few tokens",
    access: "owner",
    body: ModelSetup,
    answer: z.object({ ok: z.boolean(), ms: z.number(), message: z.string() }),
    handle: ({ house, body }) => house.models.prove(body),
  }),

  route({
    method: "put",
    path: "/api/models",
    summary: "Chooses the model of every new turn; a key is sealed and never given back",
    access: "owner",
    body: ModelSetup,
    answer: z.array(ModelChoiceAnswer),
    handle: ({ house, body }) => house.models.choose(body),
  }),
];

async function statusOf(call: HouseCall<undefined, undefined>): Promise<Status> {
  const { house, door } = call;
  const [model, embedder, spent, settings, sources, quarantined, jobs] = await Promise.all([
    house.models.inForce(),
    house.embedder(),
    house.spentToday(),
    house.settings.get(),
    house.sources.list(),
    house.sources.quarantine(),
    house.queue.list(),
  ]);
  const { items, passages, segments, bytes, embedded } = house.index.stats();
  const warnings = door.warnings();
  return {
    version: call.version,
    home: house.home,
    items,
    passages,
    index: { engine: house.indexing.engine, segments, bytes, embedded },
    ...(embedder ? { embedder: embedder.label ?? embedder.id } : {}),
    model,
    spend: { today: spent.usd, cap: settings.dailyCapUsd },
    sources: {
      reading: sources.filter((source) => source.state === "reading" || source.state === "waiting").length,
      failed: sources.filter((source) => source.state === "failed").length,
    },
    quarantined: quarantined.length,
    deadJobs: jobs.filter((job) => job.state === "dead").length,
    lock: door.protection(),
    ...(warnings.length > 0 ? { warnings } : {}),
    memoryMb: Math.round(process.memoryUsage.rss() / 1e6),
    uptimeS: Math.round((call.clock.now() - call.startedAt) / 1000),
  };
}
