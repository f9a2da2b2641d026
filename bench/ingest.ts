/**
 * `npm run bench:ingest [-- --mails 20000]`: mails a second, from an mbox on disk to rows sealed and durable and words
 * findable, and the parsing alone; beside them the bare parser in this process, without sandbox, sealing or index.
 *
 * Peak: the most memory this process ever held, without the reader processes. Busy: this thread's own time for a mail,
 * which a machine that does other things changes little. Waits: how long what comes meanwhile (a search) waits for the
 * thread, at the 99th percentile and at the most.
 */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { systemClock } from "@steward/core/clock.ts";
import { openHouse } from "@steward/server/compose.ts";
import { loadConfig } from "@steward/server/config.ts";
import type { House } from "@steward/server/house.ts";
import { quiet } from "@steward/server/log.ts";
import { openReaders } from "@steward/server/readers/index.ts";
import { createRoot } from "@steward/server/stores/key-file.ts";
import PostalMime from "postal-mime";
import { mboxMails } from "./mails.ts";

const { values } = parseArgs({ options: { mails: { type: "string", default: "20000" } } });
const count = Number(values.mails);
/** What is held in memory for the rows that only parse. */
const PARSED = Math.min(count, 10_000);
const folder = await mkdtemp(join(tmpdir(), "steward-bench-"));

try {
  const mbox = join(folder, "bench.mbox");
  await writeMbox(mbox);
  const { size } = await stat(mbox);
  const house = await opened(folder);
  // First, so that the peak is its own.
  const taken = await measured("taken in: sealed, durable, findable", count, () => takenIn(house, mbox));
  const raw = [...mboxMails(PARSED)].map((mail) => Buffer.from(mail.slice(mail.indexOf("\n") + 1)));
  const rows = [
    await measured("bare postal-mime, one process", PARSED, () => bareParse(raw)),
    await measured("parsed in the sandbox", PARSED, () => sandboxed(raw)),
    taken,
  ];
  console.log(`${count} mails, ${(size / 1e6).toFixed(1)} MB`);
  console.table(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function writeMbox(path: string): Promise<void> {
  const file = createWriteStream(path);
  for (const mail of mboxMails(count)) if (!file.write(mail)) await once(file, "drain");
  file.end();
  await once(file, "close");
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

async function opened(folder: string): Promise<House> {
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  const { root } = await createRoot(home);
  const config = loadConfig({ STEWARD_HOME: home });
  return openHouse({ home, root, config, clock: systemClock, log: quiet });
}

/** From the path that is added to the end of everything that is sealed. */
async function takenIn(house: House, mbox: string): Promise<void> {
  const source = await house.sources.addPath(mbox);
  const done = await house.sources.finished(source.id);
  if (done.progress.added !== count) throw new Error(`${done.progress.added} of ${count} mails were taken in.`);
  const found = await house.find(`"bench${count - 1}code"`);
  if (found.total !== 1) throw new Error(`The last mail was found ${found.total} times.`);
  await house.close();
}

async function measured(what: string, mails: number, work: () => Promise<void>) {
  const waits = monitorEventLoopDelay({ resolution: 5 });
  waits.enable();
  const before = process.threadCpuUsage();
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  const busy = process.threadCpuUsage(before);
  waits.disable();
  return {
    what,
    "mails/s": Math.round((mails * 1000) / ms),
    seconds: (ms / 1000).toFixed(2),
    "busy µs/mail": Math.round((busy.user + busy.system) / mails),
    "peak MB": Math.round(process.resourceUsage().maxRSS / 1024),
    "waits ms": `${Math.round(waits.percentile(99) / 1e6)} / ${Math.round(waits.max / 1e6)}`,
  };
}
