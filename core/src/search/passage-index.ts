import type { ItemId, ItemKind, Person, SourceId, Trust } from "../item.ts";

/**
 * PassageIndex: the port to whatever answers a search. Adapters: the private index (sealed segments, in RAM), and
 * engines past one machine. Each passes `testing/passage-index-contract.ts`.
 *
 * Promises: once `put` resolves, the item is found by words; after a crash every item whose rows are durable is found
 * again once the index is open (replayed from the readings if need be); once `remove` resolves, no answer contains the
 * item; putting an item again replaces it whole.
 */
export interface PassageIndex {
  put(items: readonly IndexedItem[]): Promise<void>;
  remove(items: readonly ItemId[]): Promise<void>;
  /** Vectors that follow later; by the embedder named. One per passage, in order. Ignored for an item not there. */
  setVectors(embedder: string, vectorsByItem: ReadonlyMap<ItemId, readonly Float32Array[]>): Promise<void>;
  search(request: IndexRequest): Promise<IndexAnswer>;
  /** Items that pass the filter, by date (newest first; undated last) or the other way. */
  list(filter: Filter, options: { order?: "newest" | "oldest"; offset?: number; limit: number }): Promise<Listing>;
  /** Makes everything put so far part of sealed segments. */
  flush(): Promise<void>;
  stats(): IndexStats;
  close(): Promise<void>;
}

/** The index as the house keeps it: what its upkeep asks beside what a search does. Private index and engines alike. */
export interface KeptIndex extends PassageIndex {
  /** Puts it in order: flushes, merges what is worth it. Stops between two steps when aborted. */
  tidy(signal?: AbortSignal): Promise<void>;
  /** Rewrites whatever holds these items, living or dead, so that nothing of them is left. For good. */
  rewriteWithout(items: readonly ItemId[]): Promise<{ segmentsRewritten: number }>;
  /** Makes the whole index anew while the old one goes on answering. Vectors whose passages are still there are kept. */
  rebuild(all: AsyncIterable<IndexedItem>, progress?: (items: number) => void): Promise<void>;
  /** Items, at most `limit`, some of whose passages have no vector by this embedder. */
  withoutVectors(embedder: string, limit: number): Promise<readonly ItemId[]>;
}

export interface IndexedItem {
  readonly item: ItemId;
  readonly kind: ItemKind;
  readonly source: SourceId;
  /** Milliseconds since the epoch. */
  readonly date?: number;
  readonly trust: Trust;
  readonly title: string;
  readonly people: readonly Person[];
  readonly filename?: string;
  readonly thread?: string;
  /** What `has:` asks for: `attachment`, and the kind of attachment (`pdf`, `image`, `calendar`, `spreadsheet`). */
  readonly has: readonly string[];
  readonly language?: string;
  readonly passages: readonly IndexedPassage[];
}

export interface IndexedPassage {
  readonly text: string;
  readonly context: string;
  readonly quoted?: boolean;
}

/** A parsed query, in conjunctive form: every clause must hold; a clause holds when any of its terms does. */
export interface IndexRequest {
  readonly clauses: readonly Clause[];
  readonly filter: Filter;
  /**
   * `weight`: of vectors beside words, 0 to 1, as fitted for the embedder. `floor`: how near things must be where
   * nothing has any of the words, in standard deviations above what is usual (as fitted; an engine may leave it). `exact`:
   * every stored vector is measured and every item that has one is given, whatever an index has to spare itself that; the
   * score is the cosine of its nearest passage, from -1 to 1, and what has no vector comes last.
   */
  readonly vector?: {
    readonly embedder: string;
    readonly values: Float32Array;
    readonly weight?: number;
    readonly floor?: number;
    readonly exact?: boolean;
  };
  readonly limit: number;
  readonly offset?: number;
  /** For the recency prior; milliseconds since the epoch. */
  readonly now: number;
  /** With facets, counts over everything that matched. */
  readonly facets?: boolean;
  readonly explain?: boolean;
  readonly order?: "best" | "newest" | "oldest";
}

/**
 * `must`: phrases and exclusions are strict. Plain words are *wanted*: they rank, and a passage needs at least one of
 * them (more matching words rank far higher).
 */
export type Clause =
  | { readonly type: "word"; readonly text: string; readonly alternatives?: readonly string[] }
  | { readonly type: "phrase"; readonly text: string; readonly alternatives?: readonly string[] }
  | { readonly type: "not"; readonly text: string; readonly phrase: boolean };

/** Mail-style filters; all must hold. Texts match by containing the word(s), accents and case folded; people by the
 * beginning of a name or of a part of an address. */
export interface Filter {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly people?: readonly string[];
  readonly subject?: readonly string[];
  readonly filename?: readonly string[];
  readonly kinds?: readonly ItemKind[];
  readonly sources?: readonly SourceId[];
  readonly has?: readonly string[];
  /** Milliseconds since the epoch: `after <= date < before`. */
  readonly after?: number;
  readonly before?: number;
  readonly thread?: string;
  readonly items?: readonly ItemId[];
  /** Any of the above, negated: an item that passes one of these is left out. */
  readonly not?: readonly Filter[];
}

export interface IndexAnswer {
  readonly hits: readonly IndexHit[];
  /** Items that matched in all. */
  readonly total: number;
  readonly facets?: Facets;
  /** Words that stood nowhere and what was searched instead (prefix or one edit away). */
  readonly corrected?: readonly { readonly from: string; readonly to: readonly string[] }[];
}

export interface IndexHit {
  readonly item: ItemId;
  /** Position of the best passage within the item's passages. */
  readonly passage: number;
  /** Other passages of the item that matched, best first. */
  readonly others: readonly number[];
  readonly score: number;
  readonly parts: ScoreParts;
  /** The analysed terms that matched in this passage, for highlighting. */
  readonly terms: readonly string[];
  /** When asked to explain: what each word or phrase added, the most first. */
  readonly why?: readonly TermReason[];
}

/** Why a passage was found, of one word or phrase of the query. */
export interface TermReason {
  /** The terms of it that stand in the passage. */
  readonly terms: readonly string[];
  /** What it added to `parts.words`, before the share of the words that the passage has was applied. */
  readonly score: number;
  /** How rare it is: the natural logarithm of BM25. */
  readonly idf: number;
  /** By field (`body context subject people filename`): how often it stands there, and its part of `score`. */
  readonly fields: Readonly<Record<string, { readonly times: number; readonly score: number }>>;
}

export interface ScoreParts {
  readonly words: number;
  /** Cosine, 0 where it is less; asked for `exact`, as it is. */
  readonly vectors: number;
  readonly recency: number;
}

export interface Facets {
  readonly kind: Readonly<Record<string, number>>;
  readonly year: Readonly<Record<string, number>>;
  readonly source: Readonly<Record<string, number>>;
  /** Name or address → items, the most frequent first. */
  readonly people: readonly { readonly person: string; readonly count: number }[];
}

export interface Listing {
  readonly items: readonly ItemId[];
  readonly total: number;
}

export interface IndexStats {
  readonly items: number;
  readonly passages: number;
  readonly livePassages: number;
  readonly segments: number;
  /** Passages that have a vector by the embedder in force. */
  readonly embedded: number;
  readonly bytes: number;
}
