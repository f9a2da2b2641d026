import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "@steward/core/agenda.ts";
import { groupOf, inOrder, isOverdue, wallTime } from "./groups.ts";

const task = (part: Partial<Task>): Task => ({ id: "t", title: "x", done: false, createdAt: 0, ...part });
/** Saturday 21 November 2026, 23:30 in Zürich, and already the 22nd in Tokyo. */
const NOW = Date.UTC(2026, 10, 21, 22, 30);
const ZURICH = "Europe/Zurich";

test("the day is that of the task's own zone", () => {
  assert.equal(wallTime(NOW, ZURICH), "2026-11-21T23:30");
  assert.equal(groupOf(task({ due: "2026-11-22" }), NOW, ZURICH), "upcoming");
  assert.equal(groupOf(task({ due: "2026-11-22", zone: "Asia/Tokyo" }), NOW, ZURICH), "today");
});

test("what is overdue stands under Today, what has no time under Someday, what is done under Done", () => {
  assert.equal(groupOf(task({ due: "2025-03-13T07:40" }), NOW, ZURICH), "today");
  assert.equal(groupOf(task({}), NOW, ZURICH), "someday");
  assert.equal(groupOf(task({ due: "2025-03-13", done: true }), NOW, ZURICH), "done");
});

test("a day is overdue once it is over, a time once its minute is", () => {
  assert.equal(isOverdue(task({ due: "2026-11-21" }), NOW, ZURICH), false);
  assert.equal(isOverdue(task({ due: "2026-11-20" }), NOW, ZURICH), true);
  assert.equal(isOverdue(task({ due: "2026-11-21T23:30" }), NOW, ZURICH), false);
  assert.equal(isOverdue(task({ due: "2026-11-21T23:29" }), NOW, ZURICH), true);
  assert.equal(isOverdue(task({ due: "2026-11-20", done: true }), NOW, ZURICH), false);
});

test("due ones come by time, the others by age, done ones the last done first", () => {
  const order = (tasks: Task[]) => inOrder(tasks).map((one) => one.id);
  const later = task({ id: "later", due: "2026-12-01" });
  const sooner = task({ id: "sooner", due: "2026-11-30T08:00" });
  const never = task({ id: "never", createdAt: 2 });
  const older = task({ id: "older", createdAt: 1 });
  assert.deepEqual(order([never, later, older, sooner]), ["sooner", "later", "older", "never"]);
  const done = (id: string, doneAt: number) => task({ id, done: true, doneAt });
  assert.deepEqual(order([done("a", 1), done("b", 3), done("c", 2)]), ["b", "c", "a"]);
});
