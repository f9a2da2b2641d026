/**
 * Dates in words, in the owner's zone: "tomorrow at nine", "on Friday", "12 May at 14:30". Wall times only: what zone they
 * are meant in is kept beside them.
 */
export interface Due {
  /** `YYYY-MM-DD`, or `YYYY-MM-DDTHH:mm` when a time was said. */
  readonly due: string;
  /** Where the words stand in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** The first date named in the text, or undefined. Looks forward: "Friday" is the next one. */
export async function dueIn(text: string, now: number, timeZone: string): Promise<Due | undefined> {
  // Loaded at first use: its grammars are the largest thing a turn would otherwise load.
  const { en, de, fr } = await import("chrono-node");
  const reference = wallClock(now, timeZone);
  const written = timesInDigits(text);
  for (const language of [en.casual, de.casual, fr.casual]) {
    const [found] = language.parse(written.text, reference, { forwardDate: true });
    if (!found) continue;
    const at = found.start;
    const pad = (value: number | null) => String(value ?? 0).padStart(2, "0");
    const day = `${at.get("year")}-${pad(at.get("month"))}-${pad(at.get("day"))}`;
    const timed = at.isCertain("hour");
    const due = timed ? `${day}T${pad(at.get("hour"))}:${pad(at.get("minute"))}` : day;
    return { due, start: written.origin(found.index), end: written.origin(found.index + found.text.length) };
  }
  return undefined;
}

/** An instant whose parts read in UTC-like local time are the owner's wall clock, which is all chrono needs. */
function wallClock(now: number, timeZone: string): { instant: Date; timezone: number } {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    })
      .formatToParts(now)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - now) / 60_000);
  return { instant: new Date(now), timezone: offset };
}

/** "at nine", "half past two": chrono reads hours in digits only. Offsets lead back to the text as it was. */
function timesInDigits(text: string): { text: string; origin: (at: number) => number } {
  const shifts: { at: number; by: number }[] = [];
  let moved = 0;
  const plain = text.replace(SPOKEN, (whole: string, lead: string, hour: string, index: number) => {
    const digits = String(HOURS.indexOf(hour.toLowerCase()) + 1);
    moved += whole.length - (lead.length + digits.length);
    shifts.push({
      at: index + lead.length + digits.length - (moved - (whole.length - lead.length - digits.length)),
      by: moved,
    });
    return lead + digits;
  });
  return {
    text: plain,
    origin: (at) => at + (shifts.filter((shift) => shift.at <= at).at(-1)?.by ?? 0),
  };
}

const HOURS = "one two three four five six seven eight nine ten eleven twelve".split(" ");
const SPOKEN = new RegExp(`\\b(at )(${HOURS.join("|")})\\b`, "gi");
