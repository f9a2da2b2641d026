import { S3Client } from "@aws-sdk/client-s3";
import { testBlobs } from "@steward/core/testing/blobs-contract.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { s3Blobs } from "./blobs.ts";
import { s3Settings } from "./clients.ts";
import { makeBucket } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";

await onMoto((cloud) => {
  const client = new S3Client(s3Settings(cloud.access));
  const open = async (partBytes?: number) => {
    const bucket = await makeBucket(client);
    return s3Blobs({ client, bucket, clock: new FakeClock(), ...(partBytes === undefined ? {} : { partBytes }) });
  };
  testBlobs("S3, in parts of 5 MiB", async () => ({ blobs: await open(5 * 1024 * 1024), close: async () => {} }));
});
