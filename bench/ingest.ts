/**
 * `npm run bench:ingest [-- --mails 5000]`: mails a second, from an mbox on disk to rows sealed and durable and words
 * findable, and the parsing alone; beside them the bare parser in this process, without sandbox, sealing or index.
 */
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "@steward/core/clock.ts";
import { openHouse } from "@steward/server/compose.ts";
import { loadConfig } from "@steward/server/config.ts";
import { quiet } from "@steward/server/log.ts";
import { openReaders } from "@steward/server/readers/index.ts";
import { createRoot } from "@steward/server/stores/key-file.ts";
import PostalMime from "postal-mime";
import { mboxMails } from "./mails.ts";

const { values } = parseArgs({ options: { mails: { type: "string", default: "5000" } } });
const count = Number(values.mails);
const folder = await mkdtemp(join(tmpdir(), "steward-bench-"));

try {
  const mails = [...mboxMails(count)];
  const mbox = join(folder, "bench.mbox");
  await writeFile(mbox, mails.join(""));
  const { size } = await stat(mbox);
  const raw = mails.map((mail) => Buffer.from(mail.slice(mail.indexOf("\n") + 1)));

  const rows = [
    row("bare postal-mime, one process", count, await timed(() => bareParse(raw))),
    row("parsed in the sandbox", count, await timed(() => sandboxed(raw))),
    row("taken in: sealed, durable, findable", count, await timed(() => takenIn(folder, mbox))),
  ];
  console.log(`${count} mails, ${(size / 1e6).toFixed(1)} MB`);
  console.table(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function bareParse(raw: readonly Buffer[]): Promise<void> {
  for (const mail of raw) await PostalMime.parse(mail);
}

async function sandboxed(raw: readonly Buffer[]): Promise<void> {
  const reader = openReaders();
  for (let at = 0; at < raw.length; at += 128) {
    const outcomes = await reader.readMany(
      raw.slice(at, at + 128).map((bytes, i) => ({ bytes, name: `${at + i}.eml` })),
    );
    if (outcomes.some((outcome) => !outcome.ok)) throw new Error("A mail of the benchmark was not read.");
  }
  await reader.close();
}

async function takenIn(folder: string, mbox: string): Promise<void> {
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  const { root } = await createRoot(home);
  const config = loadConfig({ STEWARD_HOME: home });
  const house = await openHouse({ home, root, config, clock: systemClock, log: quiet });
  const source = await house.sources.addPath(mbox);
  const done = await house.sources.finished(source.id);
  if (done.progress.added !== count) throw new Error(`${done.progress.added} of ${count} mails were taken in.`);
  const found = await house.find(`"bench${count - 1}code"`);
  if (found.total !== 1) throw new Error(`The last mail was found ${found.total} times.`);
  await house.close();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function row(what: string, mails: number, ms: number) {
  const rss = Math.round(process.memoryUsage().rss / 1e6);
  return { what, "mails/s": Math.round((mails * 1000) / ms), seconds: (ms / 1000).toFixed(2), "resident MB": rss };
}
