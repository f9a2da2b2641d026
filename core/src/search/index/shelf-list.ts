import type { Filter, IndexAnswer, IndexedItem, IndexRequest, Listing } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { mergeSegments } from "./merge.ts";
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
  /** The items whose vectors are in a sealed segment. */
  readonly vectorsSealed = new Set<number>();

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
      this.vectorsSealed.clear();
    }
    this.vectorsSealed.delete(item);
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

  get passages(): number {
    return this.shelves.reduce((sum, shelf) => sum + shelf.segment.passages, 0);
  }

  /** One segment of the living items of these shelves. */
  merged(shelves: readonly OpenShelf[]): Segment | undefined {
    const [only] = shelves;
    if (only && shelves.length === 1 && only.living === only.segment.items) return only.segment;
    return shelves.length === 0 ? undefined : mergeSegments(shelves);
  }

  /** Puts `next` in the place of shelves it was merged from. What died since then dies in it; vectors move over. */
  replace(old: readonly OpenShelf[], next: OpenShelf | undefined): void {
    if (next) moveTo(next, old);
    const at = this.shelves.findIndex((shelf) => old.includes(shelf));
    const rest = this.shelves.filter((shelf) => !old.includes(shelf));
    if (next) rest.splice(Math.max(0, at), 0, next);
    this.shelves = rest;
  }

  /** Merges shelves in RAM once there are `fan` of one size, so that a search meets few of them. */
  mergeSmall(fan: number): void {
    for (;;) {
      const group = groupOf(
        this.shelves.filter((shelf) => shelf.sealed === undefined),
        fan,
        8,
        8,
      );
      if (!group) return;
      const merged = this.merged(group);
      this.replace(group, merged && merged.items > 0 ? new OpenShelf(merged) : undefined);
    }
  }

  /** Sealed shelves worth merging: `fan` of one size, or one with many dead. */
  mergeable(fan: number): readonly OpenShelf[] | undefined {
    const sealed = this.shelves.filter((shelf) => shelf.sealed !== undefined);
    const dying = sealed.find((shelf) => shelf.living < shelf.segment.items * LEAST_LIVING);
    return dying
      ? [dying]
      : groupOf(
          sealed.filter((shelf) => shelf.segment.passages < LARGEST),
          fan,
          4,
          2_048,
        );
  }

  /** Takes rebuilt shelves in the place of the sealed ones. What was put or removed meanwhile is newer than they are. */
  adopt(rebuilt: readonly OpenShelf[], old: readonly OpenShelf[], gone: ReadonlySet<string>): void {
    const fresh = this.shelves.filter((shelf) => !old.includes(shelf));
    for (const shelf of rebuilt) {
      for (let item = 0; item < shelf.segment.items; item += 1) {
        const id = shelf.segment.columns.ids.at(item);
        const newer = fresh.some((other) => {
          const at = other.segment.columns.ids.find(id);
          return at >= 0 && other.isAlive(at);
        });
        if (newer || gone.has(id)) shelf.bury(item);
        else moveVectors(shelf, item, id, old, false);
      }
    }
    this.shelves = [...rebuilt, ...fresh];
  }

  withoutVectors(embedder: string, limit: number): string[] {
    const items: string[] = [];
    for (const shelf of this.shelves) {
      const has = shelf.vectors?.embedder === embedder;
      for (let item = 0; item < shelf.segment.items && items.length < limit; item += 1) {
        if (shelf.isAlive(item) && !(has && shelf.vectorsOf(item))) items.push(shelf.segment.columns.ids.at(item));
      }
    }
    return items;
  }

  search(request: IndexRequest): IndexAnswer {
    return searchShelves(this.shelves, request);
  }

  list(filter: Filter, options: { order?: "newest" | "oldest"; offset?: number; limit: number }): Listing {
    return listShelves(this.shelves, filter, options);
  }
}

/** A sealed segment is rewritten when fewer of its items live; one of more passages is merged no further. */
const LEAST_LIVING = 0.7;
const LARGEST = 400_000;

/** `fan` shelves whose sizes are of one order (a power of `base` times `unit` passages). */
function groupOf(shelves: readonly OpenShelf[], fan: number, base: number, unit: number): OpenShelf[] | undefined {
  const byTier = new Map<number, OpenShelf[]>();
  for (const shelf of shelves) {
    const tier = Math.max(0, Math.floor(Math.log(Math.max(1, shelf.segment.passages / unit)) / Math.log(base)));
    const group = byTier.get(tier) ?? [];
    group.push(shelf);
    byTier.set(tier, group);
  }
  return [...byTier.values()].find((group) => group.length >= fan)?.slice(0, fan);
}

function moveTo(next: OpenShelf, old: readonly OpenShelf[]): void {
  const dead = old.some((shelf) => shelf.living < shelf.segment.items);
  const withVectors = old.some((shelf) => shelf.vectors);
  if (!dead && !withVectors) return;
  for (let item = 0; item < next.segment.items; item += 1) {
    const id = next.segment.columns.ids.at(item);
    const lives = old.some((shelf) => {
      const at = shelf.segment.columns.ids.find(id);
      return at >= 0 && shelf.isAlive(at);
    });
    if (!lives) next.bury(item);
    else if (withVectors) moveVectors(next, item, id, old, true);
  }
}

function moveVectors(next: OpenShelf, item: number, id: string, old: readonly OpenShelf[], same: boolean): void {
  for (const shelf of old) {
    const at = shelf.segment.columns.ids.find(id);
    if (at < 0 || !shelf.isAlive(at) || !shelf.vectors) continue;
    const vectors = shelf.vectorsOf(at);
    if (
      vectors?.length &&
      next.setVectors(shelf.vectors.embedder, item, vectors) &&
      same &&
      shelf.vectorsSealed.has(at)
    ) {
      next.vectorsSealed.add(item);
    }
  }
}
