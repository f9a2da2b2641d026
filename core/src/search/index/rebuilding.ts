import type { IndexedItem } from "../passage-index.ts";
import { flush } from "./flushing.ts";
import type { Holdings } from "./holdings.ts";
import { atOnce, inSlices } from "./in-slices.ts";
import type { Stored } from "./manifest.ts";
import { mergeSealed } from "./merging.ts";
import { pairsOf } from "./older-forms.ts";
import { OpenShelf } from "./open-shelf.ts";
import type { Segment } from "./segment.ts";
import { ShelfList } from "./shelf-list.ts";
import { copyVectors } from "./vector-columns.ts";

const BATCH = 256;
/** Passages of a segment that is made anew. */
const SEAL_AT = 8_192;

/**
 * Rebuilding: all words anew from the readings, while the old segments go on answering; then one swap. An item that says
 * what it said keeps the number of its put, so the sealed vectors go on being its own. In turn.
 */
export async function rebuild(
  holdings: Holdings,
  all: AsyncIterable<IndexedItem>,
  progress?: (items: number) => void,
): Promise<void> {
  await flush(holdings);
  const { list } = holdings;
  const old = list.shelves.filter((shelf) => shelf.sealed !== undefined);
  // Of what is put from here on the number is greater.
  const version = holdings.version++;
  const stored: Stored[] = [];
  const rebuilt: OpenShelf[] = [];
  for await (const segment of segmentsOf(holdings, all, version, progress)) {
    keepVersions(segment, old);
    const kept = await holdings.storeWords(segment);
    stored.push(kept);
    rebuilt.push(new OpenShelf(segment, kept.entry.id));
  }
  await holdings.watchingVectors(async () => {
    for (const shelf of rebuilt) for (const from of old) await inSlices(takeFrom(from, shelf));
    const words = holdings.manifest.segments.filter(({ kind }) => kind === "words");
    const base = { ...holdings.manifest, nextVersion: version + 1 };
    await holdings.swap({ stored, dropped: words, base }, () => adopt(holdings, rebuilt, old));
  });
  await mergeSealed(holdings);
}

async function* segmentsOf(
  holdings: Holdings,
  all: AsyncIterable<IndexedItem>,
  version: number,
  progress: (items: number) => void = () => {},
): AsyncIterable<Segment> {
  const desk = new ShelfList();
  let count = 0;
  let batch: IndexedItem[] = [];
  const place = async () => {
    if (batch.length > 0) desk.place(await holdings.make(batch), version);
    desk.mergeSmall();
    batch = [];
  };
  for await (const item of all) {
    batch.push(item);
    count += 1;
    if (batch.length < BATCH) continue;
    await place();
    await holdings.lease.keep();
    if (desk.passages >= SEAL_AT) yield* sealed(desk);
    progress(count);
  }
  await place();
  yield* sealed(desk);
  progress(count);
}

async function* sealed(desk: ShelfList): AsyncIterable<Segment> {
  const merged = await desk.merged(desk.shelves);
  desk.shelves = [];
  if (merged && merged.segment.items > 0) yield merged.segment;
}

/** Gives the items that are as they were the numbers they had. The segment is not sealed yet, and nobody else's. */
function keepVersions({ columns }: Segment, old: readonly OpenShelf[]): void {
  for (const shelf of old) {
    const was = shelf.segment.columns;
    const pairs = pairsOf(was.ids, columns.ids);
    for (let i = 0; i < pairs.length; i += 2) {
      const [item = 0, at = 0] = pairs.subarray(i, i + 2);
      const isSame = was.hashA[item] === columns.hashA[at] && was.hashB[item] === columns.hashB[at];
      if (isSame && shelf.isAlive(item)) columns.version[at] = was.version[item] ?? 0;
    }
  }
}

function takeFrom(from: OpenShelf, shelf: OpenShelf): Generator<void, void> {
  const { ids, version } = shelf.segment.columns;
  const isSame = (item: number, at: number) => from.segment.columns.version[item] === version[at];
  return copyVectors(from, shelf, pairsOf(from.segment.columns.ids, ids), isSame);
}

/** Takes rebuilt shelves in the place of the sealed ones. What was put, removed or given vectors meanwhile is newer. */
function adopt({ list, gone }: Holdings, rebuilt: readonly OpenShelf[], old: readonly OpenShelf[]): void {
  const fresh = list.shelves.filter((shelf) => !old.includes(shelf));
  for (const shelf of rebuilt) {
    const { ids, version } = shelf.segment.columns;
    for (const other of fresh) {
      const pairs = pairsOf(other.segment.columns.ids, ids);
      for (let i = 0; i < pairs.length; i += 2) if (other.isAlive(pairs[i] ?? 0)) shelf.bury(pairs[i + 1] ?? 0);
    }
    for (const id of gone) {
      const at = ids.find(id);
      if (at >= 0) shelf.bury(at);
    }
    for (const from of old) {
      for (const item of from.touched ?? []) {
        const at = ids.find(from.segment.columns.ids.at(item));
        if (at < 0 || version[at] !== from.segment.columns.version[item]) continue;
        atOnce(copyVectors(from, shelf, Uint32Array.of(item, at)));
      }
    }
  }
  list.shelves = [...rebuilt, ...fresh];
}
