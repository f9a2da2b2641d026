import { z } from "zod";
import { programOf } from "../api-keys.ts";
import { notFound, Problem } from "../problems.ts";
import { route } from "../route.ts";
import { ConversationAnswer, ConversationViewAnswer } from "../schemas.ts";
import { sse } from "../sse.ts";
import { askToStop } from "../stops.ts";

const id = z.string().min(1).max(100);

const Chat = z.union([
  z.strictObject({ conversation: id, retry: id }),
  z.strictObject({ conversation: id.exactOptional(), text: z.string().trim().min(1, "ask something").max(100_000) }),
]);

export const chatRoutes = [
  route({
    method: "post",
    path: "/api/chat",
    summary: "One turn, as a stream of ChatEvent; it goes on and is stored when the listener leaves",
    access: "ask",
    body: Chat,
    answer: "text/event-stream",
    async handle({ house, body, caller, context, turns }) {
      const turn = turns.start(house, { ...body, terms: programOf(caller) });
      return sse((signal) => turn.listen(signal), { gone: context.req.raw.signal });
    },
  }),

  route({
    method: "post",
    path: "/api/chat/stop",
    summary: "Stops a running turn; its stream ends with `finish`, state `stopped`",
    access: "ask",
    body: z.object({ answer: id }),
    answer: "nothing",
    async handle({ house, body, turns }) {
      const turn = turns.find(body.answer);
      if (turn) turn.stop();
      else if (house.shared) await askToStop(house, body.answer);
      else throw new Problem("not-found", "That answer is not being written any more.");
    },
  }),

  route({
    method: "get",
    path: "/api/chat/:id",
    summary: "Listens to a running turn again, from its first event (after a reload)",
    access: "ask",
    answer: "text/event-stream",
    async handle({ id, context, turns }) {
      const turn = turns.find(id);
      if (!turn) throw new Problem("not-found", "That answer is not being written any more.");
      return sse((signal) => turn.listen(signal), { gone: context.req.raw.signal });
    },
  }),

  route({
    method: "get",
    path: "/api/conversations",
    summary: "Conversations, newest first; `q` searches titles and messages",
    access: "ask",
    query: z.object({ q: z.string().max(1_000).optional() }),
    answer: z.array(ConversationAnswer),
    handle: ({ house, query }) => house.conversations.list(query.q),
  }),

  route({
    method: "get",
    path: "/api/conversations/:id",
    summary: "A conversation with its messages",
    access: "ask",
    answer: ConversationViewAnswer,
    async handle({ house, id }) {
      return (await house.conversations.view(id)) ?? Promise.reject(notFound("The conversation"));
    },
  }),

  route({
    method: "patch",
    path: "/api/conversations/:id",
    summary: "Names a conversation",
    access: "owner",
    body: z.object({
      title: z.string().trim().min(1, "must not be empty").max(200, "must have at most 200 characters"),
    }),
    answer: ConversationAnswer,
    async handle({ house, id, body }) {
      return (await house.conversations.rename(id, body.title)) ?? Promise.reject(notFound("The conversation"));
    },
  }),
];
