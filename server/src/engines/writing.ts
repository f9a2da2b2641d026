import type { ItemId } from "@steward/core/item.ts";
import { fold } from "@steward/core/search/fold.ts";
import { hashOf } from "@steward/core/search/index/build.ts";
import { stemmedAs } from "@steward/core/search/language.ts";
import type { IndexedItem } from "@steward/core/search/passage-index.ts";
import { markWords } from "./filter.ts";
import { addVectorTable, type VectorTable } from "./schema.ts";
import { type Queries, storable } from "./sql.ts";
import { termsOf } from "./terms.ts";

/**
 * What is written into the tables, and taken out: every function is part of a transaction of the caller's, who has the lock
 * of the writers. What the tables count (items, passages, how many passages have a term, vectors in force) is counted in the
 * same statements.
 */
export interface Tables {
  /** Quoted. */
  readonly schema: string;
  readonly vectorTables: readonly VectorTable[];
  readonly approximate: boolean;
}

const REBUILD_BATCH = 256;

/** With `keep`, vectors of items that are the same as before stay. */
export async function putItems(
  inside: Queries,
  tables: Tables,
  given: readonly IndexedItem[],
  keep = false,
): Promise<void> {
  const s = tables.schema;
  const items = [...new Map(given.map((item) => [storable(item.item), item])).entries()];
  const rows = items.map(([id, item]) => ({ ...rowOf(item), id }));
  const same = keep
    ? await inside.query(
        `select i.id from ${s}.items i
         join jsonb_to_recordset($1::jsonb) as x(id text, hash text) using (id, hash)`,
        [JSON.stringify(rows.map(({ id, hash }) => ({ id, hash })))],
      )
    : [];
  const staying = new Set(same.map(({ id }) => String(id)));
  await removeItems(
    inside,
    tables,
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

export async function removeItems(
  inside: Queries,
  { schema: s, vectorTables }: Tables,
  ids: readonly string[],
  keepVectorsOf: ReadonlySet<string> = new Set(),
): Promise<void> {
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
  for (const table of vectorTables) {
    await inside.query(
      `with gone as (delete from ${table.name} where item = any($1::text[]) returning 1)
       update ${s}.embedders set embedded = embedded - (select count(*)::int from gone)
       where id = $2::text and dimensions = $3::int`,
      [without, table.embedder, table.dimensions],
    );
  }
}

/** One vector per passage of an item, all of one size, or none of it is taken. */
export async function putVectors(
  inside: Queries,
  { schema: s, vectorTables, approximate }: Tables,
  embedder: string,
  vectorsByItem: ReadonlyMap<ItemId, readonly Float32Array[]>,
): Promise<void> {
  const counts = await inside.query(
    `select item, count(*)::int as passages from ${s}.passages where item = any($1::text[]) group by item`,
    [[...vectorsByItem.keys()].map(storable)],
  );
  const rowsByDimensions = new Map<number, { item: string; n: number; v: string }[]>();
  for (const { item, passages } of counts) {
    const vectors = vectorsByItem.get(String(item)) ?? [];
    const dimensions = vectors[0]?.length ?? 0;
    if (vectors.length !== Number(passages) || dimensions === 0) continue;
    if (vectors.some((vector) => vector.length !== dimensions || !vector.every(Number.isFinite))) continue;
    const rows = rowsByDimensions.get(dimensions) ?? [];
    rows.push(...vectors.map((vector, n) => ({ item: String(item), n, v: `[${vector.join(",")}]` })));
    rowsByDimensions.set(dimensions, rows);
  }
  for (const [dimensions, rows] of rowsByDimensions) {
    const table =
      vectorTables.find((known) => known.embedder === embedder && known.dimensions === dimensions) ??
      (await addVectorTable(inside, s, embedder, dimensions, approximate));
    await inside.query(
      `with added as (
         insert into ${table.name} select item, n, v::vector
         from jsonb_to_recordset($1::jsonb) as x(item text, n int, v text)
         on conflict (item, n) do update set v = excluded.v returning (xmax = 0) as fresh)
       update ${s}.embedders set
         in_force = (id = $2::text and dimensions = $3::int),
         embedded = embedded + case when id = $2::text and dimensions = $3::int
                                    then (select count(*)::int from added where fresh) else 0 end`,
      [JSON.stringify(rows), embedder, dimensions],
    );
  }
}

/** These and no others; `progress` is told how many are in. Vectors stay where the item is the same. */
export async function putAll(
  inside: Queries,
  tables: Tables,
  all: AsyncIterable<IndexedItem>,
  progress?: (items: number) => void,
): Promise<void> {
  await inside.query("create temporary table kept (id text primary key) on commit drop");
  let count = 0;
  const take = async (batch: readonly IndexedItem[]) => {
    if (batch.length === 0) return;
    await putItems(inside, tables, batch, true);
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
  const left = await inside.query(`select id from ${tables.schema}.items except select id from kept`);
  if (left.length > 0)
    await removeItems(
      inside,
      tables,
      left.map(({ id }) => String(id)),
    );
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
