import type { ReadDocument, ReaderInput, ReaderOutcome, ReadPart } from "@steward/core/intake/reader.ts";
import type { Person } from "@steward/core/item.ts";
import ICAL from "ical.js";
import { tidy } from "../encoding.ts";
import { MAX_MEMBERS, Refused } from "../limits.ts";
import { momentOf, whenInWords } from "./calendar-time.ts";
import { recurrenceInWords } from "./recurrence.ts";
import { titleFromName } from "./text.ts";

/**
 * iCalendar (RFC 5545): one event is a document; many are a container, each with the time zones it needs, so that
 * every event is an item of its own.
 */
export function readCalendar(input: ReaderInput, source: string): ReaderOutcome {
  const calendars = parseCalendars(source);
  const entries = calendars.flatMap((calendar) =>
    ["vevent", "vtodo"].flatMap((kind) => calendar.getAllSubcomponents(kind).map((entry) => ({ calendar, entry }))),
  );
  const [only] = entries;
  if (!only) return { ok: true, parts: [], warnings: ["The calendar holds no events."] };
  if (entries.length === 1) return { ok: true, document: documentOf(only.calendar, only.entry, input) };
  if (entries.length > MAX_MEMBERS) throw new Refused("too-large", `It holds more than ${MAX_MEMBERS} events.`);
  return { ok: true, parts: entries.map(({ calendar, entry }) => partOf(calendar, entry)), warnings: [] };
}

function parseCalendars(source: string): ICAL.Component[] {
  const parsed: unknown = ICAL.parse(
    tidy(source)
      .replace(/^\ufeff/, "")
      .trim(),
  );
  // One calendar comes back as its jCal array, several as an array of those.
  const jcals = Array.isArray(parsed) && Array.isArray(parsed[0]) ? parsed : [parsed];
  return jcals.map((jcal) => new ICAL.Component(jcal)).filter((component) => component.name === "vcalendar");
}

/** An event with its calendar's method and time zones, as a calendar of its own. */
function partOf(calendar: ICAL.Component, entry: ICAL.Component): ReadPart {
  const alone = new ICAL.Component("vcalendar");
  for (const name of ["version", "prodid", "method", "x-wr-timezone"]) {
    const value = calendar.getFirstPropertyValue(name);
    if (typeof value === "string") alone.updatePropertyWithValue(name, value);
  }
  const zones = new Set(entry.getAllProperties().map((property) => property.getFirstParameter("tzid")));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    const id = zone.getFirstPropertyValue("tzid");
    if (typeof id === "string" && zones.has(id)) alone.addSubcomponent(new ICAL.Component(zone.toJSON()));
  }
  alone.addSubcomponent(new ICAL.Component(entry.toJSON()));
  const bytes = Buffer.from(`${alone.toString()}\r\n`);
  const name = textOf(entry, "summary").replace(/[/\\]/g, " ").slice(0, 100) || "event";
  return { filename: `${name}.ics`, mediaType: "text/calendar", size: bytes.length, inline: false, bytes };
}

function documentOf(calendar: ICAL.Component, entry: ICAL.Component, input: ReaderInput): ReadDocument {
  const isTask = entry.name === "vtodo";
  const zones = calendar.getAllSubcomponents("vtimezone");
  const starts = momentOf(entry, isTask ? "due" : "dtstart", zones);
  const ends = endOf(entry, zones, starts);
  const summary = textOf(entry, "summary");
  const people = peopleOf(entry);
  const lines = [
    summary,
    starts && `${isTask ? "Due" : "When"}: ${whenInWords(starts, ends)}`,
    line("Where", textOf(entry, "location")),
    line(
      "Organizer",
      people
        .filter((each) => each.person.role === "organizer")
        .map(nameOf)
        .join(", "),
    ),
    line(
      "Attendees",
      people
        .filter((each) => each.person.role === "attendee")
        .map(nameOf)
        .join(", "),
    ),
    line("Repeats", recurrenceInWords(entry)),
    line("Status", statusOf(calendar, entry)),
    line("Link", textOf(entry, "url")),
    line("Categories", textOf(entry, "categories")),
  ].filter((each): each is string => Boolean(each));
  const description = tidy(textOf(entry, "description")).trim();
  const text = description === "" ? lines.join("\n") : `${lines.join("\n")}\n\n${description}`;
  const warnings = [
    ...(starts || isTask ? [] : ["It has no start that can be read."]),
    ...(starts && !starts.allDay && !starts.zone ? ["It names no time zone: its time is taken as local."] : []),
  ];
  return {
    kind: isTask ? "note" : "event",
    title: summary || titleFromName(input.name),
    ...(starts ? { date: starts.iso } : {}),
    ...(ends ? { ends: ends.iso } : {}),
    ...(starts?.allDay ? { allDay: true } : {}),
    people: people.map((each) => each.person),
    mediaType: "text/calendar",
    text,
    marks: [],
    parts: [],
    warnings,
  };
}

function endOf(entry: ICAL.Component, zones: readonly ICAL.Component[], starts: ReturnType<typeof momentOf>) {
  const written = momentOf(entry, "dtend", zones);
  const duration = entry.getFirstPropertyValue("duration");
  if (written || !starts || !(duration instanceof ICAL.Duration)) return written;
  return momentOf(entry, "dtstart", zones, duration);
}

interface Attending {
  readonly person: Person;
  readonly answer: string | undefined;
}

const ANSWERS: Readonly<Record<string, string>> = {
  ACCEPTED: "accepted",
  DECLINED: "declined",
  TENTATIVE: "tentative",
  DELEGATED: "delegated",
};

function peopleOf(entry: ICAL.Component): Attending[] {
  const properties = (["organizer", "attendee"] as const).flatMap((role) =>
    entry.getAllProperties(role).map((property) => ({ role, property })),
  );
  return properties.slice(0, 5_000).map(({ role, property }) => {
    const address = String(property.getFirstValue())
      .replace(/^mailto:/i, "")
      .trim()
      .toLowerCase()
      .slice(0, 320);
    const name = property.getFirstParameter("cn")?.trim().slice(0, 200);
    const isAddress = address.includes("@");
    return {
      person: {
        role,
        ...(name && name.toLowerCase() !== address ? { name } : isAddress ? {} : { name: address }),
        ...(isAddress ? { address } : {}),
      },
      answer: ANSWERS[property.getFirstParameter("partstat")?.toUpperCase() ?? ""],
    };
  });
}

function nameOf({ person, answer }: Attending): string {
  const who =
    person.name && person.address ? `${person.name} <${person.address}>` : (person.name ?? person.address ?? "");
  return answer ? `${who} (${answer})` : who;
}

function statusOf(calendar: ICAL.Component, entry: ICAL.Component): string {
  const method = textOf(calendar, "method").toUpperCase();
  const status = textOf(entry, "status").toUpperCase();
  if (method === "CANCEL" || status === "CANCELLED") return "cancelled";
  if (method === "REPLY") return "a reply to an invitation";
  return status === "TENTATIVE" || status === "COMPLETED" ? status.toLowerCase() : "";
}

function textOf(component: ICAL.Component, name: string): string {
  return component
    .getAllProperties(name)
    .flatMap((property) => property.getValues())
    .filter((value) => typeof value === "string")
    .join(", ")
    .trim();
}

function line(label: string, value: string): string | undefined {
  return value === "" ? undefined : `${label}: ${value.replace(/\s*\n\s*/g, ", ")}`;
}
