import type { AnswerMessage, ChatEvent, TurnError } from "@steward/core/conversation.ts";
import { z } from "zod";
import type { House } from "../../../house.ts";
import { termsOf } from "../../api-keys.ts";
import { Problem, type ProblemCode } from "../../problems.ts";
import { sse } from "../../sse.ts";
import type { RunningTurn } from "../../turns.ts";
import { type ApiCall, apiRoute, words } from "./api-route.ts";

/** `POST /chat`: one turn of a session. The session is a conversation that is gone 24 hours after it began. */
const Chat = z
  .strictObject({
    message: words(30_000),
    sessionId: z.string().min(1).max(100).exactOptional().describe("Of an earlier answer, to go on with it"),
    knowledge: z
      .boolean()
      .exactOptional()
      .describe("Search the owner's items for the answer; on by default where the key has the scope `search`"),
    stream: z.boolean().exactOptional().describe("Answer as server-sent events; so does `Accept: text/event-stream`"),
  })
  .meta({
    id: "ChatRequest",
    examples: [{ message: "When is the Nordlicht invoice due?" }, { message: "Say that shorter.", knowledge: false }],
  });

const CitationAnswer = z.object({
  n: z.int().describe("The reply says `[^n]` where it stands"),
  item: z.string().describe("The item's id, or the memory's"),
  memory: z.literal(true).optional().describe("It quotes a memory that a program stored"),
  kind: z.string(),
  title: z.string(),
  date: z.string().optional(),
  from: z.string().optional(),
  page: z.int().optional(),
  quote: z.string().describe("Found word for word in the item's text"),
  start: z.int().optional().describe("UTF-16 units into the item's text"),
  end: z.int().optional(),
});

const ChatReply = z
  .object({
    reply: z.string().describe("Markdown; a verified citation stands as `[^n]`"),
    sessionId: z.string(),
    expiresAt: z.iso.datetime().describe("When the session and all that was said in it is gone"),
    knowledge: z.boolean().describe("Whether the owner's items could be searched"),
    citations: z.array(CitationAnswer).describe("Those whose quote code found in its source"),
    unsupported: z.array(z.string()).describe("Sentences that claim something without a verified citation"),
    state: z.enum(["done", "stopped"]),
    model: z.string(),
    usage: z.object({ inputTokens: z.int(), outputTokens: z.int() }),
    cost: z.number().nullable().describe("US dollars; null when the model has no price"),
  })
  .meta({ id: "ChatReply" });

type ChatBody = z.infer<typeof Chat>;

/** What Idempotency-Key keeps of a turn: where it lies, not what it says. */
interface Outcome {
  readonly session: string;
  readonly answer: string;
}

const LONGEST_TURN_MS = 15 * 60_000;

export const chatRoute = apiRoute<ChatBody, Outcome>({
  path: "/chat",
  summary: "Asks the assistant",
  description:
    "Scope `chat`; with `knowledge` also `search`. The turn goes on and is kept when the client leaves. Its tools obey the key's scopes: nothing is remembered without `memory:write`, no task made without `tasks`.",
  access: "chat",
  body: Chat,
  answer: ChatReply,
  streams: true,
  refusals: [400, 401, 403, 404, 409, 413, 415, 422, 429, 502, 504],

  async handle(call) {
    const { house, body, by, turns, context, claim } = call;
    const { knowledge, ...terms } = termsOf(call.caller, body.knowledge);
    if (body.sessionId !== undefined) await sessionOf(house, body.sessionId, by);
    const ended = call.limits.beginTurn(by);
    const conversation = body.sessionId === undefined ? {} : { conversation: body.sessionId };
    const turn = turns.start(house, { ...conversation, text: body.message, terms: { ...terms, knowledge } });
    const settled = turn.ended.then(ended).then(() => claim && keepOutcome(turn, claim));
    turns.follow(settled);
    if (wantsStream(call)) {
      settled.catch((error) => call.log.error("idempotency-not-kept", error));
      return sse((signal) => turn.listen(signal), { gone: context.req.raw.signal });
    }
    const events = await Array.fromAsync(turn.listen(new AbortController().signal));
    await settled;
    return replyOf(house, events, knowledge);
  },

  writes: {
    leaseMs: LONGEST_TURN_MS,
    isWrite: () => true,
    async again(call, { session, answer }) {
      const { house, body, context } = call;
      const { messages } = await sessionOf(house, session, call.by);
      const message = messages.find(({ id }) => id === answer);
      if (message?.role !== "steward") throw sessionGone();
      const { knowledge } = termsOf(call.caller, body.knowledge);
      const events: ChatEvent[] = [
        { type: "turn", conversation: session, question: message.answers, answer, model: message.model },
        { type: "finish", message },
      ];
      if (!wantsStream(call)) return replyOf(house, events, knowledge);
      return sse(() => inTurn(events), { gone: context.req.raw.signal });
    },
  },
});

function wantsStream({ body, context }: ApiCall<ChatBody>): boolean {
  return body.stream ?? /\btext\/event-stream\b/i.test(context.req.header("accept") ?? "");
}

/** Only sessions, and only the caller's own: the owner's conversations are not reached through the API. */
async function sessionOf(house: House, id: string, by: string) {
  const view = /^[A-Za-z0-9_.:-]+$/.test(id) ? await house.conversations.view(id) : undefined;
  if (view?.session?.by !== by) throw sessionGone();
  return view;
}

function sessionGone(): Problem {
  return new Problem("not-found", "That session is not here: it ended after 24 hours, or never was. Begin a new one.", {
    field: "sessionId",
  });
}

async function keepOutcome(turn: RunningTurn, claim: NonNullable<ApiCall<unknown>["claim"]>): Promise<void> {
  const events = await Array.fromAsync(turn.listen(new AbortController().signal));
  const begun = events.find((event) => event.type === "turn");
  // What failed may be tried again with the same key.
  if (!begun || events.at(-1)?.type !== "finish") return claim.abandon();
  await claim.complete({ session: begun.conversation, answer: begun.answer } satisfies Outcome);
}

async function replyOf(house: House, events: readonly ChatEvent[], knowledge: boolean) {
  const last = events.at(-1);
  const begun = events.find((event) => event.type === "turn");
  if (last?.type === "error") throw problemOf(last.error);
  if (last?.type !== "finish" || !begun) throw new Error("A turn ended without an end");
  const session = (await house.conversations.view(begun.conversation))?.session;
  if (!session) throw sessionGone();
  const { message } = last;
  const verified = message.citations.filter((citation) => citation.verified);
  return {
    reply: withoutUnverified(message, new Set(verified.map(({ n }) => n))),
    sessionId: begun.conversation,
    expiresAt: new Date(session.expiresAt).toISOString(),
    knowledge,
    citations: verified.map(({ verified: _, messageId: __, path: ___, ...citation }) => citation),
    unsupported: message.unsupported,
    state: message.state === "stopped" ? "stopped" : "done",
    model: message.model,
    usage: { inputTokens: message.usage.inputTokens, outputTokens: message.usage.outputTokens },
    cost: message.usage.cost ?? null,
  };
}

/** A mark in the text whose citation was not verified would point nowhere. */
function withoutUnverified({ text }: AnswerMessage, verified: ReadonlySet<number>): string {
  return text.replace(/\[\^(\d+)\]/g, (mark, n: string) => (verified.has(Number(n)) ? mark : ""));
}

const CODES: Readonly<Record<TurnError["code"], ProblemCode>> = {
  "no-model": "not-ready",
  "sign-in": "model-failed",
  "rate-limit": "model-failed",
  "provider-down": "model-failed",
  timeout: "model-late",
  cut: "model-failed",
  garbage: "model-failed",
  cap: "cap-reached",
  "too-long": "invalid",
  internal: "internal",
};

function problemOf(error: TurnError): Problem {
  const field = error.code === "too-long" ? { field: "message" } : {};
  const headers = error.retryAfter === undefined ? {} : { headers: { "retry-after": String(error.retryAfter) } };
  return new Problem(CODES[error.code], error.message, { ...field, ...headers });
}

async function* inTurn(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  yield* events;
}
