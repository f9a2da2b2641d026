import { setTimeout as sleep } from "node:timers/promises";
import type { JobRow } from "@steward/core/jobs.ts";
import type { Progress, Status } from "@steward/core/wire.ts";
import { SingleBar } from "cli-progress";
import type { Cli, JsonOption, Register } from "./cli.ts";
import type { Client } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { plain, table } from "./print.ts";
import { indexLine } from "./sources.ts";

/** How often it is asked whether the work is over, in milliseconds. */
const EVERY = 200;

export const registerIndex: Register = (program, cli) => {
  const index = program.command("index").description("the search index: what there is, or make it anew");
  index.option("--json", "JSON").action((options: JsonOption) => cli.withHouse((client) => show(cli, client, options)));
  index
    .command("rebuild")
    .description("make it anew from the sealed readings; search goes on meanwhile")
    .option("--json", "JSON")
    .action((_: JsonOption, self: { optsWithGlobals(): JsonOption }) =>
      cli.withHouse((client) => rebuild(cli, client, self.optsWithGlobals())),
    );
};

async function show(cli: Cli, client: Client, options: JsonOption): Promise<void> {
  const status = await client.get<Status>("/api/status");
  const { items, passages, index, embedder } = status;
  cli.say(options, { items, passages, ...index, ...(embedder ? { embedder } : {}) }, () =>
    table([
      ["items", `${items.toLocaleString("en")} (${passages.toLocaleString("en")} passages)`],
      ["index", indexLine(status)],
      ["meaning", embedder ? `${embedder}, ${index.embedded} of ${passages} passages` : "words only"],
    ]),
  );
}

/** Queues it and follows it to its end. Ctrl-C leaves; the work goes on where a server runs. */
async function rebuild(cli: Cli, client: Client, options: JsonOption): Promise<void> {
  await client.send("POST", "/api/index/rebuild");
  const leaving = new AbortController();
  const undo = cli.io.onStop(() => leaving.abort());
  const drawn = drawProgress(cli, client, leaving.signal);
  try {
    while (!leaving.signal.aborted) {
      const jobs = await client.get<JobRow[]>("/api/jobs");
      const mine = jobs.find(({ job }) => job.kind === "rebuild-index");
      if (!mine) break;
      if (mine.state === "dead") {
        throw new CliError(EXIT.failed, `The index was not made anew; the old one goes on. ${plain(mine.error ?? "")}`);
      }
      await sleep(EVERY);
    }
  } finally {
    undo();
    leaving.abort();
    await drawn;
  }
  const { items, index } = await client.get<Status>("/api/status");
  cli.say(options, { items, ...index }, () => `The index is new: ${items.toLocaleString("en")} items.`);
}

/** A bar for a person; nothing for a log, which gets the last line. */
async function drawProgress(cli: Cli, client: Client, signal: AbortSignal): Promise<void> {
  if (!cli.io.errIsTty) return;
  const bar = new SingleBar({
    format: "index {bar} {value} of {total} items",
    hideCursor: true,
    stream: process.stderr,
  });
  let begun = false;
  try {
    for await (const { indexing } of client.events<Progress>("/api/progress", { signal })) {
      if (!indexing) continue;
      if (!begun) bar.start(indexing.total, indexing.done);
      begun = true;
      bar.setTotal(indexing.total);
      bar.update(indexing.done);
    }
  } finally {
    if (begun) bar.stop();
  }
}
