import type { Clock } from "@steward/core/clock.ts";
import type { Uploads } from "@steward/server/house.ts";
import { s3Settings } from "./clients.ts";
import type { CloudConfig } from "./config.ts";

/**
 * Uploads in the cloud: a presigned PUT to a bucket of its own. The bytes lie there as they came, under the bucket's key,
 * until the worker has sealed them into the vault and deleted them; what nobody takes, the bucket's lifecycle removes.
 * The object's name is the document's id and nothing else.
 */
const TAKEN_FOR_MS = 15 * 60_000;
const PREFIX = "documents/";

export function presignedUploads({ config, clock }: { config: CloudConfig; clock: Clock }): Uploads {
  return {
    async begin({ id, mediaType, size }) {
      const [{ PutObjectCommand, S3Client }, { getSignedUrl }] = await Promise.all([
        import("@aws-sdk/client-s3"),
        import("@aws-sdk/s3-request-presigner"),
      ]);
      // A checksum could only be of bytes that are not there yet.
      const client = new S3Client({ ...s3Settings(config.access), requestChecksumCalculation: "WHEN_REQUIRED" });
      const type = mediaType ?? "application/octet-stream";
      const put = new PutObjectCommand({
        ...{ Bucket: config.uploads, Key: PREFIX + id, ContentType: type },
        ...(size === undefined ? {} : { ContentLength: size }),
      });
      const url = await getSignedUrl(client, put, {
        expiresIn: TAKEN_FOR_MS / 1000,
        signingDate: new Date(clock.now()),
        // Without this the type would be a suggestion: only what is signed must be sent as it is.
        signableHeaders: new Set(["content-type", "content-length", "host"]),
      });
      return { id, url, method: "PUT", headers: { "content-type": type }, expiresAt: clock.now() + TAKEN_FOR_MS };
    },
  };
}

/** The document's id in an object's name; undefined for a name that is none of ours. */
export function documentOf(key: string): string | undefined {
  return /^documents\/([A-Za-z0-9-]{1,64})$/.exec(key)?.[1];
}
