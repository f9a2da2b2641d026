import ICAL from "ical.js";

/** A moment of a calendar as it was written: wall time and zone, or a whole day. */
export interface Moment {
  /** `YYYY-MM-DD` for whole days, else with the offset where the zone tells one. */
  readonly iso: string;
  readonly allDay: boolean;
  readonly wall: { year: number; month: number; day: number; hour: number; minute: number };
  /** IANA name or what the calendar calls it; undefined for a floating time. */
  readonly zone: string | undefined;
}

/** The property's value, moved by `plus` when given. */
export function momentOf(
  entry: ICAL.Component,
  name: string,
  zones: readonly ICAL.Component[],
  plus?: ICAL.Duration,
): Moment | undefined {
  const property = entry.getFirstProperty(name);
  const value = property?.getFirstValue();
  if (!property || !(value instanceof ICAL.Time)) return undefined;
  const time = value.clone();
  if (plus) time.addDuration(plus);
  const { year, month, day, hour, minute, second } = time;
  const wall = { year, month, day, hour, minute };
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  if (time.isDate) return { iso: date, allDay: true, wall, zone: undefined };
  const tzid = property.getFirstParameter("tzid");
  const isUtc = value.zone === ICAL.Timezone.utcTimezone;
  const local = `${date}T${pad(hour)}:${pad(minute)}:${pad(second)}`;
  const offset = isUtc ? "+00:00" : tzid ? offsetIn(tzid, local, time, zones) : undefined;
  return { iso: local + (offset ?? ""), allDay: false, wall, zone: isUtc ? "UTC" : offset ? tzid : undefined };
}

/** The zone database knows IANA names; a calendar's own VTIMEZONE explains the others ("W. Europe Standard Time"). */
function offsetIn(tzid: string, local: string, time: ICAL.Time, zones: readonly ICAL.Component[]): string | undefined {
  const iana = /[A-Za-z_]+\/[A-Za-z_/+-]+$/.exec(tzid)?.[0] ?? tzid;
  try {
    return Temporal.PlainDateTime.from(local).toZonedDateTime(iana).offset;
  } catch {
    const component = zones.find((zone) => zone.getFirstPropertyValue("tzid") === tzid);
    if (!component) return undefined;
    const seconds = new ICAL.Timezone({ component, tzid }).utcOffset(time);
    const minutes = Math.abs(Math.trunc(seconds / 60));
    return `${seconds < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
  }
}

const DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", dateStyle: "full" });

/** "Tuesday, 3 March 2026, 10:00–11:00 (Europe/Berlin)". */
export function whenInWords(starts: Moment, ends: Moment | undefined): string {
  if (starts.allDay) {
    // The end of whole days is the day after the last (RFC 5545 §3.6.1).
    const last = ends && dayOf(new Date(dateOf(ends).getTime() - 86_400_000));
    const first = dayOf(dateOf(starts));
    return last && last !== first && dateOf(ends) > dateOf(starts)
      ? `${first} to ${last}, all day`
      : `${first}, all day`;
  }
  const zone = starts.zone ? ` (${starts.zone})` : "";
  const from = `${dayOf(dateOf(starts))}, ${clock(starts)}`;
  if (!ends || ends.iso === starts.iso) return from + zone;
  const sameDay = starts.iso.slice(0, 10) === ends.iso.slice(0, 10);
  return `${from}${sameDay ? `–${clock(ends)}` : ` to ${dayOf(dateOf(ends))}, ${clock(ends)}`}${zone}`;
}

function dateOf({ wall }: Moment): Date {
  return new Date(Date.UTC(wall.year, wall.month - 1, wall.day));
}

export function dayOf(date: Date): string {
  return DAY.format(date);
}

function clock({ wall }: Moment): string {
  return `${pad(wall.hour)}:${pad(wall.minute)}`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
