import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@steward/core/clock.ts";
import { SegmentTooNew } from "@steward/core/search/index/codec.ts";
import { inspectIndex } from "@steward/core/search/index/inspect.ts";
import { IndexTooNew } from "@steward/core/search/index/manifest.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Finding } from "./doctor.ts";
import { readFolderBlobs } from "./stores/folder-blobs.ts";
import { holderOf } from "./stores/home-lock.ts";
import { kitFile, openRoot, pathsOf, rootState } from "./stores/key-file.ts";
import type { SqliteRecords } from "./stores/sqlite-records.ts";

/**
 * The search index: whether this version can read it, and whether every segment opens. Only a home that nobody has and
 * that opens by its key file can be looked into; nothing is written.
 */
export async function indexFindings(home: string, openRecords: () => SqliteRecords): Promise<Finding[]> {
  if (!existsSync(join(home, "steward.db")) || !existsSync(pathsOf(home).kit) || holderOf(home)) return [];
  if ((await rootState(home)) !== "key-file") return [];
  try {
    return [await look(home, openRecords())];
  } catch (error) {
    const advice =
      error instanceof IndexTooNew || error instanceof SegmentTooNew
        ? "Start the newer Steward again, or update this one."
        : "Look at the other findings first; the index is made from what they are about.";
    return [{ check: "index", state: "fault", found: error instanceof Error ? error.message : String(error), advice }];
  }
}

async function look(home: string, records: SqliteRecords): Promise<Finding> {
  try {
    const { ring } = await openRoot(home);
    const vault = await openVault({ records, ring, kit: kitFile(home), clock: systemClock }, { domains: ["index"] });
    const blobs = readFolderBlobs(join(home, "blobs"));
    const { segments, bytes, damaged } = await inspectIndex({ sealed: new SealedRecords(records, vault), blobs });
    const [first] = damaged;
    if (!first) {
      const found = `The search index is sound: segments ${segments}, ${(bytes / 1e6).toFixed(1)} MB.`;
      return { check: "index", state: "well", found };
    }
    const found = `${damaged.length} of ${segments} segments of the search index cannot be opened (${first.segment}: ${first.reason}).`;
    return { check: "index", state: "note", found, advice: "The next start makes them anew from what was read." };
  } finally {
    records.close();
  }
}
