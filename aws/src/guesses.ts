import type { Clock } from "@steward/core/clock.ts";
import { RecordsConflict } from "@steward/core/records.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { type GuessCount, type GuessCounts, oneMore } from "@steward/server/http/rates.ts";

const PARTITION = "guesses";
const SCOPE = "house:guesses";

/**
 * Guesses counted in rows, so that all processes count together. One row an address, named by an HMAC of it, gone with the
 * minute it counts for.
 */
export function countsInRows(open: () => SealedRecords, clock: Clock): GuessCounts {
  const placeOf = (address: string) => ({
    partition: PARTITION,
    sort: open().vault.hmac("private", "guesses", address),
    scope: SCOPE,
  });
  return {
    async add(address) {
      const sealed = open();
      const place = placeOf(address);
      const key = await sealed.vault.standing("private", SCOPE);
      for (;;) {
        const stored = await sealed.get<GuessCount>(place);
        const count = oneMore(stored?.value, clock.now());
        const condition = stored ? { version: stored.version } : ("absent" as const);
        try {
          await sealed.write([sealed.put(key, place, count, { if: condition, expiresAt: count.until })]);
          return count;
        } catch (error) {
          // Someone guesses from the same address at this very moment.
          if (!(error instanceof RecordsConflict)) throw error;
        }
      }
    },
    async clear(address) {
      const { partition, sort } = placeOf(address);
      await open().write([{ delete: { partition, sort } }]);
    },
  };
}
