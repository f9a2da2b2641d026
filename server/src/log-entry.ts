/**
 * What may be logged. An entry cannot hold personal content, by construction: it is an event's name and facts that are
 * numbers, booleans or short words and ids; a text that looks like anything else is withheld. Of an error only its
 * class, code and places in the code are kept, never its message, which may quote what it was working on.
 */
export interface Log {
  debug(event: string, facts?: Facts): void;
  info(event: string, facts?: Facts): void;
  warn(event: string, facts?: Facts): void;
  error(event: string, error: unknown, facts?: Facts): void;
}

export type Facts = Readonly<Record<string, number | boolean | string | undefined>>;

const WORD_OR_ID = /^[A-Za-z0-9._:/-]{1,80}$/;

export const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function safe(facts: Facts = {}): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [
      name,
      typeof fact === "string" && !WORD_OR_ID.test(fact) ? "[withheld]" : fact,
    ]),
  );
}

export function traceOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const places = (error.stack ?? "")
    .split("\n")
    .map((line) => /^\s+at .*?([\w.-]+:\d+:\d+)\)?$/.exec(line)?.[1])
    .filter((place) => place !== undefined);
  return {
    error: WORD_OR_ID.test(error.name) ? error.name : "Error",
    ...("code" in error && WORD_OR_ID.test(String(error.code)) ? { code: String(error.code) } : {}),
    at: places.slice(0, 6),
    ...(error.cause === undefined ? {} : { cause: traceOf(error.cause) }),
  };
}
