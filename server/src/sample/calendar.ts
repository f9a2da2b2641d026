/**
 * Wall time in Zürich, without the machine's own zone or locale: the archive must have the same bytes everywhere.
 * A wall time is written `2024-11-04 19:42`.
 */
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_LONG = {
  en: "January February March April May June July August September October November December".split(" "),
  de: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(" "),
  sv: "januari februari mars april maj juni juli augusti september oktober november december".split(" "),
  pt: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(" "),
  fr: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(" "),
};
export type Language = keyof typeof MONTHS_LONG;

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

export function wallTime(text: string): Wall {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d))?$/.exec(text);
  if (!found) throw new Error(`A wall time of the sample is written "YYYY-MM-DD hh:mm", not "${text}".`);
  const [year = 0, month = 0, day = 0, hour = 12, minute = 0] = found
    .slice(1)
    .filter((part) => part !== undefined)
    .map(Number);
  return { year, month, day, hour, minute };
}

/** Hours ahead of UTC in Zürich: 2 from the last Sunday of March, 02:00, to the last Sunday of October, 03:00; else 1. */
export function offsetAt(text: string): 1 | 2 {
  const { year, month, day, hour } = wallTime(text);
  const at = Date.UTC(year, month - 1, day, hour);
  return at >= lastSunday(year, 3) + 2 * 3600e3 && at < lastSunday(year, 10) + 3 * 3600e3 ? 2 : 1;
}

function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 0));
  return last.getTime() - last.getUTCDay() * 86400e3;
}

/** Milliseconds since the epoch. */
export function instant(text: string): number {
  const { year, month, day, hour, minute } = wallTime(text);
  return Date.UTC(year, month - 1, day, hour - offsetAt(text), minute);
}

/** RFC 5322: `Mon, 04 Nov 2024 19:42:00 +0100`. */
export function mailDate(text: string): string {
  const { year, month, day, hour, minute } = wallTime(text);
  const weekday = DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `${weekday}, ${two(day)} ${MONTHS[month - 1]} ${year} ${two(hour)}:${two(minute)}:00 +0${offsetAt(text)}00`;
}

/** The separator line of an mbox: asctime in UTC. */
export function asctime(text: string): string {
  const at = new Date(instant(text));
  const day = String(at.getUTCDate()).padStart(2, " ");
  return `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:00 ${at.getUTCFullYear()}`;
}

/** `4 November 2024`, in the manner of the language. */
export function longDate(text: string, language: Language = "en"): string {
  const { year, month, day } = wallTime(text);
  const name = MONTHS_LONG[language][month - 1] ?? "";
  if (language === "de") return `${day}. ${name} ${year}`;
  if (language === "pt") return `${day} de ${name} de ${year}`;
  return `${day} ${name} ${year}`;
}

/** `2024-11-04 19:42` some days and minutes later. */
export function later(text: string, days: number, minutes = 0): string {
  const { year, month, day, hour, minute } = wallTime(text);
  const at = new Date(Date.UTC(year, month - 1, day + days, hour, minute + minutes));
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

export const two = (n: number) => String(n).padStart(2, "0");
