import type { Task } from "@steward/core/agenda.ts";

/** The agenda's order: what is due today or was before, what comes, what has no time, what is done. */
export type Group = "today" | "upcoming" | "someday" | "done";

export const GROUPS: readonly (readonly [Group, string])[] = [
  ["today", "Today"],
  ["upcoming", "Upcoming"],
  ["someday", "Someday"],
  ["done", "Done"],
];

/** The wall time `YYYY-MM-DDTHH:mm` in a zone, which a task's due time is compared with. */
export function wallTime(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(ms);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

export function groupOf(task: Task, ms: number, zone: string): Group {
  if (task.done) return "done";
  if (!task.due) return "someday";
  return task.due.slice(0, 10) <= wallTime(ms, task.zone ?? zone).slice(0, 10) ? "today" : "upcoming";
}

/** Whole days count until their end, times until their minute. */
export function isOverdue(task: Task, ms: number, zone: string): boolean {
  if (task.done || !task.due) return false;
  return task.due < wallTime(ms, task.zone ?? zone).slice(0, task.due.length);
}

/** Due ones by their time, the others oldest first; done ones by when they were done, the last first. */
export function inOrder(tasks: readonly Task[]): Task[] {
  return tasks.toSorted((a, b) =>
    a.done && b.done
      ? (b.doneAt ?? 0) - (a.doneAt ?? 0)
      : (a.due ?? "9").localeCompare(b.due ?? "9") || a.createdAt - b.createdAt,
  );
}
