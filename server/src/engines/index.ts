import { connectPostgres } from "./pg-client.ts";
import { openPostgresIndex, type PostgresIndex, type PostgresIndexOptions } from "./postgres-index.ts";

export { catchUp } from "./catch-up.ts";
export { EngineError, IndexTooNew } from "./errors.ts";
export type { PostgresIndex } from "./postgres-index.ts";

/** The engines past one machine, each a folder's file and a line here. Connects, and makes the tables where missing. */
export async function openEngine(
  engine: { readonly type: "postgres"; readonly url: string } & PostgresIndexOptions,
): Promise<PostgresIndex> {
  const client = await connectPostgres(engine.url);
  try {
    return await openPostgresIndex(client, engine);
  } catch (error) {
    await client.close();
    throw error;
  }
}
