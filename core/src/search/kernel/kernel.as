// The kernel, in AssemblyScript: `npm run kernel` compiles it into module.ts. It works on one memory that its caller lays
// out (../index/vector-layout.ts, ../index/scratch.ts); every argument that is a place is a byte offset. plain.ts does the
// same, bit for bit, where there is no SIMD: a change here is a change there.
//
// Distances are Hamming distances of sketches, `words` times 128 bits each. Of all rows that pass, `scan` keeps the
// `keep` nearest, the earlier row where two are as near. No heap: rows below the bar are appended to a buffer, and a full
// buffer is cut back to `keep` by counting distances, which lowers the bar.

// @ts-nocheck

@inline
function ok(row: u32, present: usize, itemOf: usize, passes: usize): bool {
  if (present && !load<u8>(present + row)) return false;
  return !passes || load<u8>(passes + load<u32>(itemOf + (row << 2))) != 0;
}

/** Cuts the `n` rows of the buffer back to `keep`. Returns the distance that the next rows must stay below. */
function trim(n: i32, keep: i32, bits: i32, rows: usize, distances: usize, counts: usize): i32 {
  memory.fill(counts, 0, (bits + 1) << 2);
  for (let i = 0; i < n; ++i) {
    const at = counts + (<usize>load<u16>(distances + (i << 1)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let below = 0;
  let bar = 0;
  for (;; ++bar) {
    const here = load<i32>(counts + (bar << 2));
    if (below + here >= keep) break;
    below += here;
  }
  let ties = keep - below;
  let kept = 0;
  for (let i = 0; i < n; ++i) {
    const distance = <i32>load<u16>(distances + (i << 1));
    if (distance > bar) continue;
    if (distance == bar && --ties < 0) continue;
    store<u32>(rows + (kept << 2), load<u32>(rows + (i << 2)));
    store<u16>(distances + (kept << 1), <u16>distance);
    ++kept;
  }
  return bar;
}

/**
 * Rows of the `keep` nearest sketches below the distance `below` into `rows`, ascending; returns how many. `room` is that
 * of the buffers, more than `keep`.
 */
export function scan(
  sketches: usize, words: i32, count: i32, query: usize,
  present: usize, itemOf: usize, passes: usize,
  keep: i32, room: i32, below: i32, rows: usize, distances: usize, counts: usize,
): i32 {
  const bits = words << 7;
  let bar = below;
  let n = 0;
  let at = sketches;
  const q0 = load<u64>(query);
  const q1 = load<u64>(query, 8);
  const q2 = load<u64>(query, 16);
  const q3 = load<u64>(query, 24);
  const q4 = load<u64>(query, 32);
  const q5 = load<u64>(query, 40);
  for (let row = 0; row < count; ++row) {
    let distance: i32 = 0;
    if (words == 3) {
      distance = <i32>(
        popcnt(load<u64>(at) ^ q0) + popcnt(load<u64>(at, 8) ^ q1) +
        popcnt(load<u64>(at, 16) ^ q2) + popcnt(load<u64>(at, 24) ^ q3) +
        popcnt(load<u64>(at, 32) ^ q4) + popcnt(load<u64>(at, 40) ^ q5)
      );
      at += 48;
    } else {
      let sum = i16x8.splat(0);
      let other = query;
      for (const end = at + (words << 4); at < end; at += 16, other += 16) {
        const differ = i8x16.popcnt(v128.xor(v128.load(at), v128.load(other)));
        sum = i16x8.add(sum, i16x8.extadd_pairwise_i8x16_u(differ));
      }
      distance = lanes(i32x4.extadd_pairwise_i16x8_u(sum));
    }
    if (distance >= bar || !ok(row, present, itemOf, passes)) continue;
    store<u32>(rows + (n << 2), row);
    store<u16>(distances + (n << 1), <u16>distance);
    if (++n == room) {
      bar = trim(n, keep, bits, rows, distances, counts);
      n = keep;
    }
  }
  if (n > keep) {
    trim(n, keep, bits, rows, distances, counts);
    n = keep;
  }
  return n;
}

/** All rows that pass into `rows`, ascending; returns how many, or `limit` + 1 when there are more than `limit`. */
export function collect(count: i32, present: usize, itemOf: usize, passes: usize, limit: i32, rows: usize): i32 {
  let n = 0;
  for (let row = 0; row < count; ++row) {
    if (!ok(row, present, itemOf, passes)) continue;
    if (n == limit) return n + 1;
    store<u32>(rows + (n << 2), row);
    ++n;
  }
  return n;
}

@inline
function lanes(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

/** Inner products of `n` rows of i8 (those of `list`), `stride` bytes each, a multiple of 16, with the query's i16. */
export function dots(vectors: usize, stride: i32, list: usize, n: i32, query: usize, out: usize): void {
  for (let i = 0; i < n; ++i) {
    // Rows lie far apart: some of them are fetched at once, so that their cache misses overlap.
    if ((i & 63) == 0) {
      let touched: u32 = 0;
      for (let next = i; next < min(i + 64, n); ++next) {
        const row = vectors + <usize>load<u32>(list + (next << 2)) * stride;
        for (let line: i32 = 0; line < stride; line += 64) touched |= load<u8>(row + line);
      }
      store<u32>(out + (i << 2), touched);
    }
    let at = vectors + <usize>load<u32>(list + (i << 2)) * stride;
    let other = query;
    let sum = i32x4.splat(0);
    for (const end = at + stride; at < end; at += 16, other += 32) {
      const row = v128.load(at);
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(row), v128.load(other)));
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(row), v128.load(other, 16)));
    }
    store<i32>(out + (i << 2), lanes(sum));
  }
}

/**
 * Rotates the `n` f32 at `x`: `rounds` times signs (scaled, so that lengths stay) and a Walsh-Hadamard transform of
 * `block` numbers, by turns the first and the last ones. `n` is a multiple of 128, `block` a power of two, at least n / 2.
 */
export function rotate(x: usize, n: i32, block: i32, signs: usize, rounds: i32): void {
  const alternate = f32x4(1, -1, 1, -1);
  const halves = f32x4(1, 1, -1, -1);
  for (let round = 0; round < rounds; ++round) {
    const from = x + (round & 1 ? (n - block) << 2 : 0);
    const end = from + (block << 2);
    for (let at = from; at < end; at += 16, signs += 16) {
      let v = f32x4.mul(v128.load(at), v128.load(signs));
      v = f32x4.add(v128.shuffle<f32>(v, v, 0, 0, 2, 2), f32x4.mul(v128.shuffle<f32>(v, v, 1, 1, 3, 3), alternate));
      v = f32x4.add(v128.shuffle<f32>(v, v, 0, 1, 0, 1), f32x4.mul(v128.shuffle<f32>(v, v, 2, 3, 2, 3), halves));
      v128.store(at, v);
    }
    for (let half: usize = 16; half < <usize>block << 2; half <<= 1) {
      for (let low = from; low < end; low += half) {
        for (const middle = low + half; low < middle; low += 16) {
          const a = v128.load(low);
          const b = v128.load(low + half);
          v128.store(low, f32x4.add(a, b));
          v128.store(low + half, f32x4.sub(a, b));
        }
      }
    }
  }
}

/** The sign bits of `n` f32. */
export function signs(x: usize, n: i32, out: usize): void {
  for (const end = x + (n << 2); x < end; x += 32, ++out) {
    store<u8>(out, <u8>(i32x4.bitmask(v128.load(x)) | (i32x4.bitmask(v128.load(x, 16)) << 4)));
  }
}

/** The sketches of rows `first` to `end`, where present: row times scale, less the mean, rotated, its signs. `x` is room for n f32. */
export function sketch(
  vectors: usize, stride: i32, dimensions: i32, scales: usize, present: usize, first: i32, end: i32,
  mean: usize, x: usize, n: i32, block: i32, turns: usize, rounds: i32, sketches: usize,
): void {
  for (let row = first; row < end; ++row) {
    if (!load<u8>(present + row)) continue;
    const at = vectors + <usize>row * stride;
    const scale = load<f32>(scales + (row << 2));
    memory.fill(x + (dimensions << 2), 0, (n - dimensions) << 2);
    for (let i = 0; i < dimensions; ++i) {
      store<f32>(x + (i << 2), <f32>load<i8>(at + i) * scale - load<f32>(mean + (i << 2)));
    }
    rotate(x, n, block, turns, rounds);
    signs(x, n, sketches + <usize>row * (n >> 3));
  }
}

/** Decodes `count` postings: the distance to the passage before as LEB128, and the impact. */
export function postings(bytes: usize, count: i32, docs: usize, impacts: usize): void {
  let doc: i32 = -1;
  for (const end = impacts + count; impacts < end; docs += 4, ++impacts) {
    let distance: i32 = load<u8>(bytes++);
    if (distance > 127) {
      distance &= 127;
      for (let shift = 7; ; shift += 7) {
        const byte: i32 = load<u8>(bytes++);
        distance |= (byte & 127) << shift;
        if (byte < 128) break;
      }
    }
    doc += distance;
    store<i32>(docs, doc);
    store<u8>(impacts, load<u8>(bytes++));
  }
}

/** Adds to the sum and the share (two f32) of each passage of the list; those that had no share go to `met`. How many. */
export function add(docs: usize, impacts: usize, count: i32, weight: f64, sums: usize, met: usize): i32 {
  const perImpact = weight / 255;
  const first = met;
  for (const end = impacts + count; impacts < end; docs += 4, ++impacts) {
    const doc = load<u32>(docs);
    const at = sums + (<usize>doc << 3);
    const share = load<f32>(at, 4);
    store<u32>(met, doc);
    met += <usize>(share == 0) << 2;
    store<f32>(at, <f32>(<f64>load<f32>(at) + <f64>load<u8>(impacts) * perImpact));
    store<f32>(at, <f32>(<f64>share + weight), 4);
  }
  return <i32>((met - first) >> 2);
}

/** The score of each passage of `met`: its sum times what its share of `total` leaves of it. */
export function score(
  met: usize, count: i32, sums: usize, total: f64, none: f64, more: f64, scores: usize,
): void {
  for (const end = met + (count << 2); met < end; met += 4, scores += 4) {
    const at = sums + (<usize>load<u32>(met) << 3);
    const covered = none + more * (<f64>load<f32>(at, 4) / total);
    store<f32>(scores, <f32>(<f64>load<f32>(at) * covered));
  }
}

/** Passages scored `least` or more change places with those before them that are not; returns how many they are. */
export function split(met: usize, scores: usize, count: i32, least: f32): i32 {
  let kept = 0;
  for (let i = 0; i < count; ++i) {
    const score = load<f32>(scores + (i << 2));
    if (score < least) continue;
    const at = kept << 2;
    const doc = load<u32>(met + (i << 2));
    store<u32>(met + (i << 2), load<u32>(met + at));
    store<f32>(scores + (i << 2), load<f32>(scores + at));
    store<u32>(met + at, doc);
    store<f32>(scores + at, score);
    ++kept;
  }
  return kept;
}
