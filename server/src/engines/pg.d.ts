/** The part of `pg` (node-postgres 8) that is used; the package brings no types. */
declare module "pg" {
  interface Connection {
    query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
    on(event: "error", listener: (error: Error) => void): void;
    off(event: "error", listener: (error: Error) => void): void;
    release(destroy?: boolean): void;
  }
  class Pool {
    constructor(options: {
      connectionString: string;
      max: number;
      connectionTimeoutMillis: number;
      application_name: string;
    });
    query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
    connect(): Promise<Connection>;
    on(event: "error", listener: (error: Error) => void): void;
    end(): Promise<void>;
  }
  const pg: { Pool: typeof Pool };
  export default pg;
}
