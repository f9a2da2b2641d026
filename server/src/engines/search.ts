import { coverageFactor, MOST_RECENCY, recencyOf, USUAL_VECTOR_WEIGHT, YEAR } from "@steward/core/search/fuse.ts";
import { sequenceOf } from "@steward/core/search/index/filter.ts";
import { sequenceImpact } from "@steward/core/search/index/score.ts";
import type { Facets, IndexAnswer, IndexRequest } from "@steward/core/search/passage-index.ts";
import { conditionOf, standsIn } from "./filter.ts";
import { type Plan, planQuery } from "./plan.ts";
import type { VectorTable } from "./schema.ts";
import { type Queries, Values } from "./sql.ts";
import { anyOf, tsqueryOf } from "./terms.ts";

/** Items that vectors alone may bring in; items found by words whose vectors are measured. */
const BY_VECTORS = 100;
const MEASURED = 400;
const MOST_PEOPLE = 12;
/** Of what has no vector, beside exact cosines: lower than any. */
const NO_COSINE = -2;

/** A search: the plan's statements, one that filters, scores, mixes and counts, and one for what is shown of the hits. */
export async function searchTables(
  queries: Queries,
  schema: string,
  request: IndexRequest,
  context: { readonly languages: readonly string[]; readonly vectors: VectorTable | undefined },
): Promise<IndexAnswer> {
  const plan = await planQuery(queries, schema, request.clauses, context.languages);
  const statement = statementOf(schema, plan, request, context);
  const [row] = statement ? await queries.query(statement.sql, statement.values.list) : [];
  // Proved by the statement: it makes exactly this object.
  const answer = (row?.answer ?? NOTHING) as Answer;
  const terms = [...plan.wanted, ...plan.phrases].flatMap((asked) => asked?.terms ?? []);
  const written = request.clauses.flatMap((clause) => (clause.type === "phrase" ? [clause.text] : []));
  const shown = await termsOfHits(queries, schema, answer.hits, [...terms, ...stemsOf(written, context.languages)]);
  return {
    hits: answer.hits.map((hit) => ({
      item: hit.item,
      passage: hit.n,
      others: shown.others(hit),
      score: hit.score,
      parts: {
        words: hit.words,
        vectors: Math.max(request.vector?.exact ? -1 : 0, hit.product ?? 0),
        recency: recencyOf(hit.date ?? Number.NaN, request.now),
      },
      terms: shown.terms(hit),
    })),
    total: answer.total,
    ...(request.facets ? { facets: answer.facets } : {}),
    ...(plan.corrected.length > 0 ? { corrected: plan.corrected } : {}),
  };
}

interface Answer {
  readonly hits: readonly HitRow[];
  readonly total: number;
  readonly facets: Facets;
}

const NOTHING: Answer = { hits: [], total: 0, facets: { kind: {}, year: {}, source: {}, people: [] } };

interface HitRow {
  readonly item: string;
  readonly n: number;
  readonly words: number;
  readonly product: number | null;
  readonly date: number | null;
  readonly score: number;
}

function statementOf(
  schema: string,
  plan: Plan,
  request: IndexRequest,
  { languages, vectors }: { readonly languages: readonly string[]; readonly vectors: VectorTable | undefined },
): { sql: string; values: Values } | undefined {
  const values = new Values();
  const number = (value: number) => values.add(value, "float8");
  const asked = [...plan.phrases.flatMap((phrase) => phrase ?? []), ...plan.wanted];
  const matching = anyOf(asked.filter((one) => !one.weak).flatMap(tsqueriesOf));
  // Clauses that were given but hold no word ("!!!") find nothing; no clauses at all mean everything.
  const everything = asked.length === 0 && !request.vector && request.clauses.every(({ type }) => type === "not");
  // Every value that is given must stand in the statement, so nothing is made of a search that finds nothing.
  if (!everything && matching === undefined && !(request.vector && vectors)) return undefined;
  const passes = [
    conditionOf(schema, request.filter, languages, values) ?? "true",
    ...plan.phrases.map((one) => standsIn(schema, anyOf(one ? tsqueriesOf(one) : []), values)),
    ...plan.nots.map((query) => `not ${standsIn(schema, query, values)}`),
  ].join(" and ");

  const most = Math.min(2_147_483_647, Math.max(MEASURED, 2 * ((request.offset ?? 0) + request.limit)));
  const none = coverageFactor(0);
  const totalIdf = asked.reduce((sum, { idf }) => sum + idf, 0);
  const ask = values.json(asked.map(({ terms, sequences, idf }) => ({ terms, sequences: sequences ?? null, idf })));
  const best = request.order === undefined || request.order === "best";

  const byWords = everything
    ? `select i.id as item, 0 as n, 0::float8 as words from ${schema}.items i where ${passes}`
    : matching === undefined
      ? "select ''::text as item, 0 as n, 0::float8 as words where false"
      : `select distinct on (p.item) p.item, p.n, s.words
         from ${schema}.passages p
         join ${schema}.items i on i.id = p.item
         cross join lateral (
           select sum(c.idf * c.impact / 255.0)
                  * (${number(none)} + ${number(coverageFactor(1) - none)} * sum(c.idf) / ${number(totalIdf || 1)}) as words
           from (
             select a.idf, greatest(
               (select max((p.impacts ->> t)::int) from unnest(a.terms) t),
               case when p.terms @@ a.sequences then ${number(sequenceImpact(1))} end) as impact
             from asked a) c
           where c.impact > 0) s
         where p.terms @@ ${values.add(matching, "tsquery")} and ${passes}
         order by p.item, s.words desc, p.n`;

  const vector = request.vector && vectors ? values.add(`[${request.vector.values.join(",")}]`, "vector") : undefined;
  const exact = request.vector?.exact ?? false;
  const cosine = `(1 - (v.v <=> ${vector}))::float8`;
  // Without an order and a limit there is nothing for the graph to answer: every vector is measured, of zeros too.
  const near =
    vector && vectors
      ? `select v.item, v.n, ${exact ? `coalesce(nullif(${cosine}, 'NaN'), 0)` : cosine} as product
         from ${vectors.name} v join ${schema}.items i on i.id = v.item
         where ${passes} ${exact ? "" : `order by v.v <=> ${vector} limit ${BY_VECTORS}`}`
      : "select ''::text as item, 0 as n, 0::float8 as product where false";
  const measured =
    vector && vectors && !exact
      ? `select v.item, v.n, ${cosine} as product
         from (select item from by_words order by words desc limit ${most}) w join ${vectors.name} v using (item)`
      : "select * from near where false";
  const weight = number(request.vector?.weight ?? USUAL_VECTOR_WEIGHT);
  const score = exact ? `coalesce(c.product, ${NO_COSINE})` : mixed(request, number);

  const sql = `
with asked as materialized (
  select idf, terms, sequences::tsquery as sequences
  from jsonb_to_recordset(${ask}) as a(idf float8, terms text[], sequences text)),
by_words as materialized (${byWords}),
near as materialized (${near}),
measured as (${measured}),
by_vector as materialized (
  -- The item's nearest passage. A vector of zeros is near nothing: its product is not a number.
  select distinct on (item) item, n, product from (select * from near union select * from measured) m
  where product <> 'NaN' order by item, product desc, n),
candidates as materialized (
  select item, coalesce(w.n, v.n) as n, coalesce(w.words, 0) as words, v.product
  from by_words w full join by_vector v using (item)),
scale as (
  select most_words, most_product,
         case when most_words > 0 then 1 - vector_weight else 0 end as words_weight, vector_weight
  from (select max(words) as most_words, max(product) as most_product,
               case when max(product) is null then 0 else ${weight} end as vector_weight from candidates) m),
scored as (
  select c.item, c.n, c.words, c.product, i.date, i.kind, i.hash,
         ${score} as score
  from candidates c join ${schema}.items i on i.id = c.item cross join scale),
-- Of exact duplicates the best is shown.
folded as (
  select *, ${best ? "case when words > 0 then row_number() over (partition by hash order by score desc, date desc nulls last, item) else 1 end" : "1"} as copy
  from scored),
page as (
  select item, n, words, product, date, score from folded where copy = 1
  order by ${orderOf(request.order)} limit ${values.add(request.limit, "int")} offset ${values.add(request.offset ?? 0, "int")})
select json_build_object(
  'hits', coalesce((select json_agg(page order by ${orderOf(request.order)}) from page), '[]'),
  'total', (select count(*) from candidates)${request.facets ? `,\n  'facets', ${facetsOf(schema)}` : ""}) as answer`;
  return { sql, values };
}

/** Words, vectors and recency in one score, as the private index mixes them. */
function mixed({ now }: IndexRequest, number: (value: number) => string): string {
  return `case when most_words > 0 then words_weight * c.words / most_words else 0 end
         + case when c.product is null or vector_weight = 0 then 0
                when most_product <= 0 then (1 - words_weight) * (c.product >= most_product)::int
                else (1 - words_weight) * greatest(0, c.product / most_product) end
         + case when i.date is null then 0
                else ${number(MOST_RECENCY)} / (1 + greatest(0, ${number(now)} - i.date) / ${number(YEAR)}) end`;
}

function tsqueriesOf(asked: { readonly terms: readonly string[]; readonly sequences: string | undefined }): string[] {
  const terms = asked.terms.map((term) => tsqueryOf([[{ term }]]));
  return asked.sequences === undefined ? terms : [...terms, asked.sequences];
}

/** Of equals the newer, then the lower id: pages are stable. */
function orderOf(order: IndexRequest["order"]): string {
  if (order === "oldest") return "date asc nulls last, item";
  return order === "newest" ? "date desc nulls last, item" : "score desc, date desc nulls last, item";
}

/** Counts over everything that matched: kinds, years (UTC), sources and people. */
function facetsOf(schema: string): string {
  const counted = (value: string) => `coalesce((
    select json_object_agg(value, found) from (
      select ${value} as value, count(*) as found from candidates c join ${schema}.items i on i.id = c.item
      group by 1) f where value is not null), '{}')`;
  return `json_build_object(
    'kind', ${counted("i.kind")},
    'source', ${counted("i.source")},
    'year', ${counted("extract(year from to_timestamp(i.date / 1000) at time zone 'UTC')::text")},
    'people', coalesce((
      select json_agg(json_build_object('person', shown, 'count', found) order by found desc, shown) from (
        select p.shown, count(distinct p.item) as found from candidates c join ${schema}.people p on p.item = c.item
        where p.shown <> '' group by p.shown order by found desc, p.shown collate "C" limit ${MOST_PEOPLE}) f), '[]'))`;
}

/** Which of the terms stand in which passages of the hits. */
async function termsOfHits(queries: Queries, schema: string, hits: readonly HitRow[], terms: readonly string[]) {
  const asked = [...new Set(terms)];
  const rows =
    hits.length === 0 || asked.length === 0
      ? []
      : await queries.query(
          `select item, n, array(select t from unnest($2::text[]) with ordinality u(t, at)
                                 where p.impacts ? t order by at) as terms
           from ${schema}.passages p where item = any($1::text[]) and impacts ?| $2::text[]`,
          [hits.map((hit) => hit.item), asked],
        );
  const byItem = Map.groupBy(
    // Proved by the statement: an array of texts.
    rows.map((row) => ({ item: String(row.item), n: Number(row.n), terms: row.terms as string[] })),
    ({ item }) => item,
  );
  return {
    terms: (hit: HitRow) => byItem.get(hit.item)?.find(({ n }) => n === hit.n)?.terms ?? [],
    others: (hit: HitRow) =>
      (byItem.get(hit.item) ?? [])
        .filter(({ n }) => n !== hit.n)
        .sort((a, b) => b.terms.length - a.terms.length || a.n - b.n)
        .map(({ n }) => n),
  };
}

function stemsOf(texts: readonly string[], languages: readonly string[]): string[] {
  return texts.flatMap((text) => sequenceOf(text, languages).flatMap((meant) => meant.map(({ term }) => term)));
}
