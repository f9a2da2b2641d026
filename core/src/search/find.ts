import type { Clock } from "../clock.ts";
import type { Item, ItemId, Reading } from "../item.ts";
import type { Found, Hit, HitPassage } from "../wire.ts";
import { tokensOf } from "./analyze.ts";
import type { Embedder } from "./embedder.ts";
import { DEFAULT_LANGUAGE } from "./language.ts";
import type { Clause, Facets, IndexAnswer, IndexHit, IndexRequest, PassageIndex } from "./passage-index.ts";
import { type ParsedQuery, parseQuery } from "./query.ts";
import { snippetOf } from "./snippet.ts";

/**
 * The search: a query as a person types it → hits as a person reads them.
 *
 * Parse, embed (when an embedder is on), ask the index, then open the few items and readings that are shown. An empty
 * query lists the newest items.
 */
export async function find(deps: FindDeps, query: string, options: FindOptions = {}): Promise<Found> {
  const started = performance.now();
  const names = await deps.sourceNames();
  const parsed = parseQuery(query, { now: deps.clock.now(), timeZone: deps.timeZone, sources: names });
  const request = await requestOf(deps, parsed, options);
  const answer = await deps.index.search(request);
  const shown = await shownOf(deps, answer);
  const hits = shown.map(({ hit, item, reading }) => hitOf(hit, item, reading, names));
  return {
    hits,
    total: answer.total,
    ms: performance.now() - started,
    facets: answer.facets ? withNames(answer.facets, names) : NO_FACETS,
    understood: parsed.understood,
    problems: parsed.problems,
    corrected: (answer.corrected ?? []).map(({ from, to }) => ({ from, to: asWritten(to, shown) })),
    ...(request.vector && deps.embedder ? { embedder: deps.embedder.label ?? deps.embedder.id } : {}),
  };
}

export interface FindDeps {
  readonly index: Pick<PassageIndex, "search">;
  readonly library: {
    /** In the order asked; undefined for what is not there (any more). */
    items(ids: readonly ItemId[]): Promise<readonly (Item | undefined)[]>;
    reading(id: ItemId): Promise<Reading | undefined>;
  };
  /** Source id → name. */
  sourceNames(): Promise<ReadonlyMap<string, string>>;
  readonly clock: Clock;
  /** The owner's, IANA. */
  readonly timeZone: string;
  readonly embedder?: Embedder;
}

export interface FindOptions {
  readonly limit?: number;
  readonly offset?: number;
  readonly order?: "best" | "newest" | "oldest";
  readonly explain?: boolean;
}

const USUAL_LIMIT = 20;
const MOST = 1_000;
const NO_FACETS: Facets = { kind: {}, year: {}, source: {}, people: [] };

async function requestOf(deps: FindDeps, parsed: ParsedQuery, options: FindOptions): Promise<IndexRequest> {
  const ranked = parsed.clauses.some((clause) => clause.type !== "not");
  const vector = await vectorOf(deps.embedder, parsed.clauses);
  return {
    clauses: parsed.clauses,
    filter: parsed.filter,
    ...(vector ? { vector } : {}),
    limit: whole(options.limit, USUAL_LIMIT, MOST),
    offset: whole(options.offset, 0, 1_000_000),
    // Without words there is nothing to be best at: the newest first.
    order: options.order ?? (ranked ? "best" : "newest"),
    now: deps.clock.now(),
    facets: true,
    ...(options.explain ? { explain: true } : {}),
  };
}

/**
 * The query's own words as a vector; undefined when none of them means anything to the embedder. A search must not fail
 * because an embedder does: then words answer alone.
 */
async function vectorOf(embedder: Embedder | undefined, clauses: readonly Clause[]): Promise<IndexRequest["vector"]> {
  const text = clauses.flatMap((clause) => (clause.type === "not" ? [] : [clause.text])).join(" ");
  if (!embedder || text === "" || embedder.knows?.(text) === false) return undefined;
  try {
    const [values] = await embedder.embed([text], "query");
    const { id, weight, floor } = embedder;
    return values && { embedder: id, values, weight, ...(floor === undefined ? {} : { floor }) };
  } catch {
    return undefined;
  }
}

/** Sources by their names, as `in:` takes them: of those called the same the sum. What has just gone has none. */
function withNames(facets: Facets, names: ReadonlyMap<string, string>): Facets {
  const source: Record<string, number> = {};
  for (const [id, count] of Object.entries(facets.source)) {
    const name = names.get(id);
    if (name !== undefined) source[name] = (source[name] ?? 0) + count;
  }
  return { ...facets, source };
}

interface Shown {
  readonly hit: IndexHit;
  readonly item: Item;
  readonly reading: Reading | undefined;
}

async function shownOf(deps: FindDeps, answer: IndexAnswer): Promise<Shown[]> {
  const items = await deps.library.items(answer.hits.map((hit) => hit.item));
  const readings = await Promise.all(items.map((item) => (item ? deps.library.reading(item.id) : undefined)));
  // What was forgotten between the index's answer and now is left out.
  return answer.hits.flatMap((hit, i) => {
    const item = items[i];
    return item ? [{ hit, item, reading: readings[i] }] : [];
  });
}

/**
 * The index knows words by their stems; a person is shown them as they stand in what was found ("invoice", not
 * "invoic"): for each stem the form that is written most often there.
 */
function asWritten(terms: readonly string[], shown: readonly Shown[]): string[] {
  const times = new Map<string, Map<string, number>>(terms.map((term) => [term, new Map()]));
  for (const { hit, item, reading } of shown) {
    const passage = reading?.passages[hit.passage];
    const people = item.people.map(({ name = "", address = "" }) => `${name} ${address}`).join(" ");
    const text = `${item.title}\n${people}\n${item.filename ?? ""}\n${passage ? reading.text.slice(passage.start, passage.end) : ""}`;
    for (const token of tokensOf(text, reading?.language ?? DEFAULT_LANGUAGE)) {
      const forms = times.get(token.term);
      if (!forms) continue;
      const form = text.slice(token.start, token.end).toLowerCase();
      forms.set(form, (forms.get(form) ?? 0) + 1);
    }
  }
  const written = terms.map((term) => [...(times.get(term) ?? [])].sort((a, b) => b[1] - a[1])[0]?.[0] ?? term);
  return [...new Set(written)];
}

function hitOf(hit: IndexHit, item: Item, reading: Reading | undefined, names: ReadonlyMap<string, string>): Hit {
  return {
    id: item.id,
    kind: item.kind,
    title: item.title,
    ...(item.date === undefined ? {} : { date: item.date }),
    people: item.people,
    source: { id: item.source, name: names.get(item.source) ?? "" },
    ...(item.path === undefined ? {} : { path: item.path }),
    ...(item.messageId === undefined ? {} : { messageId: item.messageId }),
    trust: item.trust,
    attachments: item.attachments?.filter((attachment) => !attachment.inline).length ?? 0,
    passage: passageOf(hit, reading),
    more: hit.others.length,
    score: hit.score,
    parts: hit.parts,
    ...(hit.why ? { why: hit.why } : {}),
  };
}

function passageOf(hit: IndexHit, reading: Reading | undefined): HitPassage {
  const passage = reading?.passages[hit.passage];
  // An item without text was found by its title, people or file name.
  if (!reading || !passage) return { text: "", start: 0, end: 0, snippet: "", highlights: [] };
  const text = reading.text.slice(passage.start, passage.end);
  const page = pageAt(reading.pageStarts, passage.start);
  return {
    text,
    start: passage.start,
    end: passage.end,
    ...(page === undefined ? {} : { page }),
    ...snippetOf(text, hit.terms, [reading.language ?? DEFAULT_LANGUAGE]),
  };
}

/** From 1; undefined for formats without pages. */
function pageAt(pageStarts: readonly number[] | undefined, at: number): number | undefined {
  if (!pageStarts || pageStarts.length === 0) return undefined;
  const after = pageStarts.findIndex((start) => start > at);
  return Math.max(1, after < 0 ? pageStarts.length : after);
}

function whole(value: number | undefined, usual: number, most: number): number {
  if (value === undefined || !Number.isFinite(value)) return usual;
  return Math.min(most, Math.max(0, Math.trunc(value)));
}
