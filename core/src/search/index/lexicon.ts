import type { Segment } from "./segment.ts";

const encoder = new TextEncoder();

/** Where terms stand in the segments that a query searches; each term is looked up once. */
export class Lexicon {
  readonly segments: readonly Segment[];
  readonly passages: number;
  readonly #idsByTerm = new Map<string, Int32Array>();

  constructor(segments: readonly Segment[]) {
    this.segments = segments;
    this.passages = segments.reduce((sum, segment) => sum + segment.passages, 0);
  }

  /** By segment: the term's position in its table, or -1. */
  idsOf(term: string): Int32Array {
    let ids = this.#idsByTerm.get(term);
    if (!ids) {
      const bytes = encoder.encode(term);
      ids = new Int32Array(this.segments.length);
      for (let which = 0; which < ids.length; which += 1) ids[which] = this.segments[which]?.findTerm(bytes) ?? -1;
      this.#idsByTerm.set(term, ids);
    }
    return ids;
  }

  knows(term: string): boolean {
    return this.idsOf(term).some((id) => id >= 0);
  }

  /** Passages the term stands in; the dead ones too, until a merge drops them. */
  found(term: string): number {
    const ids = this.idsOf(term);
    let found = 0;
    for (const [which, segment] of this.segments.entries()) {
      const id = ids[which] ?? -1;
      if (id >= 0) found += segment.postings.found(id);
    }
    return found;
  }
}
