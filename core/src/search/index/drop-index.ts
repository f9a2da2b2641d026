import type { Blobs } from "../../blobs.ts";
import type { SealedRecords } from "../../vault/sealed-records.ts";
import { AGAIN, GONE, ManifestStore } from "./manifest.ts";

/**
 * Drops a private index that another engine has taken the place of: its segments' keys are destroyed and their blobs
 * deleted, so that what is forgotten from now on is in no old segment. It is made again from the readings when the
 * house comes back to it. Must not run beside an open private index. False when there was nothing to drop.
 */
export async function dropIndex({ sealed, blobs }: { sealed: SealedRecords; blobs: Blobs }): Promise<boolean> {
  const store = new ManifestStore(sealed, blobs);
  const { segments, nextVersion } = await store.read();
  const rows = [];
  for (const prefix of [GONE, AGAIN] as const) {
    for (const item of await store.rows(prefix)) rows.push(await store.rowChange(prefix, item, false));
  }
  if (segments.length === 0 && rows.length === 0) return false;
  await store.swap({ format: 1, nextVersion, segments: [] }, [], segments, rows, () => {});
  await store.clearAway();
  return true;
}
