import type { ItemId } from "../../item.ts";
import type { IndexedItem } from "../passage-index.ts";
import { hashOf } from "./build.ts";
import { decodeSegment, decodeVectors, SegmentTooNew } from "./codec.ts";
import { flush } from "./flushing.ts";
import type { Holdings } from "./holdings.ts";
import { Desk, loadInOrder } from "./loading.ts";
import { AGAIN, GONE, isDamage, type SegmentEntry, vectorsInOrder } from "./manifest.ts";
import { buryOlder } from "./older-forms.ts";
import { OpenShelf } from "./open-shelf.ts";
import { take } from "./taking.ts";
import { placeVectors } from "./vector-columns.ts";

const REPLAY_BATCH = 256;

/**
 * Opening: the segments that the manifest names, then what is durable in the readings and in no segment. A segment that
 * cannot be opened is named, and what it held is read again.
 */
export async function open(
  holdings: Holdings,
  replay: (afterItem: ItemId | undefined) => AsyncIterable<IndexedItem>,
): Promise<void> {
  const { store, list } = holdings;
  holdings.manifest = await store.read();
  holdings.version = holdings.manifest.nextVersion;
  for (const item of await store.rows(GONE)) holdings.gone.add(item);
  for (const item of await store.rows(AGAIN)) holdings.again.add(item);
  const broken = await openSegments(holdings);
  buryOlder(list.shelves);
  for (const item of holdings.gone) list.bury(item);
  await readAgain(holdings, broken, replay);
  await store.sweep(holdings.manifest);
  if (broken.length > 0) await holdings.inTurn(() => flush(holdings));
}

async function openSegments(holdings: Holdings): Promise<SegmentEntry[]> {
  const { manifest, store, list, isFarAway } = holdings;
  const broken: SegmentEntry[] = [];
  const desk = isFarAway ? undefined : new Desk();
  const open = async (entries: readonly SegmentEntry[], use: (entry: SegmentEntry, bytes: Uint8Array) => void) => {
    for await (const loaded of loadInOrder(store, entries, desk)) {
      try {
        if ("error" in loaded) throw loaded.error;
        use(loaded.entry, loaded.bytes);
      } catch (error) {
        if (error instanceof SegmentTooNew) throw error;
        // A store that is far away may just not have answered. A disk that does not is damaged.
        if (isFarAway && !isDamage(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        holdings.damaged.push({ segment: loaded.entry.id, reason });
        broken.push(loaded.entry);
      }
    }
  };
  const words = manifest.segments.filter(({ kind }) => kind === "words");
  await open(words, (entry, bytes) => {
    list.shelves.push(new OpenShelf(decodeSegment(bytes, desk && store.reading(entry)), entry.id));
  });
  // Vectors find their items by id and version, so the words' segments come first.
  await open(vectorsInOrder(manifest), ({ id }, bytes) => {
    const columns = decodeVectors(bytes);
    list.embedder = columns.embedder;
    holdings.knowFrame(columns);
    placeVectors(columns, list.shelves, holdings.numberOf(id));
  });
  return broken;
}

async function readAgain(
  holdings: Holdings,
  broken: readonly SegmentEntry[],
  replay: (afterItem: ItemId | undefined) => AsyncIterable<IndexedItem>,
): Promise<void> {
  const { gone, again } = holdings;
  const lost = broken.filter((entry) => entry.kind === "words");
  const { mark } = holdings.manifest;
  // What is read again lies anywhere; then all ids are passed, and only what is missing is taken.
  const from = lost.length > 0 || [...again].some((id) => mark !== undefined && id <= mark) ? undefined : mark;
  let batch: IndexedItem[] = [];
  for await (const item of replay(from)) {
    const { item: id } = item;
    if (gone.has(id)) continue;
    const wasLost = lost.some((entry) => id >= entry.firstItem && id <= entry.lastItem);
    if (!wasLost && !again.has(id) && holds(holdings, item)) continue;
    batch.push(item);
    if (batch.length < REPLAY_BATCH) continue;
    await take(holdings, await holdings.make(batch));
    batch = [];
  }
  if (batch.length > 0) await take(holdings, await holdings.make(batch));
}

/** Whether the index has the item as it is now: a crash may lie between its rows and its being put again. */
function holds({ list }: Holdings, item: IndexedItem): boolean {
  const at = list.locate(item.item);
  if (!at) return false;
  const { hashA, hashB } = at.shelf.segment.columns;
  const [a, b] = hashOf(item);
  return hashA[at.item] === a && hashB[at.item] === b;
}
