import type { SketchShape } from "../kernel/frame.ts";

/** Where what belongs to the vectors of one segment lies in the kernel's memory. */
export interface Layout {
  readonly stride: number;
  readonly query: number;
  readonly querySketch: number;
  readonly mean: number;
  readonly x: number;
  readonly turns: number;
  readonly counts: number;
  readonly list: number;
  readonly distances: number;
  readonly dots: number;
  readonly room: number;
  readonly present: number;
  readonly passes: number;
  readonly itemOf: number;
  readonly scales: number;
  readonly sketches: number;
  readonly rows: number;
  readonly end: number;
}

/** Rows that a scan lists before they are cut back to the nearest. */
export const ROOM = 4_096;

/** Byte offsets, each a multiple of 16; none is 0, which stands for "none". */
export function layOut(dimensions: number, passages: number, shape: SketchShape, room: number): Layout {
  const stride = Math.ceil(dimensions / 16) * 16;
  let next = 16;
  const place = (bytes: number) => {
    const at = next;
    next += Math.ceil(bytes / 16) * 16;
    return at;
  };
  return {
    stride,
    room,
    query: place(stride * 2),
    querySketch: place(shape.words * 16),
    mean: place(dimensions * 4),
    x: place(shape.bits * 4),
    turns: place(shape.block * shape.rounds * 4),
    counts: place((shape.bits + 1) * 4),
    list: place(room * 4),
    distances: place(ROOM * 2),
    dots: place(room * 4),
    present: place(passages),
    passes: place(passages),
    itemOf: place(passages * 4),
    scales: place(passages * 4),
    sketches: place(passages * shape.words * 16),
    rows: place(passages * stride),
    end: next,
  };
}

export interface Views {
  readonly query: Int16Array;
  readonly mean: Float32Array;
  readonly x: Float32Array;
  readonly turns: Float32Array;
  readonly list: Uint32Array;
  readonly distances: Uint16Array;
  readonly dots: Int32Array;
  readonly present: Uint8Array;
  readonly passes: Uint8Array;
  readonly itemOf: Uint32Array;
  readonly scales: Float32Array;
  readonly sketches: Uint8Array;
  readonly rows: Int8Array;
}

export function viewsOf(
  buffer: ArrayBuffer,
  at: Layout,
  dimensions: number,
  passages: number,
  shape: SketchShape,
): Views {
  return {
    query: new Int16Array(buffer, at.query, at.stride),
    mean: new Float32Array(buffer, at.mean, dimensions),
    x: new Float32Array(buffer, at.x, shape.bits),
    turns: new Float32Array(buffer, at.turns, shape.block * shape.rounds),
    list: new Uint32Array(buffer, at.list, at.room),
    distances: new Uint16Array(buffer, at.distances, ROOM),
    dots: new Int32Array(buffer, at.dots, at.room),
    present: new Uint8Array(buffer, at.present, passages),
    passes: new Uint8Array(buffer, at.passes, passages),
    itemOf: new Uint32Array(buffer, at.itemOf, passages),
    scales: new Float32Array(buffer, at.scales, passages),
    sketches: new Uint8Array(buffer, at.sketches, passages * shape.words * 16),
    rows: new Int8Array(buffer, at.rows, passages * at.stride),
  };
}
