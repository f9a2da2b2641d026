import type { Filter, IndexAnswer, IndexRequest, Listing } from "../passage-index.ts";
import { atOnce, inSlices } from "./in-slices.ts";
import { type Merged, mergeAtOnce, mergeInSteps } from "./merge.ts";
import { OpenShelf } from "./open-shelf.ts";
import { quantize, VectorUnusable } from "./quantize.ts";
import { listShelves, searchShelves } from "./search.ts";
import type { Segment } from "./segment.ts";
import { takeTouched, takeVectors } from "./vector-columns.ts";

const encoder = new TextEncoder();

/** The segments that are searched together. Every item lives in at most one of them. */
export class ShelfList {
  shelves: OpenShelf[] = [];
  /** Whose vectors were given last: those that are kept where several embedders' meet. */
  embedder: string | undefined;
  /** Those who ask for an answer now. */
  #waiting = 0;

  /** Where an item lives. The newest segments are asked first: what changes is mostly new. */
  locate(id: string): { shelf: OpenShelf; item: number } | undefined {
    const wanted = encoder.encode(id);
    for (let i = this.shelves.length - 1; i >= 0; i -= 1) {
      const shelf = this.shelves[i];
      const item = shelf?.segment.columns.ids.findBytes(wanted) ?? -1;
      if (shelf && item >= 0 && shelf.isAlive(item)) return { shelf, item };
    }
    return undefined;
  }

  /** Takes a segment that is nobody else's yet: its items get their version now, and their older forms are buried. */
  place(segment: Segment, version: number): OpenShelf {
    const { ids, version: versions } = segment.columns;
    for (let item = 0; item < ids.length; item += 1) this.bury(ids.at(item));
    versions.fill(version);
    const shelf = new OpenShelf(segment);
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
    this.embedder = embedder;
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
    const inputs = await Promise.all(
      shelves.map(async (shelf) => ({
        segment: await shelf.segment.whole(),
        isAlive: (item: number) => shelf.isAlive(item),
      })),
    );
    return wholeOf(shelves, inputs[0]?.segment) ?? inSlices(mergeInSteps(inputs));
  }

  /**
   * Puts `next` in the place of shelves it was merged from. What died since then dies in it; their vectors move over,
   * or, if `tookVectors`, those that were set since.
   */
  replace(old: readonly OpenShelf[], next?: OpenShelf, merged?: Merged, tookVectors = false): void {
    if (next && merged) {
      buryWhatDied(next, old, merged);
      if (tookVectors) takeTouched(next, old, merged);
      else atOnce(takeVectors(next, old, merged, this.embedder));
    }
    const at = this.shelves.findIndex((shelf) => old.includes(shelf));
    const rest = this.shelves.filter((shelf) => !old.includes(shelf));
    if (next) rest.splice(Math.max(0, at), 0, next);
    this.shelves = rest;
  }

  /**
   * Merges small shelves in RAM once there are some of one size, so that a search meets few of them; not those
   * `sealing`. What became large waits for the flush, which merges in slices: nothing here takes long.
   */
  mergeSmall(sealing: readonly OpenShelf[] = []): void {
    for (;;) {
      const small = this.shelves.filter(
        (shelf) => shelf.sealed === undefined && shelf.segment.passages < SMALL && !sealing.includes(shelf),
      );
      const group = groupOf(small, SMALL_FAN, SMALL_FAN, 8);
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

  withoutVectors(embedder: string, limit: number): string[] {
    const items: string[] = [];
    for (const shelf of this.shelves) {
      const { segment, vectors } = shelf;
      const has = vectors?.embedder === embedder;
      if (has && vectors.count === segment.passages) continue;
      const { firstPassage, ids } = segment.columns;
      for (let item = 0; item < segment.items && items.length < limit; item += 1) {
        if (firstPassage[item] === firstPassage[item + 1] || !shelf.isAlive(item)) continue;
        if (!has || !shelf.hasVectors(item)) items.push(ids.at(item));
      }
    }
    return items;
  }

  /**
   * What `ask` answers from the shelves. Where it lacked positions that are sealed, they are fetched and it is asked
   * again: each time it is answered from one moment.
   */
  async answer<T>(ask: () => T): Promise<T> {
    this.#waiting += 1;
    try {
      for (;;) {
        const answer = ask();
        if (!this.shelves.some(isWanting)) return answer;
        const wanting = this.shelves.filter(isWanting);
        await Promise.all(wanting.map((shelf) => this.#fetch(shelf)));
      }
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) for (const { segment } of this.shelves) segment.sealedPositions?.shed();
    }
  }

  async #fetch(shelf: OpenShelf): Promise<void> {
    try {
      await shelf.segment.sealedPositions?.fetch();
    } catch (error) {
      // A segment that was merged away meanwhile is not asked again.
      if (this.shelves.includes(shelf)) throw error;
    }
  }

  search(request: IndexRequest): IndexAnswer {
    return searchShelves(this.shelves, request);
  }

  list(filter: Filter, options: { order?: "newest" | "oldest"; offset?: number; limit: number }): Listing {
    return listShelves(this.shelves, filter, options);
  }
}

function isWanting({ segment }: OpenShelf): boolean {
  return segment.sealedPositions?.isWanting === true;
}

/**
 * Shelves in RAM of fewer passages are merged at once, so many at a time: some 600 passages, 6 ms, at most. A batch of
 * mails that is taken in makes a shelf of more.
 */
const SMALL = 128;
const SMALL_FAN = 5;
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

function buryWhatDied(next: OpenShelf, old: readonly OpenShelf[], { inputOf, itemOf }: Merged): void {
  for (let item = 0; item < next.segment.items; item += 1) {
    if (!old[inputOf[item] ?? 0]?.isAlive(itemOf[item] ?? 0)) next.bury(item);
  }
}

/** The segment itself, where there is only one and all of it lives. */
function wholeOf(shelves: readonly OpenShelf[], segment: Segment | undefined): Merged | undefined {
  const [only] = shelves;
  if (!segment || !only || shelves.length > 1 || only.living < segment.items) return undefined;
  return {
    segment,
    inputOf: new Uint16Array(segment.items),
    itemOf: Uint32Array.from({ length: segment.items }, (_, item) => item),
  };
}
