import { parse } from "chrono-node/en";

/**
 * Dates of a query: `2025`, `2025-03`, `2025-03-14`, `2025 Q3`, two of them with `..` between, and words ("yesterday",
 * "last March", "summer 2024", "3 weeks ago"), in the owner's zone. The answer is a span: what `during:` means; `after:` begins at its start, `before:` ends there.
 */
export interface DateSpan {
  /** Milliseconds since the epoch; `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

type Unit = "day" | "week" | "month" | "year";

export function parseDateSpan(written: string, now: number, timeZone: string): DateSpan | undefined {
  const text = written.trim().toLowerCase().replace(/\s+/g, " ");
  if (text === "" || text.length > 60) return undefined;
  try {
    const range = text.split("..");
    if (range.length === 2) return between(range.map((end) => parseDateSpan(end, now, timeZone)));
    const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate();
    const span =
      isoDate(text) ??
      relative(text, today) ??
      partOfYear(text, today) ??
      monthNamed(text, today) ??
      inWords(text, now, timeZone);
    if (!span) return undefined;
    return { from: startOf(span.start, timeZone), to: startOf(step(span.start, span.unit, span.count ?? 1), timeZone) };
  } catch {
    // Temporal refuses days that are none (2025-02-30) and years out of range.
    return undefined;
  }
}

/** `2024..2025-03`: from the beginning of the one to the end of the other. */
function between([first, last]: readonly (DateSpan | undefined)[]): DateSpan | undefined {
  return first && last && first.from < last.to ? { from: first.from, to: last.to } : undefined;
}

interface Span {
  readonly start: Temporal.PlainDate;
  readonly unit: Unit;
  readonly count?: number;
}

/** ISO dates, also with `/` or `.` between year, month and day. */
function isoDate(text: string): Span | undefined {
  const match = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day] = match;
  const start = Temporal.PlainDate.from(
    { year: Number(year), month: Number(month ?? 1), day: Number(day ?? 1) },
    { overflow: "reject" },
  );
  return { start, unit: day ? "day" : month ? "month" : "year" };
}

const NUMBERS: Readonly<Record<string, number>> = { a: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6 };

function relative(text: string, today: Temporal.PlainDate): Span | undefined {
  if (text === "today") return { start: today, unit: "day" };
  if (text === "yesterday") return { start: today.subtract({ days: 1 }), unit: "day" };
  if (text === "tomorrow") return { start: today.add({ days: 1 }), unit: "day" };
  const named = /^(this|last|past|next|previous) (day|week|month|year)$/.exec(text);
  if (named) {
    const unit = named[2] as Unit; // One of the four that the pattern lists.
    const start = beginning(today, unit);
    return { start: step(start, unit, named[1] === "this" ? 0 : named[1] === "next" ? 1 : -1), unit };
  }
  const counted = /^(?:the )?(?:last|past) (\d{1,4}|\w+) (day|week|month|year)s?$/.exec(text);
  if (counted) {
    const count = NUMBERS[counted[1] ?? ""] ?? Number(counted[1]);
    const unit = counted[2] as Unit; // One of the four that the pattern lists.
    if (!Number.isInteger(count) || count < 1) return undefined;
    const start = step(today.add({ days: 1 }), unit, -count);
    return { start, unit: "day", count: start.until(today, { largestUnit: "day" }).days + 1 };
  }
  const ago = /^(\d{1,4}|\w+) (day|week|month|year)s? ago$/.exec(text);
  if (ago) {
    const count = NUMBERS[ago[1] ?? ""] ?? Number(ago[1]);
    if (!Number.isInteger(count)) return undefined;
    const unit = ago[2] as Unit; // One of the four that the pattern lists.
    return { start: beginning(step(today, unit, -count), unit), unit };
  }
  return undefined;
}

/** The first month of each; winter begins in the December of the year before. */
const PARTS: Readonly<Record<string, number>> = {
  ...{ q1: 1, q2: 4, q3: 7, q4: 10 },
  ...{ winter: 0, spring: 3, summer: 6, autumn: 9, fall: 9 },
};

/** "summer 2024", "last winter", "Q3 2024", "2024-Q3": three months. Without a year the latest that has begun. */
function partOfYear(text: string, today: Temporal.PlainDate): Span | undefined {
  const match = /^(?:(last|this) |(\d{4})[- ])?(q[1-4]|winter|spring|summer|autumn|fall)(?: (\d{4}))?$/.exec(text);
  if (!match) return undefined;
  const [, which, before, name = "", behind] = match;
  const year = before ?? behind;
  const inYear = (wanted: number) =>
    Temporal.PlainDate.from({ year: wanted, month: 1, day: 1 }).add({ months: (PARTS[name] ?? 1) - 1 });
  const at = (start: Temporal.PlainDate): Span => ({ start, unit: "month", count: 3 });
  if (year !== undefined) return at(inYear(Number(year)));
  const begun = [1, 0, -1, -2].map((add) => inYear(today.year + add)).filter((start) => !isAfter(start, today));
  const latest = begun[0] ?? inYear(today.year - 1);
  // "Last summer", said in summer, is the one of the year before.
  const running = !isAfter(today, latest.add({ months: 3 }).subtract({ days: 1 }));
  return at(which === "last" && running ? latest.subtract({ years: 1 }) : latest);
}

function isAfter(a: Temporal.PlainDate, b: Temporal.PlainDate): boolean {
  return Temporal.PlainDate.compare(a, b) > 0;
}

const MONTHS = "january february march april may june july august september october november december".split(" ");

/** "March", "last March", "March 2025", "mar 2025": the whole month. Without a year the latest that has begun. */
function monthNamed(text: string, today: Temporal.PlainDate): Span | undefined {
  const match = /^(?:(this|last|next) )?([a-z]{3,9})\.?(?:,? (\d{4}))?$/.exec(text);
  if (!match) return undefined;
  const [, which, name, year] = match;
  const month = MONTHS.findIndex((m) => m === name || (name?.length === 3 && m.startsWith(name))) + 1;
  if (month === 0) return undefined;
  if (year !== undefined)
    return { start: Temporal.PlainDate.from({ year: Number(year), month, day: 1 }), unit: "month" };
  const here = Temporal.PlainDate.from({ year: today.year, month, day: 1 });
  if (which === "next") return { start: month > today.month ? here : here.add({ years: 1 }), unit: "month" };
  if (which === "this") return { start: here, unit: "month" };
  const begun = which === "last" ? month < today.month : month <= today.month;
  return { start: begun ? here : here.subtract({ years: 1 }), unit: "month" };
}

/** Everything else chrono understands, when it understands all of it. */
function inWords(text: string, now: number, timeZone: string): Span | undefined {
  const zoned = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const reference = { instant: new Date(now), timezone: zoned.offsetNanoseconds / 60e9 };
  const [result, more] = parse(text, reference);
  if (!result || more || result.text.length < text.length) return undefined;
  const { start, end } = result;
  const day = Temporal.PlainDate.from({
    year: start.get("year") ?? zoned.year,
    month: start.get("month") ?? 1,
    day: start.get("day") ?? 1,
  });
  if (end) {
    const last = Temporal.PlainDate.from({
      year: end.get("year") ?? day.year,
      month: end.get("month") ?? day.month,
      day: end.get("day") ?? day.day,
    });
    return { start: day, unit: "day", count: Math.max(1, day.until(last, { largestUnit: "day" }).days + 1) };
  }
  if (start.isCertain("day") || start.isCertain("weekday")) return { start: day, unit: "day" };
  if (start.isCertain("month")) return { start: day.with({ day: 1 }), unit: "month" };
  if (start.isCertain("year")) return { start: day.with({ day: 1, month: 1 }), unit: "year" };
  return { start: day, unit: "day" };
}

function beginning(day: Temporal.PlainDate, unit: Unit): Temporal.PlainDate {
  switch (unit) {
    case "day":
      return day;
    case "week":
      return day.subtract({ days: day.dayOfWeek - 1 });
    case "month":
      return day.with({ day: 1 });
    case "year":
      return day.with({ day: 1, month: 1 });
    default:
      return unit satisfies never;
  }
}

function step(day: Temporal.PlainDate, unit: Unit, count: number): Temporal.PlainDate {
  switch (unit) {
    case "day":
      return day.add({ days: count });
    case "week":
      return day.add({ weeks: count });
    case "month":
      return day.add({ months: count });
    case "year":
      return day.add({ years: count });
    default:
      return unit satisfies never;
  }
}

function startOf(day: Temporal.PlainDate, timeZone: string): number {
  return day.toZonedDateTime(timeZone).epochMilliseconds;
}
