import { EngineError, readable } from "./errors.ts";
import type { Queries, SqlClient } from "./sql.ts";

/** How long a connection may take to come up, in milliseconds. */
const CONNECT_WITHIN = 10_000;
/** Two searches and a writer at once; more wait for each other. */
const MOST_CONNECTIONS = 4;

/** PostgreSQL through `pg`, which is loaded here and not before. `url` as libpq has it: postgres://user:password@host/name. */
export async function connectPostgres(url: string): Promise<SqlClient> {
  const { Pool } = await loadPg();
  const pool = new Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN,
    application_name: "steward",
  });
  // An idle connection that breaks is replaced; the next query tells if that fails.
  pool.on("error", () => {});
  const query = async (sql: string, values: readonly unknown[] = []) => {
    try {
      return (await pool.query(sql, [...values])).rows;
    } catch (error) {
      throw readable(error);
    }
  };
  return {
    query,
    async transaction<T>(work: (inside: Queries) => Promise<T>): Promise<T> {
      const connection = await pool.connect().catch((error: unknown) => {
        throw readable(error);
      });
      // While it is checked out the pool does not listen; the pending query fails of itself.
      connection.on("error", ignore);
      let broken = false;
      try {
        await connection.query("begin");
        const result = await work({
          query: async (sql, values = []) => (await connection.query(sql, [...values])).rows,
        });
        await connection.query("commit");
        return result;
      } catch (error) {
        await connection.query("rollback").catch(() => {
          broken = true;
        });
        throw readable(error);
      } finally {
        connection.off("error", ignore);
        connection.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

function ignore(): void {}

async function loadPg() {
  try {
    const { default: pg } = await import("pg");
    return pg;
  } catch (cause) {
    throw new EngineError("The package “pg” is not installed. Run “npm install pg@8 -w server” and start again.", {
      cause,
    });
  }
}
