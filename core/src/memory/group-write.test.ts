import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, RecordsConflict } from "../records.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { GroupWriter } from "./group-write.ts";

function put(sort: string, bytes = 1): Change {
  return { put: { partition: "p", sort, body: new Uint8Array(bytes) }, if: "absent" };
}

function writerOver(records: MemoryRecords) {
  const sizes: number[] = [];
  const writer = new GroupWriter(async (changes) => {
    sizes.push(changes.length);
    await records.write(changes);
  });
  return { writer, sizes };
}

test("what arrives together is written together, within the limits of one write", async () => {
  const records = new MemoryRecords(new FakeClock());
  const { writer, sizes } = writerOver(records);
  await Promise.all(Array.from({ length: 60 }, (_, n) => writer.write([put(`a${n}`), put(`b${n}`)])));
  assert.deepEqual(sizes, [100, 20]);
  await Promise.all(Array.from({ length: 20 }, (_, n) => writer.write([put(`large${n}`, 300_000)])));
  assert.deepEqual(sizes.slice(2), [11, 9]);
  const found = await Array.fromAsync(records.query("p"));
  assert.equal(found.length, 140);
});

test("one that conflicts takes no other with it, and nothing of its own is written", async () => {
  const records = new MemoryRecords(new FakeClock());
  const { writer } = writerOver(records);
  await writer.write([put("there")]);
  const outcomes = await Promise.allSettled([
    writer.write([put("x")]),
    writer.write([put("half"), put("there")]),
    writer.write([put("y")]),
    writer.write([put("y")]),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled", "rejected"],
  );
  assert.ok(outcomes[1]?.status === "rejected" && outcomes[1].reason instanceof RecordsConflict);
  assert.equal(await records.get({ partition: "p", sort: "half" }), undefined);
  assert.ok(await records.get({ partition: "p", sort: "x" }));
});
