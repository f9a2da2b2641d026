import type { Blobs } from "./blobs.ts";
import type { Item, ItemId, Reading } from "./item.ts";
import type { Change, Range } from "./records.ts";
import { toIndexed } from "./search/indexed.ts";
import type { IndexedItem } from "./search/passage-index.ts";
import type { SealedRecords } from "./vault/sealed-records.ts";
import type { DataKey, SealContext } from "./vault/vault.ts";

/**
 * The library: how items lie in the store. One item is four rows that are written in one piece: its data key, the item
 * itself, its reading and its original. Bytes past `INLINE` lie in a blob and their row only says so.
 *
 * | partition | sort | what |
 * |---|---|---|
 * | `item` | item id | the item, with the marks it is recognised by |
 * | `reading` | item id | its text and passages |
 * | `original` | item id | the bytes it was read from |
 * | `seen` | HMAC | which item a content or a Message-ID became (sealed) |
 */

/** Bytes kept in the row itself; longer ones go to a blob. */
const INLINE = 64 * 1024;
/** How much of a large original is opened at a time. */
const PIECE = 1024 * 1024;

/** What is stored of an item beside the noun: the sort keys of its `seen` rows, so that forgetting finds them. */
export type StoredItem = Item & { readonly seen: readonly string[] };

export interface LibraryDeps {
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Library {
  readonly #deps: LibraryDeps;

  constructor(deps: LibraryDeps) {
    this.#deps = deps;
  }

  async item(id: ItemId): Promise<StoredItem | undefined> {
    return (await this.items([id]))[0];
  }

  /** In the order asked; what is forgotten or was never there is undefined. */
  async items(ids: readonly ItemId[]): Promise<(StoredItem | undefined)[]> {
    const { sealed } = this.#deps;
    const rows = await sealed.records.getMany(ids.map((sort) => ({ partition: "item", sort })));
    const keys = await sealed.vault.keys("private", ids);
    return ids.map((id, i) => {
      const row = rows[i];
      const key = keys[i];
      if (!row || !key) return undefined;
      return fromBytes<StoredItem>(key.open(contextOf("item", id), row.body));
    });
  }

  async reading(id: ItemId): Promise<Reading | undefined> {
    const field = await this.#field("reading", id);
    if (!field) return undefined;
    return fromBytes<Reading>(field.inline ?? (await collect(field.pieces())));
  }

  async original(id: ItemId): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> } | undefined> {
    const field = await this.#field("original", id);
    if (!field) return undefined;
    const inline = field.inline;
    return { size: field.size, bytes: inline ? once(inline) : field.pieces() };
  }

  /** What the index keeps of each item, in the order they were written, after the one named; for replay and rebuilding. */
  async *indexedAfter(mark: ItemId | undefined): AsyncIterable<IndexedItem> {
    const range: Range = mark === undefined ? {} : { after: mark };
    for await (const { value: item } of this.#deps.sealed.query<StoredItem>("item", range, (sort) => sort)) {
      const reading = await this.reading(item.id);
      if (reading) yield toIndexed(item, reading);
    }
  }

  /**
   * Stores the blobs of a new item (its rows make them reachable) and returns the changes of its rows, all under a
   * fresh data key: to be written in one piece.
   */
  async changesFor(item: StoredItem, reading: Reading, original: Uint8Array): Promise<Change[]> {
    const { key, change } = this.#deps.sealed.vault.create("private", item.id);
    const house = await this.#deps.sealed.vault.standing("private", "house:seen");
    return [
      change,
      rowOf("item", item.id, key.seal(contextOf("item", item.id), toBytes(item))),
      await this.#fieldChange(key, "reading", item.id, toBytes(reading)),
      await this.#fieldChange(key, "original", item.id, original),
      ...item.seen.map((sort) =>
        this.#deps.sealed.put(
          house,
          { partition: "seen", sort, scope: "house:seen" },
          { item: item.id, ...(item.thread === undefined ? {} : { thread: item.thread }) },
          { if: "absent" },
        ),
      ),
    ];
  }

  /** The changes that remove an item's rows and destroy its key, and the blobs to delete once they are written. */
  removalOf(item: Pick<StoredItem, "id" | "seen">): { changes: Change[]; blobs: string[] } {
    const partitions = ["item", "reading", "original"] as const;
    return {
      changes: [
        this.#deps.sealed.vault.destroy("private", item.id),
        ...partitions.map((partition) => ({ delete: { partition, sort: item.id } })),
        ...item.seen.map((sort) => ({ delete: { partition: "seen", sort } })),
      ],
      blobs: [blobName(item.id, "reading"), blobName(item.id, "original")],
    };
  }

  async #fieldChange(key: DataKey, field: "reading" | "original", id: ItemId, bytes: Uint8Array): Promise<Change> {
    const context = contextOf(field, id);
    if (bytes.length <= INLINE) return rowOf(field, id, key.seal(context, tagged(0, bytes)));
    await this.#deps.blobs.put(blobName(id, field), key.sealStream(blobContext(field, id), once(bytes)));
    return rowOf(field, id, key.seal(context, tagged(1, encoder.encode(String(bytes.length)))));
  }

  async #field(
    field: "reading" | "original",
    id: ItemId,
  ): Promise<{ size: number; inline?: Uint8Array; pieces: () => AsyncIterable<Uint8Array> } | undefined> {
    const { sealed, blobs } = this.#deps;
    const row = await sealed.records.get({ partition: field, sort: id });
    const [key] = await sealed.vault.keys("private", [id]);
    if (!row || !key) return undefined;
    const plain = key.open(contextOf(field, id), row.body);
    const rest = plain.subarray(1);
    if (plain[0] === 0) return { size: rest.length, inline: rest, pieces: () => once(rest) };
    const size = Number(decoder.decode(rest));
    const name = blobName(id, field);
    const sealedSize = await blobs.size(name);
    if (sealedSize === undefined) throw new BlobMissing(field, id);
    const source = {
      size: sealedSize,
      read: async (offset: number, length: number) => {
        const bytes = await blobs.get(name, { offset, length });
        if (!bytes) throw new BlobMissing(field, id);
        return bytes;
      },
    };
    return {
      size,
      pieces: async function* () {
        for (let at = 0; at < size; at += PIECE) {
          yield await key.openRange(blobContext(field, id), source, at, Math.min(PIECE, size - at));
        }
      },
    };
  }
}

/** A row says that its bytes lie in a blob, and the blob is gone: the store was damaged from outside. */
export class BlobMissing extends Error {
  constructor(field: string, id: string) {
    super(`The ${field} of item ${id} is missing from the blob folder; restore it from a backup.`);
    this.name = "BlobMissing";
  }
}

export function blobName(id: ItemId, field: "reading" | "original"): string {
  return `item/${id}/${field}`;
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    all.push(piece);
    length += piece.length;
  }
  if (all.length === 1 && all[0]) return all[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of all) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function contextOf(table: string, id: string): SealContext {
  return { table, id, field: "body" };
}

function blobContext(table: string, id: string): SealContext {
  return { table, id, field: "blob" };
}

function rowOf(partition: string, sort: string, body: Uint8Array): Change {
  return { put: { partition, sort, body }, if: "absent" };
}

function tagged(tag: 0 | 1, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1);
  out[0] = tag;
  out.set(bytes, 1);
  return out;
}

function toBytes(value: unknown): Uint8Array {
  // What a text encoder does, in a sixth of the time.
  return Buffer.from(JSON.stringify(value));
}

function fromBytes<T>(bytes: Uint8Array): T {
  // Sealed by `changesFor` for this very place, so it is the T that was put there.
  return JSON.parse(decoder.decode(bytes)) as T;
}
