import { RecordsConflict } from "@steward/core/records.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";

/** What the owner chose, one sealed row: keys among it, so it never leaves this folder as it is. */
export interface KeptModels {
  /** The provider of new turns. */
  readonly chosen: string;
  readonly providers: Readonly<Record<string, KeptProvider>>;
}

export interface KeptProvider {
  readonly model?: string;
  readonly baseUrl?: string;
  /** A key belongs to the address it was given for, and is sent to no other. */
  readonly key?: { readonly value: string; readonly for: string };
}

const PLACE = { partition: "setting", sort: "models", scope: "house:settings" } as const;
const NOTHING: KeptModels = { chosen: "extractive", providers: {} };
const ATTEMPTS = 5;

export async function readKept(sealed: SealedRecords): Promise<KeptModels> {
  return (await sealed.get<KeptModels>(PLACE))?.value ?? NOTHING;
}

/** Of two changes at once the later is applied to the other's outcome. */
export async function changeKept(sealed: SealedRecords, change: (kept: KeptModels) => KeptModels): Promise<void> {
  const key = await sealed.vault.standing("private", PLACE.scope);
  for (let attempt = 1; ; attempt++) {
    const stored = await sealed.get<KeptModels>(PLACE);
    const next = change(stored?.value ?? NOTHING);
    const condition = stored ? { version: stored.version } : ("absent" as const);
    try {
      return await sealed.write([sealed.put(key, PLACE, next, { if: condition })]);
    } catch (error) {
      if (!(error instanceof RecordsConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}
