import { type DestinationStream, pino } from "pino";
import { type Log, safe, traceOf } from "./log-entry.ts";

export { type Facts, type Log, quiet } from "./log-entry.ts";

/** The one logger at home, on standard error. What an entry may hold: `log-entry.ts`. */
export function openLog(level: string, destination?: DestinationStream): Log {
  const options = { level, base: null, messageKey: "event", timestamp: pino.stdTimeFunctions.isoTime };
  const logger = destination ? pino(options, destination) : pino(options, pino.destination(2));
  return {
    debug: (event, facts) => logger.debug(safe(facts), event),
    info: (event, facts) => logger.info(safe(facts), event),
    warn: (event, facts) => logger.warn(safe(facts), event),
    error: (event, error, facts) => logger.error({ ...safe(facts), ...traceOf(error) }, event),
  };
}
