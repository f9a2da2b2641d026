import type { Queries } from "./sql.ts";

/**
 * The tables. Everything in them can be made again from the readings, so a later format is not migrated but built anew.
 * What stands in them is readable to the database: docs/engines.md says what that is.
 */
export const FORMAT = 1;

/** Statements that make the tables where they are missing; `schema` is quoted. */
export function tablesOf(schema: string): string[] {
  return [
    "create extension if not exists vector",
    `create schema if not exists ${schema}`,
    // One row: the format, and how much there is, so that nothing has to be counted.
    `create table if not exists ${schema}.tally (
       one      boolean primary key default true check (one),
       format   int not null,
       items    int not null default 0,
       passages int not null default 0
     )`,
    `insert into ${schema}.tally (format) values (${FORMAT}) on conflict do nothing`,
    `create table if not exists ${schema}.items (
       id       text collate "C" primary key,
       kind     text not null,
       source   text not null,
       date     float8,              -- milliseconds since the epoch
       trust    text not null,
       filename text not null,       -- folded
       thread   text,
       has      text[] not null,
       hash     text not null        -- of kind, title and text: exact duplicates are shown once
     )`,
    `create index if not exists items_by_date on ${schema}.items (date desc nulls last, id)`,
    `create table if not exists ${schema}.people (
       item   text collate "C" not null references ${schema}.items on delete cascade,
       role   text not null,
       shown  text not null,         -- name, or else address
       marked text not null          -- folded name and address, with a mark wherever a word begins
     )`,
    `create index if not exists people_by_item on ${schema}.people (item)`,
    `create table if not exists ${schema}.passages (
       item    text collate "C" not null,
       n       int not null,         -- position within the item
       terms   tsvector not null,    -- stems and words as written, by field
       impacts jsonb not null,       -- term → BM25F weight, 1 to 255
       primary key (item, n)
     )`,
    `create index if not exists passages_by_term on ${schema}.passages using gin (terms)`,
    `create table if not exists ${schema}.terms (
       term  text collate "C" primary key,
       found int not null            -- passages it stands in
     )`,
    `create table if not exists ${schema}.languages (language text primary key)`,
    `create table if not exists ${schema}.embedders (
       id         text not null,
       dimensions int not null,
       number     int generated always as identity unique,  -- of the table of its vectors
       embedded   int not null default 0,
       in_force   boolean not null,
       primary key (id, dimensions)
     )`,
  ];
}

/** What an embedder's vectors lie in. */
export interface VectorTable {
  readonly embedder: string;
  readonly dimensions: number;
  /** Quoted and with its schema. */
  readonly name: string;
}

/** More dimensions than this cannot be part of an HNSW graph of `vector`; they are compared one by one. */
const MOST_IN_GRAPH = 2_000;

export async function addVectorTable(
  queries: Queries,
  schema: string,
  embedder: string,
  dimensions: number,
  approximate: boolean,
): Promise<VectorTable> {
  await queries.query(`update ${schema}.embedders set in_force = false`);
  const [row] = await queries.query(
    `insert into ${schema}.embedders (id, dimensions, in_force) values ($1::text, $2::int, true)
     on conflict (id, dimensions) do update set in_force = true returning number`,
    [embedder, dimensions],
  );
  const name = vectorTable(schema, Number(row?.number));
  await queries.query(
    `create table if not exists ${name} (
       item text collate "C" not null, n int not null, v vector(${dimensions}) not null, primary key (item, n))`,
  );
  if (approximate && dimensions <= MOST_IN_GRAPH) {
    await queries.query(`create index on ${name} using hnsw (v vector_cosine_ops)`);
  }
  return { embedder, dimensions, name };
}

export function vectorTable(schema: string, number: number): string {
  return `${schema}.vectors_${number}`;
}
