import { z } from "zod";
import { queryInt, route } from "../route.ts";
import { FoundAnswer } from "../schemas.ts";

const order = z.enum(["best", "newest", "oldest"]);

/** Of a text past 20,000 characters the search reads the beginning, and says so among its problems. */
export const searchRoutes = [
  route({
    method: "get",
    path: "/api/search",
    summary: "Finds passages: words, phrases and mail-style filters",
    access: "read",
    query: z.object({
      q: z.string().default(""),
      limit: queryInt(1, 200, 20),
      offset: queryInt(0, 100_000, 0),
      order: order.default("best"),
      explain: z.stringbool().default(false),
    }),
    answer: FoundAnswer,
    handle: ({ house, query: { q, ...options } }) => house.find(q, options),
  }),
  route({
    method: "post",
    path: "/api/search",
    summary: "The same for a query of any length: an address has room for a few thousand characters only",
    access: "read",
    body: z.object({
      q: z.string(),
      limit: z.int().min(1).max(200).default(20),
      offset: z.int().min(0).max(100_000).default(0),
      order: order.default("best"),
      explain: z.boolean().default(false),
    }),
    answer: FoundAnswer,
    handle: ({ house, body: { q, ...options } }) => house.find(q, options),
  }),
];
