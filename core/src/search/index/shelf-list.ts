import type { Filter, IndexAnswer, IndexedItem, IndexRequest, Listing } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { listShelves, type Shelf, searchShelves } from "./search.ts";
import type { Segment } from "./segment.ts";
import { PassageVectors, type QuantizedVector, quantize } from "./vectors.ts";

/** A segment in use: which of its items live, and their vectors. */
export class OpenShelf implements Shelf {
  readonly segment: Segment;
  /** The sealed segment's id; undefined while it is in RAM alone. */
  readonly sealed: string | undefined;
  alive: Uint8Array | undefined;
  living: number;
  vectors: PassageVectors | undefined;

  constructor(segment: Segment, sealed?: string) {
    this.segment = segment;
    this.sealed = sealed;
    this.living = segment.items;
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

  /** One vector per passage, or none is taken. */
  setVectors(embedder: string, item: number, vectors: readonly QuantizedVector[]): boolean {
    const { first, end } = this.passagesOf(item);
    const dimensions = vectors[0]?.values.length ?? 0;
    if (vectors.length !== end - first || dimensions === 0) return false;
    if (vectors.some((vector) => vector.values.length !== dimensions)) return false;
    if (this.vectors?.embedder !== embedder || this.vectors.dimensions !== dimensions) {
      this.vectors = new PassageVectors(embedder, dimensions, this.segment.passages);
    }
    for (const [n, vector] of vectors.entries()) this.vectors.set(first + n, vector);
    return true;
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

/** The segments that are searched together. Every item lives in at most one of them. */
export class ShelfList {
  shelves: OpenShelf[] = [];

  /** Where an item lives. The newest segments are asked first: what changes is mostly new. */
  locate(id: string): { shelf: OpenShelf; item: number } | undefined {
    for (let i = this.shelves.length - 1; i >= 0; i -= 1) {
      const shelf = this.shelves[i];
      const item = shelf?.segment.columns.ids.find(id) ?? -1;
      if (shelf && item >= 0 && shelf.isAlive(item)) return { shelf, item };
    }
    return undefined;
  }

  /** Adds the items as a segment in RAM; the items' older forms are buried. */
  add(items: readonly IndexedItem[], version: number): OpenShelf | undefined {
    const latest = [...new Map(items.map((item) => [item.item, item])).values()];
    if (latest.length === 0) return undefined;
    for (const { item } of latest) this.bury(item);
    const shelf = new OpenShelf(buildSegment(latest, version));
    this.shelves.push(shelf);
    return shelf;
  }

  bury(id: string): boolean {
    const at = this.locate(id);
    at?.shelf.bury(at.item);
    return at !== undefined;
  }

  setVectors(embedder: string, vectorsByItem: ReadonlyMap<string, readonly Float32Array[]>): void {
    for (const [id, vectors] of vectorsByItem) {
      const at = this.locate(id);
      at?.shelf.setVectors(embedder, at.item, vectors.map(quantize));
    }
  }

  search(request: IndexRequest): IndexAnswer {
    return searchShelves(this.shelves, request);
  }

  list(filter: Filter, options: { order?: "newest" | "oldest"; offset?: number; limit: number }): Listing {
    return listShelves(this.shelves, filter, options);
  }
}
