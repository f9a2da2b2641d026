import type { Blobs } from "../../blobs.ts";
import type { Clock } from "../../clock.ts";
import type { ItemId } from "../../item.ts";
import type { Change } from "../../records.ts";
import type { SealedRecords } from "../../vault/sealed-records.ts";
import type { SketchFrame } from "../kernel/frame.ts";
import type { IndexedItem } from "../passage-index.ts";
import { type BuildSegment, buildSegment } from "./build.ts";
import { segmentPieces, type VectorColumns, vectorPieces } from "./codec.ts";
import type { LeaseTerms, WriterLease } from "./lease.ts";
import { type Manifest, ManifestStore, type SegmentEntry, type Stored } from "./manifest.ts";
import type { OpenShelf } from "./open-shelf.ts";
import type { Segment } from "./segment.ts";
import { ShelfList } from "./shelf-list.ts";

/**
 * What the index holds, in RAM and sealed, and the one way to change what is sealed: a swap of the manifest, in turn.
 * Opening, flushing, merging, rewriting and rebuilding are functions of it, a file each.
 */
export class Holdings {
  readonly clock: Clock;
  /** Other processes may write it too, so the store is one they all reach. What is near may be left there until it is asked for. */
  readonly isFarAway: boolean;
  readonly lease: WriterLease;
  readonly store: ManifestStore;
  readonly list = new ShelfList();
  /** Items that have a `gone` row; and those whose removal is under way, or failed: their rows may be there. */
  readonly gone = new Set<ItemId>();
  readonly goneMaybe = new Set<ItemId>();
  /** Items that have an `again` row. */
  readonly again = new Set<ItemId>();
  readonly damaged: { segment: string; reason: string }[] = [];
  manifest: Manifest = { format: 1, nextVersion: 1, segments: [] };
  /** What the next put's items get. */
  version = 1;
  /** The shelves that a flush is sealing: an item of theirs that is put again waits until they are sealed. */
  flushing: readonly OpenShelf[] = [];
  /** By embedder: the frame that its sketches are sealed in. */
  readonly frames = new Map<string, SketchFrame>();
  readonly #numbers = new Map<string, number>();
  readonly #build: BuildSegment;
  #made: Promise<unknown> = Promise.resolve();
  #busy: Promise<unknown> = Promise.resolve();
  #busyWithRows: Promise<unknown> = Promise.resolve();

  constructor(
    deps: { sealed: SealedRecords; blobs: Blobs; clock: Clock; shared?: LeaseTerms; build?: BuildSegment },
    lease: WriterLease,
  ) {
    this.clock = deps.clock;
    this.isFarAway = deps.shared !== undefined;
    this.#build = deps.build ?? (async (items) => buildSegment(items, 0));
    this.lease = lease;
    this.store = new ManifestStore(deps.sealed, deps.blobs, lease);
  }

  /** Makes a segment of items, in the order asked, so that of two forms of one item the later is taken in later. */
  make(items: readonly IndexedItem[]): Promise<Segment> {
    const mine = this.#made.then(() => this.#build(items));
    this.#made = mine.catch(() => undefined);
    return mine;
  }

  /** Once everything is made that was asked for so far, and taken in. Never rejects. */
  get made(): Promise<unknown> {
    return this.#made;
  }

  /** One change of the manifest or its rows after the other. A failed one leaves no blob and does not stop the next. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#busy.then(work);
    this.#busy = mine.catch(() => this.store.discard());
    return mine;
  }

  /** One change of `gone` and its rows after the other; it does not wait for a merge. */
  inRowTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#busyWithRows.then(work);
    this.#busyWithRows = mine.catch(() => undefined);
    return mine;
  }

  storeWords(segment: Segment): Promise<Stored> {
    return this.#store({ kind: "words" }, segmentPieces(segment), segment.columns.ids);
  }

  storeVectors(columns: VectorColumns): Promise<Stored> {
    return this.#store({ kind: "vectors", embedder: columns.embedder }, vectorPieces(columns), columns.ids);
  }

  #store(what: Pick<SegmentEntry, "kind" | "embedder">, pieces: readonly Uint8Array[], ids: VectorColumns["ids"]) {
    const about = { ...what, items: ids.length, firstItem: ids.at(0), lastItem: ids.at(ids.length - 1) };
    return this.store.store(pieces, about, this.clock.now());
  }

  /** `then` runs at the moment the new manifest is in force. */
  async swap(
    what: {
      readonly stored?: readonly Stored[];
      readonly dropped?: readonly SegmentEntry[];
      readonly rows?: readonly Change[];
      readonly base?: Manifest;
    },
    then: () => void = () => {},
  ): Promise<void> {
    const { stored = [], dropped = [], rows = [], base = this.manifest } = what;
    const out = new Set(dropped.map(({ id }) => id));
    const { embedder } = this.list;
    const next: Manifest = {
      ...base,
      ...(embedder === undefined ? {} : { embedder }),
      segments: [...this.manifest.segments.filter(({ id }) => !out.has(id)), ...stored.map(({ entry }) => entry)],
    };
    await this.store.swap(next, stored, dropped, rows, () => {
      this.manifest = next;
      then();
    });
  }

  /** While `work` runs, shelves note whose vectors are set. */
  async watchingVectors<T>(work: () => Promise<T>): Promise<T> {
    const shelves = [...this.list.shelves];
    for (const shelf of shelves) shelf.touched = new Set();
    try {
      return await work();
    } finally {
      for (const shelf of shelves) shelf.touched = undefined;
    }
  }

  /** The number by which shelves remember a vectors' segment. */
  numberOf(segment: string): number {
    const number = this.#numbers.get(segment) ?? this.#numbers.size + 1;
    this.#numbers.set(segment, number);
    return number;
  }

  get shelvesInRam(): OpenShelf[] {
    return this.list.shelves.filter((shelf) => shelf.sealed === undefined);
  }

  /** Passages that are in RAM alone. */
  get livePassages(): number {
    return this.shelvesInRam.reduce((sum, { segment }) => sum + segment.passages, 0);
  }

  /** Remembers the frame an embedder's sketches were sealed in, so that others are sealed in the same: of the largest mean. */
  knowFrame({ embedder, frame }: VectorColumns): void {
    if (frame && frame.of > (this.frames.get(embedder)?.of ?? 0)) this.frames.set(embedder, frame);
  }
}
