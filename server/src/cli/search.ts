import type { Found, Hit } from "@steward/core/wire.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import type { Client } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { count, day, marker, oneLine, peopleOf, plain } from "./print.ts";
import { wholeNumber } from "./usage.ts";

interface SearchOptions extends JsonOption {
  readonly limit: number;
  readonly order: string;
  readonly explain?: boolean;
}

export const registerSearch: Register = (program, cli) => {
  program
    .command("search")
    .argument("[query...]", 'words, "phrases" and filters (from: to: subject: kind: before: after: has: -not OR)')
    .description("find passages; without a query, reads queries from standard input, one a line")
    .option("-n, --limit <n>", "at most so many hits", wholeNumber(1, 200), 10)
    .option("--order <order>", "best, newest or oldest", "best")
    .option("--explain", "why each result: which words in which fields, and what vectors and date added")
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
  const parameters = new URLSearchParams({ q: query, limit: String(limit), order, explain: String(explain === true) });
  return client.get<Found>(`/api/search?${parameters}`);
}

function show(cli: Cli, options: SearchOptions, query: string, found: Found): void {
  const { hits, total, ms, problems, corrected } = found;
  if (!options.json) for (const problem of problems) cli.io.err(`${problem.message}\n`);
  cli.say(options, { query, total, ms, problems, corrected, hits: hits.map(hitOf) }, () => {
    const mark = marker(cli.io);
    const lines = hits.map((hit) => hitText(hit, mark) + (options.explain ? `\n${reasonsOf(hit)}` : ""));
    const head =
      total === 0 ? `Nothing found for ${plain(query)}.` : `${count(total, "result")} in ${ms.toFixed(1)} ms`;
    return [...lines, head].join("\n\n");
  });
}

/** What a script reads: the hit as the wire gives it, without what only the app draws with. */
function hitOf(hit: Hit): object {
  const { id, kind, title, date, people, source, path, messageId, passage, score, parts, why, trust, more } = hit;
  return { id, kind, title, date, people, source, path, messageId, passage, score, parts, why, trust, more };
}

function reasonsOf({ score, parts, why = [] }: Hit): string {
  const words = why.map(({ terms, fields }) => `${plain(terms.join(" "))} in ${Object.keys(fields).join(", ")}`);
  const sum = `words ${parts.words.toFixed(2)}, vectors ${parts.vectors.toFixed(2)}, date ${parts.recency.toFixed(2)}`;
  return `  ${score.toFixed(3)}: ${sum}${words.length > 0 ? ` (${words.join("; ")})` : ""}`;
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
