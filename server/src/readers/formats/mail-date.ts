/**
 * The date-time of RFC 5322 §3.3 with the obsolete forms of §4.3 (two-digit years, named zones), as ISO 8601 that
 * keeps the sender's offset: half of "when" is what the clock showed them. Undefined when it is no date.
 */
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const ZONES: Readonly<Record<string, string>> = {
  UT: "+00:00",
  GMT: "+00:00",
  UTC: "+00:00",
  Z: "+00:00",
  EST: "-05:00",
  EDT: "-04:00",
  CST: "-06:00",
  CDT: "-05:00",
  MST: "-07:00",
  MDT: "-06:00",
  PST: "-08:00",
  PDT: "-07:00",
  CET: "+01:00",
  CEST: "+02:00",
  BST: "+01:00",
};

const DATE_TIME =
  /(\d{1,2})[\s-]+([A-Za-z]{3})[A-Za-z]*[\s-]+(\d{2,4}),?\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*(?:([+-])\s?(\d{2}):?(\d{2})|\(?([A-Za-z]{1,5})\)?)?/;

export function mailDate(value: string): string | undefined {
  const match = DATE_TIME.exec(value.slice(0, 200));
  if (!match) return otherDate(value);
  const [, day = "", monthName = "", yearText = "", hour = "", minute = "", second = "00"] = match;
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1;
  if (month === 0) return undefined;
  const two = (part: string | number) => String(part).padStart(2, "0");
  const wall = `${fullYear(yearText)}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(Math.min(Number(second), 59))}`;
  // A day that does not exist rolls over in Date: 31 February is no date.
  const parsed = new Date(`${wall}Z`);
  if (Number.isNaN(parsed.getTime()) || parsed.getUTCDate() !== Number(day)) return undefined;
  return wall + offsetOf(match);
}

function offsetOf([, , , , , , , sign, hours = "0", minutes = "0", zone]: RegExpExecArray): string {
  if (!sign) return ZONES[zone?.toUpperCase() ?? "Z"] ?? "+00:00";
  return Number(hours) > 14 || Number(minutes) > 59 ? "+00:00" : `${sign}${hours}:${minutes}`;
}

function fullYear(text: string): string {
  const year = Number(text);
  if (text.length === 2) return String(year < 50 ? 2000 + year : 1900 + year);
  return String(text.length === 3 ? 1900 + year : year).padStart(4, "0");
}

/** ISO and the other shapes that broken software writes, as far as JavaScript reads them. */
function otherDate(value: string): string | undefined {
  const time = Date.parse(value.trim());
  const year = Number.isNaN(time) ? 0 : new Date(time).getUTCFullYear();
  return year >= 1970 && year < 2200 ? new Date(time).toISOString() : undefined;
}
