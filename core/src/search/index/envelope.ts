/**
 * The envelope of a segment: a header, a directory of sections, the sections, each at a multiple of eight, little endian.
 * Opening makes views of the bytes; nothing is parsed or copied.
 */
export const FORMAT = 2;
/** Words of an older format lack what is asked of them today, so they are made anew from the readings. */
const OLDEST = 2;
export const MAGIC = 0x47455353; // "SSEG", read as little endian
export const HEADER = 16;
export const ENTRY = 16;

/** The segment was written by a newer version of Steward. */
export class SegmentTooNew extends Error {
  constructor(format: number) {
    super(
      `The search index was written by a newer Steward (format ${format}; this one reads ${FORMAT}). Start the newer version again, or rebuild the index with this one.`,
    );
    this.name = "SegmentTooNew";
  }
}

/** The bytes are authentic but are no segment: a fault of the program that wrote them. */
export class SegmentMalformed extends Error {
  constructor(what: string) {
    super(`A segment of the search index cannot be read (${what}); it will be rebuilt from the readings.`);
    this.name = "SegmentMalformed";
  }
}

/** Of any width. */
export type Column = Uint8Array | Uint32Array | Float64Array;

export function piecesOf(magic: number, sections: readonly { number: number; column: Column }[]): Uint8Array[] {
  const size = HEADER + sections.length * ENTRY;
  const head = new Uint8Array(aligned(size));
  const view = new DataView(head.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, FORMAT, true);
  view.setUint32(8, sections.length, true);
  const pieces: Uint8Array[] = [head];
  let offset = head.length;
  for (const [i, { number, column }] of sections.entries()) {
    const at = HEADER + i * ENTRY;
    view.setUint32(at, number, true);
    view.setUint32(at + 4, column.byteLength, true);
    view.setFloat64(at + 8, offset, true);
    const gap = aligned(column.byteLength) - column.byteLength;
    pieces.push(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), new Uint8Array(gap));
    offset += column.byteLength + gap;
  }
  return pieces;
}

/** Pieces of bytes as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export type Sections = ReadonlyMap<number, Uint8Array>;

/** Where a section says it lies. */
export function placeOf(bytes: Uint8Array, number: number): { offset: number; length: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = HEADER; at < HEADER + view.getUint32(8, true) * ENTRY; at += ENTRY) {
    if (view.getUint32(at, true) !== number) continue;
    return { offset: view.getFloat64(at + 8, true), length: view.getUint32(at + 4, true) };
  }
  return undefined;
}

/** The section `behind` may begin where the bytes end; it is passed over then. */
export function decodeSections(magic: number, given: Uint8Array, behind?: number): Sections {
  // Views of wider numbers need their bytes at a multiple of eight.
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || view.getUint32(0, true) !== magic) throw new SegmentMalformed("no segment's beginning");
  const format = view.getUint32(4, true);
  if (format > FORMAT) throw new SegmentTooNew(format);
  if (format < (magic === MAGIC ? OLDEST : 1)) throw new SegmentMalformed(`its format, ${format}, is an older one`);
  const count = view.getUint32(8, true);
  if (HEADER + count * ENTRY > bytes.length) throw new SegmentMalformed("directory cut off");
  const sections = new Map<number, Uint8Array>();
  for (let i = 0; i < count; i += 1) {
    const at = HEADER + i * ENTRY;
    const length = view.getUint32(at + 4, true);
    const offset = view.getFloat64(at + 8, true);
    if (offset === bytes.length && length > 0 && view.getUint32(at, true) === behind) continue;
    if (!(offset >= HEADER && offset % 8 === 0 && offset + length <= bytes.length)) {
      throw new SegmentMalformed(`section ${view.getUint32(at, true)} out of bounds`);
    }
    sections.set(view.getUint32(at, true), bytes.subarray(offset, offset + length));
  }
  return sections;
}

export function u8(sections: Sections, number: number): Uint8Array {
  const section = sections.get(number);
  if (!section) throw new SegmentMalformed(`section ${number} is missing`);
  return section;
}

export function u32(sections: Sections, number: number): Uint32Array {
  const section = u8(sections, number);
  if (section.byteLength % 4 !== 0) throw new SegmentMalformed(`section ${number} has half a number`);
  return new Uint32Array(section.buffer, section.byteOffset, section.byteLength / 4);
}

export function f32(sections: Sections, number: number): Float32Array {
  const section = u8(sections, number);
  if (section.byteLength % 4 !== 0) throw new SegmentMalformed(`section ${number} has half a number`);
  return new Float32Array(section.buffer, section.byteOffset, section.byteLength / 4);
}

export function f64(sections: Sections, number: number): Float64Array {
  const section = u8(sections, number);
  if (section.byteLength % 8 !== 0) throw new SegmentMalformed(`section ${number} has half a number`);
  return new Float64Array(section.buffer, section.byteOffset, section.byteLength / 8);
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
