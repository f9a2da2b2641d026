import { frameOf, type SketchFrame, sameFrame, shapeOf } from "../kernel/frame.ts";
import type { VectorColumns } from "./codec.ts";
import { pairsOf } from "./older-forms.ts";
import type { OpenShelf } from "./shelf-list.ts";
import { StringTable } from "./strings.ts";
import { PassageVectors, type QuantizedVector } from "./vectors.ts";

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
  const frames = shelves.flatMap(({ vectors }) => (vectors?.embedder === embedder ? (vectors.frame ?? []) : []));
  return { columns: sketched(columns, taken, frames), taken };
}

/** Gives the vectors to the items they belong to: the same id, put at the same version. */
export function placeVectors(columns: VectorColumns, shelves: readonly OpenShelf[]): void {
  const { ids, firstRow, version } = columns;
  for (const { shelf, pairs } of shelves.map((shelf) => ({ shelf, pairs: pairsOf(ids, shelf.segment.columns.ids) }))) {
    const { segment } = shelf;
    const { firstPassage } = segment.columns;
    const belongs = (n: number, item: number): boolean => {
      const passages = (firstPassage[item + 1] ?? 0) - (firstPassage[item] ?? 0);
      const rows = (firstRow[n + 1] ?? 0) - (firstRow[n] ?? 0);
      return segment.columns.version[item] === version[n] && rows === passages && rows > 0;
    };
    // Items that follow each other in both are taken at once: nearly always all of them.
    for (let i = 0; i < pairs.length; i += 2) {
      const n = pairs[i] ?? 0;
      const item = pairs[i + 1] ?? 0;
      if (!belongs(n, item)) continue;
      let length = 1;
      while (pairs[i + 2] === n + length && pairs[i + 3] === item + length && belongs(n + length, item + length)) {
        length += 1;
        i += 2;
      }
      shelf.setSealedRows(columns, item, item + length, firstRow[n] ?? 0);
    }
  }
}

/** Gives the vectors of a shelf to shelves that took its place: to the same put of an item. */
export function passVectorsOn(from: OpenShelf, to: readonly OpenShelf[]): void {
  if (!from.vectors) return;
  const { embedder } = from.vectors;
  for (const shelf of to) {
    const { ids, version } = shelf.segment.columns;
    const pairs = pairsOf(from.segment.columns.ids, ids);
    for (let i = 0; i < pairs.length; i += 2) {
      const item = pairs[i] ?? 0;
      const next = pairs[i + 1] ?? 0;
      if (from.segment.columns.version[item] !== version[next]) continue;
      const vectors = from.vectorsOf(item);
      if (vectors?.length) shelf.setVectors(embedder, next, vectors);
    }
  }
}

/**
 * The sketches of the rows, in the frame of the segment they came from, so that opening makes none. A frame whose mean
 * was taken of far fewer vectors gives way to a new one.
 */
function sketched(columns: VectorColumns, taken: readonly Taken[], frames: readonly SketchFrame[]): VectorColumns {
  const known = frames.reduce<SketchFrame | undefined>((a, b) => (a && a.of >= b.of ? a : b), undefined);
  if (!known) return columns;
  const { dimensions, rows, scales, embedder } = columns;
  const frame = scales.length >= known.of * OUTGROWN ? frameOf(rows, scales, dimensions) : known;
  const alike = new Set(frames.filter((other) => sameFrame(other, frame)));
  const size = shapeOf(dimensions).words * 16;
  const sketches = new Uint8Array(scales.length * size);
  const desk = new PassageVectors(embedder, dimensions, 1);
  let row = 0;
  for (const { vectors } of taken) {
    for (const vector of vectors) {
      let { sketch } = vector;
      if (!sketch || !vector.frame || !alike.has(vector.frame)) {
        desk.set(0, { values: vector.values, scale: vector.scale, frame });
        sketch = desk.get(0)?.sketch;
      }
      if (sketch) sketches.set(sketch, row * size);
      row += 1;
    }
  }
  return { ...columns, sketches, frame };
}

/** A mean of so many times fewer vectors is taken anew. */
const OUTGROWN = 8;
