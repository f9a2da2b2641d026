import type { Found, Hit } from "@steward/core/wire.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import type { Client } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { count, day, marker, oneLine, peopleOf, plain, table } from "./print.ts";
import { wholeNumber } from "./usage.ts";

interface SearchOptions extends JsonOption {
  readonly limit: number;
  readonly order: string;
  readonly explain?: boolean;
  readonly facets?: boolean;
}

export const registerSearch: Register = (program, cli) => {
  program
    .command("search")
    .argument("[query...]", 'words, "phrases" and filters (from: to: subject: kind: before: after: has: -not OR)')
    .description("find passages; without a query, reads queries from standard input, one a line")
    .option("-n, --limit <n>", "at most so many hits", wholeNumber(1, 200), 10)
    .option("--order <order>", "best, newest or oldest", "best")
    .option("--explain", "why each result: which words in which fields, and what meaning and date added")
    .option("--facets", "how many results are of which kind, year, source and person, as filters to add")
    .option("--json", "one JSON object per query")
    .action((words: string[], options: SearchOptions) =>
      cli.withHouse(async (client) => {
        if (words.length > 0)
          return show(cli, options, words.join(" "), await search(client, words.join(" "), options));
        if (cli.io.inIsTty)
          throw new CliError(EXIT.usage, 'Say what to search for: steward search "invoice after:2025".');
        for await (const line of cli.io.lines()) {
          if (line.trim()) show(cli, options, line, await search(client, line, options));
        }
      }),
    );
};

function search(client: Client, query: string, { limit, order, explain }: SearchOptions): Promise<Found> {
  return client.send<Found>("POST", "/api/search", { q: query, limit, order, explain: explain === true });
}

function show(cli: Cli, options: SearchOptions, query: string, found: Found): void {
  const { hits, total, ms, problems, corrected } = found;
  const facets = options.facets ? { facets: found.facets } : {};
  if (!options.json) for (const problem of problems) cli.io.err(`${problem.message}\n`);
  cli.say(options, { query, total, ms, problems, corrected, ...facets, hits: hits.map(hitOf) }, () => {
    const mark = marker(cli.io);
    const lines = hits.map((hit) => hitText(hit, mark) + (options.explain ? `\n${reasonsOf(hit)}` : ""));
    const head =
      total === 0 ? `Nothing found for ${oneLine(query)}.` : `${count(total, "result")} in ${ms.toFixed(1)} ms`;
    return [...lines, ...(options.facets && total > 0 ? [facetsText(found.facets)] : []), head].join("\n\n");
  });
}

/** What a script reads: the hit as the wire gives it, without what only the app draws with. */
function hitOf(hit: Hit): object {
  const { id, kind, title, date, people, source, path, messageId, passage, score, parts, why, trust, more } = hit;
  return { id, kind, title, date, people, source, path, messageId, passage, score, parts, why, trust, more };
}

const FIELDS: Readonly<Record<string, string>> = {
  body: "text",
  context: "context",
  subject: "subject",
  people: "people",
  filename: "file name",
};

/** `0.912 = words: boiler 3.1 (text ×2, subject) + plumber 2.0 (people); meaning .43; date +.02`, in sentences. */
function reasonsOf({ score, parts, why = [] }: Hit): string {
  const words = why.map(({ terms, score: worth, fields }) => {
    const places = Object.entries(fields).map(
      ([field, { times }]) => (FIELDS[field] ?? field) + (times > 1 ? ` ×${times}` : ""),
    );
    return `${plain(terms.join(", "))} ${worth.toFixed(1)} (${places.join(", ")})`;
  });
  const said = [
    words.length > 0 ? `words ${parts.words.toFixed(1)}: ${words.join(" + ")}` : "none of the words",
    ...(parts.vectors > 0 ? [`likeness in meaning ${parts.vectors.toFixed(2)} of 1`] : []),
    ...(parts.recency >= 0.005 ? [`its date adds ${parts.recency.toFixed(2)}`] : []),
  ];
  return `  why ${score.toFixed(3)}: ${said.join("; ")}`;
}

const SHOWN_FACETS = 8;

/** Each as the filter that narrows to it, so that it can be added to the query as it stands. */
function facetsText({ kind, year, source, people }: Found["facets"]): string {
  const most = (counts: Readonly<Record<string, number>>) => Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const rows = [
    ["Kinds", "kind", most(kind)],
    ["Years", "during", Object.entries(year).sort(([a], [b]) => Number(b) - Number(a))],
    ["Sources", "in", most(source)],
    ["People", "people", people.map(({ person, count }) => [person, count] as const)],
  ] as const;
  const lines = rows.flatMap(([name, operator, counts]) => {
    const shown = counts.slice(0, SHOWN_FACETS).map(([value, n]) => `${filterOf(operator, plain(value))} ${n}`);
    const more = counts.length > shown.length ? [`${counts.length - shown.length} more`] : [];
    return counts.length > 0 ? [[name, [...shown, ...more].join(" · ")]] : [];
  });
  return table(lines);
}

function filterOf(operator: string, value: string): string {
  return /^[\p{L}\p{N}._@+-]+$/u.test(value) ? `${operator}:${value}` : `${operator}:"${value.replaceAll('"', "")}"`;
}

function hitText(hit: Hit, mark: (text: string) => string): string {
  const head = [day(hit.date), hit.kind, peopleOf(hit.people)].filter(Boolean).join(" · ");
  const where = hit.path ?? hit.source.name;
  return [
    `${plain(head)}`,
    mark(oneLine(hit.title, 120)),
    `  ${highlighted(hit, mark)}`,
    `  ${plain(where)}  [${hit.id}]`,
  ].join("\n");
}

function highlighted({ passage: { snippet, highlights } }: Hit, mark: (text: string) => string): string {
  let text = "";
  let at = 0;
  for (const [start, end] of highlights) {
    text += plain(snippet.slice(at, start)) + mark(plain(snippet.slice(start, end)));
    at = end;
  }
  return (text + plain(snippet.slice(at))).replace(/\s*\n\s*/g, " ");
}
