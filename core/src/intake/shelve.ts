import { breath } from "../breath.ts";
import { newId } from "../ids.ts";
import type { Item } from "../item.ts";
import type { Library, StoredItem } from "../library.ts";
import { type Change, MAX_CHANGES, MAX_WRITE_BYTES } from "../records.ts";
import { toIndexed } from "../search/indexed.ts";
import { type Leaf, seenAlready, type Tree } from "./grow.ts";
import type { IngestDeps } from "./ingest.ts";

/**
 * Shelve: gathers trees into writes of the size the records port takes, and indexes what was written. A tree is there
 * whole or not at all: one too large for a single write is announced by a `pending` row that its last write removes,
 * and `sweepPending` takes back what a crash left of it.
 *
 * The writes of a batch do not wait for each other (a store may bring several to the disk together), but for the last
 * one: it carries the cursor, which says that all before it is there.
 */
type ShelveDeps = Pick<IngestDeps, "clock" | "sealed" | "library" | "index">;

export interface Shelf {
  /** The number of items added; 0 when the tree is known already (the same mail twice in a batch). */
  tree(tree: Tree): Promise<number>;
  changes(changes: readonly Change[]): Promise<void>;
  /** Writes what is left, with these changes in the last write, and indexes it. */
  finish(alongside: readonly Change[]): Promise<void>;
}

/** What goes into one write, and the items that are there once it is written. */
interface Parcel {
  readonly changes: Change[];
  readonly leaves: Leaf[];
  bytes: number;
}

/** Full parcels that are held back to be written together: about 140 mails, or 8 MB. */
const PARCELS = 9;
const PARCELS_BYTES = 8_000_000;

/** Trees whose large parts are brought to the disk side by side. */
const BEGUN = 8;

function emptyParcel(): Parcel {
  return { changes: [], leaves: [], bytes: 0 };
}

export function openShelf(deps: ShelveDeps): Shelf {
  const full: Parcel[] = [];
  let filling = emptyParcel();
  const marks = new Set<string>();
  const begun: { readonly tree: Tree; readonly made: Promise<Change[][]> }[] = [];

  /** These changes stand in one write. */
  async function push(more: readonly Change[], leaves: readonly Leaf[] = []): Promise<void> {
    const bytes = sizeOf(more);
    if (filling.changes.length + more.length > MAX_CHANGES || filling.bytes + bytes > MAX_WRITE_BYTES) {
      full.push(filling);
      filling = emptyParcel();
      if (full.length >= PARCELS || full.reduce((sum, one) => sum + one.bytes, 0) > PARCELS_BYTES) {
        await write(full.splice(0));
      }
    }
    filling.changes.push(...more);
    filling.leaves.push(...leaves);
    filling.bytes += bytes;
  }

  /** Everything gathered; what is being filled goes last. */
  async function flush(): Promise<void> {
    const last = filling;
    filling = emptyParcel();
    await write(full.splice(0), last);
  }

  async function write(together: readonly Parcel[], last?: Parcel): Promise<void> {
    const written: Parcel[] = [];
    const one = async (parcel: Parcel) => {
      await deps.sealed.write(parcel.changes);
      written.push(parcel);
    };
    try {
      const outcomes = await Promise.allSettled(together.map(one));
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      if (last && last.changes.length > 0) await one(last);
    } finally {
      // What is there is found, whatever became of the others: a restart would find it too.
      for (const portion of portionsOf(written.flatMap(({ leaves }) => leaves))) {
        await breath();
        await deps.index.put(portion.map(({ item, reading }) => toIndexed(item, reading)));
      }
    }
  }

  /** Places the trees that were begun first, until no more than `left` are. */
  async function place(left: number): Promise<void> {
    while (begun.length > left) {
      const next = begun.shift();
      if (!next) return;
      const { tree, made } = next;
      const byLeaf = await made;
      const all = byLeaf.flat();
      if (all.length <= MAX_CHANGES && sizeOf(all) <= MAX_WRITE_BYTES) await push(all, tree.drafts);
      else await placeLarge(tree, byLeaf);
    }
  }

  async function placeLarge(tree: Tree, byLeaf: readonly Change[][]): Promise<void> {
    await flush();
    await announce(deps, tree);
    const [root = [], ...others] = byLeaf;
    for (const one of others) await push(one);
    // The root makes the entry seen, so it comes in the last write, with the word that nothing is pending.
    await push([...root, { delete: pendingKey(tree) }], tree.drafts);
    await flush();
  }

  async function changesOf(tree: Tree): Promise<Change[][]> {
    const byLeaf: Change[][] = [];
    for (const leaf of tree.drafts) {
      byLeaf.push(await deps.library.changesFor(storedOf(leaf), leaf.reading, leaf.original));
    }
    return byLeaf;
  }

  return {
    async tree(grown) {
      const seen = grown.drafts.flatMap((leaf) => leaf.seen);
      if (seen.some((mark) => marks.has(mark)) || (await seenAlready(deps, seen)).some(Boolean)) return 0;
      for (const mark of seen) marks.add(mark);
      const tree = inOrder(deps, grown);
      const made = changesOf(tree);
      // It is awaited when its turn comes; until then its failure is not unhandled.
      made.catch(() => {});
      begun.push({ tree, made });
      await place(BEGUN);
      return tree.drafts.length;
    },
    changes: push,
    async finish(alongside) {
      await place(0);
      await push(alongside);
      await flush();
    },
  };
}

/** Takes back the trees that a crash left half written. Called before the house opens. Returns how many items. */
export async function sweepPending(deps: Pick<IngestDeps, "sealed"> & { library: Library }): Promise<number> {
  let swept = 0;
  const pending = deps.sealed.query<{ items: string[] }>("pending", {}, () => "house:pending");
  for await (const { sort, value } of pending) {
    for (const id of value.items) {
      const { changes } = deps.library.removalOf({ id, seen: [] });
      await deps.sealed.write(changes);
      swept++;
    }
    await deps.sealed.write([{ delete: { partition: "pending", sort } }]);
  }
  return swept;
}

async function announce(deps: ShelveDeps, tree: Tree): Promise<void> {
  const key = await deps.sealed.vault.standing("private", "house:pending");
  const items = tree.drafts.map((leaf) => leaf.item.id);
  await deps.sealed.write([deps.sealed.put(key, { ...pendingKey(tree), scope: "house:pending" }, { items })]);
}

function pendingKey(tree: Tree): { partition: string; sort: string } {
  return { partition: "pending", sort: tree.drafts[0]?.item.id ?? "" };
}

/** The newest id that was put on a shelf. */
let newest = "";

/**
 * The index goes by the order of ids when it reads again what a crash cut off, so they must rise in the order in which
 * items are put. Batches are prepared side by side: a tree that has waited behind others gets new ids.
 */
function inOrder(deps: Pick<ShelveDeps, "clock">, tree: Tree): Tree {
  const ids = tree.drafts.map(({ item }) => item.id);
  const isNewer = ids.every((id) => id > newest);
  const renewed = isNewer ? undefined : new Map(ids.map((id) => [id, newId(deps.clock.now())]));
  for (const id of renewed?.values() ?? ids) if (id > newest) newest = id;
  return renewed ? { drafts: tree.drafts.map((leaf) => ({ ...leaf, item: renamed(leaf.item, renewed) })) } : tree;
}

function renamed(item: Item, ids: ReadonlyMap<string, string>): Item {
  const of = (id: string) => ids.get(id) ?? id;
  return {
    ...item,
    id: of(item.id),
    ...(item.parent === undefined ? {} : { parent: of(item.parent) }),
    ...(item.attachments === undefined
      ? {}
      : {
          attachments: item.attachments.map((ref) => (ref.item === undefined ? ref : { ...ref, item: of(ref.item) })),
        }),
  };
}

/** Passages that the index takes at a time, unless one item has more: some ten milliseconds of work. */
const PORTION = 256;

function portionsOf(leaves: readonly Leaf[]): Leaf[][] {
  const portions: Leaf[][] = [];
  let passages = PORTION;
  for (const leaf of leaves) {
    passages += leaf.reading.passages.length;
    if (passages > PORTION) {
      portions.push([]);
      passages = leaf.reading.passages.length;
    }
    portions.at(-1)?.push(leaf);
  }
  return portions;
}

function storedOf(leaf: { item: Item; seen: readonly string[] }): StoredItem {
  return { ...leaf.item, seen: leaf.seen };
}

function sizeOf(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + ("put" in change ? change.put.body.length : 0), 0);
}
