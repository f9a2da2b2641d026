import { type SketchFrame, sameFrame } from "../kernel/frame.ts";
import { nthGreatest } from "./candidates.ts";
import type { Listed, PassageVectors } from "./vectors.ts";

/** The vectors of one segment, and which of its passages count: those whose item has a 1 in `passes`. */
export interface Sought {
  readonly vectors: PassageVectors;
  readonly passes?: Uint8Array | undefined;
  readonly itemOf?: Uint32Array | undefined;
}

export interface Nearest {
  /** Which of the sought each is of. */
  readonly which: Uint16Array;
  readonly passages: Uint32Array;
  readonly products: Float32Array;
}

/** Rows measured of all those that were sketched. Of a frame that only some of them have, their share and some more. */
const KEEP = 512;
const SOME_MORE = 128;

/**
 * The `count` passages of several segments whose vectors have the greatest inner products with the query, the greatest
 * first; of equals the earlier. Sketches of one frame can be compared across segments, so the segments share what is
 * measured: a segment lists only what is nearer than the nearest `KEEP` of those before it.
 */
export function nearestOf(sought: readonly Sought[], query: Float32Array, count: number): Nearest {
  const filled = sought.map((_, which) => which).filter((which) => (sought[which]?.vectors.count ?? 0) > 0);
  if (count <= 0) filled.length = 0;
  const all = filled.flatMap((which) => sought[which]?.vectors ?? []);
  shareFrame(all);
  const keep = Math.max(KEEP, count * 4);
  const heaps: Heap[] = [];
  const heapOf = (frame: SketchFrame): Heap => {
    const known = heaps.find((heap) => sameFrame(heap.frame, frame));
    if (known) return known;
    const share = rowsOf(all.filter((vectors) => vectors.frame && sameFrame(vectors.frame, frame))) / rowsOf(all);
    const heap = new Heap(frame, Math.min(keep, Math.ceil(keep * share) + SOME_MORE));
    heaps.push(heap);
    return heap;
  };
  const lists = new Map<number, Listed>();
  for (const which of filled) {
    const { vectors, passes, itemOf } = sought[which] ?? {};
    const listed = vectors?.list(query, keep, (frame) => heapOf(frame).bar, passes, itemOf);
    if (!listed) continue;
    lists.set(which, listed);
    if (listed.sketched) heapOf(listed.sketched.frame).add(listed.sketched.distances);
  }
  const measured: Measured[] = [];
  let most = 0;
  for (const [which, listed] of lists) {
    const n = listed.sketched ? heapOf(listed.sketched.frame).cut(listed) : listed.passages.length;
    const products = new Float32Array(n);
    sought[which]?.vectors.measure(n, products);
    measured.push({ which, passages: listed.passages, products });
    most += n;
  }
  return greatest(measured, most, count);
}

interface Measured {
  readonly which: number;
  readonly passages: Uint32Array;
  readonly products: Float32Array;
}

function rowsOf(all: readonly PassageVectors[]): number {
  return all.reduce((sum, { count }) => sum + count, 0);
}

/** A segment that came since the others were sketched takes the frame of the largest. */
function shareFrame(all: readonly PassageVectors[]): void {
  let frame: SketchFrame | undefined;
  let most = 0;
  for (const vectors of all) {
    if (!vectors.frame || vectors.count <= most) continue;
    frame = vectors.frame;
    most = vectors.count;
  }
  if (frame) for (const vectors of all) vectors.adoptFrame(frame);
}

/** How far the sketches of one frame are that were listed so far, and how far the last of the `keep` nearest is. */
class Heap {
  readonly frame: SketchFrame;
  /** Only what is nearer can still be among the `keep` nearest. */
  bar: number;
  readonly #keep: number;
  readonly #counts: Uint32Array;
  #ties = 0;

  constructor(frame: SketchFrame, keep: number) {
    this.frame = frame;
    this.#keep = keep;
    // A sketch has at most as many bits as a frame's numbers made up to a multiple of 128, at least 384.
    this.bar = 65_536;
    this.#counts = new Uint32Array(Math.max(384, Math.ceil(frame.mean.length / 128) * 128) + 1);
  }

  add(distances: Uint16Array): void {
    const counts = this.#counts;
    for (let i = 0; i < distances.length; i += 1) {
      const distance = distances[i] ?? 0;
      counts[distance] = (counts[distance] ?? 0) + 1;
    }
    let nearer = 0;
    let bar = 0;
    while (bar < counts.length && nearer + (counts[bar] ?? 0) < this.#keep) {
      nearer += counts[bar] ?? 0;
      bar += 1;
    }
    this.bar = bar < counts.length ? bar : 65_536;
    this.#ties = this.#keep - nearer;
  }

  /** Leaves in a list what is among the `keep` nearest of all, the lists in the order they were added; says how many. */
  cut({ passages, sketched }: Listed): number {
    const distances = sketched?.distances ?? new Uint16Array(0);
    let kept = 0;
    for (let i = 0; i < distances.length; i += 1) {
      const distance = distances[i] ?? 0;
      if (distance > this.bar) continue;
      if (distance === this.bar) {
        this.#ties -= 1;
        if (this.#ties < 0) continue;
      }
      passages[kept] = passages[i] ?? 0;
      kept += 1;
    }
    return kept;
  }
}

function greatest(measured: readonly Measured[], length: number, count: number): Nearest {
  const all = new Float32Array(length);
  let end = 0;
  for (const { products } of measured) {
    all.set(products, end);
    end += products.length;
  }
  const least = length > count ? nthGreatest(all, count) : Number.NEGATIVE_INFINITY;
  const which: number[] = [];
  const passages: number[] = [];
  const products: number[] = [];
  for (const found of measured) {
    for (let i = 0; i < found.products.length; i += 1) {
      const product = found.products[i] ?? 0;
      if (product < least) continue;
      which.push(found.which);
      passages.push(found.passages[i] ?? 0);
      products.push(product);
    }
  }
  const order = products.map((_, i) => i);
  // They stand by segment and passage: of equals the earlier is the one that stands first.
  order.sort((a, b) => {
    const [ofA, ofB] = [products[a] ?? 0, products[b] ?? 0];
    return ofA === ofB ? a - b : ofA > ofB ? -1 : 1;
  });
  const kept = Math.min(order.length, count);
  const nearest = {
    which: new Uint16Array(kept),
    passages: new Uint32Array(kept),
    products: new Float32Array(kept),
  };
  for (let n = 0; n < kept; n += 1) {
    const i = order[n] ?? 0;
    nearest.which[n] = which[i] ?? 0;
    nearest.passages[n] = passages[i] ?? 0;
    nearest.products[n] = products[i] ?? 0;
  }
  return nearest;
}
