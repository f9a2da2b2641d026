import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import type { Queries, SqlClient } from "../sql.ts";

/** PostgreSQL itself, compiled to WebAssembly, in memory; with a count of the statements it was given. */
export interface PgliteClient extends SqlClient {
  statements: number;
}

export async function openPglite(withVectors = true): Promise<PgliteClient> {
  const database = await PGlite.create(withVectors ? { extensions: { vector } } : {});
  const on = (target: Pick<PGlite, "query">): Queries => ({
    async query(sql, values = []) {
      client.statements += 1;
      return (await target.query<Record<string, unknown>>(sql, [...values])).rows;
    },
  });
  const client: PgliteClient = {
    statements: 0,
    ...on(database),
    transaction: async (work) => database.transaction((inside) => work(on({ query: inside.query.bind(inside) }))),
    close: () => database.close(),
  };
  return client;
}
