import type { Kernel } from "./kernel.ts";

/** The kernel in plain JavaScript: the functions of kernel.as, one by one, with the same results bit for bit. */
export class PlainKernel implements Kernel {
  readonly buffer: ArrayBuffer;
  readonly #u8: Uint8Array;
  readonly #i8: Int8Array;
  readonly #u16: Uint16Array;
  readonly #i16: Int16Array;
  readonly #u32: Uint32Array;
  readonly #i32: Int32Array;
  readonly #f32: Float32Array;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    this.#u8 = new Uint8Array(buffer);
    this.#i8 = new Int8Array(buffer);
    this.#u16 = new Uint16Array(buffer);
    this.#i16 = new Int16Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f32 = new Float32Array(buffer);
  }

  scan(
    sketches: number,
    words: number,
    count: number,
    query: number,
    present: number,
    itemOf: number,
    passes: number,
    keep: number,
    room: number,
    below: number,
    rows: number,
    distances: number,
    counts: number,
  ): number {
    const u32 = this.#u32;
    const u16 = this.#u16;
    const parts = words * 4;
    const first = query >>> 2;
    const bits = words << 7;
    let bar = below;
    let n = 0;
    let at = sketches >>> 2;
    for (let row = 0; row < count; row += 1, at += parts) {
      let distance = 0;
      for (let i = 0; i < parts; i += 1) distance += ones((u32[at + i] ?? 0) ^ (u32[first + i] ?? 0));
      if (distance >= bar || !this.#ok(row, present, itemOf, passes)) continue;
      u32[(rows >>> 2) + n] = row;
      u16[(distances >>> 1) + n] = distance;
      n += 1;
      if (n === room) {
        bar = this.#trim(n, keep, bits, rows, distances, counts);
        n = keep;
      }
    }
    if (n <= keep) return n;
    this.#trim(n, keep, bits, rows, distances, counts);
    return keep;
  }

  #trim(n: number, keep: number, bits: number, rows: number, distances: number, counts: number): number {
    const counted = this.#u32.subarray(counts >>> 2, (counts >>> 2) + bits + 1).fill(0);
    const listed = this.#u32.subarray(rows >>> 2, (rows >>> 2) + n);
    const measured = this.#u16.subarray(distances >>> 1, (distances >>> 1) + n);
    for (const distance of measured) counted[distance] = (counted[distance] ?? 0) + 1;
    let below = 0;
    let bar = 0;
    while (below + (counted[bar] ?? 0) < keep) {
      below += counted[bar] ?? 0;
      bar += 1;
    }
    let ties = keep - below;
    let kept = 0;
    for (let i = 0; i < n; i += 1) {
      const distance = measured[i] ?? 0;
      if (distance > bar) continue;
      if (distance === bar) {
        ties -= 1;
        if (ties < 0) continue;
      }
      listed[kept] = listed[i] ?? 0;
      measured[kept] = distance;
      kept += 1;
    }
    return bar;
  }

  collect(count: number, present: number, itemOf: number, passes: number, limit: number, rows: number): number {
    let n = 0;
    for (let row = 0; row < count; row += 1) {
      if (!this.#ok(row, present, itemOf, passes)) continue;
      if (n === limit) return n + 1;
      this.#u32[(rows >>> 2) + n] = row;
      n += 1;
    }
    return n;
  }

  #ok(row: number, present: number, itemOf: number, passes: number): boolean {
    if (present !== 0 && this.#u8[present + row] === 0) return false;
    return passes === 0 || this.#u8[passes + (this.#u32[(itemOf >>> 2) + row] ?? 0)] !== 0;
  }

  dots(vectors: number, stride: number, list: number, n: number, query: number, out: number): void {
    const i8 = this.#i8;
    const i16 = this.#i16;
    const first = query >>> 1;
    for (let i = 0; i < n; i += 1) {
      const at = vectors + (this.#u32[(list >>> 2) + i] ?? 0) * stride;
      let sum = 0;
      for (let k = 0; k < stride; k += 1) sum += (i8[at + k] ?? 0) * (i16[first + k] ?? 0);
      this.#i32[(out >>> 2) + i] = sum;
    }
  }

  /** Every sum and product of two f32 is rounded once when it is stored, as SIMD rounds it. */
  rotate(x: number, n: number, block: number, turns: number, rounds: number): void {
    for (let round = 0; round < rounds; round += 1) {
      const first = (x >>> 2) + (round & 1 ? n - block : 0);
      const v = this.#f32.subarray(first, first + block);
      const scaled = this.#f32.subarray((turns >>> 2) + round * block, (turns >>> 2) + (round + 1) * block);
      for (let i = 0; i < block; i += 1) v[i] = (v[i] ?? 0) * (scaled[i] ?? 0);
      for (let half = 1; half < block; half <<= 1) {
        for (let from = 0; from < block; from += half << 1) {
          for (let low = from; low < from + half; low += 1) {
            const a = v[low] ?? 0;
            const b = v[low + half] ?? 0;
            v[low] = a + b;
            v[low + half] = a - b;
          }
        }
      }
    }
  }

  /** The sign bit, so that -0 counts as SIMD counts it. */
  signs(x: number, n: number, out: number): void {
    const first = x >>> 2;
    for (let i = 0; i < n; i += 8) {
      let byte = 0;
      for (let k = 0; k < 8; k += 1) byte |= ((this.#u32[first + i + k] ?? 0) >>> 31) << k;
      this.#u8[out + (i >>> 3)] = byte;
    }
  }

  sketch(
    vectors: number,
    stride: number,
    dimensions: number,
    scales: number,
    present: number,
    first: number,
    end: number,
    mean: number,
    x: number,
    n: number,
    block: number,
    turns: number,
    rounds: number,
    sketches: number,
  ): void {
    const v = this.#f32.subarray(x >>> 2, (x >>> 2) + n);
    const means = this.#f32.subarray(mean >>> 2, (mean >>> 2) + dimensions);
    for (let row = first; row < end; row += 1) {
      if (this.#u8[present + row] === 0) continue;
      const at = vectors + row * stride;
      const scale = this.#f32[(scales >>> 2) + row] ?? 0;
      v.fill(0, dimensions);
      for (let i = 0; i < dimensions; i += 1) v[i] = Math.fround((this.#i8[at + i] ?? 0) * scale) - (means[i] ?? 0);
      this.rotate(x, n, block, turns, rounds);
      this.signs(x, n, sketches + row * (n >>> 3));
    }
  }

  postings(bytes: number, count: number, docs: number, impacts: number): void {
    decodePostings(this.#u8, bytes, count, this.#u32, docs >>> 2, this.#u8, impacts);
  }

  add(docs: number, impacts: number, count: number, weight: number, sums: number, met: number): number {
    const f32 = this.#f32;
    const perImpact = weight / 255;
    const first = met >>> 2;
    let end = first;
    for (let i = 0; i < count; i += 1) {
      const doc = this.#u32[(docs >>> 2) + i] ?? 0;
      const at = (sums >>> 2) + 2 * doc;
      const share = f32[at + 1] ?? 0;
      this.#u32[end] = doc;
      end += share === 0 ? 1 : 0;
      f32[at] = (f32[at] ?? 0) + (this.#u8[impacts + i] ?? 0) * perImpact;
      f32[at + 1] = share + weight;
    }
    return end - first;
  }

  score(met: number, count: number, sums: number, total: number, none: number, more: number, scores: number): void {
    const f32 = this.#f32;
    for (let i = 0; i < count; i += 1) {
      const at = (sums >>> 2) + 2 * (this.#u32[(met >>> 2) + i] ?? 0);
      const covered = none + more * ((f32[at + 1] ?? 0) / total);
      f32[(scores >>> 2) + i] = (f32[at] ?? 0) * covered;
    }
  }

  split(met: number, scores: number, count: number, least: number): number {
    const passages = this.#u32.subarray(met >>> 2, (met >>> 2) + count);
    const scored = this.#f32.subarray(scores >>> 2, (scores >>> 2) + count);
    const bar = Math.fround(least);
    let kept = 0;
    for (let i = 0; i < count; i += 1) {
      const score = scored[i] ?? 0;
      if (score < bar) continue;
      const passage = passages[i] ?? 0;
      passages[i] = passages[kept] ?? 0;
      scored[i] = scored[kept] ?? 0;
      passages[kept] = passage;
      scored[kept] = score;
      kept += 1;
    }
    return kept;
  }
}

/** Postings lie one behind the other: the distance to the passage before as LEB128, and a byte of impact. */
export function decodePostings(
  bytes: Uint8Array,
  start: number,
  count: number,
  docs: Uint32Array,
  firstDoc: number,
  impacts: Uint8Array,
  firstImpact: number,
): void {
  let at = start;
  let doc = -1;
  for (let i = 0; i < count; i += 1) {
    let distance = bytes[at++] ?? 0;
    if (distance > 127) {
      distance &= 127;
      let shift = 7;
      for (;;) {
        const byte = bytes[at++] ?? 0;
        distance |= (byte & 127) << shift;
        if (byte < 128) break;
        shift += 7;
      }
    }
    doc += distance;
    docs[firstDoc + i] = doc;
    impacts[firstImpact + i] = bytes[at++] ?? 0;
  }
}

/** Bits set in 32. */
function ones(given: number): number {
  let v = given - ((given >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
