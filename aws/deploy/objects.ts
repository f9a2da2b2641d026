import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { BucketLocationConstraint } from "@aws-sdk/client-s3";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { appFileHeaders } from "@steward/server/http/app-files.ts";
import type { Account } from "./account.ts";

/** What deploying does with S3: a bucket for code, the app's files, and emptying. */

/** The bucket of the zips and templates: made beside the stack, because the stack needs what is in it. */
export async function ensureCodeBucket({ s3, id, region }: Account, env: string): Promise<string> {
  const Bucket = codeBucketOf(id, region, env);
  const exists = await s3.send(new HeadBucketCommand({ Bucket })).then(
    () => true,
    () => false,
  );
  if (exists) return Bucket;
  // us-east-1 is named by naming none.
  const where = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: locationOf(region) } };
  await s3.send(new CreateBucketCommand({ Bucket, ...where }));
  const closed = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: closed }));
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } } as const;
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }));
  const old = { ID: "old-releases", Status: "Enabled", Filter: {}, Expiration: { Days: 365 } } as const;
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [old] } }));
  return Bucket;
}

export function codeBucketOf(account: string, region: string, env: string): string {
  return `steward-${env}-code-${account}-${region}`;
}

/** The SDK's list of regions trails AWS's; the service knows them all. */
function locationOf(region: string): BucketLocationConstraint {
  return region as BucketLocationConstraint;
}

/**
 * Puts up the built app. What may change is asked for again each time, so no cache of CloudFront's need be emptied. The
 * page goes last: it names files that are there by then.
 */
export async function putWebFiles({ s3 }: Account, bucket: string, folder: string): Promise<number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !/\.(?:br|gz)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => Number(a.endsWith("index.html")) - Number(b.endsWith("index.html")) || (a < b ? -1 : 1));
  for (const file of files) {
    const name = file
      .slice(folder.length + 1)
      .split(sep)
      .join("/");
    const { contentType: ContentType, cacheControl: CacheControl } = appFileHeaders(name);
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: name, Body: readFileSync(file), ContentType, CacheControl }),
    );
  }
  return files.length;
}

/** Deletes every object with all its versions; how many. A bucket that is not there is empty. */
export async function emptyBucket({ s3 }: Account, bucket: string): Promise<number> {
  let deleted = 0;
  for (;;) {
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket })).catch((error: unknown) => {
      if (error instanceof Error && error.name === "NoSuchBucket") return undefined;
      throw error;
    });
    const found = [...(listed?.Versions ?? []), ...(listed?.DeleteMarkers ?? [])];
    const objects = found.map(({ Key = "", VersionId }) => ({ Key, ...(VersionId ? { VersionId } : {}) }));
    if (objects.length === 0) return deleted;
    const { Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    );
    if (Errors && Errors.length > 0) throw new Error(`${bucket}: ${Errors[0]?.Key}: ${Errors[0]?.Message}`);
    deleted += objects.length;
  }
}

export async function deleteBucket(account: Account, bucket: string): Promise<void> {
  await emptyBucket(account, bucket);
  await account.s3.send(new DeleteBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === "NoSuchBucket")) throw error;
  });
}
