import { type Change, RecordsConflict } from "../records.ts";
import type { KeyVault } from "./keys.ts";
import { keyRows } from "./rotate.ts";

/**
 * "Delete my data": every domain key and HMAC key is replaced by a fresh one in one atomic write of the kit. That write is
 * the deletion: from then on no sealed byte of before opens with any key that exists, wherever it lies (the store, its
 * write-ahead log, blobs, backups), except by a copy of an older kit together with the root key.
 *
 * The stored data keys are then removed; killed in between, they are unreadable leftovers that `sweepShredded` removes.
 * The rest of the rows and the blobs are the caller's to remove.
 */
export async function shredAll(vault: KeyVault): Promise<{ readonly keysDestroyed: number }> {
  await vault.domainKeys.replaceAll();
  vault.forgetAll();
  return { keysDestroyed: await sweepShredded(vault) };
}

/** Removes the data keys that no key in the kit can unwrap. Never run it with a kit that was just put back: prove it first. */
export async function sweepShredded(vault: KeyVault): Promise<number> {
  let removed = 0;
  for (const domain of vault.domainKeys.domains) {
    for await (const page of keyRows(vault.records, `${domain}/`)) {
      const dead = page.filter((row) => vault.isShredded(domain, row));
      for (const { partition, sort, version } of dead) {
        const change: Change = { delete: { partition, sort }, if: { version } };
        removed += await vault.records.write([change]).then(
          () => 1,
          (error: unknown) => {
            // Replaced meanwhile by a fresh key of the same standing scope.
            if (error instanceof RecordsConflict) return 0;
            throw error;
          },
        );
      }
    }
  }
  return removed;
}
