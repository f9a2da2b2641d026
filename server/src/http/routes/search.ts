import { z } from "zod";
import { queryInt, route } from "../route.ts";
import { FoundAnswer } from "../schemas.ts";

export const searchRoutes = [
  route({
    method: "get",
    path: "/api/search",
    summary: "Finds passages: words, phrases and mail-style filters",
    access: "read",
    query: z.object({
      q: z.string().max(4_000).default(""),
      limit: queryInt(1, 200, 20),
      offset: queryInt(0, 100_000, 0),
      order: z.enum(["best", "newest", "oldest"]).default("best"),
      explain: z.stringbool().default(false),
    }),
    answer: FoundAnswer,
    handle: ({ house, query: { q, ...options } }) => house.find(q, options),
  }),
];
