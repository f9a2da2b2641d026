/**
 * The little of a PostgreSQL client that the index asks for: `pg` in use, PGlite in tests. Rows are plain objects;
 * numbers come as numbers, so every count is cast to `int` or `float8` in the statement itself.
 */
export interface Queries {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface SqlClient extends Queries {
  /** All of the work, or none of it: rolled back when it throws. */
  transaction<T>(work: (inside: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Values go beside a statement, never into its text: `add` gives the placeholder. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }

  json(value: unknown): string {
    return this.add(JSON.stringify(value), "jsonb");
  }
}

/** As PostgreSQL can keep it: it takes neither U+0000 nor half a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll("\0", " ").toWellFormed();
}
