import { type SketchFrame, shapeOf } from "../kernel/frame.ts";
import {
  type Column,
  decodeSections,
  ENTRY,
  f32,
  f64,
  HEADER,
  joined,
  MAGIC,
  piecesOf,
  placeOf,
  SegmentMalformed,
  u8,
  u32,
} from "./envelope.ts";
import { type ReadSealed, SealedPositions } from "./positions.ts";
import { Segment, type SegmentColumns } from "./segment.ts";
import { StringTable } from "./strings.ts";

/**
 * The sections of a segment, by number, and back: docs/segment-format.md. How they lie one after the other is the
 * envelope's.
 */
export { joined, SegmentMalformed, SegmentTooNew } from "./envelope.ts";

const U8 = 1;
const U32 = 4;
const F64 = 8;

/** Section numbers are part of the format: never used again for something else. */
const TABLES = {
  ids: 1,
  terms: 2,
  persons: 3,
  sources: 4,
  threads: 5,
  filenames: 6,
  has: 7,
  languages: 8,
} as const satisfies Partial<Record<keyof SegmentColumns, number>>;

const COLUMNS = {
  kind: [32, U8],
  trust: [33, U8],
  source: [34, U32],
  date: [35, F64],
  thread: [36, U32],
  filename: [37, U32],
  hasBits: [38, U32],
  version: [39, U32],
  hashA: [40, U32],
  hashB: [41, U32],
  firstPassage: [42, U32],
  firstPerson: [43, U32],
  people: [44, U32],
  found: [64, U32],
  firstBlock: [65, U32],
  blockLast: [66, U32],
  blockMost: [67, U8],
  blockDocs: [68, U32],
  blockPositions: [69, U32],
  docs: [70, U8],
  positions: [71, U8],
} as const satisfies Partial<Record<keyof SegmentColumns, readonly [number, number]>>;

const [POSITIONS] = COLUMNS.positions;

/** A string table is two sections: its bytes under its number, its starts under its number + `STARTS`. */
const STARTS = 128;

export function encodeSegment(segment: Segment): Uint8Array<ArrayBuffer> {
  return joined(segmentPieces(segment));
}

/** The bytes piece by piece: mostly the columns as they lie in memory. */
export function segmentPieces(segment: Segment): Uint8Array[] {
  const sections: { readonly number: number; readonly column: Column }[] = [];
  for (const [name, number] of Object.entries(TABLES)) {
    const table = segment.columns[name as keyof typeof TABLES]; // The entries of TABLES have its keys.
    sections.push({ number, column: table.bytes }, { number: number + STARTS, column: table.starts });
  }
  for (const [name, [number]] of Object.entries(COLUMNS)) {
    const column = segment.columns[name as keyof typeof COLUMNS]; // As above.
    if (!column) throw new Error("A segment is sealed without its positions; this is a fault of the index.");
    sections.push({ number, column });
  }
  return piecesOf(MAGIC, sections);
}

/** A segment that was just stored, as it would be opened: its positions are left where they are stored. */
export function asOpened(segment: Segment, read: ReadSealed): Segment {
  const { positions } = segment.columns;
  if (!positions) return segment;
  // The last pieces are the positions and the gap behind them.
  const offset = segmentPieces(segment)
    .slice(0, -2)
    .reduce((sum, { length }) => sum + length, 0);
  const columns = { ...segment.columns, positions: undefined };
  return new Segment(columns, new SealedPositions(offset, positions.length, read));
}

/** How many of a segment's bytes are kept in RAM when its positions stay sealed: those before them, its last section. */
export function withoutPositions(beginning: Uint8Array, size: number): number {
  const view = new DataView(beginning.buffer, beginning.byteOffset, beginning.byteLength);
  if (beginning.length < HEADER || view.getUint32(0, true) !== MAGIC) return size;
  const count = Math.min(view.getUint32(8, true), Math.floor((beginning.length - HEADER) / ENTRY));
  const offsetOf = (i: number) => view.getFloat64(HEADER + i * ENTRY + 8, true);
  const last = count > 0 ? view.getUint32(HEADER + (count - 1) * ENTRY, true) : 0;
  const kept = last === POSITIONS ? offsetOf(count - 1) : size;
  for (let i = 0; i < count - 1; i += 1) if (offsetOf(i) > kept) return size;
  return kept >= HEADER && kept <= size ? kept : size;
}

/** With `read` its positions may lie behind the bytes given; then they are read when they are wanted. */
export function decodeSegment(bytes: Uint8Array, read?: ReadSealed): Segment {
  const sections = decodeSections(MAGIC, bytes, read ? POSITIONS : undefined);
  const left = read && !sections.has(POSITIONS) ? placeOf(bytes, POSITIONS) : undefined;
  const table = (number: number) => new StringTable(u8(sections, number), u32(sections, number + STARTS));
  const wide = (name: keyof typeof COLUMNS) => u32(sections, COLUMNS[name][0]);
  const narrow = (name: keyof typeof COLUMNS) => u8(sections, COLUMNS[name][0]);
  return new Segment(
    {
      ids: table(TABLES.ids),
      terms: table(TABLES.terms),
      persons: table(TABLES.persons),
      sources: table(TABLES.sources),
      threads: table(TABLES.threads),
      filenames: table(TABLES.filenames),
      has: table(TABLES.has),
      languages: table(TABLES.languages),
      kind: narrow("kind"),
      trust: narrow("trust"),
      source: wide("source"),
      date: f64(sections, COLUMNS.date[0]),
      thread: wide("thread"),
      filename: wide("filename"),
      hasBits: wide("hasBits"),
      version: wide("version"),
      hashA: wide("hashA"),
      hashB: wide("hashB"),
      firstPassage: wide("firstPassage"),
      firstPerson: wide("firstPerson"),
      people: wide("people"),
      found: wide("found"),
      firstBlock: wide("firstBlock"),
      blockLast: wide("blockLast"),
      blockMost: narrow("blockMost"),
      blockDocs: wide("blockDocs"),
      blockPositions: wide("blockPositions"),
      docs: narrow("docs"),
      positions: left ? undefined : narrow("positions"),
    },
    left && read ? new SealedPositions(left.offset, left.length, read) : undefined,
  );
}

/** Vectors that came later than the words they belong to: which items (and which put of them), and their rows. */
export interface VectorColumns {
  readonly embedder: string;
  readonly dimensions: number;
  /** Sorted. */
  readonly ids: StringTable;
  readonly version: Uint32Array;
  /** First row; one more than there are items. */
  readonly firstRow: Uint32Array;
  readonly scales: Float32Array;
  readonly rows: Int8Array;
  /** One by row, and what they are made with; not there of few vectors. */
  readonly sketches?: Uint8Array;
  readonly frame?: SketchFrame;
}

const VECTOR_MAGIC = 0x43455653; // "SVEC"

export function encodeVectors(vectors: VectorColumns): Uint8Array {
  return joined(vectorPieces(vectors));
}

export function vectorPieces(vectors: VectorColumns): Uint8Array[] {
  return piecesOf(VECTOR_MAGIC, [
    { number: 1, column: vectors.ids.bytes },
    { number: 1 + STARTS, column: vectors.ids.starts },
    { number: 2, column: new TextEncoder().encode(vectors.embedder) },
    { number: 32, column: Uint32Array.of(vectors.dimensions) },
    { number: 33, column: vectors.version },
    { number: 34, column: vectors.firstRow },
    { number: 35, column: bytesOf(vectors.scales) },
    { number: 36, column: bytesOf(vectors.rows) },
    ...(vectors.sketches && vectors.frame
      ? [
          { number: 37, column: vectors.sketches },
          { number: 38, column: bytesOf(vectors.frame.mean) },
          { number: 39, column: Uint32Array.of(...vectors.frame.seed, vectors.frame.of) },
        ]
      : []),
  ]);
}

export function decodeVectors(bytes: Uint8Array): VectorColumns {
  const sections = decodeSections(VECTOR_MAGIC, bytes);
  const dimensions = u32(sections, 32)[0] ?? 0;
  const scales = f32(sections, 35);
  const rows = u8(sections, 36);
  const firstRow = u32(sections, 34);
  const columns = {
    embedder: new TextDecoder().decode(u8(sections, 2)),
    dimensions,
    ids: new StringTable(u8(sections, 1), u32(sections, 1 + STARTS)),
    version: u32(sections, 33),
    firstRow,
    scales,
    rows: new Int8Array(rows.buffer, rows.byteOffset, rows.byteLength),
  };
  const count = scales.length;
  if (rows.length !== count * dimensions || firstRow.length !== columns.ids.length + 1 || firstRow.at(-1) !== count) {
    throw new SegmentMalformed("its vectors and their items do not agree");
  }
  const sketches = sections.get(37);
  if (!sketches) return columns;
  const mean = f32(sections, 38);
  const seed = u32(sections, 39);
  if (sketches.length !== count * shapeOf(dimensions).words * 16 || mean.length !== dimensions || seed.length !== 5) {
    throw new SegmentMalformed("its sketches and its vectors do not agree");
  }
  return { ...columns, sketches, frame: { seed: seed.slice(0, 4), mean: mean.slice(), of: seed[4] ?? 0 } };
}

function bytesOf(column: Int8Array | Float32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
