import { z } from "zod";
import { type DocumentState, Documents } from "../../../documents.ts";
import { isUploadTicket } from "../../../home-uploads.ts";
import type { NewDocument, UploadTicket } from "../../../house.ts";
import { originOf } from "../../caller.ts";
import { notFound, Problem } from "../../problems.ts";
import { route } from "../../route.ts";
import { type ApiCall, apiRoute, words } from "./api-route.ts";

/**
 * `POST /documents`: files of any size. The answer says where to send the bytes; at home that is the route below, on AWS a
 * presigned address of S3, and a program does the same with both. `GET /documents/:id` tells what became of it.
 */
const Document = z
  .strictObject({
    name: words(255).describe("The file's name, as the person sees it"),
    size: z.int().min(1).max(5_000_000_000_000).exactOptional().describe("Bytes; then no other number is taken"),
    mediaType: z
      .string()
      .max(120)
      .regex(
        /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/i,
        "must be a media type such as application/pdf",
      )
      .exactOptional()
      .describe("What it is said to be; what it is, its bytes tell"),
  })
  .meta({ id: "DocumentRequest", examples: [{ name: "invoice.pdf", size: 48_213, mediaType: "application/pdf" }] });
type DocumentBody = z.infer<typeof Document>;

const Ticket = z
  .object({
    id: z.string(),
    url: z.url().describe("Where the bytes go"),
    method: z.literal("PUT"),
    headers: z.record(z.string(), z.string()).describe("To be sent with the bytes, as they are"),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: "UploadTicket" });

const State = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z
      .enum(["waiting", "expired", "reading", "done", "failed"])
      .describe("`waiting` for its bytes, `expired` when none came in time, then as it is read"),
    expiresAt: z.iso.datetime().describe("Until when its bytes are taken"),
    added: z.int().optional().describe("Items that came of it"),
    known: z.int().optional().describe("Items that were here already"),
    setAside: z.int().optional().describe("What could not be read; the app lists it with its reason"),
    error: z.string().optional(),
  })
  .meta({ id: "DocumentState" });

const ANNOUNCE_MS = 30_000;

const announce = apiRoute<DocumentBody, { readonly document: string }>({
  path: "/documents",
  summary: "Announces a document, and answers where to send its bytes",
  description:
    "Scope `ingest`. Send the bytes to `url` with `method` and `headers` as they are given, without a key, once, until `expiresAt`.",
  access: "ingest",
  body: Document,
  answer: Ticket,
  refusals: [400, 401, 403, 409, 413, 415, 422, 429],

  async handle({ house, by, body, claim, ...call }) {
    const keep = async (document: string) => (claim ? [await claim.completion({ document })] : []);
    return ticketOf(call, await new Documents(house).announce(by, newDocument(body), keep));
  },

  writes: {
    leaseMs: ANNOUNCE_MS,
    isWrite: () => true,
    async again({ house, ...call }, { document }) {
      const ticket = await new Documents(house).announceAgain(document);
      if (!ticket)
        throw new Problem("conflict", "The document of this Idempotency-Key is here already. Ask for its state.");
      return ticketOf(call, ticket);
    },
  },
});

const look = apiRoute<undefined>({
  method: "get",
  path: "/documents/:id",
  summary: "What became of a document",
  description: "Scope `ingest`; a key sees what it announced itself, for 30 days.",
  access: "ingest",
  body: z.undefined(),
  answer: State,
  refusals: [401, 403, 404, 429],

  async handle({ house, id, by, caller }) {
    const state = await new Documents(house).state(id, caller.kind === "token" ? by : undefined);
    return stateOf(state ?? (await Promise.reject(notFound("The document"))));
  },
});

const receive = route({
  method: "put",
  path: "/documents/:id/content",
  summary: "Takes a document's bytes, sealed while they stream, of any size",
  access: "public",
  answer: State,
  openapi: {
    tags: ["API"],
    description:
      "The address that `POST /documents` answers with at home: its `Authorization` header lets the bytes in, once.",
    requestBody: { required: true, content: { "application/octet-stream": {} } },
  },

  async handle({ house, id, context, log }) {
    if (!isUploadTicket(house, id, context.req.header("authorization"))) {
      const detail =
        "This address takes no bytes: it expired, or the headers are not those that came with it. Announce the document again.";
      throw new Problem("forbidden", detail);
    }
    const { body } = context.req.raw;
    if (!body) throw new Problem("invalid", "The document is empty. Send its bytes as the body.");
    const documents = new Documents(house);
    const source = await documents.arrived(id, body);
    const state = source && (await documents.state(id));
    if (!state) throw notFound("The document");
    log.info("uploaded", { source: id, bytes: source.progress.totalBytes ?? 0 });
    return stateOf(state);
  },
});

export const documentRoutes = [announce, look, receive];

function newDocument({ name, size, mediaType }: DocumentBody): Omit<NewDocument, "id"> {
  return {
    name: name.split(/[\\/]/).at(-1) || "document",
    ...(size === undefined ? {} : { size }),
    ...(mediaType === undefined ? {} : { mediaType }),
  };
}

function ticketOf(call: Pick<ApiCall<unknown>, "context" | "config">, ticket: UploadTicket): z.infer<typeof Ticket> {
  const { id, url, method, headers, expiresAt } = ticket;
  const absolute = new URL(url, originOf(call.context, call.config)).href;
  return { id, url: absolute, method, headers: { ...headers }, expiresAt: new Date(expiresAt).toISOString() };
}

function stateOf({ id, name, state, expiresAt, source }: DocumentState): z.infer<typeof State> {
  const progress = source && {
    added: source.progress.added,
    known: source.progress.known,
    setAside: source.progress.quarantined,
  };
  return {
    ...{ id, name, state, expiresAt: new Date(expiresAt).toISOString() },
    ...progress,
    ...(source?.error === undefined ? {} : { error: source.error }),
  };
}
