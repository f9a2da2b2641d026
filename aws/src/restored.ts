import type { Records } from "@steward/core/records.ts";
import type { KeyVault } from "@steward/core/vault/keys.ts";
import { keyRows } from "@steward/core/vault/rotate.ts";

/**
 * What a table that was restored to an earlier time holds for a house whose kit is of today. A rotation of the domain
 * keys, which the house does once a month, drops the key that wrapped the data keys before it; a table of that time does
 * not open any more. That is what makes forgetting true of the 35 days that AWS can go back, and it is the price: a
 * restore reaches back to the end of the last rotation and no further.
 */
export interface Restored {
  /** Data keys that the kit opens, and those whose generation was dropped. */
  readonly opens: number;
  readonly lost: number;
}

/**
 * Looks at every data key of the table. To be asked before the functions are pointed at it: with `lost` above zero some of
 * the house does not open there, and a later time has to be chosen.
 */
export async function lookAtRestored(records: Records, vault: KeyVault): Promise<Restored> {
  let [opens, lost] = [0, 0];
  for (const domain of vault.domainKeys.domains) {
    for await (const page of keyRows(records, `${domain}/`)) {
      for (const row of page) {
        if (vault.isShredded(domain, row)) lost += 1;
        else opens += 1;
      }
    }
  }
  return { opens, lost };
}
