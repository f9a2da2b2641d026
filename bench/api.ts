import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "@steward/core/clock.ts";
import { loadConfig } from "../server/src/config.ts";
import { openDoor } from "../server/src/door.ts";
import { createApp } from "../server/src/http/app.ts";
import { keepersOf } from "../server/src/http/caller.ts";
import { quiet } from "../server/src/log.ts";
import { serve, socketPathOf } from "../server/src/serve.ts";

/**
 * `node bench/api.ts [--n 10000] [--seconds 5]`: the API over loopback, a real house in a temporary home, the client in a
 * process of its own with 16 connections that are kept open. First `/memory` store, sealed, with its vector, durable when
 * it answers; then `/search` over all that was stored, with the built-in embedder.
 */
const CONNECTIONS = 16;
const WORDS = `boiler garden invoice dentist train passport window bicycle school recipe winter insurance piano letter
  holiday kitchen doctor rent market river engine ticket camera concert tax battery lamp neighbour mountain paint
  harbour museum bakery contract medicine glasses printer sofa violin lecture swimming tomato cellar roof bridge`.split(
  /\s+/,
);

interface Load {
  readonly port: number;
  readonly secret: string;
  readonly kind: "store" | "search";
  readonly seconds: number;
  readonly most: number;
}

interface Measured {
  readonly count: number;
  readonly failed: number;
  readonly seconds: number;
  readonly ms: readonly number[];
}

function sentence(n: number): string {
  let state = (n + 1) * 2_654_435_761;
  return Array.from({ length: 12 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return WORDS[state % WORDS.length];
  }).join(" ");
}

function bodyOf(kind: Load["kind"], n: number): string {
  return JSON.stringify(
    kind === "store"
      ? { action: "store", content: `${sentence(n)} ${n}`, category: WORDS[n % 20] }
      : {
          query: sentence(n + 500_000)
            .split(" ")
            .slice(0, 4)
            .join(" "),
          topK: 10,
        },
  );
}

async function load({ port, secret, kind, seconds, most }: Load): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const ms: number[] = [];
  let failed = 0;
  let next = 0;
  const started = performance.now();
  const ask = (n: number) =>
    new Promise<void>((resolve, reject) => {
      const from = performance.now();
      const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
      const path = kind === "store" ? "/memory" : "/search";
      const outgoing = request({ host: "127.0.0.1", port, path, method: "POST", agent, headers }, (incoming) => {
        if (incoming.statusCode !== 200) failed += 1;
        incoming.resume().once("end", () => {
          ms.push(performance.now() - from);
          resolve();
        });
      });
      outgoing.once("error", reject).end(bodyOf(kind, n));
    });
  const connection = async () => {
    while (next < most && performance.now() - started < seconds * 1000) await ask(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return { count: ms.length, failed, seconds: (performance.now() - started) / 1000, ms };
}

function inChild(child: ChildProcess, load: Load): Promise<Measured> {
  return new Promise((resolve, reject) => {
    child.once("message", (measured) => resolve(measured as Measured)); // what this file's own client sends
    child.once("exit", () => reject(new Error("The client ended")));
    child.send(load);
  });
}

function line(name: string, { count, failed, seconds, ms }: Measured): string {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
  const refused = failed > 0 ? `, ${failed} REFUSED` : "";
  return `${name.padEnd(14)} ${(count / seconds).toFixed(0)} requests/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (${count} requests${refused})`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { n: { type: "string", default: "10000" }, seconds: { type: "string", default: "5" } },
  });
  const wanted = Number(values.n);
  const seconds = Number(values.seconds);
  const home = mkdtempSync(join(tmpdir(), "steward-bench-api-"));
  const config = loadConfig({ STEWARD_HOME: home, STEWARD_API_RATE: "1000000" });
  const door = await openDoor({ config, clock: systemClock, log: quiet });
  const house = door.house();
  if (!house) throw new Error("The home did not open.");
  const app = createApp({ door, config, static: home, log: quiet, clock: systemClock, version: "bench" });
  const serving = await serve({ app, port: 0, socketPath: socketPathOf(home) });
  const child = fork(import.meta.filename, ["--client"]);
  try {
    const scopes = ["memory:read", "memory:write", "search"] as const;
    const { secret = "" } = await keepersOf(house).tokens.create("bench", scopes);
    const ask = { port: serving.port, secret, seconds };
    console.log(line("/memory store", await inChild(child, { ...ask, kind: "store", most: wanted })));
    const there = (await house.ledger.page({ limit: 1 })).memories.length > 0 ? await countOf(house.sealed.records) : 0;
    const embedder = await house.embedder();
    for (let n = there; n < wanted; n += 64) {
      const texts = Array.from({ length: Math.min(64, wanted - n) }, (_, i) => `${sentence(n + i)} ${n + i}`);
      const vectors = (await embedder?.embed(texts, "passage")) ?? [];
      const storing = texts.map((text, i) => {
        const values = vectors[i];
        const made = embedder && values ? { vector: { embedder: embedder.id, values } } : {};
        return house.ledger.store({ text, key: "bench", ...made });
      });
      await Promise.all(storing);
    }
    await inChild(child, { ...ask, kind: "search", seconds: 1, most: 1_000 });
    console.log(`${wanted} vectors of ${embedder?.dimensions} dimensions (${embedder?.label ?? embedder?.id})`);
    const before = process.cpuUsage();
    const searched = await inChild(child, { ...ask, kind: "search", most: 100_000 });
    const { user, system } = process.cpuUsage(before);
    // What other programs on the machine do hardly changes this one.
    const each = `${((user + system) / 1000 / searched.count).toFixed(2)} ms of processor each`;
    console.log(`${line("/search", searched)}, ${each}`);
    console.log(`resident ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
  } finally {
    child.removeAllListeners("exit");
    child.kill();
    await serving.stop();
    await door.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function countOf(records: { query(partition: string): AsyncIterable<unknown> }): Promise<number> {
  let count = 0;
  for await (const _ of records.query("memory")) count += 1;
  return count;
}

if (process.argv.includes("--client")) {
  process.on("message", async (asked) => process.send?.(await load(asked as Load))); // sent by `inChild` alone
} else await main();
