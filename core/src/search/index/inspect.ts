import type { Blobs } from "../../blobs.ts";
import type { SealedRecords } from "../../vault/sealed-records.ts";
import { decodeSegment, decodeVectors } from "./codec.ts";
import { isDamage, ManifestStore } from "./manifest.ts";

/** What a look at the index found: how many segments it has, and those that cannot be opened, with the reason. */
export interface IndexFindings {
  readonly segments: number;
  readonly bytes: number;
  readonly damaged: readonly { readonly segment: string; readonly reason: string }[];
}

/**
 * Opens every segment, one after the other, and keeps none; writes nothing.
 * @throws IndexTooNew, SegmentTooNew when a newer version of Steward wrote it.
 */
export async function inspectIndex({ sealed, blobs }: { sealed: SealedRecords; blobs: Blobs }): Promise<IndexFindings> {
  const store = new ManifestStore(sealed, blobs);
  const { segments } = await store.read();
  const damaged: { segment: string; reason: string }[] = [];
  for (const entry of segments) {
    try {
      const bytes = await store.load(entry);
      if (entry.kind === "words") decodeSegment(bytes);
      else decodeVectors(bytes);
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.push({ segment: entry.id, reason: error.message });
    }
  }
  return { segments: segments.length, bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0), damaged };
}
