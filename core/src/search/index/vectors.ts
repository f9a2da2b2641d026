/**
 * Vectors of one segment's passages, by one embedder, as eight-bit integers with a scale each: exact scanning of these
 * is what a search does. The unrounded ones lie in the readings.
 */
export class PassageVectors {
  readonly embedder: string;
  readonly dimensions: number;
  /** Passage → its row, or -1. */
  readonly rowOf: Int32Array;
  #rows: Int8Array;
  #scales: Float32Array;
  #count = 0;

  constructor(embedder: string, dimensions: number, passages: number) {
    this.embedder = embedder;
    this.dimensions = dimensions;
    this.rowOf = new Int32Array(passages).fill(-1);
    this.#rows = new Int8Array(0);
    this.#scales = new Float32Array(0);
  }

  get count(): number {
    return this.#count;
  }

  set(passage: number, vector: QuantizedVector): void {
    let row = this.rowOf[passage] ?? -1;
    if (row < 0) {
      row = this.#count++;
      this.rowOf[passage] = row;
      if (row >= this.#scales.length) this.#grow();
    }
    this.#rows.set(vector.values, row * this.dimensions);
    this.#scales[row] = vector.scale;
  }

  get(passage: number): QuantizedVector | undefined {
    const row = this.rowOf[passage] ?? -1;
    if (row < 0) return undefined;
    const values = this.#rows.subarray(row * this.dimensions, (row + 1) * this.dimensions);
    return { values, scale: this.#scales[row] ?? 0 };
  }

  /** The inner product with the query for each passage; -2 where there is no vector or `allowed` says no. */
  scan(query: Float32Array, passes: (passage: number) => boolean): Float32Array {
    const products = new Float32Array(this.rowOf.length).fill(-2);
    const { dimensions } = this;
    const rows = this.#rows;
    for (let passage = 0; passage < products.length; passage += 1) {
      const row = this.rowOf[passage] ?? -1;
      if (row < 0 || !passes(passage)) continue;
      let sum = 0;
      const at = row * dimensions;
      for (let i = 0; i < dimensions; i += 1) sum += (rows[at + i] ?? 0) * (query[i] ?? 0);
      products[passage] = sum * (this.#scales[row] ?? 0);
    }
    return products;
  }

  #grow(): void {
    const capacity = Math.min(this.rowOf.length, Math.max(64, this.#scales.length * 2));
    const rows = new Int8Array(capacity * this.dimensions);
    rows.set(this.#rows);
    const scales = new Float32Array(capacity);
    scales.set(this.#scales);
    this.#rows = rows;
    this.#scales = scales;
  }
}

export interface QuantizedVector {
  readonly values: Int8Array;
  readonly scale: number;
}

export function quantize(vector: Float32Array): QuantizedVector {
  let most = 0;
  for (const value of vector) most = Math.max(most, Math.abs(value));
  if (!Number.isFinite(most) || most === 0) return { values: new Int8Array(vector.length), scale: 0 };
  const scale = most / 127;
  return { values: Int8Array.from(vector, (value) => Math.round(value / scale)), scale };
}
