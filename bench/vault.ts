import { randomBytes } from "node:crypto";
import { systemClock } from "@steward/core/clock.ts";
import { memoryKit, memoryRing } from "@steward/core/testing/memory-keys.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { rotate } from "@steward/core/vault/rotate.ts";

/**
 * What sealing costs: `node bench/vault.ts`. Goals: a data key made and wrapped ≤ 40 µs, 2 kB sealed ≤ 20 µs. Each figure
 * is µs an operation in one thread: the least and the median of nine runs of some thousand. On a machine that does
 * other things the least says more.
 */
const GOALS = { make: 40, seal2k: 20 };

const deps = { records: new MemoryRecords(systemClock), ring: memoryRing(), kit: memoryKit(), clock: systemClock };
const vault = await openVault(deps, { cacheSize: 100_000 });
const { key, change } = vault.create("private", "bench");
await deps.records.write([change]);
const context = { table: "item", id: "0197a3c0-0000-7000-8000-000000000000", field: "body" };
const small = randomBytes(2_000);
const large = randomBytes(1_000_000);
const sealedSmall = key.seal(context, small);
const sealedLarge = key.seal(context, large);
const source = { size: sealedLarge.length, read: async (at: number, n: number) => sealedLarge.subarray(at, at + n) };

const sealUs = microseconds(2_000, () => key.seal(context, small));
const openUs = microseconds(2_000, () => key.open(context, sealedSmall));
const sealLargeUs = microseconds(20, () => key.seal(context, large));
const openLargeUs = microseconds(20, () => key.open(context, sealedLarge));
const hmacUs = microseconds(5_000, () => vault.hmac("private", "message-id", "a1b2c3@example.org"));
let made = 0;
const makeUs = microseconds(2_000, () => vault.create("private", `made${made++}`));

const COUNT = 10_000;
for (let i = 0; i < COUNT; i += 100) {
  await deps.records.write(Array.from({ length: 100 }, (_, j) => vault.create("private", `s${i + j}`).change));
}
const scopes = Array.from({ length: COUNT }, (_, i) => `s${i}`);
const unwrapUs = await each(COUNT, () => vault.keys("private", scopes));
const cachedUs = await each(COUNT, () => vault.keys("private", scopes));
const rangeUs = await each(500, async () => {
  for (let i = 0; i < 500; i++) await key.openRange(context, source, 500_000, 2_000);
});
const rotateUs = await each(COUNT, () => rotate(vault, "private"));

console.table([
  row("data key made and wrapped", makeUs, GOALS.make),
  row("data key unwrapped (store in memory)", unwrapUs),
  row("data key from the cache", cachedUs),
  row("data key rewrapped by a rotation", rotateUs),
  row("2 kB sealed", sealUs, GOALS.seal2k),
  row("2 kB opened", openUs),
  row("2 kB of 1 MB opened by range", rangeUs),
  row("1 MB sealed", sealLargeUs),
  row("1 MB opened", openLargeUs),
  row("HMAC of a Message-ID", hmacUs),
]);
console.log(
  `1 MB: sealed at ${Math.round(1e6 / sealLargeUs.least)} MB/s, opened at ${Math.round(1e6 / openLargeUs.least)} MB/s`,
);

interface Figure {
  readonly least: number;
  readonly median?: number;
}

function row(what: string, { least, median }: Figure, goal?: number) {
  return {
    what,
    least: Number(least.toFixed(1)),
    median: median === undefined ? "" : Number(median.toFixed(1)),
    goal: goal ?? "",
    met: goal === undefined ? "" : least <= goal,
  };
}

function microseconds(times: number, work: () => unknown): Figure {
  const runs: number[] = [];
  for (let run = 0; run < 9; run++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) work();
    runs.push(((performance.now() - start) * 1_000) / times);
  }
  runs.sort((a, b) => a - b);
  return { least: runs[0] ?? Number.NaN, median: runs[4] ?? Number.NaN };
}

/** Once, since the work cannot be done twice. */
async function each(count: number, work: () => Promise<unknown>): Promise<Figure> {
  const start = performance.now();
  await work();
  return { least: ((performance.now() - start) * 1_000) / count };
}
