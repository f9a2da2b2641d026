import type { Filter, IndexAnswer, IndexedItem, IndexRequest, Listing } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { type Merged, mergeAtOnce, mergeInSteps } from "./merge.ts";
import { listShelves, type Shelf, searchShelves } from "./search.ts";
import type { Segment } from "./segment.ts";
import { PassageVectors, type QuantizedVector, quantize, type SealedRows, VectorUnusable } from "./vectors.ts";

/** A segment in use: which of its items live, and their vectors. */
export class OpenShelf implements Shelf {
  readonly segment: Segment;
  /** The sealed segment's id; undefined while it is in RAM alone. */
  readonly sealed: string | undefined;
  alive: Uint8Array | undefined;
  living: number;
  vectors: PassageVectors | undefined;
  /** The items whose vectors are in a sealed segment. */
  readonly vectorsSealed: ItemMarks;

  constructor(segment: Segment, sealed?: string) {
    this.segment = segment;
    this.sealed = sealed;
    this.living = segment.items;
    this.vectorsSealed = new ItemMarks(segment.items);
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
    const own = this.#vectorsBy(embedder, dimensions);
    this.vectorsSealed.delete(item);
    for (const [n, vector] of vectors.entries()) own.set(first + n, vector);
    return true;
  }

  /** Takes the rows of a sealed segment, one per passage, for the items from `item` to before `end`. */
  setSealedRows(sealed: SealedRows & VectorKind, item: number, end: number, firstRow: number): void {
    const { firstPassage } = this.segment.columns;
    const first = firstPassage[item] ?? 0;
    const own = this.#vectorsBy(sealed.embedder, sealed.dimensions);
    own.setRows(first, sealed, firstRow, (firstPassage[end] ?? 0) - first);
    this.vectorsSealed.addAll(item, end);
  }

  #vectorsBy(embedder: string, dimensions: number): PassageVectors {
    if (this.vectors?.embedder === embedder && this.vectors.dimensions === dimensions) return this.vectors;
    this.vectors = new PassageVectors(embedder, dimensions, this.segment.passages);
    this.vectorsSealed.clear();
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

/** A set of items of a segment, a byte each. */
class ItemMarks {
  readonly #marks: Uint8Array;

  constructor(items: number) {
    this.#marks = new Uint8Array(items);
  }

  has(item: number): boolean {
    return this.#marks[item] === 1;
  }

  add(item: number): void {
    this.#marks[item] = 1;
  }

  addAll(first: number, end: number): void {
    this.#marks.fill(1, first, end);
  }

  delete(item: number): void {
    this.#marks[item] = 0;
  }

  clear(): void {
    this.#marks.fill(0);
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
    const quantized = [...vectorsByItem].map(([id, vectors]) => ({ id, vectors: vectors.map(quantize) }));
    for (const { vectors } of quantized) for (const { values } of vectors) this.#assertSize(embedder, values.length);
    for (const { id, vectors } of quantized) {
      const at = this.locate(id);
      at?.shelf.setVectors(embedder, at.item, vectors);
    }
  }

  /** One vector of another size would take the place of all that are there. */
  #assertSize(embedder: string, dimensions: number): void {
    for (const { vectors } of this.shelves) {
      if (!vectors || vectors.count === 0 || vectors.embedder !== embedder || vectors.dimensions === dimensions)
        continue;
      throw new VectorUnusable(
        `"${embedder}" gave a vector of ${dimensions} numbers where it gave ${vectors.dimensions} before`,
      );
    }
  }

  get passages(): number {
    return this.shelves.reduce((sum, shelf) => sum + shelf.segment.passages, 0);
  }

  /**
   * One segment of the living items of these shelves, merged in slices of some milliseconds, between which everything
   * else goes on.
   */
  async merged(shelves: readonly OpenShelf[]): Promise<Merged | undefined> {
    if (shelves.length === 0) return undefined;
    const whole = wholeOf(shelves);
    if (whole) return whole;
    const steps = mergeInSteps(shelves);
    for (let since = performance.now(); ; ) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() - since < SLICE_MS) continue;
      await new Promise<void>((resolve) => setImmediate(resolve));
      since = performance.now();
    }
  }

  /** Puts `next` in the place of shelves it was merged from. What died since then dies in it; vectors move over. */
  replace(old: readonly OpenShelf[], next: OpenShelf | undefined, merged?: Merged): void {
    if (next && merged) moveTo(next, old, merged);
    const at = this.shelves.findIndex((shelf) => old.includes(shelf));
    const rest = this.shelves.filter((shelf) => !old.includes(shelf));
    if (next) rest.splice(Math.max(0, at), 0, next);
    this.shelves = rest;
  }

  /** Merges shelves in RAM once there are `fan` of one size, so that a search meets few of them; not those `sealing`. */
  mergeSmall(fan: number, sealing: readonly OpenShelf[] = []): void {
    for (;;) {
      const group = groupOf(
        this.shelves.filter((shelf) => shelf.sealed === undefined && !sealing.includes(shelf)),
        fan,
        8,
        8,
      );
      if (!group) return;
      const merged = mergeAtOnce(group);
      this.replace(group, merged.segment.items > 0 ? new OpenShelf(merged.segment) : undefined, merged);
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
        else moveVectors(shelf, item, id, old);
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

function moveTo(next: OpenShelf, old: readonly OpenShelf[], { inputOf, itemOf }: Merged): void {
  for (let item = 0; item < next.segment.items; item += 1) {
    const from = old[inputOf[item] ?? 0];
    const at = itemOf[item] ?? 0;
    if (!from?.isAlive(at)) next.bury(item);
    else if (from.vectors) moveVectorsOf(next, item, from, at, true);
  }
}

/** A merge lets everything else go on at least this often. */
const SLICE_MS = 8;

/** The segment itself, where there is only one and all of it lives. */
function wholeOf(shelves: readonly OpenShelf[]): Merged | undefined {
  const [only] = shelves;
  if (!only || shelves.length > 1 || only.living < only.segment.items) return undefined;
  const { segment } = only;
  return {
    segment,
    inputOf: new Uint16Array(segment.items),
    itemOf: Uint32Array.from({ length: segment.items }, (_, item) => item),
  };
}

function moveVectors(next: OpenShelf, item: number, id: string, old: readonly OpenShelf[]): void {
  for (const shelf of old) {
    const at = shelf.segment.columns.ids.find(id);
    if (at >= 0 && shelf.isAlive(at)) moveVectorsOf(next, item, shelf, at, false);
  }
}

/** `same`: the item is what it was, so vectors that are sealed need not be sealed again. */
function moveVectorsOf(next: OpenShelf, item: number, from: OpenShelf, at: number, same: boolean): void {
  const vectors = from.vectorsOf(at);
  if (!from.vectors || !vectors?.length) return;
  if (next.setVectors(from.vectors.embedder, item, vectors) && same && from.vectorsSealed.has(at)) {
    next.vectorsSealed.add(item);
  }
}
