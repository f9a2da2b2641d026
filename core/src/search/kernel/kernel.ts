import { KERNEL_MODULE } from "./module.ts";
import { PlainKernel } from "./plain.ts";

/**
 * The kernel: what is done to every vector of a segment and to every posting of a word. In WebAssembly with SIMD
 * (kernel.as), or in plain JavaScript (plain.ts) with the same results bit for bit. Places are byte offsets in `buffer`,
 * laid out by the caller; those of numbers are multiples of their size, those of vectors of 16.
 */
export interface Kernel {
  readonly buffer: ArrayBuffer;
  /**
   * The rows of the `keep` nearest sketches (`words` × 128 bits each, by Hamming distance; of equals the earlier) among
   * those that pass and are nearer than `below`, ascending, into `rows`; returns how many. A row passes when `present` (a byte by row; 0 for all) and
   * `passes` (a byte by item, `itemOf` says whose a row is; 0 for all) say so. `rows` and `distances` (u16) have room for
   * `room` entries, more than `keep`; `counts` for a u32 per possible distance.
   */
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
  ): number;
  /** All rows that pass into `rows`, ascending; returns how many, or `limit` + 1 when there are more than `limit`. */
  collect(count: number, present: number, itemOf: number, passes: number, limit: number, rows: number): number;
  /** Inner products (i32) of the `n` rows of i8 that `list` names, `stride` bytes each, with the query's i16. */
  dots(vectors: number, stride: number, list: number, n: number, query: number, out: number): void;
  /** Rotates the `n` f32 at `x` in place; see frame.ts. */
  rotate(x: number, n: number, block: number, turns: number, rounds: number): void;
  /** The sign bits of `n` f32, lowest bit first. */
  signs(x: number, n: number, out: number): void;
  /** Sketches of the rows from `first` to before `end` that are present. `x` is room for `n` f32. */
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
  ): void;
  /** Decodes `count` postings at `bytes` (postings.ts): the passages (u32) and the impacts (u8). */
  postings(bytes: number, count: number, docs: number, impacts: number): void;
  /**
   * Adds a list of postings to the sums (two f32 by passage): `weight` times the impact's share of 255 to the first, `weight`
   * to the second. Passages whose second was 0 go to `met`; returns how many.
   */
  add(docs: number, impacts: number, count: number, weight: number, sums: number, met: number): number;
  /** The scores (f32) of the `count` passages of `met`: the first sum, times `none` and `more` times the second's share of `total`. */
  score(met: number, count: number, sums: number, total: number, none: number, more: number, scores: number): void;
  /** Puts passages scored `least` or more, with their scores, before the others, in the order they were; returns how many. */
  split(met: number, scores: number, count: number, least: number): number;
}

/** Makes a kernel with a memory of at least so many bytes, all zero; what is not written costs no RAM. */
export type MakeKernel = (bytes: number) => Kernel;

/** No processor this runs on is without WebAssembly, but the library's types for Node leave it out. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean;
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Memory: new (size: {
        initial: number;
        maximum: number;
      }) => {
        readonly buffer: ArrayBuffer;
        grow(pages: number): number;
      };
      readonly Instance: new (module: object, imports: object) => { readonly exports: Omit<Kernel, "buffer"> };
    }
  | undefined;

const PAGE = 65_536;
const MOST_PAGES = 65_536;

/** The most bytes that the vectors of one segment may take: what 32 bits address. */
export const MOST_BYTES = PAGE * MOST_PAGES;

let compiled: object | undefined;

/** The kernel in WebAssembly; undefined where there is none, or none with SIMD. */
export const wasmKernel: MakeKernel | undefined = (() => {
  if (typeof WebAssembly === "undefined") return undefined;
  const api = WebAssembly;
  const bytes = Uint8Array.from(atob(KERNEL_MODULE), (character) => character.charCodeAt(0));
  if (!api.validate(bytes)) return undefined;
  return (size) => {
    compiled ??= new api.Module(bytes);
    const memory = new api.Memory({ initial: 1, maximum: MOST_PAGES });
    const pages = Math.ceil(size / PAGE);
    if (pages > 1) memory.grow(pages - 1);
    const { exports } = new api.Instance(compiled, { env: { memory } });
    return { ...exports, buffer: memory.buffer };
  };
})();

export const plainKernel: MakeKernel = (bytes) => new PlainKernel(new ArrayBuffer(Math.ceil(bytes / 16) * 16));

/**
 * WebAssembly where there is enough to be scanned for it to matter and address space for its memory (a container may
 * limit that); else plain.
 */
export function makeKernel(bytes: number): Kernel {
  if (wasmKernel && bytes >= WORTH_WASM) {
    try {
      return wasmKernel(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return plainKernel(bytes);
}

/** In plain JavaScript a vector of 384 numbers takes half a microsecond: a few are not worth a memory of their own. */
const WORTH_WASM = 16_384;
