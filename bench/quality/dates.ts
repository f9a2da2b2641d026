import { parse } from "chrono-node/en";

/**
 * A date of a judged set as ISO 8601, whatever form it was written in: ISO itself, seconds or milliseconds since the
 * epoch, a mail's header, or words ("1:56 pm on 8 May, 2023"). Undefined when it is none.
 */
export function isoDate(written: string | number | null | undefined): string | undefined {
  if (written === null || written === undefined || written === "") return undefined;
  if (typeof written === "string" && /^\d{4}-\d{2}-\d{2}/.test(written)) {
    return Number.isNaN(Date.parse(written)) ? undefined : written;
  }
  const number = Number(written);
  if (!Number.isNaN(number)) return fromEpoch(number < 1e11 ? number * 1_000 : number);
  const said = parse(String(written), { instant: new Date(0), timezone: 0 })[0];
  return said && fromEpoch(said.date().getTime());
}

function fromEpoch(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
