import { type Facts, type Log, safe, traceOf } from "@steward/server/log-entry.ts";

/** The functions' log: a line of JSON an entry, which Lambda takes over as it is. What it may hold: `log-entry.ts`. */
export function openCloudLog(write: (line: string) => void): Log {
  const entry = (level: string, event: string, facts?: Facts, more: object = {}) =>
    write(JSON.stringify({ timestamp: new Date().toISOString(), level, event, ...safe(facts), ...more }));
  return {
    debug: () => {},
    info: (event, facts) => entry("INFO", event, facts),
    warn: (event, facts) => entry("WARN", event, facts),
    error: (event, error, facts) => entry("ERROR", event, facts, traceOf(error)),
  };
}
