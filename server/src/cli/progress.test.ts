import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "@steward/core/item.ts";
import type { Io } from "./io.ts";
import { progressBars, roughly } from "./progress.ts";

function lines() {
  let at = 0;
  const pass = (ms: number) => {
    at += ms;
  };
  const said: string[] = [];
  const io: Io = {
    ...{ env: {}, outIsTty: false, errIsTty: false, inIsTty: false },
    out: () => {},
    err: (text) => void said.push(text),
    lines: async function* () {},
    ask: async () => undefined,
    onStop: () => () => {},
  };
  const bars = progressBars(io, () => at);
  const show = (state: Source["state"], items: number, read: number, rate = 0) =>
    bars.show(
      {
        ...{ id: "s", kind: "path", name: "box.mbox", addedAt: 0, trust: "stranger", state },
        progress: { added: items, known: 0, quarantined: 0, bytes: read, totalBytes: 10_000 },
      },
      rate,
    );
  return { said, show, pass };
}

test("a source read within a moment ends with its true average, and never with 0/s", () => {
  const { said, show, pass } = lines();
  show("waiting", 0, 0);
  pass(200);
  show("done", 3, 10_000);
  assert.deepEqual(said, [
    "box.mbox: waiting, 0 items, 0 B of 10.0 kB\n",
    "box.mbox: done, 3 items, 10.0 kB of 10.0 kB, 15/s\n",
  ]);
});

test("a long one tells the house's rate and what is left, a line each five seconds; the wait is not counted", () => {
  const { said, show, pass } = lines();
  show("waiting", 0, 0);
  pass(60_000);
  show("waiting", 0, 0);
  show("reading", 0, 0);
  pass(2_000);
  show("reading", 100, 1_000, 55);
  pass(3_000);
  show("reading", 5_000, 5_000, 1_234);
  pass(1_000);
  show("failed", 6_000, 6_000, 0);
  assert.deepEqual(said.slice(2), [
    "box.mbox: reading, 0 items, 0 B of 10.0 kB\n",
    "box.mbox: reading, 5,000 items, 5.0 kB of 10.0 kB, 1,234/s, 5 s left\n",
    "box.mbox: failed, 6,000 items, 6.0 kB of 10.0 kB, 1,000/s\n",
  ]);
});

test("what is left is told as nearly as an estimate deserves", () => {
  assert.deepEqual([0.2, 59, 61, 5_300, 7_300].map(roughly), ["1 s", "59 s", "1 min", "88 min", "2 h"]);
});
