import { RecordsConflict } from "@steward/core/records.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Settings } from "@steward/core/wire.ts";
import type { SettingsFace } from "./house.ts";

const PLACE = { partition: "setting", sort: "owner", scope: "house:settings" } as const;
const ATTEMPTS = 5;

/** The owner's settings, one sealed row. Two patches at once both take effect: the later one is applied to the other. */
export function openSettings(sealed: SealedRecords): SettingsFace {
  const standard: Settings = {
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    dailyCapUsd: 2,
    dailyTokenCap: 1_000_000,
    theme: "system",
    addresses: [],
  };
  return {
    async get() {
      return { ...standard, ...(await sealed.get<Partial<Settings>>(PLACE))?.value };
    },
    async patch(patch) {
      const key = await sealed.vault.standing("private", PLACE.scope);
      for (let attempt = 1; ; attempt++) {
        const stored = await sealed.get<Partial<Settings>>(PLACE);
        const next = { ...standard, ...stored?.value, ...patch };
        const condition = stored ? { version: stored.version } : ("absent" as const);
        try {
          await sealed.write([sealed.put(key, PLACE, next, { if: condition })]);
          return next;
        } catch (error) {
          if (!(error instanceof RecordsConflict) || attempt === ATTEMPTS) throw error;
        }
      }
    },
  };
}
