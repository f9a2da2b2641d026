import { z } from "zod";
import { notFound, Problem } from "../problems.ts";
import { route } from "../route.ts";
import { QuarantinedAnswer, SourceAnswer } from "../schemas.ts";
import { sse } from "../sse.ts";

const NewSource = z.union([
  z.strictObject({ path: z.string().min(1).max(4_096) }),
  z.strictObject({ sample: z.literal(true) }),
]);

export const sourceRoutes = [
  route({
    method: "get",
    path: "/api/sources",
    summary: "Where things come from",
    access: "read",
    answer: z.array(SourceAnswer),
    handle: ({ house }) => house.sources.list(),
  }),

  route({
    method: "post",
    path: "/api/sources",
    summary: "Adds a path of this machine, or the sample archive, and begins to read it",
    access: "owner",
    body: NewSource,
    answer: SourceAnswer,
    handle: ({ house, body }) => ("path" in body ? house.sources.addPath(body.path) : house.sources.addSample()),
  }),

  route({
    method: "get",
    path: "/api/sources/:id",
    summary: "One source",
    access: "read",
    answer: SourceAnswer,
    async handle({ house, id }) {
      return (await house.sources.get(id)) ?? Promise.reject(notFound("The source"));
    },
  }),

  route({
    method: "post",
    path: "/api/uploads",
    summary: "Takes in a file: the raw body, sealed while it streams, of any size",
    access: "ingest",
    query: z.object({ name: z.string().min(1, "give the file's name").max(255) }),
    answer: SourceAnswer,
    async handle({ house, query, context, log }) {
      const body = context.req.raw.body;
      if (!body) throw new Problem("invalid", "The file is empty.");
      let bytes = 0;
      const counted = async function* () {
        for await (const chunk of body) {
          bytes += chunk.byteLength;
          yield chunk;
        }
      };
      const source = await house.sources.addUpload(baseName(query.name), counted());
      log.info("uploaded", { source: source.id, bytes });
      return source;
    },
  }),

  route({
    method: "post",
    path: "/api/sources/:id/run",
    summary: "Reads a source again; what is known adds nothing",
    access: "ingest",
    answer: SourceAnswer,
    async handle({ house, id }) {
      if (!(await house.sources.get(id))) throw notFound("The source");
      return house.sources.run(id);
    },
  }),

  route({
    method: "post",
    path: "/api/sources/:id/pause",
    summary: "Stops reading a source where it stands",
    access: "ingest",
    answer: SourceAnswer,
    async handle({ house, id }) {
      if (!(await house.sources.get(id))) throw notFound("The source");
      return house.sources.pause(id);
    },
  }),

  route({
    method: "get",
    path: "/api/progress",
    summary: "Progress of all sources and of the vectors, as a stream",
    access: "read",
    answer: "text/event-stream",
    async handle({ house, context, stopping }) {
      return sse((signal) => house.sources.progress(signal), { gone: context.req.raw.signal, stopping });
    },
  }),

  route({
    method: "get",
    path: "/api/quarantine",
    summary: "What could not be read, with its reason",
    access: "read",
    answer: z.array(QuarantinedAnswer),
    handle: ({ house }) => house.sources.quarantine(),
  }),

  route({
    method: "post",
    path: "/api/quarantine/:id/retry",
    summary: "Tries again to read it; 204 when it could be read",
    access: "ingest",
    answer: QuarantinedAnswer,
    async handle({ house, id }) {
      if (!(await isQuarantined(house.sources, id))) throw notFound("The file set aside");
      return house.sources.retryQuarantined(id);
    },
  }),

  route({
    method: "delete",
    path: "/api/quarantine/:id",
    summary: "Takes it off the list",
    access: "owner",
    answer: "nothing",
    async handle({ house, id }) {
      if (!(await house.sources.dismissQuarantined(id))) throw notFound("The file set aside");
    },
  }),
];

async function isQuarantined(sources: { quarantine(): Promise<{ id: string }[]> }, id: string): Promise<boolean> {
  return (await sources.quarantine()).some((one) => one.id === id);
}

/** The last part of whatever path the browser gave. */
function baseName(name: string): string {
  return name.split(/[\\/]/).at(-1) || "upload";
}
