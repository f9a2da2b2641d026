import type { ManifestStore, SegmentEntry } from "./manifest.ts";

/** The opened bytes of a segment, or why there are none. */
export type Loaded = { readonly entry: SegmentEntry } & ({ readonly bytes: Uint8Array } | { readonly error: unknown });

/** Segments that are on their way while one is taken: a far store takes long to answer, not to send. */
const AHEAD = 4;

/** The segments in the order given, some of them fetched ahead. */
export async function* loadInOrder(store: ManifestStore, entries: Iterable<SegmentEntry>): AsyncIterable<Loaded> {
  const coming: Promise<Loaded>[] = [];
  const load = (entry: SegmentEntry): Promise<Loaded> =>
    store.load(entry).then(
      (bytes) => ({ entry, bytes }),
      (error: unknown) => ({ entry, error }),
    );
  for (const entry of entries) {
    coming.push(load(entry));
    const next = coming.length > AHEAD ? coming.shift() : undefined;
    if (next) yield await next;
  }
  for (const next of coming) yield await next;
}
