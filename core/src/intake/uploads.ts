import type { Blobs } from "../blobs.ts";
import type { Source } from "../item.ts";
import { plainSize } from "../vault/seal.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";
import type { SealContext } from "../vault/vault.ts";

/** Uploads: bytes sealed while they stream in, under the source's own key, and read by ranges when they are pulled. */
export interface UploadsDeps {
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
}

export async function storeUpload(deps: UploadsDeps, source: Source, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const key = await deps.sealed.vault.key("private", source.id);
  await deps.blobs.put(blobOf(source), key.sealStream(contextOf(source), bytes));
}

/** The plain bytes of an upload: their number, and up to `length` of them from `offset`. */
export async function openUpload(deps: UploadsDeps, source: Source) {
  const name = blobOf(source);
  const key = await deps.sealed.vault.key("private", source.id);
  const sealedLength = await deps.blobs.size(name);
  const size = sealedLength === undefined ? undefined : plainSize(sealedLength);
  if (sealedLength === undefined || size === undefined) {
    throw new Error(`The upload ${source.name} is gone; upload it again.`);
  }
  const from = {
    size: sealedLength,
    read: async (offset: number, length: number) =>
      (await deps.blobs.get(name, { offset, length })) ?? new Uint8Array(),
  };
  return {
    size,
    read: (offset: number, length: number) =>
      key.openRange(contextOf(source), from, offset, Math.max(0, Math.min(length, size - offset))),
  };
}

function blobOf(source: Source): string {
  if (source.blob === undefined) throw new Error(`The source ${source.name} is no upload.`);
  return source.blob;
}

function contextOf(source: Source): SealContext {
  return { table: "upload", id: source.id, field: "blob" };
}
