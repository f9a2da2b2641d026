import type { QuantizedVector } from "./quantize.ts";
import type { Shelf } from "./search.ts";
import type { Segment } from "./segment.ts";
import { PassageVectors, type SealedRows } from "./vectors.ts";

/** A segment in use: which of its items live, and their vectors. */
export class OpenShelf implements Shelf {
  readonly segment: Segment;
  /** The sealed segment's id; undefined while it is in RAM alone. */
  readonly sealed: string | undefined;
  alive: Uint8Array | undefined;
  living: number;
  vectors: PassageVectors | undefined;
  /** By item: the number of the sealed segment that has its vectors as they are now; 0 for none. */
  readonly vectorsIn: Uint32Array;
  /** Items whose vectors are in RAM alone. */
  readonly unsealedVectors = new Set<number>();
  /** Items whose vectors were set while somebody was copying them, who put this set here. */
  touched: Set<number> | undefined;

  constructor(segment: Segment, sealed?: string) {
    this.segment = segment;
    this.sealed = sealed;
    this.living = segment.items;
    this.vectorsIn = new Uint32Array(segment.items);
  }

  isAlive(item: number): boolean {
    return this.alive === undefined || this.alive[item] === 1;
  }

  bury(item: number): void {
    if (!this.isAlive(item)) return;
    this.alive ??= new Uint8Array(this.segment.items).fill(1);
    this.alive[item] = 0;
    this.living -= 1;
  }

  passagesOf(item: number): { first: number; end: number } {
    const { firstPassage } = this.segment.columns;
    return { first: firstPassage[item] ?? 0, end: firstPassage[item + 1] ?? 0 };
  }

  /** Every passage of an item has a vector, or none has. An item without passages has none. */
  hasVectors(item: number): boolean {
    const { firstPassage } = this.segment.columns;
    const first = firstPassage[item] ?? 0;
    return first < (firstPassage[item + 1] ?? 0) && this.vectors?.has(first) === true;
  }

  /** One vector per passage, or none is taken. */
  setVectors(embedder: string, item: number, vectors: readonly QuantizedVector[]): boolean {
    const { first, end } = this.passagesOf(item);
    const dimensions = vectors[0]?.values.length ?? 0;
    if (vectors.length !== end - first || dimensions === 0) return false;
    if (vectors.some((vector) => vector.values.length !== dimensions)) return false;
    const own = this.#vectorsBy(embedder, dimensions);
    for (const [n, vector] of vectors.entries()) own.set(first + n, vector);
    this.vectorsIn[item] = 0;
    this.unsealedVectors.add(item);
    this.touched?.add(item);
    return true;
  }

  /** Takes rows that lie one after the other, one per passage, for the items from `item` to before `end`. */
  takeRows(from: SealedRows & VectorKind, firstRow: number, item: number, end: number): void {
    const { firstPassage } = this.segment.columns;
    const first = firstPassage[item] ?? 0;
    const own = this.#vectorsBy(from.embedder, from.dimensions);
    own.setRows(first, from, firstRow, (firstPassage[end] ?? 0) - first);
  }

  /** The items from `item` to before `end` have their vectors in this sealed segment; in RAM alone when it is 0. */
  setHome(segment: number, item: number, end: number): void {
    this.vectorsIn.fill(segment, item, end);
    for (let i = item; i < end; i += 1) {
      if (segment === 0) this.unsealedVectors.add(i);
      else if (this.unsealedVectors.size > 0) this.unsealedVectors.delete(i);
    }
  }

  #vectorsBy(embedder: string, dimensions: number): PassageVectors {
    if (this.vectors?.embedder === embedder && this.vectors.dimensions === dimensions) return this.vectors;
    this.vectors = new PassageVectors(embedder, dimensions, this.segment.passages);
    this.vectorsIn.fill(0);
    this.unsealedVectors.clear();
    return this.vectors;
  }

  vectorsOf(item: number): QuantizedVector[] | undefined {
    const { first, end } = this.passagesOf(item);
    const found: QuantizedVector[] = [];
    for (let passage = first; passage < end; passage += 1) {
      const vector = this.vectors?.get(passage);
      if (!vector) return undefined;
      found.push(vector);
    }
    return found;
  }
}

interface VectorKind {
  readonly embedder: string;
  readonly dimensions: number;
}
