/**
 * `npm run bench:lambda [-- --runs 25]`: the answering function under Lambda's Node. Start to ready, above an empty process;
 * bytes of the bundle read for it; the first byte of a streamed answer over a model that answers at once, with the calls
 * to AWS that lie before it. The table is one in memory here: moto needs some milliseconds of Python for every request, and
 * what is measured is the function.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../aws/bundle.ts";
import { openLocalCloud } from "../aws/local/cloud.ts";
import { LAMBDA_NODE, whyNoLambdaNode } from "../aws/local/functions.ts";
import { quickTable } from "../aws/local/quick-table.ts";
import { openSlowModel } from "../aws/local/slow-model.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "25" } } });
const runs = Number(values.runs);
const missing = whyNoLambdaNode();
if (missing !== undefined) {
  console.log(missing);
  process.exit(0);
}
const folder = await mkdtemp(join(tmpdir(), "steward-bench-lambda-"));
const rows: { what: string; value: number | string; goal: string }[] = [];

try {
  await Promise.all([bundle("api", join(folder, "api")), bundle("worker", join(folder, "worker"))]);
  const probe = join(import.meta.dirname, "..", "aws", "local", "probe.mjs");
  const index = join(folder, "api", "index.mjs");
  const empty = join(folder, "empty.mjs");
  await writeFile(empty, "process.exit(0);\n");

  const nothing: number[] = [];
  const ready: number[] = [];
  for (let run = 0; run <= runs; run++) {
    // In turn, so that what else the machine does touches both alike. The first pair fills the caches of the disk.
    const [a, b] = [wallOf([empty]), wallOf([probe, index])];
    if (run === 0) continue;
    nothing.push(a);
    ready.push(b);
  }
  rows.push({ what: "empty process, p50 ms", value: round(median(nothing)), goal: "" });
  rows.push({ what: "start to ready above it, p50 ms", value: round(median(ready) - median(nothing)), goal: "≤ 90" });
  rows.push({
    what: "loaded before ready, kB",
    value: Math.round(bytesOf([probe, index, "ready"]) / 1000),
    goal: "≤ 800",
  });
  rows.push({
    what: "with the house's own code, kB",
    value: Math.round(bytesOf([probe, index, "house"]) / 1000),
    goal: "",
  });

  const cloud = await openLocalCloud({ bundles: folder, log: () => {} });
  if (typeof cloud === "string") console.log(cloud);
  else {
    await firstBytes(cloud);
    await cloud[Symbol.asyncDispose]();
  }
  console.table(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function firstBytes(cloud: Exclude<Awaited<ReturnType<typeof openLocalCloud>>, string>): Promise<void> {
  cloud.moto.wire.intercept(quickTable());
  const secret = await cloud.key(["chat"]);
  const { house } = await cloud.house();
  const model = await openSlowModel();
  await house.models.choose({ id: "compatible", baseUrl: model.baseUrl, model: "slow" });
  const ask = async () => {
    const begun = performance.now();
    const answer = await fetch(`${cloud.gateway.url}/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
      body: JSON.stringify({ message: "Hello", knowledge: false, stream: true }),
    });
    const reader = answer.body?.getReader();
    await reader?.read();
    const first = performance.now() - begun;
    const calls = cloud.moto.wire.asked.length;
    await model.say("Hello.");
    await model.end();
    while (!(await reader?.read())?.done);
    return { first, calls };
  };
  const cold = await ask();
  const warm: { first: number; calls: number }[] = [];
  for (let i = 0; i < 20; i++) {
    cloud.moto.wire.asked.length = 0;
    warm.push(await ask());
  }
  await model.close();
  rows.push({ what: "first byte of a streamed answer, cold, ms", value: round(cold.first), goal: "" });
  rows.push({
    what: "first byte of a streamed answer, warm, p50 ms",
    value: round(median(warm.map((one) => one.first))),
    goal: "≤ 30",
  });
  rows.push({ what: "calls to AWS before it", value: median(warm.map((one) => one.calls)), goal: "" });
}

function wallOf(args: readonly string[]): number {
  const begun = performance.now();
  run(args);
  return performance.now() - begun;
}

function bytesOf(args: readonly string[]): number {
  return Number(run(args));
}

function run(args: readonly string[]): string {
  const names = ["ENV", "TABLE", "BUCKET", "UPLOADS", "QUEUE_URL", "QUEUE_ARN", "KMS_KEY", "PARAMETERS"];
  const all = [...names, "SCHEDULE_GROUP", "SCHEDULE_ROLE"].map((name) => [`STEWARD_${name}`, "none"]);
  const env = { ...Object.fromEntries(all), AWS_REGION: "us-east-1" };
  const { status, stdout, stderr } = spawnSync(LAMBDA_NODE, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
