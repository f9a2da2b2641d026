/** Dates, sizes, money and counts in the words the app uses everywhere. */

const locale = (): string | undefined =>
  typeof navigator === "undefined" ? "en-GB" : navigator.language.startsWith("en") ? "en-GB" : navigator.language;

/** "Sat 11 January 2025, 18:22" in the item's own offset's wall time: what the letter itself said. */
export function longDate(iso: string): string {
  const wall = wallOf(iso);
  if (!wall) return iso;
  const day = new Intl.DateTimeFormat(locale(), {
    weekday: "short",
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  })
    .format(wall)
    .replace(/^(\S+),/, "$1");
  return iso.length > 10 ? `${day}, ${iso.slice(11, 16)}` : day;
}

/** "11 Mar", with the year when it is not this one. */
export function shortDate(iso: string, now: number = Date.now()): string {
  const wall = wallOf(iso);
  if (!wall) return iso;
  const sameYear = wall.getUTCFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale(), {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    timeZone: "UTC",
  }).format(wall);
}

/** "Tue 11 Mar", with the year when it is not this one. */
export function dayDate(iso: string, now: number = Date.now()): string {
  const wall = wallOf(iso);
  if (!wall) return iso;
  const sameYear = wall.getUTCFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale(), {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    timeZone: "UTC",
  })
    .format(wall)
    .replace(/^(\S+),/, "$1");
}

export function monthOf(iso: string): string {
  const wall = wallOf(iso);
  return wall
    ? new Intl.DateTimeFormat(locale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(wall)
    : "Undated";
}

/** The wall time written in an ISO date, as a UTC instant to format from; undefined when it is no date. */
function wallOf(iso: string): Date | undefined {
  const wall = new Date(iso.length > 10 ? `${iso.slice(0, 16)}:00Z` : `${iso}T00:00:00Z`);
  return Number.isNaN(wall.getTime()) ? undefined : wall;
}

/** "today", "yesterday", "Tue 3 Mar", "3 Mar 2024" for a moment in milliseconds. */
export function when(ms: number, now: number = Date.now()): string {
  const day = (t: number): number => Math.floor((t - new Date(t).getTimezoneOffset() * 60_000) / 86_400_000);
  const ago = day(now) - day(ms);
  if (ago === 0) return "today";
  if (ago === 1) return "yesterday";
  return new Intl.DateTimeFormat(
    locale(),
    ago < 300 ? { day: "numeric", month: "short" } : { day: "numeric", month: "short", year: "numeric" },
  ).format(ms);
}

export const moment = (ms: number): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(ms);

/** Decimal units, as file managers show. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const unit = n < 1e6 ? "kB" : n < 1e9 ? "MB" : "GB";
  const value = n / (unit === "kB" ? 1e3 : unit === "MB" ? 1e6 : 1e9);
  return `${value < 10 && unit !== "kB" ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

export const count = (n: number): string => n.toLocaleString("en-US");

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** Dollars; small amounts keep the digits that matter. */
export function dollars(n: number): string {
  return n > 0 && n < 0.01 ? `$${n.toFixed(4)}` : `$${n.toFixed(2)}`;
}

export function milliseconds(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function initials(name: string): string {
  const words = name
    .replace(/[^\p{L}\s]/gu, " ")
    .trim()
    .split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase() || "·";
}
