import {
  CopyObjectCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from "@aws-sdk/client-s3";
import type { Account } from "../deploy/account.ts";

/**
 * Objects as they were at a time: what was deleted since then, or written over, is brought forward again. What came later
 * stays: nothing in the restored table names it, and forgetting it is the upkeep's work.
 */
export async function objectsAsOf({ s3 }: Account, bucket: string, at: Date): Promise<{ back: number; same: number }> {
  let [back, same] = [0, 0];
  for (const [key, versions] of await versionsByKey(s3, bucket)) {
    const newest = versions[0];
    const then = versions.find(({ when }) => when <= at.getTime());
    if (then === undefined || then === newest || then.isMarker) {
      same += 1;
      continue;
    }
    const newer = versions.slice(0, versions.indexOf(then));
    if (newer.every(({ isMarker }) => isMarker)) {
      // Only taken away since: without the markers it is there again.
      for (const { id } of newer) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: id }));
    } else {
      const CopySource = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}?versionId=${then.id}`;
      await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource }));
    }
    back += 1;
  }
  return { back, same };
}

interface Version {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly when: number;
  readonly isMarker: boolean;
  readonly isLatest: boolean;
}

/** The newest first. */
async function versionsByKey(s3: Account["s3"], Bucket: string): Promise<Map<string, Version[]>> {
  const versions = new Map<string, Version[]>();
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (next) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: "blobs/", ...next }),
    );
    const found = [
      ...(page.Versions ?? []).map((one) => ({ ...one, isMarker: false })),
      ...(page.DeleteMarkers ?? []).map((one) => ({ ...one, isMarker: true })),
    ];
    for (const { Key = "", VersionId: id = "", LastModified, IsLatest = false, isMarker } of found) {
      const version = { id, isMarker, isLatest: IsLatest, when: LastModified?.getTime() ?? 0 };
      versions.set(Key, [...(versions.get(Key) ?? []), version]);
    }
    next = page.IsTruncated
      ? {
          ...(page.NextKeyMarker ? { KeyMarker: page.NextKeyMarker } : {}),
          ...(page.NextVersionIdMarker ? { VersionIdMarker: page.NextVersionIdMarker } : {}),
        }
      : undefined;
  }
  for (const all of versions.values()) all.sort((a, b) => Number(b.isLatest) - Number(a.isLatest) || b.when - a.when);
  return versions;
}
