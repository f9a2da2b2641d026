import type { NearRequest } from "@steward/core/memory/memory-vectors.ts";
import type { Embedder } from "@steward/core/search/embedder.ts";
import type { House } from "../../../house.ts";

export interface NearOptions {
  readonly query: string;
  readonly limit: number;
  readonly category: string | undefined;
  readonly least: number | undefined;
}

export async function nearMemories(house: House, embedder: Embedder, options: NearOptions) {
  const { query, limit, category, least } = options;
  const values = await queryVector(embedder, query);
  const request: NearRequest = {
    ...{ embedder, values, limit },
    ...(category === undefined ? {} : { category }),
    ...(least === undefined ? {} : { least }),
  };
  return { values, ...(await house.ledger.vectors.near(request)) };
}

async function queryVector(embedder: Embedder, query: string): Promise<Float32Array> {
  const [values] = await embedder.embed([query], "query");
  if (!values) throw new Error("The embedder gave no vector for the query");
  return values;
}
