import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Blobs } from "../../blobs.ts";
import type { Change } from "../../records.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { MemoryBlobs } from "../../testing/memory-blobs.ts";
import { MemoryRecords } from "../../testing/memory-records.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import type { IndexedItem } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { mergeInSteps } from "./merge.ts";
import { openPrivateIndex, type PrivateIndex } from "./private-index.ts";

class HeldRecords extends MemoryRecords {
  hold: () => Promise<void> = async () => {};

  override async write(changes: readonly Change[]): Promise<void> {
    await this.hold();
    await super.write(changes);
  }
}

/** `hold` runs before a segment is stored, `holdRows` before rows are. */
function stores(hold: () => Promise<void> = async () => {}, holdRows = hold) {
  const clock = new FakeClock();
  const records = new HeldRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const under = new MemoryBlobs();
  const blobs: Blobs = {
    put: async (name, bytes) => {
      await hold();
      return under.put(name, bytes);
    },
    get: (name, range) => under.get(name, range),
    size: (name) => under.size(name),
    delete: (name) => under.delete(name),
    list: (prefix) => under.list(prefix),
  };
  return async () => {
    records.hold = async () => {};
    const index = await openPrivateIndex({ sealed, blobs, clock, async *replay() {} });
    records.hold = holdRows;
    return index;
  };
}

const home = (hold?: () => Promise<void>) => stores(hold)();

/** Items of several hundred words, no two alike. */
function items(count: number, word: string): IndexedItem[] {
  return Array.from({ length: count }, (_, i) => {
    const text = Array.from({ length: 300 }, (_, n) => `${word}${(i * 31 + n * 7) % 900}`).join(" ");
    return indexedItem(`${word} ${text} number${i}`, { people: [{ role: "from", name: `Person ${i}` }] });
  });
}

describe("the private index, while it seals and merges", () => {
  it("pauses often while it merges", () => {
    const inputs = [items(40, "alpha"), items(40, "beta")].map((part) => ({
      segment: buildSegment(part, 1),
      isAlive: () => true,
    }));
    const steps = mergeInSteps(inputs);
    let pauses = 0;
    for (let step = steps.next(); !step.done; step = steps.next()) pauses += 1;
    // Some 1,800 terms, 32 at a time.
    assert.ok(pauses > 50, `${pauses}`);
  });

  it("loses and doubles nothing that is put, replaced, removed or searched meanwhile", async () => {
    let reached = () => {};
    let release = () => {};
    const storing = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const index = await home(() => {
      reached();
      return released;
    });
    const first = items(60, "alpha");
    for (let n = 0; n < 60; n += 10) await index.put(first.slice(n, n + 10));
    const [replaced, removed] = first;
    assert.ok(replaced && removed);
    const flushed = index.flush();
    await storing;
    // Small puts, as of a chat beside an ingestion, so many that segments in RAM merge.
    const later = items(40, "beta");
    const others = later.map((item) => index.put([item]));
    const again = index.put([{ ...replaced, passages: [{ text: "gamma alone", context: "" }] }]);
    const gone = index.remove([removed.item]);
    assert.equal((await index.search(wordsOf("alpha", { limit: 200 }))).total, 60);
    release();
    await Promise.all([flushed, ...others, again, gone]);
    for (const sealed of [false, true]) {
      if (sealed) await index.tidy();
      const ids = (await index.list({}, { limit: 200 })).items;
      assert.equal(ids.length, 99);
      assert.equal(new Set(ids).size, 99);
      assert.equal((await index.search(wordsOf("alpha", { limit: 200 }))).total, 58);
      assert.equal((await index.search(wordsOf("beta", { limit: 200 }))).total, 40);
      assert.equal((await index.search(wordsOf("gamma"))).hits[0]?.item, replaced.item);
    }
  });

  it("answers from the old segments while everything is made anew", async () => {
    const index = await home();
    const all = items(50, "alpha");
    await index.put(all);
    await index.setVectors("e", new Map(all.map(({ item }, i) => [item, [Float32Array.of(1, i / 50, 0)]])));
    await index.flush();
    const added = indexedItem("delta");
    let met = 0;
    const seen: number[] = [];
    await index.rebuild(
      (async function* () {
        for (const item of all) {
          if (met++ === 20) {
            assert.equal((await index.search(wordsOf("alpha", { limit: 200 }))).total, 50);
            await index.put([added]);
          }
          yield item;
        }
      })(),
      (count) => seen.push(count),
    );
    assert.equal(seen.at(-1), 50);
    assert.equal((await index.search(wordsOf("alpha", { limit: 200 }))).total, 50);
    assert.equal((await index.search(wordsOf("delta"))).total, 1);
    assert.equal(index.stats().embedded, 50, "vectors of what is as it was are kept");
    assert.deepEqual(await index.withoutVectors("e", 10), [added.item]);
  });

  it("keeps the newest vectors, set at any step while words and vectors are merged, and takes removals at once", async () => {
    let meanwhile = async () => {};
    let steps = 0;
    const open = stores(() => meanwhile());
    const index = await open();
    const all = items(24, "alpha");
    const turns = all.map(() => 1);
    const vectorOf = (n: number, turn: number) => Float32Array.of(Math.cos(n + turn), Math.sin(n + turn), turn);
    const embed = (n: number) => index.setVectors("e", new Map([[all[n]?.item ?? "", [vectorOf(n, turns[n] ?? 1)]]]));
    for (let n = 0; n < 24; n += 1) {
      await index.put(all.slice(n, n + 1));
      await embed(n);
      if (n % 6 === 5) await index.flush();
    }
    const before = index.stats().segments;
    meanwhile = async () => {
      const now = meanwhile;
      meanwhile = async () => {};
      // A removal in the midst of a merge has its answer before the merge has.
      if (steps === 0) await index.remove([all[5]?.item ?? ""]);
      // Another item at every step, and one of them at each.
      for (const n of [steps % 24 === 5 ? 6 : steps % 24, 23]) {
        turns[n] = (turns[n] ?? 1) + 1;
        await embed(n);
      }
      steps += 1;
      meanwhile = now;
    };
    await index.tidy();
    assert.ok(steps >= 4 && index.stats().segments < before, `words and vectors were merged, ${steps} steps`);
    meanwhile = async () => {};
    assert.equal((await index.list({}, { limit: 99 })).total, 23);
    const check = async (index: PrivateIndex) => {
      for (let n = 0; n < 24; n += 1) {
        if (n === 5) continue;
        const vector = { embedder: "e", values: vectorOf(n, turns[n] ?? 1), exact: true };
        const { hits } = await index.search({ ...wordsOf(`number${n}`, { limit: 50 }), vector });
        const product = hits.find(({ item }) => item === all[n]?.item)?.parts.vectors ?? 0;
        const length = vector.values.reduce((sum, value) => sum + value * value, 0);
        assert.ok(Math.abs(product / length - 1) < 0.03, `item ${n}: ${product} of ${length}`);
      }
    };
    await check(index);
    await index.close();
    await check(await open());
  });
});
