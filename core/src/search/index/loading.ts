import { withoutPositions } from "./codec.ts";
import type { ManifestStore, SegmentEntry } from "./manifest.ts";

/** The opened bytes of a segment, or why there are none. */
export type Loaded = { readonly entry: SegmentEntry } & ({ readonly bytes: Uint8Array } | { readonly error: unknown });

/** Segments that are on their way while one is taken: a far store takes long to answer, not to send. */
const AHEAD = 4;

/**
 * The segments in the order given, some of them fetched ahead. On a desk one after the other, and the bytes of a
 * segment of vectors are written over by the next.
 */
export async function* loadInOrder(
  store: ManifestStore,
  entries: Iterable<SegmentEntry>,
  desk?: Desk,
): AsyncIterable<Loaded> {
  const coming: Promise<Loaded>[] = [];
  const load = (entry: SegmentEntry): Promise<Loaded> =>
    store.load(entry, desk).then(
      (bytes) => ({ entry, bytes }),
      (error: unknown) => ({ entry, error }),
    );
  for (const entry of entries) {
    coming.push(load(entry));
    const next = coming.length > (desk ? 0 : AHEAD) ? coming.shift() : undefined;
    if (next) yield await next;
  }
  for (const next of coming) yield await next;
}

/**
 * Room in which the segments of a store that is near are opened one after the other. The system takes longer to give
 * fresh memory than a disk to fill it, so what is not kept lies where the one before it lay. Of words all but the
 * positions is kept, of vectors nothing: they are copied to where they are searched.
 */
export class Desk {
  /** Sealed bytes that are read at a time, while those before them are opened. */
  readonly piece = 2 ** 21;
  readonly #sealed = Array.from({ length: 3 }, () => new Uint8Array(this.piece + 64));
  #vectors = new Uint8Array(0);

  next(length: number): Uint8Array | undefined {
    const room = this.#sealed.shift();
    if (room) this.#sealed.push(room);
    return room && room.length >= length ? room : undefined;
  }

  room(kind: SegmentEntry["kind"], beginning: Uint8Array, size: number): Uint8Array {
    if (kind === "words") return new Uint8Array(withoutPositions(beginning, size));
    if (this.#vectors.length < size) this.#vectors = new Uint8Array(size + (size >>> 3));
    return this.#vectors.subarray(0, size);
  }
}
