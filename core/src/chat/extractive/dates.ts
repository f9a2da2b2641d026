import { fold } from "./words.ts";

/** Dates as people write them, as far as they say them: a year, a month, a day, or some of these. */
export interface PartialDate {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly start: number;
  readonly end: number;
}

const NAMES: readonly (readonly string[])[] = [
  "january jan januar januari janvier janner janeiro",
  "february feb februar februari fevrier fevr fevereiro",
  "march mar marz mrz mars marco",
  "april apr avril abril",
  "may mai maj maio",
  "june jun juni juin junho",
  "july jul juli juillet julho",
  "august aug augusti aout agosto",
  "september sep sept septembre setembro",
  "october oct oktober okt octobre outubro",
  "november nov novembre novembro",
  "december dec dezember dez decembre dezembro",
].map((names) => names.split(" "));
const MONTH_OF = new Map(NAMES.flatMap((names, i) => names.map((name): [string, number] => [name, i + 1])));
const WEEKDAYS = [
  "sunday sun sonntag dimanche sondag",
  "monday mon montag lundi mandag",
  "tuesday tue dienstag mardi tisdag",
  "wednesday wed mittwoch mercredi onsdag",
  "thursday thu donnerstag jeudi torsdag",
  "friday fri freitag vendredi fredag",
  "saturday sat samstag samedi lordag",
].map((names) => names.split(" "));
const WEEKDAY_OF = new Map(WEEKDAYS.flatMap((names, i) => names.map((name): [string, number] => [name, i])));

const WRITTEN =
  /(?<iy>(?:19|20)\d\d)-(?<im>\d\d)-(?<id>\d\d)|(?<!\d)(?<nd>\d{1,2})[./]\s?(?<nm>\d{1,2})[./](?:\s?(?<ny>(?:19|20)\d\d))?|(?<!\d)(?<dd>\d{1,2})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?<dm>\p{L}{3,10})\b\.?,?(?:\s+(?:de\s+)?(?<dy>(?:19|20)\d\d))?|\b(?<mm>\p{L}{3,10})\.?\s+(?<md>\d{1,2})(?:st|nd|rd|th)?\b(?!:|\d)(?:,?\s+(?<my>(?:19|20)\d\d))?|\b(?<om>\p{L}{3,10})\.?\s+(?<oy>(?:19|20)\d\d)|\b(?<am>\p{L}{3,10})\b|(?<![\d'’.,-])(?<ay>(?:19|20)\d\d)(?![\d'’]|[.,]\d|-\d)/gu;

/** Every date written in the text. A month alone counts only when its name is written out with a capital. */
export function datesIn(text: string): PartialDate[] {
  const dates: PartialDate[] = [];
  const written = new RegExp(WRITTEN);
  for (let match = written.exec(text); match; match = written.exec(text)) {
    const g = match.groups ?? {};
    const month = g.im ?? g.nm;
    const name = g.dm ?? g.mm ?? g.om ?? g.am;
    const named = name === undefined ? undefined : MONTH_OF.get(fold(name));
    if (name !== undefined && named === undefined) {
      // No month after all: what follows the first word may be a date of its own ("Orchard 2025").
      written.lastIndex = match.index + (/^[\p{L}\p{N}]+/u.exec(match[0])?.[0].length ?? 1);
      continue;
    }
    if (g.am !== undefined && (!/^\p{Lu}\p{L}{2,}/u.test(g.am) || (g.am.length < 4 && g.am !== "May"))) continue;
    // "May I" and "March on" at the beginning of a sentence are no months.
    if (g.am === "May" && !/\b(?:in|of|since|until|last|next|by|this|during)\s+$/i.test(text.slice(0, match.index)))
      continue;
    const year = g.iy ?? g.ny ?? g.dy ?? g.my ?? g.oy ?? g.ay;
    const day = g.id ?? g.nd ?? g.dd ?? g.md;
    const number = month === undefined ? named : Number(month);
    if (number !== undefined && (number < 1 || number > 12)) continue;
    if (day !== undefined && (Number(day) < 1 || Number(day) > 31)) continue;
    dates.push({
      ...(year === undefined ? {} : { year: Number(year) }),
      ...(number === undefined ? {} : { month: number }),
      ...(day === undefined ? {} : { day: Number(day) }),
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  return dates;
}

/** What a question says about when: dates written out, or words like "last month", as a span of days. */
export interface When {
  readonly dates: readonly PartialDate[];
  /** Inclusive, `YYYY-MM-DD`. */
  readonly from?: string;
  readonly to?: string;
}

export function whenIn(question: string, today: string): When | undefined {
  const dates = datesIn(question);
  const relative = relativeSpan(question.toLowerCase(), today);
  return dates.length === 0 && !relative ? undefined : { dates, ...relative };
}

function relativeSpan(text: string, today: string): { from: string; to: string } | undefined {
  const year = Number(today.slice(0, 4));
  const month = Number(today.slice(5, 7));
  if (/\blast year\b/.test(text)) return { from: `${year - 1}-01-01`, to: `${year - 1}-12-31` };
  if (/\bthis year\b/.test(text)) return { from: `${year}-01-01`, to: `${year}-12-31` };
  if (/\bthis month\b/.test(text)) return { from: `${today.slice(0, 7)}-01`, to: `${today.slice(0, 7)}-31` };
  if (/\blast month\b/.test(text)) {
    const before = month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, "0")}`;
    return { from: `${before}-01`, to: `${before}-31` };
  }
  const monday = addDays(today, -((weekdayOf(today) + 6) % 7));
  if (/\bthis week\b/.test(text)) return { from: monday, to: addDays(monday, 6) };
  if (/\blast week\b/.test(text)) return { from: addDays(monday, -7), to: addDays(monday, -1) };
  if (/\bnext week\b/.test(text)) return { from: addDays(monday, 7), to: addDays(monday, 13) };
  if (/\byesterday\b/.test(text)) return { from: addDays(today, -1), to: addDays(today, -1) };
  if (/\btoday\b/.test(text)) return { from: today, to: today };
  if (/\btomorrow\b/.test(text)) return { from: addDays(today, 1), to: addDays(today, 1) };
  return undefined;
}

/** True when the date, `YYYY-MM-DD…`, lies in what the question asks about. */
export function isWithin(when: When, date: string): boolean {
  if (when.from !== undefined && when.to !== undefined)
    return date.slice(0, 10) >= when.from && date.slice(0, 10) <= when.to;
  const at = {
    year: Number(date.slice(0, 4)),
    month: Number(date.slice(5, 7)),
    day: Number(date.slice(8, 10)),
    start: 0,
    end: 0,
  };
  return when.dates.some((wanted) => agrees(wanted, at));
}

/** True when the text names a date the question asks about; missing years are read from the text's own date. */
export function namesWithin(when: When, text: string, reference: string | undefined): boolean {
  return datesIn(text).some((named) => {
    const full = resolve(named, reference);
    if (when.from !== undefined) return full !== undefined && isWithin(when, full);
    return when.dates.some((wanted) =>
      agrees(wanted, full === undefined ? named : { ...named, year: Number(full.slice(0, 4)) }),
    );
  });
}

/** Every part of the date wanted is there and the same. */
function agrees(wanted: PartialDate, given: PartialDate): boolean {
  return (["year", "month", "day"] as const).every(
    (part) => wanted[part] === undefined || wanted[part] === given[part],
  );
}

/** A day and month with its year, the one nearest to the reference when none is written. `YYYY-MM-DD` or undefined. */
export function resolve(date: PartialDate, reference: string | undefined): string | undefined {
  if (date.month === undefined || date.day === undefined) return undefined;
  if (date.year !== undefined) return iso(date.year, date.month, date.day);
  if (reference === undefined) return undefined;
  const at = Date.parse(`${reference.slice(0, 10)}T00:00:00Z`);
  const base = Number(reference.slice(0, 4));
  const candidates = [base - 1, base, base + 1].map((year) => iso(year, date.month ?? 1, date.day ?? 1));
  return candidates.sort((a, b) => Math.abs(Date.parse(a) - at) - Math.abs(Date.parse(b) - at))[0];
}

/** "today", "tomorrow", "on Friday" as a date, counted from the day it was written; undefined when that is not sure. */
export function resolveSpoken(text: string, written: string): string | undefined {
  const plain = fold(text);
  const day = written.slice(0, 10);
  if (/\b(?:today|tonight|this (?:morning|afternoon|evening)|heute|idag)\b/.test(plain)) return day;
  if (/\b(?:tomorrow|demain|imorgon)\b/.test(plain)) return addDays(day, 1);
  if (/\b(?:yesterday|gestern)\b/.test(plain)) return addDays(day, -1);
  if (/\b(?:next|last|nachsten|letzten)\b/.test(plain)) return undefined;
  const weekday = plain
    .split(/[^\p{L}]+/u)
    .map((word) => WEEKDAY_OF.get(word))
    .find((found) => found !== undefined);
  if (weekday === undefined) return undefined;
  const ahead = (weekday - weekdayOf(day) + 7) % 7;
  return ahead === 0 ? undefined : addDays(day, ahead);
}

/** `Friday 7 March 2025`. */
export function dateInWords(date: string): string {
  const at = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at)) return date;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  return parts.format(at).replace(",", "");
}

export function dayInWords(date: string): string {
  return dateInWords(date).replace(/^\p{L}+ /u, "");
}

export function isCalendarWord(plain: string): boolean {
  return MONTH_OF.has(plain) || WEEKDAY_OF.has(plain);
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

function iso(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
