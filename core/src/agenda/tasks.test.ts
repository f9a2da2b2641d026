import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { dueIn } from "./due.ts";
import { Tasks } from "./tasks.ts";

function tasksOf() {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  return new Tasks({ clock, sealed: new SealedRecords(records, plainVault(records)) });
}

test("tasks are listed by when they are due, the done ones last, and can be undone", async () => {
  const tasks = tasksOf();
  const later = await tasks.create({ title: "Later", due: "2026-12-01" });
  const sooner = await tasks.create({ title: " Sooner ", due: "2026-11-22T09:00", zone: "Europe/Zurich" });
  const someday = await tasks.create({ title: "Someday" });
  assert.deepEqual(
    (await tasks.list()).map(({ id }) => id),
    [sooner.id, later.id, someday.id],
  );
  const done = await tasks.update(sooner.id, { done: true });
  assert.ok(done?.doneAt);
  assert.deepEqual((await tasks.list()).at(-1)?.title, "Sooner");
  const undone = await tasks.update(sooner.id, { done: false });
  assert.equal(undone?.doneAt, undefined);
  assert.equal(await tasks.remove(sooner.id), true);
  assert.equal(await tasks.remove(sooner.id), false);
  assert.equal(await tasks.update(sooner.id, { title: "x" }), undefined);
});

test("an empty due time takes the due off; what is not named stays", async () => {
  const tasks = tasksOf();
  const { id } = await tasks.create({ title: "Call mum", note: "About the knee.", due: "2026-11-22T09:00" });
  const timeless = await tasks.update(id, { due: "" });
  assert.deepEqual([timeless?.due, timeless?.note], [undefined, "About the knee."]);
  assert.equal((await tasks.update(id, { due: "2026-12-01" }))?.due, "2026-12-01");
});

test("a task without a title and a due time that is none are refused with what to do", async () => {
  await assert.rejects(tasksOf().create({ title: " " }), /Say what is to be done/);
  await assert.rejects(tasksOf().create({ title: "x", due: "soon" }), /YYYY-MM-DD/);
  await assert.rejects(tasksOf().create({ title: "x", due: "2026-13-01" }), /YYYY-MM-DD/);
});

// Saturday 21 November 2026, 23:30 in Zurich; still the 21st in New York, already the 22nd in Tokyo.
const NOW = Date.parse("2026-11-21T22:30:00Z");
const SPOKEN: readonly (readonly [string, string, string | undefined, string | undefined])[] = [
  ["call mum tomorrow at nine", "Europe/Zurich", "2026-11-22T09:00", "tomorrow at nine"],
  ["call mum tomorrow at nine", "Asia/Tokyo", "2026-11-23T09:00", "tomorrow at nine"],
  ["call mum tomorrow at nine", "America/New_York", "2026-11-22T09:00", "tomorrow at nine"],
  ["pay the rent on 1 December", "Europe/Zurich", "2026-12-01", "on 1 December"],
  ["dentist next Friday at 14:30", "Europe/Zurich", "2026-11-27T14:30", undefined],
  ["water the plants", "Europe/Zurich", undefined, undefined],
];

for (const [text, zone, due, words] of SPOKEN) {
  test(`"${text}" in ${zone} is due ${due ?? "never"}`, async () => {
    const found = await dueIn(text, NOW, zone);
    assert.equal(found?.due, due);
    if (found && words !== undefined) assert.ok(words.endsWith(text.slice(found.start, found.end)));
  });
}
