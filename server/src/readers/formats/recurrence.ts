import ICAL from "ical.js";
import { dayOf } from "./calendar-time.ts";

/** A recurrence rule (RFC 5545 §3.3.10) in words: "every 2 weeks on Monday and Wednesday until 3 June 2026". */
const UNITS: Readonly<Record<string, string>> = {
  SECONDLY: "second",
  MINUTELY: "minute",
  HOURLY: "hour",
  DAILY: "day",
  WEEKLY: "week",
  MONTHLY: "month",
  YEARLY: "year",
};
const DAYS: Readonly<Record<string, string>> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};
const ORDINALS: Readonly<Record<string, string>> = {
  "1": "first",
  "2": "second",
  "3": "third",
  "4": "fourth",
  "-1": "last",
};
const MONTHS = "January February March April May June July August September October November December".split(" ");

export function recurrenceInWords(entry: ICAL.Component): string {
  const rule = entry.getFirstPropertyValue("rrule");
  if (!(rule instanceof ICAL.Recur)) return "";
  const unit = UNITS[rule.freq ?? ""] ?? "time";
  const words = [rule.interval > 1 ? `every ${rule.interval} ${unit}s` : `every ${unit}`];
  const days = rule.getComponent("BYDAY").map((day) => dayInWords(String(day)));
  if (days.length > 0) words.push(`on ${list(days)}`);
  const monthDays = rule.getComponent("BYMONTHDAY").map((day) => (day === -1 ? "the last day" : `day ${day}`));
  if (monthDays.length > 0) words.push(`on ${list(monthDays)}`);
  const months = rule.getComponent("BYMONTH").map((month) => MONTHS[Number(month) - 1] ?? String(month));
  if (months.length > 0) words.push(`in ${list(months)}`);
  if (rule.count) words.push(`${rule.count} times`);
  else if (rule.until) {
    const { year, month, day } = rule.until;
    words.push(`until ${dayOf(new Date(Date.UTC(year, month - 1, day)))}`);
  }
  const exceptions = entry.getAllProperties("exdate").length;
  if (exceptions > 0) words.push(`with ${exceptions} ${exceptions === 1 ? "exception" : "exceptions"}`);
  return words.join(" ");
}

function dayInWords(day: string): string {
  const [, which = "", code = ""] = /^([+-]?\d*)([A-Z]{2})$/.exec(day) ?? [];
  const name = DAYS[code] ?? day;
  return which === "" ? name : `the ${ORDINALS[which.replace("+", "")] ?? `${which}.`} ${name}`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
