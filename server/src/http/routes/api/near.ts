import { MemoryVectors, type NearRequest } from "@steward/core/memory/memory-vectors.ts";
import type { Embedder } from "@steward/core/search/embedder.ts";
import type { House } from "../../../house.ts";

/** The memories' vectors in RAM, one set per house, loaded at first use. */
const vectorsByHouse = new WeakMap<House, MemoryVectors>();

export function vectorsOf(house: House): MemoryVectors {
  let vectors = vectorsByHouse.get(house);
  if (!vectors) {
    vectors = new MemoryVectors({ sealed: house.sealed, ledger: house.ledger });
    vectorsByHouse.set(house, vectors);
  }
  return vectors;
}

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
  return { values, ...(await vectorsOf(house).near(request)) };
}

export async function queryVector(embedder: Embedder, query: string): Promise<Float32Array> {
  const [values] = await embedder.embed([query], "query");
  if (!values) throw new Error("The embedder gave no vector for the query");
  return values;
}
