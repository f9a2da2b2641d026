import assert from "node:assert/strict";
import { it } from "node:test";
import { ListMultipartUploadsCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { BlobExists } from "@steward/core/blobs.ts";
import { testBlobs } from "@steward/core/testing/blobs-contract.ts";
import { s3Blobs } from "./blobs.ts";
import { s3Settings } from "./clients.ts";
import { CloudBusy, CloudMissing, CloudRefused } from "./errors.ts";
import { HastyClock } from "./testing/hasty-clock.ts";
import { makeBucket } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";
import { type Asked, type Instead, xmlError } from "./testing/wire.ts";

const PART = 5 * 1024 * 1024;
const one = Uint8Array.of(1);

await onMoto(async ({ access, wire }) => {
  const client = new S3Client({ ...s3Settings(access), maxAttempts: 2 });
  const open = async () => {
    const bucket = await makeBucket(client);
    const clock = new HastyClock();
    wire.asked.length = 0;
    return { blobs: s3Blobs({ client, bucket, clock, partBytes: PART }), bucket, clock, close: async () => {} };
  };
  testBlobs("S3, in parts of 5 MiB", open);

  /** Two parts and one byte, as a stream; with a throw at its end when told so. */
  async function* large(end?: Error): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 2; i++) yield new Uint8Array(PART);
    yield one;
    if (end) throw end;
  }
  const isPart = ({ operation, path }: Asked) => operation === "PUT" && path.includes("partNumber");
  const isPut = (asked: Asked) => asked.operation === "PUT" && !isPart(asked);
  const isComplete = ({ operation, path }: Asked) => operation === "POST" && path.includes("uploadId");
  /** Puts `instead` in the place of the first `times` requests that `of` picks. */
  const first = (times: number, of: (asked: Asked) => boolean, instead: Instead) => {
    let left = times;
    wire.intercept((asked) => (of(asked) && left-- > 0 ? instead : undefined));
  };
  const always = Number.POSITIVE_INFINITY;
  const uploadsLeft = async (Bucket: string) =>
    ((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).length;

  it("counts a put once whose answer was lost, whole or in parts", async () => {
    const { blobs } = await open();
    first(1, isPut, "cut");
    assert.equal(await blobs.put("whole", one), 1);
    assert.equal(wire.asked.filter(isPut).length, 2, "sent twice");
    first(1, isComplete, "cut");
    assert.equal(await blobs.put("parts", large()), 2 * PART + 1);
    // S3 may know nothing of the upload any more, once it is complete.
    let completes = 0;
    wire.intercept((asked) =>
      isComplete(asked) ? (completes++ === 0 ? "cut" : xmlError("NoSuchUpload", 404)) : undefined,
    );
    assert.equal(await blobs.put("gone", large()), 2 * PART + 1);
    wire.restore();
    assert.equal(await blobs.size("whole"), 1);
    assert.equal(await blobs.size("parts"), 2 * PART + 1);
  });

  it("tries again while another is at work on the name, and says so when that does not end", async () => {
    const { blobs, clock, bucket } = await open();
    for (const [of, bytes] of [
      [isPut, () => one],
      [isComplete, large],
    ] as const) {
      first(2, of, xmlError("ConditionalRequestConflict", 409));
      clock.slept.length = 0;
      await blobs.put("passes", bytes());
      assert.deepEqual(clock.slept, [50, 100]);
      await blobs.delete("passes");
      first(always, of, xmlError("ConditionalRequestConflict", 409));
      await assert.rejects(blobs.put("stays", bytes()), CloudBusy);
      wire.restore();
      assert.equal(await blobs.size("stays"), undefined);
      assert.equal(await uploadsLeft(bucket), 0);
    }
  });

  it("finds out at the last moment that the name was taken, and leaves no parts behind", async () => {
    const { blobs, bucket } = await open();
    await blobs.put("taken", Uint8Array.of(9));
    await assert.rejects(blobs.put("taken", one), BlobExists);
    for (const bytes of [one, large()]) {
      first(1, ({ operation }) => operation === "HEAD", { status: 404 });
      await assert.rejects(blobs.put("taken", bytes), BlobExists);
    }
    wire.restore();
    assert.deepEqual(await blobs.get("taken"), Uint8Array.of(9));
    assert.equal(await uploadsLeft(bucket), 0);
  });

  it("shows nothing, and keeps no parts, of what breaks off half-way", async () => {
    const { blobs, bucket } = await open();
    await assert.rejects(blobs.put("b", large(new Error("the line was cut"))), /the line was cut/);
    first(always, isPart, xmlError("SlowDown", 503));
    await assert.rejects(blobs.put("b", large()), CloudBusy);
    first(always, isComplete, xmlError("InternalError", 500));
    await assert.rejects(blobs.put("b", large()), CloudBusy);
    wire.restore();
    assert.equal(await blobs.size("b"), undefined);
    assert.equal(await uploadsLeft(bucket), 0);
    // When even the clearing up fails, the first error counts; the bucket's lifecycle removes the parts.
    wire.intercept((asked) => (isPart(asked) || asked.operation === "DELETE" ? xmlError("SlowDown", 503) : undefined));
    await assert.rejects(
      blobs.put("b", large()),
      (error) => error instanceof CloudBusy && /SlowDown/.test(error.message),
    );
    wire.restore();
    assert.equal(await uploadsLeft(bucket), 1);
  });

  it("reads nothing of a stream whose name is taken, and tells a stream that nobody reads on", async () => {
    const { blobs } = await open();
    await blobs.put("taken", one);
    const state = { read: 0, closed: false };
    async function* watched() {
      try {
        for (;;) {
          state.read += 1;
          yield new Uint8Array(PART);
        }
      } finally {
        state.closed = true;
      }
    }
    await assert.rejects(blobs.put("taken", watched()), BlobExists);
    assert.equal(state.read, 0);
    first(always, ({ operation }) => operation === "POST", xmlError("AccessDenied", 403));
    await assert.rejects(blobs.put("refused", watched()), CloudRefused);
    wire.restore();
    assert.deepEqual(state, { read: 2, closed: true });
  });

  it("reads again what broke off in the middle of its bytes, and says so when that does not end", async () => {
    const { blobs, clock } = await open();
    await blobs.put("b", Uint8Array.of(1, 2, 3, 4));
    const half = { status: 200, headers: { "content-length": "4" }, body: Uint8Array.of(1, 2), breaksOff: true };
    first(2, ({ operation }) => operation === "GET", half);
    assert.deepEqual([...((await blobs.get("b")) ?? [])], [1, 2, 3, 4]);
    assert.deepEqual(clock.slept, [50, 100]);
    first(always, ({ operation }) => operation === "GET", half);
    await assert.rejects(blobs.get("b"), CloudBusy);
    wire.restore();
  });

  it("asks once to put what fits in one request", async () => {
    const { blobs } = await open();
    await blobs.put("b", one);
    assert.deepEqual(
      wire.asked.map(({ operation }) => operation),
      ["PUT"],
    );
  });

  it("sends a checksum with every byte it stores", async () => {
    const { blobs } = await open();
    await blobs.put("whole", one);
    await blobs.put("parts", large());
    const stored = wire.asked.filter(({ operation }) => operation === "PUT");
    assert.equal(stored.length, 4);
    for (const { headers } of stored) assert.match(String(headers["x-amz-checksum-crc32"]), /^[\w+/]{6}==$/);
  });

  it("keeps an older version when a blob is deleted, for as long as the bucket's lifecycle says", async () => {
    const { blobs, bucket } = await open();
    await blobs.put("b", one);
    await blobs.delete("b");
    await blobs.put("b", Uint8Array.of(2));
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    assert.deepEqual([Versions.length, DeleteMarkers.length], [2, 1]);
    assert.deepEqual([...new Set(Versions.map(({ Key }) => Key))], ["blobs/b"]);
  });

  it("lists on from page to page, and nothing that is not a blob", async () => {
    const { blobs, bucket } = await open();
    const page = (names: string[], next?: string) => ({
      status: 200,
      headers: { "content-type": "application/xml" },
      body: `<?xml version="1.0"?><ListBucketResult><Name>${bucket}</Name><IsTruncated>${next !== undefined}</IsTruncated>${
        next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`
      }${names.map((name) => `<Contents><Key>blobs/${name}</Key></Contents>`).join("")}</ListBucketResult>`,
    });
    wire.intercept(({ path }) => (path.includes("continuation-token=more") ? page(["c"]) : page(["a", "b"], "more")));
    assert.deepEqual(await Array.fromAsync(blobs.list()), ["a", "b", "c"]);
    wire.restore();
    const others = s3Blobs({ client, bucket, clock: new HastyClock(), prefix: "elsewhere/" });
    await others.put("not-ours", one);
    assert.deepEqual(await Array.fromAsync(blobs.list()), []);
    assert.equal(await blobs.get("not-ours"), undefined);
  });

  it("says that the bucket is gone, or that the role may not", async () => {
    const gone = s3Blobs({ client, bucket: "no-such-bucket", clock: new HastyClock() });
    await assert.rejects(gone.get("b"), CloudMissing);
    await assert.rejects(Array.fromAsync(gone.list()), CloudMissing);
    const { blobs } = await open();
    wire.intercept(({ operation }) => (operation === "HEAD" ? { status: 403 } : xmlError("AccessDenied", 403)));
    await assert.rejects(blobs.put("b", one), CloudRefused);
    await assert.rejects(blobs.get("b"), CloudRefused);
    await assert.rejects(blobs.size("b"), CloudRefused);
    await assert.rejects(blobs.delete("b"), CloudRefused);
    wire.restore();
  });
});
