import { frameOf, type SketchFrame, type SketchShape, sameFrame, shapeOf, turnsOf } from "../kernel/frame.ts";
import { type Kernel, type MakeKernel, MOST_BYTES, makeKernel } from "../kernel/kernel.ts";
import { type Nearest, nearestOf } from "./nearest.ts";
import { fineOf, type QuantizedVector, VectorUnusable } from "./quantize.ts";
import { type Layout, layOut, ROOM, type Views, viewsOf } from "./vector-layout.ts";

/**
 * Vectors of one segment's passages, by one embedder: eight-bit integers with a scale each, and a sketch of one bit per
 * dimension. They lie once, in the kernel's memory, one row per passage; a passage without a vector costs address space
 * alone. The unrounded ones lie in the readings.
 *
 * A search scans sketches by Hamming distance and measures the nearest ones again with all eight bits. Where few rows
 * pass the filter, or a row is hardly longer than its sketch, all are measured.
 */
export class PassageVectors {
  readonly embedder: string;
  readonly dimensions: number;
  readonly #passages: number;
  readonly #shape: SketchShape;
  readonly #kernel: Kernel;
  readonly #at: Layout;
  readonly #views: Views;
  readonly #most: number;
  #count = 0;
  #frame: SketchFrame | undefined;
  /** A frame found to say the same as this segment's. */
  #alike: SketchFrame | undefined;
  #query: Float32Array | undefined;
  #queryScale = 0;
  #itemOf: Uint32Array | undefined;

  /** `make` is for tests and measurements that compare kernels. */
  constructor(embedder: string, dimensions: number, passages: number, make: MakeKernel = makeKernel) {
    this.embedder = embedder;
    this.dimensions = dimensions;
    this.#passages = passages;
    this.#shape = shapeOf(dimensions);
    this.#most =
      dimensions <= EXACT_DIMENSIONS ? passages : Math.max(EXACT_ROWS, Math.min(2 * EXACT_ROWS, passages >>> 4));
    this.#at = layOut(dimensions, passages, this.#shape, Math.min(passages, Math.max(this.#most, ROOM)));
    if (this.#at.end > MOST_BYTES)
      throw new VectorUnusable(
        `${passages} vectors of ${dimensions} numbers are too many for one segment; use an embedder with fewer dimensions`,
      );
    this.#kernel = make(this.#at.end);
    this.#views = viewsOf(this.#kernel.buffer, this.#at, dimensions, passages, this.#shape);
  }

  /** Passages that have a vector. */
  get count(): number {
    return this.#count;
  }

  /** What the sketches are made with; undefined while there are so few vectors that none were needed. */
  get frame(): SketchFrame | undefined {
    return this.#frame;
  }

  /** @throws VectorUnusable when it has the wrong length. */
  set(passage: number, vector: QuantizedVector): void {
    if (vector.values.length !== this.dimensions) {
      throw new VectorUnusable(
        `A vector of ${vector.values.length} numbers came where "${this.embedder}" makes ${this.dimensions}`,
      );
    }
    if (!Number.isInteger(passage) || passage < 0 || passage >= this.#passages) {
      throw new VectorUnusable(`There is no passage ${passage} among ${this.#passages}`);
    }
    const { rows, scales, present } = this.#views;
    rows.set(vector.values, passage * this.#at.stride);
    scales[passage] = vector.scale;
    if (present[passage] === 0) this.#count += 1;
    present[passage] = 1;
    if (vector.frame && !this.#frame) this.#adopt(vector.frame);
    this.#frameWhenMany();
    if (!this.#frame) return;
    if (vector.sketch && vector.frame && this.#isOwn(vector.frame)) {
      this.#views.sketches.set(vector.sketch, passage * this.#shape.words * 16);
    } else {
      this.#sketch(passage, passage + 1);
    }
  }

  /**
   * Takes `count` rows of a sealed segment, from row `from` on, for the passages from `first` on. They are of the same
   * dimensions; the sketches are taken too when they are of the same frame, or made anew.
   */
  setRows(first: number, sealed: SealedRows, from: number, count: number): void {
    const { dimensions } = this;
    const { rows, scales, present, sketches } = this.#views;
    const { stride } = this.#at;
    const theirs = sealed.stride ?? dimensions;
    if (stride === theirs) {
      rows.set(sealed.rows.subarray(from * stride, (from + count) * stride), first * stride);
    } else {
      for (let n = 0; n < count; n += 1) {
        const at = (from + n) * theirs;
        rows.set(sealed.rows.subarray(at, at + dimensions), (first + n) * stride);
      }
    }
    scales.set(sealed.scales.subarray(from, from + count), first);
    for (let n = 0; n < count; n += 1) if (present[first + n] === 0) this.#count += 1;
    if (sealed.frame && !this.#frame) this.#adopt(sealed.frame);
    present.fill(1, first, first + count);
    this.#frameWhenMany();
    if (!this.#frame) return;
    const size = this.#shape.words * 16;
    if (sealed.sketches && sealed.frame && this.#isOwn(sealed.frame)) {
      sketches.set(sealed.sketches.subarray(from * size, (from + count) * size), first * size);
    } else {
      this.#sketch(first, first + count);
    }
  }

  has(passage: number): boolean {
    return this.#views.present[passage] === 1;
  }

  /** Views of all rows, for whoever takes many at once. Those of passages without a vector say nothing. */
  get rows(): SealedRows & { readonly stride: number } {
    const { rows, scales, sketches } = this.#views;
    const { stride } = this.#at;
    return { rows, scales, stride, ...(this.#frame ? { sketches, frame: this.#frame } : {}) };
  }

  /** A view of the vector, its sketch with it when there is one. */
  get(passage: number): QuantizedVector | undefined {
    const { rows, scales, present, sketches } = this.#views;
    if ((present[passage] ?? 0) === 0) return undefined;
    const first = passage * this.#at.stride;
    const values = rows.subarray(first, first + this.dimensions);
    const scale = scales[passage] ?? 0;
    if (!this.#frame) return { values, scale };
    const size = this.#shape.words * 16;
    return { values, scale, sketch: sketches.subarray(passage * size, (passage + 1) * size), frame: this.#frame };
  }

  /**
   * The `count` passages whose vectors have the greatest inner products with the query, the greatest first, among those
   * whose item has a 1 in `passes`. `itemOf` says whose each passage is.
   */
  nearest(query: Float32Array, count: number, passes?: Uint8Array, itemOf?: Uint32Array): Nearest {
    return nearestOf([{ vectors: this, passes, itemOf }], query, count);
  }

  /**
   * Takes the frame of another segment's sketches, where there is none and sketches are worth making. One that says the
   * same as its own it takes too, so that the two need not be compared again.
   */
  adoptFrame(frame: SketchFrame): void {
    if (this.#frame === frame) return;
    if (this.#frame) {
      if (this.#isOwn(frame)) this.#frame = frame;
    } else if (this.dimensions > EXACT_DIMENSIONS && this.#count >= SKETCH_FROM) this.#adopt(frame);
  }

  /**
   * First half of a search: lists passages that pass and may be among the nearest. All that pass, where they are few;
   * else those of the `keep` nearest sketches that are nearer than `below` gives for this frame. The second half is
   * `measure`, with no other search between them.
   */
  list(
    query: Float32Array,
    keep: number,
    below: (frame: SketchFrame) => number,
    passes?: Uint8Array,
    itemOf?: Uint32Array,
  ): Listed {
    this.#prepare(query);
    const at = this.#at;
    const shape = this.#shape;
    const present = this.#count === this.#passages ? 0 : at.present;
    const filter = this.#setFilter(passes, itemOf);
    const fewest = this.#frame && !filter ? Math.min(SKETCH_FROM, this.#most) : this.#most;
    let n = filter ? fewest + 1 : this.#count;
    if (filter || n <= fewest) {
      n = this.#kernel.collect(this.#passages, present, at.itemOf, filter, fewest, at.list);
    }
    if (n <= fewest) return { passages: this.#views.list.subarray(0, n) };
    const frame = this.#ensureFrame();
    this.#sketchQuery(query);
    n = this.#kernel.scan(
      ...([at.sketches, shape.words, this.#passages, at.querySketch, present, at.itemOf, filter] as const),
      ...([Math.min(keep, ROOM >>> 1), ROOM, below(frame), at.list, at.distances, at.counts] as const),
    );
    const { list, distances } = this.#views;
    return { passages: list.subarray(0, n), sketched: { frame, distances: distances.subarray(0, n) } };
  }

  /** Second half: the products of the first `n` passages of the list. */
  measure(n: number, products: Float32Array): void {
    const at = this.#at;
    const { list, dots, scales } = this.#views;
    this.#kernel.dots(at.rows, at.stride, at.list, n, at.query, at.dots);
    for (let i = 0; i < n; i += 1) products[i] = (dots[i] ?? 0) * (scales[list[i] ?? 0] ?? 0) * this.#queryScale;
  }

  /** The inner product with the query for each of these passages; `NO_PRODUCT` for one without a vector. */
  productsOf(query: Float32Array, passages: Uint32Array): Float32Array {
    const products = new Float32Array(passages.length).fill(NO_PRODUCT);
    if (this.#count === 0) return products;
    this.#prepare(query);
    const at = this.#at;
    const { list, dots, present, scales } = this.#views;
    for (let first = 0; first < passages.length; first += list.length) {
      const part = passages.subarray(first, first + list.length);
      list.set(part);
      this.#kernel.dots(at.rows, at.stride, at.list, part.length, at.query, at.dots);
      for (let i = 0; i < part.length; i += 1) {
        const passage = part[i] ?? 0;
        if (present[passage] === 1) products[first + i] = (dots[i] ?? 0) * (scales[passage] ?? 0) * this.#queryScale;
      }
    }
    return products;
  }

  /** The inner product of every passage that passes; `NO_PRODUCT` elsewhere. Measures all of them, without sketches. */
  scan(query: Float32Array, passes: (passage: number) => boolean): Float32Array {
    const asked = Uint32Array.from({ length: this.#passages }, (_, passage) => passage).filter(passes);
    const products = new Float32Array(this.#passages).fill(NO_PRODUCT);
    const measured = this.productsOf(query, asked);
    for (let i = 0; i < asked.length; i += 1) products[asked[i] ?? 0] = measured[i] ?? NO_PRODUCT;
    return products;
  }

  /** So many will be scanned: sketched as they come, no search waits for it and they are sealed with their sketches. */
  #frameWhenMany(): void {
    if (!this.#frame && this.#count >= EXACT_ROWS && this.dimensions > EXACT_DIMENSIONS) this.#ensureFrame();
  }

  #ensureFrame(): SketchFrame {
    if (this.#frame) return this.#frame;
    const { rows, scales, present } = this.#views;
    const frame = frameOf(rows, scales, this.dimensions, this.#at.stride, present);
    this.#adopt(frame);
    return frame;
  }

  #adopt(frame: SketchFrame): void {
    this.#frame = frame;
    this.#views.mean.set(frame.mean);
    this.#views.turns.set(turnsOf(frame.seed, this.#shape));
    this.#query = undefined;
    // Vectors that came before the frame.
    this.#sketch(0, this.#passages);
  }

  #isOwn(frame: SketchFrame): boolean {
    if (frame === this.#frame || frame === this.#alike) return true;
    if (!this.#frame || !sameFrame(frame, this.#frame)) return false;
    this.#alike = frame;
    return true;
  }

  #sketch(first: number, end: number): void {
    const at = this.#at;
    const { bits, block, rounds } = this.#shape;
    this.#kernel.sketch(
      ...([at.rows, at.stride, this.dimensions, at.scales, at.present, first, end] as const),
      ...([at.mean, at.x, bits, block, at.turns, rounds, at.sketches] as const),
    );
  }

  /** The query as 16-bit integers: as fine as sums of its products with rows fit in 32 bits. */
  #prepare(query: Float32Array): void {
    if (query === this.#query) return;
    if (query.length !== this.dimensions) {
      throw new VectorUnusable(
        `The question's vector has ${query.length} numbers where "${this.embedder}" makes ${this.dimensions}`,
      );
    }
    if (lastQuery?.query !== query) lastQuery = fineOf(query);
    this.#views.query.set(lastQuery.values);
    this.#query = query;
    this.#queryScale = lastQuery.scale;
  }

  #sketchQuery(query: Float32Array): void {
    const { x, mean } = this.#views;
    const { bits, block, rounds } = this.#shape;
    for (let i = 0; i < query.length; i += 1) x[i] = (query[i] ?? 0) - (mean[i] ?? 0);
    x.fill(0, query.length);
    this.#kernel.rotate(this.#at.x, bits, block, this.#at.turns, rounds);
    this.#kernel.signs(this.#at.x, bits, this.#at.querySketch);
  }

  #setFilter(passes: Uint8Array | undefined, itemOf: Uint32Array | undefined): number {
    if (!passes || !itemOf) return 0;
    if (passes.length > this.#passages) {
      // Items without a passage leave no room for a byte each: a byte by passage says the same.
      this.#itemOf = undefined;
      for (let passage = 0; passage < this.#passages; passage += 1) {
        this.#views.itemOf[passage] = passage;
        this.#views.passes[passage] = passes[itemOf[passage] ?? 0] ?? 0;
      }
      return this.#at.passes;
    }
    if (this.#itemOf !== itemOf) {
      this.#views.itemOf.set(itemOf.subarray(0, this.#passages));
      this.#itemOf = itemOf;
    }
    this.#views.passes.set(passes);
    return this.#at.passes;
  }
}

/** What a search of one segment lists; both arrays are the segment's own until its next search. */
export interface Listed {
  /** Ascending. */
  readonly passages: Uint32Array;
  /** How far their sketches are; not there when all that pass were listed. */
  readonly sketched?: { readonly frame: SketchFrame; readonly distances: Uint16Array };
}

/** Rows as they lie in a sealed segment. */
export interface SealedRows {
  readonly rows: Int8Array;
  /** Numbers from one row to the next: as many as a row has unless said otherwise. */
  readonly stride?: number;
  readonly scales: Float32Array;
  readonly sketches?: Uint8Array;
  readonly frame?: SketchFrame;
}

/** No inner product of unit vectors is as low. */
export const NO_PRODUCT = -2;

/** The same question is asked of one segment after the other. */
let lastQuery: ReturnType<typeof fineOf> | undefined;

/** So many rows (twice as many of a large segment) are all measured sooner than every sketch is scanned. */
const EXACT_ROWS = 4_096;
/** Where there is a frame, so many rows are worth their sketches. */
const SKETCH_FROM = 256;
/** A sketch of as few dimensions says too little, and a row is hardly longer. */
const EXACT_DIMENSIONS = 64;
