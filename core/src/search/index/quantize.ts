import type { SketchFrame } from "../kernel/frame.ts";

/** A vector as it is kept, eight bits a number, and as it is asked with, sixteen; what is no vector is refused. */
export interface QuantizedVector {
  readonly values: Int8Array;
  readonly scale: number;
  /** Its sketch in `frame`; one is not there without the other. */
  readonly sketch?: Uint8Array;
  readonly frame?: SketchFrame;
}

/** The embedder gave something that is no vector of its own. */
export class VectorUnusable extends Error {
  constructor(what: string) {
    super(`${what}. Choose the embedder again in the settings, so that its vectors are made anew.`);
    this.name = "VectorUnusable";
  }
}

/** @throws VectorUnusable when a number is not finite. */
export function quantize(vector: Float32Array): QuantizedVector {
  const most = mostOf(vector);
  if (most === 0) return { values: new Int8Array(vector.length), scale: 0 };
  const scale = most / 127;
  const values = new Int8Array(vector.length);
  for (let i = 0; i < values.length; i += 1) values[i] = Math.round((vector[i] ?? 0) / scale);
  return { values, scale };
}

function mostOf(vector: Float32Array): number {
  let most = 0;
  for (let i = 0; i < vector.length; i += 1) {
    const size = Math.abs(vector[i] ?? 0);
    // Not "greater": that is false of NaN.
    if (!(size <= most)) most = size;
    if (Number.isNaN(size)) break;
  }
  if (!Number.isFinite(most)) throw new VectorUnusable("A vector has a number in it that is not finite");
  return most;
}

/** A question's vector as 16-bit integers: as fine as sums of its products with rows fit in 32 bits. */
export function fineOf(query: Float32Array) {
  const scale = mostOf(query) / Math.min(32_767, Math.floor((2 ** 31 - 1) / (128 * query.length)));
  const values = new Int16Array(query.length);
  for (let i = 0; scale > 0 && i < query.length; i += 1) values[i] = Math.round((query[i] ?? 0) / scale);
  return { query, values, scale };
}
