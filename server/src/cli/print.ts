import type { Person } from "@steward/core/item.ts";
import type { Io } from "./io.ts";

/** Bold for a person's eyes, nothing for a pipe; NO_COLOR is honoured (no-color.org). */
export function marker(io: Io): (text: string) => string {
  const marks = io.outIsTty && !io.env.NO_COLOR;
  return (text) => (marks ? `\u001b[1m${text}\u001b[22m` : text);
}

/** Control characters of foreign text would drive the terminal; they are shown as a mark instead. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out here
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

export function oneLine(text: string, width = 200): string {
  const line = plain(text.replace(/\s+/g, " ").trim());
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

export function day(date: string | undefined): string {
  return date?.slice(0, 10) ?? "no date";
}

export function peopleOf(people: readonly Person[]): string {
  const shown = people.filter((person) => person.role !== "self").slice(0, 3);
  const names = shown.map((person) => person.name ?? person.address ?? "").filter(Boolean);
  return names.join(", ") + (people.length > shown.length ? ` and ${people.length - shown.length} more` : "");
}

/** Bytes in the units of IEC 80000-13's decimal neighbours: kB, MB, GB. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  "))
    .join("\n");
}
