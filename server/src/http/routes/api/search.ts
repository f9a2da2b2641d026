import { z } from "zod";
import type { House } from "../../../house.ts";
import { Problem } from "../../problems.ts";
import { apiRoute, words } from "./api-route.ts";
import { nearMemories } from "./near.ts";

/**
 * `POST /search`: memories and passages by meaning. Every stored vector is scored and a score is the cosine, so two
 * answers can be compared. Without an embedder there is no cosine to give, and the route says so (503) instead of calling
 * something else one; `retrieve` of /memory and the app's search rank by words.
 */
const Search = z
  .strictObject({
    query: words(10_000),
    topK: z.int().min(1).max(100).exactOptional().describe("10 by default"),
    category: words(60).exactOptional().describe("Of memories; passages have none and are left out then"),
    minScore: z.number().min(-1).max(1).exactOptional().describe("Cosine"),
  })
  .meta({ id: "SearchRequest", examples: [{ query: "invoice for the boiler", topK: 5, minScore: 0.2 }] });

const Result = z
  .object({
    type: z.enum(["memory", "passage"]),
    id: z.string().describe("Of the memory, or of the passage's item"),
    score: z.number().min(-1).max(1).describe("Cosine of the query's and the text's vectors"),
    text: z.string(),
    category: z.string().optional(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    storedAt: z.iso.datetime().optional(),
    item: z
      .object({
        kind: z.string(),
        title: z.string(),
        date: z.string().optional(),
        trust: z.string(),
        start: z.int().describe("UTF-16 units into the item's text"),
        end: z.int(),
      })
      .optional(),
  })
  .meta({ id: "SearchResult" });

const Results = z
  .object({
    results: z.array(Result).describe("Best first"),
    embedder: z.string(),
    scored: z.int().describe("Vectors that were scored"),
    waiting: z.int().describe("Memories and passages that have no vector yet"),
    ms: z.number(),
  })
  .meta({ id: "SearchResults" });

export const searchRoute = apiRoute<z.infer<typeof Search>>({
  path: "/search",
  summary: "Finds memories and passages by meaning",
  description: "Scope `search`. Every stored vector is scored; results come best first. Needs an embedder to be on.",
  access: "search",
  body: Search,
  answer: Results,
  refusals: [400, 401, 403, 413, 415, 429, 503],

  async handle({ house, body }) {
    const started = performance.now();
    const { query, topK = 10, category, minScore } = body;
    const embedder = await house.embedder();
    if (!embedder) {
      const detail =
        "Nothing makes vectors of texts here. Switch on an embedder in Settings, under search by meaning, and ask again.";
      throw new Problem("no-embedder", detail);
    }
    const near = await nearMemories(house, embedder, { query, limit: topK, category, least: minScore });
    const memories = near.hits.map(({ memory, score }) => ({
      type: "memory" as const,
      id: memory.id,
      score,
      text: memory.text,
      category: memory.category,
      ...(memory.metadata === undefined ? {} : { metadata: { ...memory.metadata } }),
      storedAt: new Date(memory.learnedAt).toISOString(),
    }));
    const stats = house.index.stats();
    const request = { embedder: embedder.id, values: near.values, limit: topK, least: minScore ?? -1 };
    const passages = category === undefined ? await passagesNear(house, request) : [];
    const results = [...memories, ...passages].sort((a, b) => b.score - a.score).slice(0, topK);
    return {
      results,
      embedder: embedder.label ?? embedder.id,
      scored: near.scored + (category === undefined ? stats.embedded : 0),
      waiting: near.waiting + (category === undefined ? stats.passages - stats.embedded : 0),
      ms: performance.now() - started,
    };
  },
});

interface PassagesRequest {
  readonly embedder: string;
  readonly values: Float32Array;
  readonly limit: number;
  readonly least: number;
}

/** Asked for exactly, the index scores every stored vector, and its score is the cosine. */
async function passagesNear(house: House, { embedder, values, limit, least }: PassagesRequest) {
  const now = house.clock.now();
  const vector = { embedder, values, weight: 1, exact: true };
  const { hits } = await house.index.search({ clauses: [], filter: {}, vector, limit, now });
  const nearest = hits.filter(({ score }) => score >= least);
  const opened = await Promise.all(
    nearest.map(async (hit) => {
      const [item, reading] = await Promise.all([house.library.item(hit.item), house.library.reading(hit.item)]);
      const passage = reading?.passages[hit.passage];
      if (!item || !reading || !passage) return undefined;
      return {
        type: "passage" as const,
        id: item.id,
        score: Math.max(-1, Math.min(1, hit.score)),
        text: reading.text.slice(passage.start, passage.end),
        item: {
          ...{ kind: item.kind, title: item.title, trust: item.trust, start: passage.start, end: passage.end },
          ...(item.date === undefined ? {} : { date: item.date }),
        },
      };
    }),
  );
  return opened.filter((one) => one !== undefined);
}
