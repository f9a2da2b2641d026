import assert from "node:assert/strict";
import { it } from "node:test";
import { FakeClock } from "./fake-clock.ts";

it("wakes sleepers at their own times, in order, and those that sleep again too", async () => {
  const clock = new FakeClock(1_000);
  const seen: string[] = [];
  const every = async (name: string, ms: number, times: number) => {
    for (let i = 0; i < times; i++) {
      await clock.sleep(ms);
      seen.push(`${name}@${clock.now()}`);
    }
  };
  const all = Promise.all([every("slow", 300, 1), every("fast", 100, 4)]);
  await clock.advance(99);
  assert.deepEqual(seen, []);
  await clock.advance(301);
  await all;
  assert.deepEqual(seen, ["fast@1100", "fast@1200", "slow@1300", "fast@1300", "fast@1400"]);
  assert.equal(clock.now(), 1_400);
  assert.equal(clock.sleeping, 0);
});

it("wakes at once when the signal aborts, and never sleeps when it has", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(1_000, stop.signal);
  assert.equal(clock.sleeping, 1);
  stop.abort();
  await sleeping;
  await clock.sleep(1_000, stop.signal);
  await clock.sleep(0);
  assert.equal(clock.sleeping, 0);
});
