import { frameOf, type SketchFrame, sameFrame, shapeOf } from "../kernel/frame.ts";
import type { VectorColumns } from "./codec.ts";
import { Bytes, Numbers } from "./growing.ts";
import { atOnce } from "./in-slices.ts";
import type { Merged } from "./merge.ts";
import { pairsOf } from "./older-forms.ts";
import type { OpenShelf } from "./open-shelf.ts";
import { compareBytes, StringTable } from "./strings.ts";
import { PassageVectors, type SealedRows } from "./vectors.ts";

/**
 * Vectors on their way: gathered from shelves into the columns of a sealed segment, placed from such columns onto
 * shelves, and passed on from shelf to shelf. What takes long is a generator that pauses after so many rows.
 */

/** Rows that are copied between two pauses; ids that are compared; items whose rows are taken in one piece. */
export const ROWS_AT_ONCE = 1_024;
const IDS_AT_ONCE = 2_048;
const LONGEST_RUN = 256;
/** Of fewer rows no sketches are made. */
const LEAST_SKETCHED = 2_048;
/** A mean of so many times fewer vectors is taken anew, until it is of enough. */
const OUTGROWN = 8;
const ENOUGH = 16_384;

/** Items of a shelf, in their order. All of them have vectors. */
export interface Picked {
  readonly shelf: OpenShelf;
  readonly items: Uint32Array;
}

export interface Gathered {
  readonly columns: VectorColumns;
  readonly shelves: readonly OpenShelf[];
  /** By item of the columns: its shelf, as a position in `shelves`, and where it is there. */
  readonly from: Uint16Array;
  readonly items: Uint32Array;
}

/** Those of these items, which are in their order, that have vectors. */
export function pick(shelf: OpenShelf, items: readonly number[]): Picked {
  return { shelf, items: Uint32Array.from(items.filter((item) => shelf.hasVectors(item))) };
}

/**
 * Their vectors as columns, by this embedder; undefined when there are none. Every id is picked once. `frame` is the one
 * that others were sealed with last.
 */
export function* gatherVectors(
  all: readonly Picked[],
  embedder: string,
  dimensions: number,
  frame?: SketchFrame,
): Generator<void, Gathered | undefined> {
  const picked = all.filter(
    ({ shelf, items }) =>
      items.length > 0 && shelf.vectors?.embedder === embedder && shelf.vectors.dimensions === dimensions,
  );
  const { ids, from, items } = yield* byId(picked);
  if (items.length === 0) return undefined;
  const firstRow = new Uint32Array(items.length + 1);
  const version = new Uint32Array(items.length);
  for (let n = 0, row = 0; n < items.length; n += 1) {
    const { shelf } = picked[from[n] ?? 0] ?? { shelf: undefined };
    const passages = shelf?.passagesOf(items[n] ?? 0);
    row += passages ? passages.end - passages.first : 0;
    firstRow[n + 1] = row;
    version[n] = shelf?.segment.columns.version[items[n] ?? 0] ?? 0;
    if (n % IDS_AT_ONCE === 0) yield;
  }
  const count = firstRow[items.length] ?? 0;
  const rows = new Int8Array(count * dimensions);
  const scales = new Float32Array(count);
  const sketches = new Sketches(picked, embedder, dimensions, count, frame);
  const sources = picked.map(({ shelf }) => shelf.vectors?.rows);
  for (let n = 0, pause = ROWS_AT_ONCE; n < items.length; n += 1) {
    const source = sources[from[n] ?? 0];
    const first = picked[from[n] ?? 0]?.shelf.passagesOf(items[n] ?? 0).first ?? 0;
    const into = firstRow[n] ?? 0;
    for (let i = 0; source && i < (firstRow[n + 1] ?? 0) - into; i += 1) {
      const at = (first + i) * source.stride;
      rows.set(source.rows.subarray(at, at + dimensions), (into + i) * dimensions);
      scales[into + i] = source.scales[first + i] ?? 0;
      sketches.take(source, first + i, into + i);
    }
    if (into < pause) continue;
    yield;
    pause = into + ROWS_AT_ONCE;
  }
  const columns = { embedder, dimensions, ids, version, firstRow, scales, rows };
  const shelves = picked.map(({ shelf }) => shelf);
  return { columns: { ...columns, ...(yield* sketches.done(rows, scales)) }, shelves, from, items };
}

/** What was picked in the order of the ids. */
function* byId(picked: readonly Picked[]) {
  const tables = picked.map(({ shelf }) => shelf.segment.columns.ids);
  const at = picked.map(() => 0);
  const from = new Numbers();
  const items = new Numbers();
  const names = new Bytes();
  const starts = new Numbers();
  for (let n = 0; ; n += 1) {
    let least = -1;
    for (const [which, { items: own }] of picked.entries()) {
      if ((at[which] ?? 0) >= own.length) continue;
      if (least < 0 || comparePicked(tables, picked, at, which, least) < 0) least = which;
    }
    const table = tables[least];
    if (!table) break;
    const item = picked[least]?.items[at[least] ?? 0] ?? 0;
    at[least] = (at[least] ?? 0) + 1;
    from.push(least);
    items.push(item);
    starts.push(names.length);
    names.append(table.bytes, table.starts[item] ?? 0, table.starts[item + 1] ?? 0);
    if (n % IDS_AT_ONCE === 0) yield;
  }
  starts.push(names.length);
  return {
    ids: new StringTable(names.done(), starts.done()),
    from: Uint16Array.from(from.done()),
    items: items.done(),
  };
}

function comparePicked(
  tables: readonly StringTable[],
  picked: readonly Picked[],
  at: readonly number[],
  a: number,
  b: number,
): number {
  const [x, y] = [tables[a], tables[b]];
  if (!x || !y) return 0;
  const inX = picked[a]?.items[at[a] ?? 0] ?? 0;
  const inY = picked[b]?.items[at[b] ?? 0] ?? 0;
  return compareBytes(
    ...([x.bytes, x.starts[inX] ?? 0, x.starts[inX + 1] ?? 0] as const),
    ...([y.bytes, y.starts[inY] ?? 0, y.starts[inY + 1] ?? 0] as const),
  );
}

/**
 * The sketches of gathered rows, so that opening makes none: in the known frame whose mean was taken of the most
 * vectors, or a new one. A segment in another frame than its shelf's has them made again when it is opened.
 */
class Sketches {
  readonly #frame: SketchFrame | undefined;
  readonly #isNew: boolean;
  readonly #alike: Set<SketchFrame>;
  readonly #size: number;
  readonly #sketches: Uint8Array;
  readonly #desk: PassageVectors;
  readonly #missing = new Numbers();

  constructor(
    picked: readonly Picked[],
    embedder: string,
    dimensions: number,
    count: number,
    known: SketchFrame | undefined,
  ) {
    const frames = picked.flatMap(({ shelf }) => shelf.vectors?.frame ?? []);
    if (known?.mean.length === dimensions) frames.push(known);
    const frame = frames.reduce<SketchFrame | undefined>((a, b) => (a && a.of >= b.of ? a : b), undefined);
    this.#frame = frame;
    this.#isNew = frame ? frame.of < ENOUGH && count >= frame.of * OUTGROWN : count >= LEAST_SKETCHED;
    this.#alike = new Set(frames.filter((other) => frame && sameFrame(other, frame)));
    this.#size = shapeOf(dimensions).words * 16;
    this.#sketches = new Uint8Array(frame || this.#isNew ? count * this.#size : 0);
    this.#desk = new PassageVectors(embedder, dimensions, 1);
  }

  take(source: SealedRows, from: number, into: number): void {
    const size = this.#size;
    if (!this.#isNew && source.sketches && source.frame && this.#alike.has(source.frame)) {
      this.#sketches.set(source.sketches.subarray(from * size, (from + 1) * size), into * size);
    } else {
      this.#missing.push(into);
    }
  }

  *done(rows: Int8Array, scales: Float32Array): Generator<void, { sketches?: Uint8Array; frame?: SketchFrame }> {
    const { dimensions } = this.#desk;
    const frame = this.#isNew ? frameOf(rows, scales, dimensions) : this.#frame;
    if (!frame) return {};
    for (const [n, row] of this.#missing.done().entries()) {
      if (n % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield;
      const values = rows.subarray(row * dimensions, (row + 1) * dimensions);
      this.#desk.set(0, { values, scale: scales[row] ?? 0, frame });
      this.#sketches.set(this.#desk.get(0)?.sketch ?? [], row * this.#size);
    }
    return { sketches: this.#sketches, frame };
  }
}

/** Gives the vectors of a sealed segment, of this number, to the items they belong to: the same id, put at the same version. */
export function placeVectors(columns: VectorColumns, shelves: readonly OpenShelf[], segment: number): void {
  const { ids, firstRow, version } = columns;
  for (const shelf of shelves) {
    const pairs = pairsOf(ids, shelf.segment.columns.ids);
    const { firstPassage } = shelf.segment.columns;
    const belongs = (n: number, item: number): boolean => {
      const passages = (firstPassage[item + 1] ?? 0) - (firstPassage[item] ?? 0);
      const rows = (firstRow[n + 1] ?? 0) - (firstRow[n] ?? 0);
      return shelf.segment.columns.version[item] === version[n] && rows === passages && rows > 0;
    };
    for (const { from, to, length } of runsOf(pairs, belongs)) {
      shelf.takeRows(columns, firstRow[from] ?? 0, to, to + length);
      shelf.setHome(segment, to, to + length);
    }
  }
}

/** Gives the vectors of a shelf to the same puts of items on shelves that take its place. */
export function passVectorsOn(from: OpenShelf, to: readonly OpenShelf[]): void {
  for (const next of to) {
    const { ids, version } = next.segment.columns;
    const isSame = (item: number, at: number) => from.segment.columns.version[item] === version[at];
    atOnce(copyVectors(from, next, pairsOf(from.segment.columns.ids, ids), isSame));
  }
}

/** Copies the vectors that the old shelves have by this embedder onto the one they were merged into. */
export function* takeVectors(
  next: OpenShelf,
  old: readonly OpenShelf[],
  { inputOf, itemOf }: Merged,
  embedder: string | undefined,
): Generator<void, void> {
  for (const [input, from] of old.entries()) {
    if (from.vectors?.embedder !== embedder) continue;
    const pairs = new Numbers();
    for (let n = 0; n < inputOf.length; n += 1) {
      if (inputOf[n] !== input) continue;
      pairs.push(itemOf[n] ?? 0);
      pairs.push(n);
    }
    yield;
    yield* copyVectors(from, next, pairs.done());
  }
}

/** Copies those again that were set while they were copied. */
export function takeTouched(next: OpenShelf, old: readonly OpenShelf[], { inputOf, itemOf }: Merged): void {
  if (!old.some(({ touched }) => touched && touched.size > 0)) return;
  for (let n = 0; n < inputOf.length; n += 1) {
    const from = old[inputOf[n] ?? 0];
    const item = itemOf[n] ?? 0;
    if (from?.touched?.has(item)) atOnce(copyVectors(from, next, Uint32Array.of(item, n)));
  }
}

/** Copies vectors from items to items, by turns in `pairs`, and where they are sealed. */
export function* copyVectors(
  from: OpenShelf,
  to: OpenShelf,
  pairs: Uint32Array,
  belongs: (item: number, at: number) => boolean = () => true,
): Generator<void, void> {
  const { vectors } = from;
  if (!vectors) return;
  const source = { ...vectors.rows, embedder: vectors.embedder, dimensions: vectors.dimensions };
  const isThere = (item: number, at: number) => from.hasVectors(item) && belongs(item, at);
  for (const { from: item, to: at, length } of runsOf(pairs, isThere)) {
    // Another embedder's vectors have come meanwhile.
    if (from.vectors !== vectors) return;
    to.takeRows(source, from.passagesOf(item).first, at, at + length);
    for (let i = 0; i < length; i += 1) to.setHome(from.vectorsIn[item + i] ?? 0, at + i, at + i + 1);
    yield;
  }
}

/** Items that follow each other in both are taken at once: nearly always all of them, in bounded pieces. */
function* runsOf(pairs: Uint32Array, belongs: (from: number, to: number) => boolean) {
  for (let i = 0; i < pairs.length; i += 2) {
    const from = pairs[i] ?? 0;
    const to = pairs[i + 1] ?? 0;
    if (!belongs(from, to)) continue;
    let length = 1;
    while (
      length < LONGEST_RUN &&
      pairs[i + 2] === from + length &&
      pairs[i + 3] === to + length &&
      belongs(from + length, to + length)
    ) {
      length += 1;
      i += 2;
    }
    yield { from, to, length };
  }
}
