import { resolve } from "node:path";
import type { Quarantined, Source } from "@steward/core/item.ts";
import type { Progress, Status } from "@steward/core/wire.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import type { Client } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { bytes, count, oneLine, plain, table } from "./print.ts";
import { progressBars } from "./progress.ts";
import { setupUrl } from "./start.ts";

const ENDED = new Set<Source["state"]>(["done", "failed", "paused"]);

export const registerSources: Register = (program, cli) => {
  program
    .command("ingest")
    .argument("[path...]", "mailbox files, folders, documents, zips")
    .description("take in files and folders; what is known adds nothing")
    .option("--sample", "the sample archive")
    .option("--json", "JSON summary")
    .action((paths: string[], options: JsonOption & { sample?: boolean }) => {
      if (paths.length === 0 && !options.sample) {
        throw new CliError(EXIT.usage, "Name what to take in: steward ingest ~/mail.mbox ~/Documents.");
      }
      const wanted = [...paths.map((path) => ({ path: resolve(path) })), ...(options.sample ? [{ sample: true }] : [])];
      return cli.withHouse((client) => ingest(cli, client, wanted, options));
    });

  const sources = program.command("sources").description("where things come from, and how far it was read");
  sources.option("--json", "JSON");
  sources.action((options: JsonOption) => cli.withHouse((client) => list(cli, client, options)));
  sources
    .command("run <id>")
    .description("read a source again")
    .option("--json", "JSON")
    .action((id: string, options: JsonOption) =>
      cli.withHouse(async (client) => {
        const source = await client.send<Source>("POST", `/api/sources/${encodeURIComponent(id)}/run`);
        await follow(cli, client, [source], options);
      }),
    );
  sources
    .command("pause <id>")
    .description("stop reading a source where it stands")
    .option("--json", "JSON")
    .action((id: string, options: JsonOption) =>
      cli.withHouse(async (client) => {
        const source = await client.send<Source>("POST", `/api/sources/${encodeURIComponent(id)}/pause`);
        cli.say(options, source, () => `${plain(source.name)}: ${source.state}`);
      }),
    );
  sources
    .command("quarantine")
    .description("what could not be read, with the reason")
    .option("--retry <id>", "try again to read it")
    .option("--dismiss <id>", "take it off the list")
    .option("--json", "JSON")
    .action((options: JsonOption & { retry?: string; dismiss?: string }) =>
      cli.withHouse((client) => quarantine(cli, client, options)),
    );

  program
    .command("status")
    .description("counts, sizes, model and spending")
    .option("--link", "a fresh one-time link to set the password (the one before stops working)")
    .option("--json", "JSON")
    .action((options: JsonOption & { link?: boolean }) => cli.withHouse((client) => status(cli, client, options)));
};

interface Wanted {
  readonly path?: string;
  readonly sample?: boolean;
}

interface Refused extends Wanted {
  readonly reason: string;
}

async function ingest(cli: Cli, client: Client, wanted: readonly Wanted[], options: JsonOption): Promise<void> {
  const sources: Source[] = [];
  const refused: Refused[] = [];
  for (const one of wanted) {
    try {
      sources.push(await client.send<Source>("POST", "/api/sources", one));
    } catch (error) {
      // One path that is not there does not keep the others out.
      if (!(error instanceof CliError) || error.exit === EXIT.locked) throw error;
      refused.push({ ...one, reason: error.message });
    }
  }
  if (refused.length > 0) cli.setExit(EXIT.failed);
  await follow(cli, client, sources, options, refused);
}

const LOOK_MS = 3_000;

/** Shows progress until every source has ended, then the summary. Exit 1 when one failed. */
async function follow(
  cli: Cli,
  client: Client,
  sources: readonly Source[],
  options: JsonOption,
  refused: readonly Refused[] = [],
): Promise<void> {
  const startedAt = performance.now();
  const bars = options.json ? undefined : progressBars(cli.io);
  const ids = new Set(sources.map((source) => source.id));
  let latest: readonly Source[] = sources;
  const isOver = () => latest.length === ids.size && latest.every((source) => ENDED.has(source.state));
  let interrupted = false;
  const leaving = new AbortController();
  const undo = cli.io.onStop(() => {
    interrupted = true;
    leaving.abort();
  });
  // A full disk stops the reading and leaves no word of it in the rows.
  const told = new Set<string>();
  const looking = setInterval(() => {
    const tell = ({ warnings = [] }: Status) => {
      for (const warning of warnings) if (!told.has(warning)) cli.io.err(`Warning: ${plain(warning)}\n`);
      for (const warning of warnings) told.add(warning);
    };
    client.get<Status>("/api/status").then(tell, () => {}); // the stream tells what is wrong
  }, LOOK_MS);
  try {
    for await (const progress of client.events<Progress>("/api/progress", { signal: leaving.signal })) {
      latest = progress.sources.filter((source) => ids.has(source.id));
      for (const source of latest) bars?.show(source, progress.rates[source.id] ?? 0);
      if (isOver()) break;
    }
  } finally {
    clearInterval(looking);
    leaving.abort();
    bars?.stop();
    undo();
  }
  if (interrupted) {
    const later =
      client.at === "server" ? "The server goes on reading." : "What was read is kept; run it again to go on.";
    throw new CliError(EXIT.interrupted, `Interrupted. ${later}`);
  }
  const set = (await client.get<Quarantined[]>("/api/quarantine")).filter((one) => ids.has(one.source));
  summarize(cli, latest, set, (performance.now() - startedAt) / 1000, options, refused);
}

function summarize(
  cli: Cli,
  sources: readonly Source[],
  quarantined: readonly Quarantined[],
  seconds: number,
  options: JsonOption,
  refused: readonly Refused[],
): void {
  const sum = (of: "added" | "known" | "bytes") => sources.reduce((total, source) => total + source.progress[of], 0);
  const [added, known, size] = [sum("added"), sum("known"), sum("bytes")];
  const exact = (added + known) / Math.max(seconds, 0.001);
  const perSecond = exact < 10 ? Math.round(exact * 10) / 10 : Math.round(exact);
  const failed = sources.filter((source) => source.state === "failed");
  if (failed.length > 0) cli.setExit(EXIT.failed);
  cli.say(options, { added, known, bytes: size, seconds, perSecond, sources, quarantined, refused }, () =>
    [
      `${count(added, "item")} new, ${known.toLocaleString("en")} known, ${bytes(size)} in ${seconds.toFixed(1)} s (${perSecond.toLocaleString("en")} a second)`,
      ...quarantineLines(quarantined),
      ...refused.map((one) => plain(one.reason)),
      ...failed.map((source) => `${plain(source.name)} failed: ${plain(source.error ?? "no reason given")}`),
    ].join("\n"),
  );
}

function quarantineLines(quarantined: readonly Quarantined[]): string[] {
  if (quarantined.length === 0) return [];
  const shown = quarantined.slice(0, 10).map((one) => `  ${oneLine(one.path, 100)}: ${oneLine(one.reason)}`);
  const rest = quarantined.length > 10 ? ["  … `steward sources quarantine` lists all"] : [];
  return [
    `${count(quarantined.length, "file")} could not be read and ${quarantined.length === 1 ? "was" : "were"} set aside:`,
    ...shown,
    ...rest,
  ];
}

async function list(cli: Cli, client: Client, options: JsonOption): Promise<void> {
  const sources = await client.get<Source[]>("/api/sources");
  cli.say(options, sources, () =>
    sources.length === 0
      ? "No sources yet. Add one: steward ingest <path>, or steward ingest --sample."
      : table(
          sources.map((source) => [
            source.id,
            source.state,
            `${source.progress.added + source.progress.known} items`,
            bytes(source.progress.bytes),
            plain(source.path ?? source.name) + (source.error ? `  (${plain(source.error)})` : ""),
          ]),
        ),
  );
}

async function quarantine(
  cli: Cli,
  client: Client,
  options: JsonOption & { retry?: string; dismiss?: string },
): Promise<void> {
  if (options.retry) {
    const still = await client.send<Quarantined | undefined>(
      "POST",
      `/api/quarantine/${encodeURIComponent(options.retry)}/retry`,
    );
    if (still) cli.setExit(EXIT.failed);
    return cli.say(options, still ?? { ok: true }, () =>
      still ? `Still not: ${plain(still.reason)}` : "It could be read now.",
    );
  }
  if (options.dismiss) {
    await client.send("DELETE", `/api/quarantine/${encodeURIComponent(options.dismiss)}`);
    return cli.say(options, { ok: true }, () => "Taken off the list.");
  }
  const all = await client.get<Quarantined[]>("/api/quarantine");
  cli.say(options, all, () =>
    all.length === 0
      ? "Everything could be read."
      : table(all.map((one) => [one.id, one.code, bytes(one.size), oneLine(one.path, 80), oneLine(one.reason)])),
  );
}

async function status(cli: Cli, client: Client, options: JsonOption & { link?: boolean }): Promise<void> {
  const now = await client.get<Status>("/api/status");
  const link = options.link ? await freshLink(client) : undefined;
  cli.say(options, { ...now, running: client.at === "server", ...(link ? { setupLink: link } : {}) }, () =>
    table([
      ["home", now.home],
      ["server", client.at === "server" ? "running" : "not running (npm start)"],
      ["version", now.version],
      ["items", `${now.items.toLocaleString("en")} (${now.passages.toLocaleString("en")} passages)`],
      ["index", indexLine(now)],
      ["meaning", now.embedder ? `${now.embedder}, ${now.index.embedded} of ${now.passages} passages` : "words only"],
      ["model", `${now.model.label}${now.model.local ? " (on this machine)" : ""}`],
      ["spent today", `$${now.spend.today.toFixed(2)} of $${now.spend.cap.toFixed(2)}`],
      ["sources", `${now.sources.reading} reading, ${now.sources.failed} failed, ${now.quarantined} set aside`],
      ["dead jobs", String(now.deadJobs)],
      ["key", now.lock === "passphrase" ? "wrapped by a passphrase" : "key file"],
      ...(now.warnings ?? []).map((warning) => ["warning", plain(warning)]),
      ["memory", `${now.memoryMb} MB`],
      ...(link ? [["set up at", link]] : []),
    ]),
  );
}

export function indexLine({ index }: Status): string {
  if (index.engine === "postgres") return "in PostgreSQL, which can read it";
  return `${count(index.segments, "sealed segment")}, ${bytes(index.bytes)}`;
}

async function freshLink(client: Client): Promise<string> {
  if (client.at === "here") throw new CliError(EXIT.failed, "A link works while the server runs. Start it: npm start.");
  const { token, address } = await client.send<{ token?: string; address: string }>("POST", "/api/setup/link");
  if (!token) throw new CliError(EXIT.failed, "A password is set already. `steward password` sets a new one.");
  return setupUrl(address, token);
}
