import { z } from "zod";
import { route } from "../route.ts";
import { sse } from "../sse.ts";

const EmbedderChoiceAnswer = z
  .looseObject({
    id: z.string(),
    label: z.string(),
    description: z.string(),
    local: z.boolean(),
    state: z.enum(["ready", "needs-download", "needs-key", "not-found"]),
    current: z.boolean(),
  })
  .meta({ id: "EmbedderChoice" });

const EmbedderSetup = z.strictObject({
  id: z.string().min(1).max(60),
  model: z.string().min(1).max(200).optional(),
  apiKey: z.string().min(1).max(500).optional(),
  baseUrl: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).optional(),
});

/** What finds by meaning, beside the words. */
export const embedderRoutes = [
  route({
    method: "get",
    path: "/api/embedders",
    summary: "What can make vectors of texts, and which does",
    access: "owner",
    answer: z.array(EmbedderChoiceAnswer),
    handle: ({ house }) => house.embedders.choices(),
  }),

  route({
    method: "put",
    path: "/api/embedders",
    summary: "Chooses the embedder; what is there is embedded again in the background while search goes on",
    access: "owner",
    body: EmbedderSetup,
    answer: z.array(EmbedderChoiceAnswer),
    handle: ({ house, body: { id, model, apiKey, baseUrl } }) =>
      house.embedders.choose({
        id,
        ...(model === undefined ? {} : { model }),
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(baseUrl === undefined ? {} : { baseUrl }),
      }),
  }),

  route({
    method: "post",
    path: "/api/embedders/add",
    summary: "Fetches what an embedder needs; events of its progress, then `done` or `error`",
    access: "owner",
    body: z.strictObject({ id: z.string().min(1).max(60) }),
    answer: "text/event-stream",
    async handle({ house, body, context, stopping }) {
      return sse((signal) => house.embedders.add(body.id, signal), { gone: context.req.raw.signal, stopping });
    },
  }),
];
