/**
 * The frame of sketches: what is taken off every vector before its signs are (their mean), and the random rotation, from
 * a seed. Sketches of two frames cannot be compared. Both lie sealed beside the sketches: who knew them could craft a
 * text that comes near to every question.
 *
 * The rotation: signs at random and a Walsh-Hadamard transform, some times over. Of a number of dimensions that is no
 * power of two, the first and the last ones are transformed by turns, overlapping (Ailon and Chazelle 2006 for the idea).
 */
export interface SketchFrame {
  /** Four 32-bit numbers. */
  readonly seed: Uint32Array;
  readonly mean: Float32Array;
  /** How many vectors the mean was taken of. */
  readonly of: number;
}

/** How the sketch of so many dimensions is made. */
export interface SketchShape {
  /** Numbers that are rotated, and bits of the sketch: the dimensions, made up to a multiple of 128 with zeros, at least 384. */
  readonly bits: number;
  readonly words: number;
  /** Numbers transformed at once: the greatest power of two among `bits`. */
  readonly block: number;
  readonly rounds: number;
}

export function shapeOf(dimensions: number): SketchShape {
  // As many signs as a short vector has numbers tell too little; more directions of it tell more.
  const words = Math.max(3, Math.ceil(dimensions / 128));
  const bits = words * 128;
  const block = 2 ** Math.floor(Math.log2(bits));
  return { bits, words, block, rounds: block === bits ? 3 : 4 };
}

/** The signs of all rounds, scaled so that a transform keeps lengths. */
export function turnsOf(seed: Uint32Array, { block, rounds }: SketchShape): Float32Array {
  const next = randomFrom(seed);
  const unit = 1 / Math.sqrt(block);
  const turns = new Float32Array(block * rounds);
  for (let i = 0; i < turns.length; i += 32) {
    const word = next();
    for (let bit = 0; bit < 32; bit += 1) turns[i + bit] = (word >>> bit) & 1 ? -unit : unit;
  }
  return turns;
}

export function sameFrame(a: SketchFrame, b: SketchFrame): boolean {
  if (a === b) return true;
  if (a.mean.length !== b.mean.length || a.seed.some((word, i) => word !== b.seed[i])) return false;
  return a.mean.every((value, i) => value === b.mean[i]);
}

/** Vectors that a mean is taken of: an even sample is as good as all. */
const MEAN_OF = 16_384;

/** A new frame for these rows, `stride` numbers apart; those that are not `present` are passed over. */
export function frameOf(
  rows: Int8Array,
  scales: Float32Array,
  dimensions: number,
  stride = dimensions,
  present?: Uint8Array,
): SketchFrame {
  const sums = new Float64Array(dimensions);
  const step = Math.max(1, Math.floor(scales.length / MEAN_OF));
  let taken = 0;
  for (let row = 0; row < scales.length; row += step) {
    if (present?.[row] === 0) continue;
    const scale = scales[row] ?? 0;
    for (let i = 0; i < dimensions; i += 1) sums[i] = (sums[i] ?? 0) + (rows[row * stride + i] ?? 0) * scale;
    taken += 1;
  }
  const of = present ? present.reduce((sum, value) => sum + value, 0) : scales.length;
  const mean = Float32Array.from(sums, (sum) => (taken > 0 ? sum / taken : 0));
  return { seed: crypto.getRandomValues(new Uint32Array(4)), mean, of };
}

/** sfc32 (Doty-Humphrey, PractRand): part of the segment format, for the seed alone says the rotation. */
function randomFrom(seed: Uint32Array): () => number {
  let [a = 0, b = 0, c = 0, counter = 0] = seed;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i += 1) next();
  return next;
}
