import { removeSource } from "@steward/core/intake/source-rows.ts";
import type { Source } from "@steward/core/item.ts";
import { RecordsConflict } from "@steward/core/records.ts";
import { Documents, WrongSize } from "@steward/server/documents.ts";
import { openRooms, type Rooms } from "@steward/server/rooms.ts";
import { s3Settings } from "./clients.ts";
import { type CloudOptions, foundationOver, LONGEST_TURN_MS, type Stores } from "./compose.ts";
import { asCloudError, nameOf } from "./errors.ts";
import { noIndex, readOnly } from "./not-here.ts";
import { documentOf, presignedUploads } from "./uploads.ts";

/**
 * Takes in what lies in the bucket for uploads: S3 told the queue of an object; its bytes are sealed into the vault while
 * they stream, become a source with its pull queued, and the object is deleted last. Told of it five times, it is taken in
 * once: the id of the document, or one that follows from the object, is the source's.
 *
 * Beside announced documents whatever the owner copies there is taken in, by the name it has.
 */
export interface Taken {
  readonly messageId: string;
  /** As S3 wrote it into the event: encoded like a form's field. */
  readonly key: string;
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A source that was begun this long ago and has no bytes: whoever was taking them in is gone. */
const GONE_MS = 2 * LONGEST_TURN_MS;

export async function takeIn(over: { stores: Stores; options: CloudOptions }, taken: Taken): Promise<void> {
  const { config, clock, log } = over.options;
  const { S3Client, GetObjectCommand, DeleteObjectCommand } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client(s3Settings(config.access));
  const key = decodeURIComponent(taken.key.replaceAll("+", " "));
  const object = { Bucket: config.uploads, Key: key };
  const what = `The bucket ${config.uploads}`;

  async function* bytes(): AsyncGenerator<Uint8Array> {
    const { Body } = await s3.send(new GetObjectCommand(object));
    // In Node the SDK gives a stream that can be iterated; its type also stands for a browser's.
    yield* (Body ?? []) as AsyncIterable<Uint8Array>;
  }

  const rooms = openRooms({
    ...foundationOver(over.stores, over.options),
    index: readOnly(noIndex),
    others: { longestTurnMs: LONGEST_TURN_MS, catchUp: async () => {} },
  });
  try {
    const document = documentOf(key);
    const id = document ?? idOf(over.stores, key, taken);
    const before = await withoutCutOff(over, rooms, id);
    const source = document
      ? await new Documents({ ...rooms.faces, uploads: presignedUploads({ config, clock }) }).arrived(id, bytes())
      : (before ?? (await rooms.sources.addUpload(key.split("/").at(-1) ?? key, bytes(), id)));
    // Whoever took it in before may have died before its pull was queued; one pull too many finds nothing new.
    if (before && source?.state === "waiting") await rooms.sources.run(id);
    log.info("upload-taken", { source: source?.id ?? "none" });
  } catch (error) {
    // Gone already: it was taken in, or its day is over.
    if (nameOf(error) === "NoSuchKey") return;
    if (!(error instanceof WrongSize)) throw error instanceof RecordsConflict ? error : asCloudError(error, what);
    log.info("upload-refused", { document: taken.messageId });
  }
  await s3.send(new DeleteObjectCommand(object)).catch((error: unknown) => {
    throw asCloudError(error, what);
  });
}

/** The source that is there already. One that was cut off long ago is taken away, so that its bytes may come again. */
async function withoutCutOff(
  { stores, options }: { stores: Stores; options: CloudOptions },
  { sources }: Rooms,
  id: string,
): Promise<Source | undefined> {
  const source = await sources.get(id);
  if (source?.state !== "waiting" || source.blob === undefined) return source;
  if ((await stores.blobs.size(source.blob)) !== undefined) return source;
  if (options.clock.now() - source.addedAt < GONE_MS) {
    throw new RecordsConflict({ partition: "source", sort: id });
  }
  await stores.sealed.write(removeSource(stores.sealed, id));
  stores.vault.forgotten("private", id);
  return undefined;
}

/** A UUIDv7 (RFC 9562) that is the same whenever the same object is told of. */
function idOf({ vault }: Stores, key: string, { etag, at }: Taken): string {
  const mark = Buffer.from(vault.hmac("private", "upload-object", key, etag, String(at)), "base64url").toString("hex");
  const time = Math.max(0, Math.min(2 ** 48 - 1, at))
    .toString(16)
    .padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${mark.slice(0, 3)}-8${mark.slice(3, 6)}-${mark.slice(6, 18)}`;
}
