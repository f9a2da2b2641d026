import type { ItemId } from "@steward/core/item.ts";
import { fold } from "@steward/core/search/fold.ts";
import { hashOf } from "@steward/core/search/index/build.ts";
import { DEFAULT_LANGUAGE, stemmedAs } from "@steward/core/search/language.ts";
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
import { conditionOf, markWords } from "./filter.ts";
import { addVectorTable, FORMAT, tablesOf, type VectorTable, vectorTable } from "./schema.ts";
import { searchTables } from "./search.ts";
import { type Queries, type SqlClient, storable, Values } from "./sql.ts";
import { termsOf } from "./terms.ts";

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

const REBUILD_BATCH = 256;

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
    return this.#change(items.length === 0, (inside) => this.#put(inside, items, false));
  }

  remove(items: readonly ItemId[]): Promise<void> {
    return this.#change(items.length === 0, (inside) => this.#remove(inside, items.map(storable)));
  }

  setVectors(embedder: string, vectorsByItem: ReadonlyMap<ItemId, readonly Float32Array[]>): Promise<void> {
    return this.#change(vectorsByItem.size === 0, (inside) => this.#setVectors(inside, embedder, vectorsByItem));
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
    return this.#change(false, async (inside) => {
      await inside.query("create temporary table kept (id text primary key) on commit drop");
      let count = 0;
      const take = async (batch: readonly IndexedItem[]) => {
        if (batch.length === 0) return;
        await this.#put(inside, batch, true);
        await inside.query("insert into kept select unnest($1::text[]) on conflict do nothing", [
          batch.map(({ item }) => storable(item)),
        ]);
        count += batch.length;
        progress?.(count);
      };
      let batch: IndexedItem[] = [];
      for await (const item of all) {
        batch.push(item);
        if (batch.length < REBUILD_BATCH) continue;
        await take(batch);
        batch = [];
      }
      await take(batch);
      const left = await inside.query(`select id from ${this.#schema}.items except select id from kept`);
      if (left.length > 0)
        await this.#remove(
          inside,
          left.map(({ id }) => String(id)),
        );
    });
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

  /** `keep`: vectors of items that are the same as before stay. */
  async #put(inside: Queries, given: readonly IndexedItem[], keep: boolean): Promise<void> {
    const items = [...new Map(given.map((item) => [storable(item.item), item])).entries()];
    const rows = items.map(([id, item]) => ({ ...rowOf(item), id }));
    const same = keep
      ? await inside.query(
          `select i.id from ${this.#schema}.items i
           join jsonb_to_recordset($1::jsonb) as x(id text, hash text) using (id, hash)`,
          [JSON.stringify(rows.map(({ id, hash }) => ({ id, hash })))],
        )
      : [];
    const staying = new Set(same.map(({ id }) => String(id)));
    await this.#remove(
      inside,
      items.map(([id]) => id),
      staying,
    );

    const passages = items.flatMap(([id, item]) =>
      termsOf(item).map(({ tsvector, impactByTerm }, n) => ({ item: id, n, terms: tsvector, impacts: impactByTerm })),
    );
    const foundByTerm = new Map<string, number>();
    for (const { impacts } of passages) {
      for (const term of Object.keys(impacts)) foundByTerm.set(term, (foundByTerm.get(term) ?? 0) + 1);
    }
    const people = items.flatMap(([id, item]) =>
      item.people.map(({ role, name = "", address = "" }) => ({
        ...{ item: id, role, shown: storable(name || address) },
        marked: markWords(fold(storable(`${name}\n${address}`))),
      })),
    );
    const languages = [...new Set(items.map(([, item]) => stemmedAs(item.language)))];
    const s = this.#schema;
    await inside.query(
      `insert into ${s}.items select id, kind, source, date, trust, filename, thread, has, hash
       from jsonb_to_recordset($1::jsonb) as x(id text, kind text, source text, date float8, trust text,
                                               filename text, thread text, has text[], hash text)`,
      [JSON.stringify(rows)],
    );
    await inside.query(
      `insert into ${s}.people select item, role, shown, marked
       from jsonb_to_recordset($1::jsonb) as x(item text, role text, shown text, marked text)`,
      [JSON.stringify(people)],
    );
    await inside.query(
      `insert into ${s}.passages select item, n, terms::tsvector, impacts
       from jsonb_to_recordset($1::jsonb) as x(item text, n int, terms text, impacts jsonb)`,
      [JSON.stringify(passages)],
    );
    await inside.query(
      `insert into ${s}.terms select t.term, t.found from unnest($1::text[], $2::int[]) as t(term, found)
       on conflict (term) do update set found = terms.found + excluded.found`,
      [[...foundByTerm.keys()], [...foundByTerm.values()]],
    );
    await inside.query(
      `with spoken as (insert into ${s}.languages select unnest($1::text[]) on conflict do nothing)
       update ${s}.tally set items = items + $2::int, passages = passages + $3::int`,
      [languages, items.length, passages.length],
    );
  }

  async #remove(
    inside: Queries,
    ids: readonly string[],
    keepVectorsOf: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    const s = this.#schema;
    await inside.query(
      `with gone as (delete from ${s}.passages where item = any($1::text[]) returning impacts),
       fewer as (select term, count(*)::int as found from gone, jsonb_object_keys(impacts) as term group by term),
       counted as (update ${s}.terms t set found = t.found - f.found from fewer f where f.term = t.term)
       update ${s}.tally set passages = passages - (select count(*)::int from gone)`,
      [ids],
    );
    await inside.query(
      `with gone as (delete from ${s}.items where id = any($1::text[]) returning id)
       update ${s}.tally set items = items - (select count(*)::int from gone)`,
      [ids],
    );
    const without = ids.filter((id) => !keepVectorsOf.has(id));
    if (without.length === 0) return;
    for (const table of this.#vectorTables) {
      await inside.query(
        `with gone as (delete from ${table.name} where item = any($1::text[]) returning 1)
         update ${s}.embedders set embedded = embedded - (select count(*)::int from gone)
         where id = $2::text and dimensions = $3::int`,
        [without, table.embedder, table.dimensions],
      );
    }
  }

  async #setVectors(
    inside: Queries,
    embedder: string,
    vectorsByItem: ReadonlyMap<ItemId, readonly Float32Array[]>,
  ): Promise<void> {
    const counts = await inside.query(
      `select item, count(*)::int as passages from ${this.#schema}.passages where item = any($1::text[]) group by item`,
      [[...vectorsByItem.keys()].map(storable)],
    );
    const rowsByDimensions = new Map<number, { item: string; n: number; v: string }[]>();
    for (const { item, passages } of counts) {
      const vectors = vectorsByItem.get(String(item)) ?? [];
      const dimensions = vectors[0]?.length ?? 0;
      // One vector per passage, all of one size, or none is taken.
      if (vectors.length !== Number(passages) || dimensions === 0) continue;
      if (vectors.some((vector) => vector.length !== dimensions || !vector.every(Number.isFinite))) continue;
      const rows = rowsByDimensions.get(dimensions) ?? [];
      rows.push(...vectors.map((vector, n) => ({ item: String(item), n, v: `[${vector.join(",")}]` })));
      rowsByDimensions.set(dimensions, rows);
    }
    for (const [dimensions, rows] of rowsByDimensions) {
      const table =
        this.#vectorTables.find((known) => known.embedder === embedder && known.dimensions === dimensions) ??
        (await addVectorTable(inside, this.#schema, embedder, dimensions, this.#approximate));
      await inside.query(
        `with added as (
           insert into ${table.name} select item, n, v::vector
           from jsonb_to_recordset($1::jsonb) as x(item text, n int, v text)
           on conflict (item, n) do update set v = excluded.v returning (xmax = 0) as fresh)
         update ${this.#schema}.embedders set
           in_force = (id = $2::text and dimensions = $3::int),
           embedded = embedded + case when id = $2::text and dimensions = $3::int
                                      then (select count(*)::int from added where fresh) else 0 end`,
        [JSON.stringify(rows), embedder, dimensions],
      );
    }
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

function rowOf(item: IndexedItem) {
  return {
    ...{ kind: item.kind, source: storable(item.source), date: item.date ?? null, trust: item.trust },
    filename: fold(storable(item.filename ?? "")),
    thread: item.thread === undefined ? null : storable(item.thread),
    has: item.has.map(storable),
    hash: `${item.kind}.${hashOf(item).join(".")}`,
  };
}
