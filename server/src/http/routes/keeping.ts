import { z } from "zod";
import { SCOPES } from "../../tokens.ts";
import { keepersOf } from "../caller.ts";
import { notFound } from "../problems.ts";
import { route } from "../route.ts";
import { BackupAnswer, ForgettingAnswer, JobAnswer, MemoryAnswer, TaskAnswer, TokenAnswer } from "../schemas.ts";

const id = z.string().min(1).max(100);
const path = z.string().min(1).max(4_096);
const due = z.string().regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/, "must be YYYY-MM-DD or YYYY-MM-DDTHH:mm");
const title = z.string().trim().min(1, "must not be empty").max(500);
const note = z.string().max(10_000);

/** What the house keeps besides items: jobs, memories, tasks, tokens; and forgetting and backing up. */
export const keepingRoutes = [
  route({
    method: "get",
    path: "/api/jobs",
    summary: "Background work: waiting, running and dead",
    access: "owner",
    answer: z.array(JobAnswer),
    handle: ({ house }) => house.queue.list(),
  }),
  route({
    method: "post",
    path: "/api/index/rebuild",
    summary: "Makes the search index anew from the readings, in the background; search goes on meanwhile",
    access: "owner",
    answer: "nothing",
    handle: ({ house }) => house.indexing.rebuild(),
  }),
  route({
    method: "post",
    path: "/api/jobs/:id/rerun",
    summary: "A dead job waits again",
    access: "owner",
    answer: "nothing",
    async handle({ house, id }) {
      if (!(await house.queue.rerun(id))) throw notFound("A dead job of that id");
    },
  }),
  route({
    method: "delete",
    path: "/api/jobs/:id",
    summary: "Takes a dead job off the list",
    access: "owner",
    answer: "nothing",
    async handle({ house, id }) {
      if (!(await house.queue.dismiss(id))) throw notFound("A dead job of that id");
    },
  }),

  route({
    method: "get",
    path: "/api/memories",
    summary: "The ledger: facts with their sources",
    access: "owner",
    answer: z.array(MemoryAnswer),
    handle: ({ house }) => house.ledger.list(),
  }),
  route({
    method: "post",
    path: "/api/memories",
    summary: "Remembers a fact the owner typed",
    access: "owner",
    body: z.strictObject({
      text: z.string().trim().min(1, "must not be empty").max(2_000),
      category: z.string().max(50).exactOptional(),
    }),
    answer: MemoryAnswer,
    handle: ({ house, body }) => house.ledger.remember(body.text, body.category),
  }),
  route({
    method: "delete",
    path: "/api/memories/:id",
    summary: "Forgets a memory at once: asked for and confirmed in one",
    access: "owner",
    answer: ForgettingAnswer,
    async handle({ house, id }) {
      const forgetting = await house.forgetting.ask({ memory: id });
      if (!forgetting) throw notFound("The memory");
      return house.forgetting.confirm(forgetting.id);
    },
  }),

  route({
    method: "get",
    path: "/api/tasks",
    summary: "Tasks",
    access: "tasks",
    answer: z.array(TaskAnswer),
    handle: ({ house }) => house.tasks.list(),
  }),
  route({
    method: "post",
    path: "/api/tasks",
    summary: "A new task",
    access: "tasks",
    body: z.strictObject({
      title,
      note: note.exactOptional(),
      due: due.exactOptional(),
      zone: z.string().max(100).exactOptional(),
    }),
    answer: TaskAnswer,
    handle: ({ house, body }) => house.tasks.create(body),
  }),
  route({
    method: "patch",
    path: "/api/tasks/:id",
    summary: "Changes a task",
    access: "tasks",
    body: z.strictObject({
      title: title.exactOptional(),
      note: note.exactOptional(),
      due: due.or(z.literal("")).exactOptional(),
      done: z.boolean().exactOptional(),
    }),
    answer: TaskAnswer,
    async handle({ house, id, body }) {
      return (await house.tasks.update(id, body)) ?? Promise.reject(notFound("The task"));
    },
  }),
  route({
    method: "delete",
    path: "/api/tasks/:id",
    summary: "Takes a task away",
    access: "tasks",
    answer: "nothing",
    async handle({ house, id }) {
      if (!(await house.tasks.remove(id))) throw notFound("The task");
    },
  }),

  route({
    method: "get",
    path: "/api/tokens",
    summary: "API tokens, without their secrets",
    access: "owner",
    answer: z.array(TokenAnswer),
    handle: ({ house }) => keepersOf(house).tokens.list(),
  }),
  route({
    method: "post",
    path: "/api/tokens",
    summary: "A new API token; its secret is in this answer only",
    access: "owner",
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      scopes: z.array(z.enum(SCOPES, `must be of ${SCOPES.join(", ")}`)).min(1, "name at least one scope"),
      days: z.number().min(0.001).max(3_650).exactOptional(),
    }),
    answer: TokenAnswer,
    handle: ({ house, body, clock }) =>
      keepersOf(house).tokens.create(
        body.name,
        [...new Set(body.scopes)],
        body.days === undefined ? undefined : clock.now() + body.days * 86_400_000,
      ),
  }),
  route({
    method: "delete",
    path: "/api/tokens/:id",
    summary: "Revokes a token",
    access: "owner",
    answer: "nothing",
    async handle({ house, id }) {
      if (!(await keepersOf(house).tokens.revoke(id))) throw notFound("The token");
    },
  }),

  route({
    method: "get",
    path: "/api/forget",
    summary: "Forgettings with their receipts",
    access: "owner",
    answer: z.array(ForgettingAnswer),
    handle: ({ house }) => house.forgetting.list(),
  }),
  route({
    method: "post",
    path: "/api/forget",
    summary: "Hides an item, a conversation, a source or a memory; undoable until confirmed",
    access: "owner",
    body: z.union([
      z.strictObject({ item: id }),
      z.strictObject({ conversation: id }),
      z.strictObject({ source: id }),
      z.strictObject({ memory: id }),
    ]),
    answer: ForgettingAnswer,
    async handle({ house, body }) {
      return (await house.forgetting.ask(body)) ?? Promise.reject(notFound("What is to be forgotten"));
    },
  }),
  route({
    method: "get",
    path: "/api/forget/:id",
    summary: "One forgetting",
    access: "owner",
    answer: ForgettingAnswer,
    async handle({ house, id }) {
      return (await house.forgetting.get(id)) ?? Promise.reject(notFound("The forgetting"));
    },
  }),
  route({
    method: "post",
    path: "/api/forget/:id/undo",
    summary: "Brings back what was hidden",
    access: "owner",
    answer: "nothing",
    async handle({ house, id }) {
      if (!(await house.forgetting.undo(id))) throw notFound("A forgetting that can be undone");
    },
  }),
  route({
    method: "post",
    path: "/api/forget/:id/confirm",
    summary: "Destroys the keys; the receipt follows when the segments are rewritten",
    access: "owner",
    answer: ForgettingAnswer,
    async handle({ house, id }) {
      return (await house.forgetting.confirm(id)) ?? Promise.reject(notFound("A forgetting that can be confirmed"));
    },
  }),

  route({
    method: "post",
    path: "/api/backup",
    summary: "Writes a backup and, beside it, the kit",
    access: "owner",
    body: z.strictObject({ folder: path.exactOptional() }),
    answer: BackupAnswer,
    handle: ({ house, body }) => house.backups.create(body.folder ?? `${house.home}-backups`),
  }),
  route({
    method: "post",
    path: "/api/backup/verify",
    summary: "Checks that a backup is whole",
    access: "owner",
    body: z.strictObject({ path }),
    answer: BackupAnswer,
    handle: ({ house, body }) => house.backups.verify(body.path),
  }),
];
