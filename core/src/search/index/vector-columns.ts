import type { VectorColumns } from "./codec.ts";
import type { OpenShelf } from "./shelf-list.ts";
import { StringTable } from "./strings.ts";
import type { QuantizedVector } from "./vectors.ts";

interface Taken {
  readonly id: string;
  readonly version: number;
  readonly vectors: readonly QuantizedVector[];
}

/**
 * The vectors of living items as columns, of one embedder (the one most of them are by). Items in `ram` count when
 * `sealed`, which is about to take their place, holds them. Undefined when there are none.
 */
export function collectVectors(
  shelves: readonly OpenShelf[],
  sealed: OpenShelf | undefined,
  ram: readonly OpenShelf[],
  wanted: (shelf: OpenShelf, item: number) => boolean,
): { columns: VectorColumns; taken: readonly Taken[] } | undefined {
  const latest = shelves.findLast((shelf) => shelf.vectors)?.vectors;
  if (!latest) return undefined;
  const taken: Taken[] = [];
  for (const shelf of shelves) {
    const { vectors, segment } = shelf;
    if (!vectors || vectors.embedder !== latest.embedder || vectors.dimensions !== latest.dimensions) continue;
    if (shelf.sealed === undefined && !ram.includes(shelf)) continue;
    for (let item = 0; item < segment.items; item += 1) {
      if (!shelf.isAlive(item) || !wanted(shelf, item)) continue;
      const rows = shelf.vectorsOf(item);
      if (!rows) continue;
      const id = segment.columns.ids.at(item);
      if (shelf.sealed === undefined && (sealed?.segment.columns.ids.find(id) ?? -1) < 0) continue;
      taken.push({ id, version: segment.columns.version[item] ?? 0, vectors: rows });
    }
  }
  if (taken.length === 0) return undefined;
  taken.sort((a, b) => (a.id < b.id ? -1 : 1));
  const { dimensions, embedder } = latest;
  const count = taken.reduce((sum, { vectors }) => sum + vectors.length, 0);
  const rows = new Int8Array(count * dimensions);
  const scales = new Float32Array(count);
  const firstRow = new Uint32Array(taken.length + 1);
  let row = 0;
  for (const [n, { vectors }] of taken.entries()) {
    firstRow[n] = row;
    for (const { values, scale } of vectors) {
      rows.set(values, row * dimensions);
      scales[row] = scale;
      row += 1;
    }
  }
  firstRow[taken.length] = row;
  const columns = {
    embedder,
    dimensions,
    ids: StringTable.from(taken.map(({ id }) => id)),
    version: Uint32Array.from(taken, ({ version }) => version),
    firstRow,
    scales,
    rows,
  };
  return { columns, taken };
}

/** Gives the vectors to the items they belong to: the same id, put at the same version. */
export function placeVectors(columns: VectorColumns, shelves: readonly OpenShelf[]): void {
  const { ids, dimensions, rows, scales, firstRow, version, embedder } = columns;
  for (const shelf of shelves) {
    const { segment } = shelf;
    for (let n = 0; n < ids.length; n += 1) {
      const item = segment.columns.ids.find(ids.at(n));
      if (item < 0 || segment.columns.version[item] !== version[n]) continue;
      const vectors: QuantizedVector[] = [];
      for (let row = firstRow[n] ?? 0; row < (firstRow[n + 1] ?? 0); row += 1) {
        vectors.push({ values: rows.subarray(row * dimensions, (row + 1) * dimensions), scale: scales[row] ?? 0 });
      }
      if (shelf.setVectors(embedder, item, vectors)) shelf.vectorsSealed.add(item);
    }
  }
}
