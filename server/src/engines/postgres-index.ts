import type { ItemId } from "@steward/core/item.ts";
import { DEFAULT_LANGUAGE } from "@steward/core/search/language.ts";
import type {
  Filter,
  IndexAnswer,
  IndexedItem,
  IndexRequest,
  IndexStats,
  KeptIndex,
  Listing,
} from "@steward/core/search/passage-index.ts";
import { IndexTooNew, readable } from "./errors.ts";
import { conditionOf } from "./filter.ts";
import { FORMAT, tablesOf, type VectorTable, vectorTable } from "./schema.ts";
import { searchTables } from "./search.ts";
import { type Queries, type SqlClient, storable, Values } from "./sql.ts";
import { putAll, putItems, putVectors, removeItems, type Tables } from "./writing.ts";

/**
 * The search index in PostgreSQL with pgvector, for archives past one machine. Same port, same terms, same scores as
 * the private index; but the database reads what the index holds (docs/engines.md). The records stay the truth: what
 * is lost or doubtful here is made again by `rebuild`.
 *
 * Every change is one transaction, and writers take turns (the row of `tally` is their lock).
 */
export interface PostgresIndexOptions {
  /** Several homes may share a database. `steward` when not said. */
  readonly schema?: string;
  /** An HNSW graph beside the vectors: faster from some ten thousand on, and no longer exact. */
  readonly approximate?: boolean;
}

export interface PostgresIndex extends KeptIndex {
  /** The item `back` places before the newest; undefined when there are not as many. */
  newest(back: number): Promise<ItemId | undefined>;
  /** Which of these the tables hold. */
  holds(items: readonly ItemId[]): Promise<ReadonlySet<ItemId>>;
}

/** Makes the tables where they are missing. Throws `EngineError` with what to do, and `IndexTooNew`. */
export async function openPostgresIndex(client: SqlClient, options: PostgresIndexOptions = {}): Promise<PostgresIndex> {
  const index = new TableIndex(client, options);
  await index.open();
  return index;
}

class TableIndex implements PostgresIndex {
  readonly #client: SqlClient;
  /** Quoted. */
  readonly #schema: string;
  readonly #approximate: boolean;
  readonly #languages = new Set([DEFAULT_LANGUAGE]);
  #vectorTables: VectorTable[] = [];
  #stats: IndexStats = { items: 0, passages: 0, livePassages: 0, segments: 0, embedded: 0, bytes: 0 };
  #closed = false;

  constructor(client: SqlClient, { schema = "steward", approximate = false }: PostgresIndexOptions) {
    this.#client = client;
    this.#schema = `"${schema.replaceAll('"', '""')}"`;
    this.#approximate = approximate;
  }

  async open(): Promise<void> {
    await this.#safely(async () => {
      const [there] = await this.#client.query("select to_regclass($1::text)::text as tally", [
        `${this.#schema}.tally`,
      ]);
      if (there?.tally == null) {
        await this.#client.transaction(async (inside) => {
          for (const statement of tablesOf(this.#schema)) await inside.query(statement);
        });
      }
      const [tally] = await this.#client.query(`select format from ${this.#schema}.tally`);
      if (Number(tally?.format) > FORMAT) throw new IndexTooNew(Number(tally?.format), FORMAT);
      await this.#learn(this.#client);
    });
  }

  put(items: readonly IndexedItem[]): Promise<void> {
    return this.#change(items.length === 0, (inside) => putItems(inside, this.#tables, items));
  }

  remove(items: readonly ItemId[]): Promise<void> {
    return this.#change(items.length === 0, (inside) => removeItems(inside, this.#tables, items.map(storable)));
  }

  setVectors(embedder: string, vectorsByItem: ReadonlyMap<ItemId, readonly Float32Array[]>): Promise<void> {
    return this.#change(vectorsByItem.size === 0, (inside) =>
      putVectors(inside, this.#tables, embedder, vectorsByItem),
    );
  }

  search(request: IndexRequest): Promise<IndexAnswer> {
    return this.#reading(async (inside) => {
      const vectors = this.#vectorTables.find(
        ({ embedder, dimensions }) =>
          embedder === request.vector?.embedder && dimensions === request.vector.values.length,
      );
      if (vectors && this.#approximate) {
        // A narrow filter drops most of what the graph finds: then it goes on until there are enough (pgvector 0.8).
        await inside.query(
          "select set_config('hnsw.ef_search', '400', true), set_config('hnsw.iterative_scan', 'strict_order', true)",
        );
      }
      return searchTables(inside, this.#schema, request, { languages: [...this.#languages], vectors });
    });
  }

  list(filter: Filter, options: { order?: "newest" | "oldest"; offset?: number; limit: number }): Promise<Listing> {
    return this.#reading(async (inside) => {
      const values = new Values();
      const passes = conditionOf(this.#schema, filter, [...this.#languages], values) ?? "true";
      const [row] = await inside.query(
        `with passing as materialized (select id, date from ${this.#schema}.items i where ${passes})
         select (select count(*)::int from passing) as total,
                array(select id from passing order by date ${options.order === "oldest" ? "asc" : "desc"} nulls last, id
                      limit ${values.add(options.limit, "int")} offset ${values.add(options.offset ?? 0, "int")}) as items`,
        values.list,
      );
      // Proved by the statement: an array of texts.
      return { items: row?.items as string[], total: Number(row?.total) };
    });
  }

  /** Everything put is durable already; what is left is telling the planner how much there is. */
  async flush(): Promise<void> {
    this.#assertOpen();
    await this.#safely(async () => {
      await this.#client.query(`analyze ${this.#schema}.passages, ${this.#schema}.items`);
      await this.#learn(this.#client);
    });
  }

  tidy(): Promise<void> {
    return this.flush();
  }

  /** As `remove`, and gives the space back so that the tables' files hold nothing of them (backups and replicas may). */
  async rewriteWithout(items: readonly ItemId[]): Promise<{ segmentsRewritten: number }> {
    await this.remove(items);
    let segmentsRewritten = 0;
    await this.#safely(async () => {
      const tables = ["items", "people", "passages", "terms"].map((table) => `${this.#schema}.${table}`);
      await this.#client.query(`delete from ${this.#schema}.terms where found <= 0`);
      for (const table of [...tables, ...this.#vectorTables.map(({ name }) => name)]) {
        await this.#client.query(`vacuum full ${table}`);
        segmentsRewritten += 1;
      }
    });
    return { segmentsRewritten };
  }

  newest(back: number): Promise<ItemId | undefined> {
    return this.#reading(async (inside) => {
      const [row] = await inside.query(`select id from ${this.#schema}.items order by id desc limit 1 offset $1::int`, [
        back,
      ]);
      return row === undefined ? undefined : String(row.id);
    });
  }

  holds(items: readonly ItemId[]): Promise<ReadonlySet<ItemId>> {
    return this.#reading(async (inside) => {
      const rows = await inside.query(`select id from ${this.#schema}.items where id = any($1::text[])`, [
        items.map(storable),
      ]);
      return new Set(rows.map(({ id }) => String(id)));
    });
  }

  /** In one transaction: searches see the old index until it is done. Vectors are kept where the item is the same. */
  rebuild(all: AsyncIterable<IndexedItem>, progress?: (items: number) => void): Promise<void> {
    return this.#change(false, (inside) => putAll(inside, this.#tables, all, progress));
  }

  withoutVectors(embedder: string, limit: number): Promise<ItemId[]> {
    return this.#reading(async (inside) => {
      const tables = this.#vectorTables.filter((table) => table.embedder === embedder);
      const has = tables.map(({ name }) => `not exists (select from ${name} v where v.item = i.id)`);
      const rows = await inside.query(
        `select id from ${this.#schema}.items i where ${["true", ...has].join(" and ")} order by id limit $1::int`,
        [limit],
      );
      return rows.map(({ id }) => String(id));
    });
  }

  stats(): IndexStats {
    return this.#stats;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#client.close();
  }

  get #tables(): Tables {
    return { schema: this.#schema, vectorTables: this.#vectorTables, approximate: this.#approximate };
  }

  /** What other processes may have added: languages and embedders; and how much there is. */
  async #learn(inside: Queries): Promise<void> {
    const s = this.#schema;
    const [row] = await inside.query(
      `select items, passages, array(select language from ${s}.languages) as languages,
         coalesce((select json_agg(e) from ${s}.embedders e), '[]') as embedders,
         (select sum(pg_total_relation_size(c.oid))::float8 from pg_class c
          where c.relnamespace = to_regnamespace($1::text) and c.relkind = 'r') as bytes
       from ${s}.tally`,
      [s],
    );
    // Proved by the statement: texts, and the rows of `embedders`.
    for (const language of (row?.languages ?? []) as string[]) this.#languages.add(language);
    const embedders = (row?.embedders ?? []) as {
      id: string;
      dimensions: number;
      number: number;
      embedded: number;
      in_force: boolean;
    }[];
    this.#vectorTables = embedders.map(({ id, dimensions, number }) => ({
      ...{ embedder: id, dimensions, name: vectorTable(s, number) },
    }));
    this.#stats = {
      ...{ items: Number(row?.items), passages: Number(row?.passages), livePassages: 0, segments: 0 },
      ...{ embedded: embedders.find((e) => e.in_force)?.embedded ?? 0, bytes: Number(row?.bytes) },
    };
  }

  async #change(nothing: boolean, work: (inside: Queries) => Promise<void>): Promise<void> {
    this.#assertOpen();
    if (nothing) return;
    await this.#safely(() =>
      this.#client.transaction(async (inside) => {
        await inside.query(`select one from ${this.#schema}.tally for update`);
        await work(inside);
        await this.#learn(inside);
      }),
    );
  }

  /** One moment for all statements of a search. */
  async #reading<T>(work: (inside: Queries) => Promise<T>): Promise<T> {
    this.#assertOpen();
    return this.#safely(() =>
      this.#client.transaction(async (inside) => {
        await inside.query("set transaction isolation level repeatable read, read only");
        return work(inside);
      }),
    );
  }

  async #safely<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw readable(error);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error("The search index is closed.");
  }
}
