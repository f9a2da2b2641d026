import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

/** PostgreSQL on a port of loopback, spoken to over the wire as any other. */
export interface PgliteServer {
  readonly url: string;
  readonly database: PGlite;
  stop(): Promise<void>;
}

export async function servePglite(): Promise<PgliteServer> {
  const database = await PGlite.create({ extensions: { vector } });
  const server = new PGLiteSocketServer({ db: database, host: "127.0.0.1", port: 0, maxConnections: 8 });
  const listening = new Promise<number>((resolve) => {
    server.addEventListener("listening", (event) => resolve((event as CustomEvent<{ port: number }>).detail.port), {
      once: true,
    });
  });
  await server.start();
  return {
    // PGlite has one user and one database, and asks for no password.
    url: `postgres://postgres@127.0.0.1:${await listening}/postgres`,
    database,
    async stop() {
      await server.stop();
      await database.close();
    },
  };
}
