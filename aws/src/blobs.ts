import { randomUUID } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { BLOB_NAME, BlobExists, type Blobs } from "@steward/core/blobs.ts";
import type { Clock } from "@steward/core/clock.ts";
import { asCloudError, CloudBusy, nameOf } from "./errors.ts";

/**
 * Blobs as objects of one private, versioned bucket, below a prefix. What fits in one part is put whole, the rest as a
 * multipart upload, of which S3 shows nothing until it is completed; both demand that the name is free (`If-None-Match`).
 * Every part travels with its CRC32, which S3 checks before it keeps a byte.
 *
 * A killed upload leaves parts that nobody sees: the bucket's lifecycle aborts them after a day. `delete` leaves a
 * version behind, which the lifecycle removes after 35 days, the reach of the table's point-in-time recovery: a table
 * brought back finds its blobs. What was forgotten is not: its key was destroyed, so no version of it opens.
 */
export interface S3BlobsDeps {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clock: Clock;
  /** Ends with a slash. */
  readonly prefix?: string;
  /** At least 5 MiB (S3's limit for a part that is not the last). */
  readonly partBytes?: number;
}

/** 10,000 parts (S3's limit) of this size are 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
const TRIES = 5;
const FIRST_WAIT_MS = 50;
/** Kept with an object: which put wrote it, so that a put that was sent twice can be told from someone else's. */
const PUT_BY = "put-by";

/** Throws `BlobExists`, or one of `errors.ts`. */
export function s3Blobs(deps: S3BlobsDeps): Blobs {
  return new S3Blobs(deps);
}

class S3Blobs implements Blobs {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #partBytes: number;
  readonly #clock: Clock;

  constructor({ client, bucket, clock, prefix = "blobs/", partBytes = PART_BYTES }: S3BlobsDeps) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#partBytes = partBytes;
    this.#clock = clock;
  }

  async put(name: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<number> {
    const by = randomUUID();
    if (bytes instanceof Uint8Array && bytes.length <= this.#partBytes) return this.#putWhole(name, by, bytes);
    // S3 says that a name is taken only once it has all the bytes; so many are not sent for nothing.
    if ((await this.size(name)) !== undefined) throw new BlobExists(name);
    const parts = bytes instanceof Uint8Array ? sliced(bytes, this.#partBytes) : gathered(bytes, this.#partBytes);
    try {
      const first = await parts.next();
      if (first.done) return await this.#putWhole(name, by, new Uint8Array(0));
      const second = await parts.next();
      if (second.done) return await this.#putWhole(name, by, first.value);
      return await this.#putInParts(name, by, [first.value, second.value], parts);
    } finally {
      // However it ended, the caller's stream is told that nobody reads on.
      await parts.return();
    }
  }

  async get(name: string, range?: { offset: number; length: number }): Promise<Uint8Array | undefined> {
    const object = this.#at(name);
    if (range && !(range.offset >= 0 && range.length >= 0)) {
      throw new RangeError(`No bytes ${range.offset}+${range.length}: offset and length are counted from 0.`);
    }
    // S3 has no way to say "no bytes".
    if (range?.length === 0) return (await this.size(name)) === undefined ? undefined : new Uint8Array(0);
    const part = range ? { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : {};
    for (let attempt = 1; ; attempt++) {
      try {
        const { Body } = await this.#client.send(new GetObjectCommand({ ...object, ...part }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
      } catch (error) {
        if (nameOf(error) === "NoSuchKey") return undefined;
        // It begins past the end.
        if (nameOf(error) === "InvalidRange") return new Uint8Array(0);
        // The SDK tries a request again, but not the body of an answer that broke off.
        const trouble = error instanceof Error && "$metadata" in error ? asCloudError(error, this.#what) : undefined;
        if (trouble || attempt === TRIES) throw trouble ?? new CloudBusy(this.#what, error);
        await this.#wait(attempt);
      }
    }
  }

  async size(name: string): Promise<number | undefined> {
    return (await this.#head(name))?.ContentLength;
  }

  async delete(name: string): Promise<void> {
    const object = this.#at(name);
    await this.#asking(() => this.#client.send(new DeleteObjectCommand(object)));
  }

  async *list(prefix = ""): AsyncIterable<string> {
    const input = { Bucket: this.#bucket, Prefix: this.#prefix + prefix };
    for (let from: string | undefined; ; ) {
      const start = from === undefined ? {} : { ContinuationToken: from };
      const page = await this.#asking(() => this.#client.send(new ListObjectsV2Command({ ...input, ...start })));
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(this.#prefix.length);
      from = page.NextContinuationToken;
      if (from === undefined) return;
    }
  }

  async #putWhole(name: string, by: string, bytes: Uint8Array): Promise<number> {
    const input = { ...this.#at(name), Body: bytes, IfNoneMatch: "*", Metadata: { [PUT_BY]: by } };
    await this.#claiming(name, by, () => this.#client.send(new PutObjectCommand(input)));
    return bytes.length;
  }

  async #putInParts(
    name: string,
    by: string,
    begun: readonly Uint8Array[],
    rest: AsyncGenerator<Uint8Array, void>,
  ): Promise<number> {
    const object = this.#at(name);
    const opened = { ...object, ChecksumAlgorithm: "CRC32" as const, Metadata: { [PUT_BY]: by } };
    const { UploadId } = await this.#asking(() => this.#client.send(new CreateMultipartUploadCommand(opened)));
    const upload = { ...object, UploadId };
    let size = 0;
    try {
      const done: CompletedPart[] = [];
      for await (const part of (async function* () {
        yield* begun;
        yield* rest;
      })()) {
        const PartNumber = done.length + 1;
        const input = { ...upload, PartNumber, Body: part, ChecksumAlgorithm: "CRC32" as const };
        const { ETag, ChecksumCRC32 } = await this.#asking(() => this.#client.send(new UploadPartCommand(input)));
        done.push({ PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) });
        size += part.length;
      }
      const whole = { ...upload, MultipartUpload: { Parts: done }, IfNoneMatch: "*" };
      await this.#claiming(name, by, () => this.#client.send(new CompleteMultipartUploadCommand(whole)));
      return size;
    } catch (error) {
      // If even this fails, the lifecycle does it: the caller needs the first error.
      await this.#client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Gives an object its name, or throws `BlobExists`. 412: the name is taken; unless it was by this very put, whose
   * answer was lost. 409: someone is at work on the same name at this moment; S3 asks to try again.
   */
  async #claiming(name: string, by: string, send: () => Promise<unknown>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await send();
        return;
      } catch (error) {
        const code = nameOf(error);
        if (code !== "PreconditionFailed" && code !== "ConditionalRequestConflict" && code !== "NoSuchUpload") {
          throw asCloudError(error, this.#what);
        }
        const there = await this.#head(name);
        if (there) {
          if (there.Metadata?.[PUT_BY] === by) return;
          throw new BlobExists(name);
        }
        // After a 409 S3 may drop the parts; the stream they came from is read, so the caller has to begin again.
        if (code === "NoSuchUpload" || attempt === TRIES) throw new CloudBusy(this.#what, error);
        await this.#wait(attempt);
      }
    }
  }

  async #head(name: string) {
    try {
      return await this.#client.send(new HeadObjectCommand(this.#at(name)));
    } catch (error) {
      // An answer to HEAD has no body to name the error in. 403 would be a role without leave to list the bucket.
      if (nameOf(error) === "NotFound" || nameOf(error) === "NoSuchKey") return undefined;
      throw asCloudError(error, this.#what);
    }
  }

  #at(name: string) {
    if (name.length > 200 || !BLOB_NAME.test(name)) {
      throw new TypeError(
        `${JSON.stringify(name)} cannot name a blob: small letters, digits, . _ - and / between parts.`,
      );
    }
    return { Bucket: this.#bucket, Key: this.#prefix + name };
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw asCloudError(error, this.#what);
    }
  }

  #wait(attempt: number): Promise<void> {
    return this.#clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
  }

  get #what(): string {
    return `The bucket ${this.#bucket}`;
  }
}

async function* sliced(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The stream in parts of exactly `size` bytes, and what is left over. */
async function* gathered(stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + size - length);
      held.push(taken);
      length += taken.length;
      at += taken.length;
      if (length < size) continue;
      yield Buffer.concat(held);
      held = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(held);
}
