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
 */
type ShelveDeps = Pick<IngestDeps, "sealed" | "library" | "index">;

export interface Shelf {
  /** The number of items added; 0 when the tree is known already (the same mail twice in a batch). */
  tree(tree: Tree): Promise<number>;
  changes(changes: readonly Change[]): Promise<void>;
  /** Writes what is left, with these changes in the last write, and indexes it. */
  finish(alongside: readonly Change[]): Promise<void>;
}

export function openShelf(deps: ShelveDeps): Shelf {
  let changes: Change[] = [];
  let bytes = 0;
  let written: Leaf[] = [];
  const marks = new Set<string>();

  async function flush(): Promise<void> {
    if (changes.length > 0) await deps.sealed.write(changes);
    const indexed = written;
    changes = [];
    bytes = 0;
    written = [];
    if (indexed.length > 0) await deps.index.put(indexed.map((leaf) => toIndexed(leaf.item, leaf.reading)));
  }

  /** These changes stand in one write. */
  async function push(more: readonly Change[]): Promise<void> {
    const size = sizeOf(more);
    if (changes.length + more.length > MAX_CHANGES || bytes + size > MAX_WRITE_BYTES) await flush();
    changes.push(...more);
    bytes += size;
  }

  return {
    async tree(tree) {
      const seen = tree.drafts.flatMap((leaf) => leaf.seen);
      if (seen.some((mark) => marks.has(mark)) || (await seenAlready(deps, seen)).some(Boolean)) return 0;
      for (const mark of seen) marks.add(mark);
      const byLeaf: Change[][] = [];
      for (const leaf of tree.drafts)
        byLeaf.push(await deps.library.changesFor(storedOf(leaf), leaf.reading, leaf.original));
      const all = byLeaf.flat();
      if (all.length <= MAX_CHANGES && sizeOf(all) <= MAX_WRITE_BYTES) {
        await push(all);
        written.push(...tree.drafts);
      } else {
        await flush();
        await announce(deps, tree);
        // The root makes the entry seen, so it comes last.
        for (const one of byLeaf.toReversed()) await push(one);
        await push([{ delete: pendingKey(tree) }]);
        await flush();
        written.push(...tree.drafts);
      }
      return tree.drafts.length;
    },
    changes: push,
    async finish(alongside) {
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

function storedOf(leaf: { item: Item; seen: readonly string[] }): StoredItem {
  return { ...leaf.item, seen: leaf.seen };
}

function sizeOf(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + ("put" in change ? change.put.body.length : 0), 0);
}
