import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Blobs } from "../../blobs.ts";
import { newId } from "../../ids.ts";
import type { Records } from "../../records.ts";
import { IndexStores } from "../../testing/index-stores.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { randomFrom } from "../../testing/random.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import type { IndexAnswer, PassageIndex } from "../passage-index.ts";
import { IndexTooNew } from "./manifest.ts";

/** One store, seen by several processes: each has a vault of its own, and its calls take their time. */
class Stores extends IndexStores {
  /** Rows, queries and blobs that were asked for. */
  asked: string[] = [];
  /** Runs before each call. */
  pause: () => Promise<void> = async () => {};

  override process() {
    const pause = () => this.pause();
    const under = { records: this.records, blobs: this.blobs };
    const ask = async (what: string) => {
      this.asked.push(what);
      await pause();
    };
    const records: Records = {
      get: async (key) => {
        await ask(`${key.partition}/${key.sort}`);
        return under.records.get(key);
      },
      getMany: async (keys) => {
        await ask("keys");
        return under.records.getMany(keys);
      },
      query: async function* (partition, range) {
        await ask(`${partition}/${range?.prefix ?? ""}*`);
        for await (const row of under.records.query(partition, range)) {
          await pause();
          yield row;
        }
      },
      write: async (changes) => {
        await ask("write");
        await under.records.write(changes);
        await pause();
      },
    };
    const blobs: Blobs = {
      put: async (name, bytes) => {
        await ask("put");
        return under.blobs.put(name, bytes);
      },
      get: async (name, range) => {
        await ask("blob");
        return under.blobs.get(name, range);
      },
      size: (name) => under.blobs.size(name),
      delete: async (name) => {
        await ask("delete");
        return under.blobs.delete(name);
      },
      list: (prefix) => under.blobs.list(prefix),
    };
    return { sealed: new SealedRecords(records, plainVault(records)), blobs };
  }
}

const idsOf = (answer: IndexAnswer) => answer.hits.map(({ item }) => item).sort();
const listed = async (index: Pick<PassageIndex, "list">) => (await index.list({}, { limit: 1_000 })).items;

describe("a reader of the index", () => {
  it("answers from what is sealed, and sees nothing new before it refreshes", async () => {
    const stores = new Stores();
    const empty = await stores.reader();
    assert.deepEqual(await listed(empty), []);
    const writer = await stores.open();
    const [a, b] = [indexedItem("alpha"), indexedItem("beta")];
    await writer.put([a]);
    assert.equal(await empty.refresh(), false, "what is in the writer's RAM alone is not there yet");
    await writer.flush();
    assert.deepEqual(await listed(empty), []);
    assert.equal(await empty.refresh(), true);
    assert.deepEqual(idsOf(await empty.search(wordsOf("alpha"))), [a.item]);
    await writer.put([b]);
    await writer.flush();
    await empty.refresh();
    assert.deepEqual(await listed(empty), await listed(await stores.reader()));
    assert.deepEqual(empty.stats().items, 2);
    await writer.close();
  });

  it("asks for two things when nothing has changed, and for what is new when something has", async () => {
    const stores = new Stores();
    const writer = await stores.open();
    await writer.put([indexedItem("alpha")]);
    await writer.flush();
    const reader = await stores.reader();
    stores.asked = [];
    assert.equal(await reader.refresh(), false);
    assert.deepEqual(stores.asked, ["index/gone/*", "index/manifest"]);
    await writer.put([indexedItem("beta")]);
    await writer.flush();
    stores.asked = [];
    assert.equal(await reader.refresh(), true);
    assert.deepEqual(
      stores.asked.map((what) => what.replace(/segment:.*/, "segment")),
      ["index/gone/*", "index/manifest", "plain-keys/index:segment", "blob"],
    );
    await writer.close();
  });

  it("shows nothing that was removed before it refreshed, whether it is rewritten yet or put again", async () => {
    const stores = new Stores();
    const writer = await stores.open();
    const [a, b] = [indexedItem("alpha"), indexedItem("beta")];
    await writer.put([a, b]);
    await writer.flush();
    const reader = await stores.reader();
    await writer.remove([a.item]);
    assert.equal(await reader.refresh(), true);
    assert.deepEqual(await listed(reader), [b.item]);
    assert.deepEqual(await listed(await stores.reader()), [b.item]);
    await writer.rewriteWithout([a.item]);
    await reader.refresh();
    assert.deepEqual(await listed(reader), [b.item]);
    await writer.remove([b.item]);
    await reader.refresh();
    await writer.put([{ ...b, passages: [{ text: "gamma", context: "" }] }]);
    await reader.refresh();
    assert.deepEqual(await listed(reader), [], "its older form does not come back");
    await writer.flush();
    await reader.refresh();
    assert.deepEqual(idsOf(await reader.search(wordsOf("gamma"))), [b.item]);
    assert.equal((await reader.search(wordsOf("beta"))).total, 0);
    await writer.close();
  });

  it("reads the manifest again when a segment is merged away while it loads", async () => {
    const stores = new Stores();
    const writer = await stores.open();
    for (let i = 0; i < 4; i += 1) {
      await writer.put([indexedItem(`word${i}`)]);
      await writer.flush();
    }
    let merged: Promise<void> | undefined;
    stores.pause = async () => {
      if (stores.asked.at(-1) === "blob" && !merged) {
        merged = writer.tidy();
        await merged;
      }
    };
    const reader = await stores.reader();
    assert.ok(merged, "it was loading when they were merged");
    assert.equal((await listed(reader)).length, 4);
    assert.equal(reader.stats().segments, 1);
    assert.deepEqual(reader.damaged, []);
    await writer.close();
  });

  it("goes on with the others and names it when a segment is damaged, and throws when the store does not answer", async () => {
    const stores = new Stores();
    const writer = await stores.open();
    const [a, b] = [indexedItem("alpha"), indexedItem("beta")];
    await writer.put([a]);
    await writer.flush();
    await writer.put([b]);
    await writer.flush();
    const [first] = (await Array.fromAsync(stores.blobs.list("index/"))).sort();
    assert.ok(first);
    const whole = await stores.blobs.get(first);
    await stores.blobs.delete(first);
    const reader = await stores.reader();
    assert.deepEqual(await listed(reader), [b.item]);
    assert.deepEqual(
      reader.damaged.map(({ segment }) => `index/${segment}`),
      [first],
    );
    await stores.blobs.put(first, whole ?? assert.fail());
    stores.pause = async () => {
      if (stores.asked.at(-1) === "blob") throw new Error("the network is away");
    };
    await assert.rejects(stores.reader(), /network is away/);
    await writer.close();
  });

  it("says that a newer version wrote the index", async () => {
    const stores = new Stores();
    await (await stores.open()).close();
    const { sealed } = stores.process();
    const key = await sealed.vault.standing("index", "house:index");
    const place = { partition: "index", sort: "manifest", scope: "house:index", domain: "index" as const };
    await sealed.write([sealed.put(key, place, { format: 2, nextVersion: 1, segments: [] })]);
    await assert.rejects(stores.reader(), IndexTooNew);
  });

  it("is right after every refresh, however its reads and the writer's writes interleave", async () => {
    let byVectors = 0;
    for (let seed = 1; seed <= 25; seed += 1) byVectors += await interleaved(seed);
    assert.ok(byVectors > 100, `${byVectors} were found by vectors`);
  });
});

/** A writer that does this and that, and a reader that refreshes meanwhile. */
async function interleaved(seed: number): Promise<number> {
  const random = randomFrom(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const stores = new Stores();
  stores.pause = async () => {
    for (let turns = Math.floor(random() * 3); turns > 0; turns -= 1) await new Promise((go) => setImmediate(go));
  };
  const writer = await stores.open();
  const reader = await stores.reader();
  /** By item: the form that was put last, the last one that is surely sealed, and the refreshes that may show it. */
  const put = new Map<string, number>();
  const sealed = new Map<string, number>();
  const removed = new Set<string>();
  const unsure = new Set<string>();
  const textOf = (item: string, form: number) => `form${form} x${item.replaceAll("-", "")}`;

  const putForm = async (item: string) => {
    const form = (put.get(item) ?? 0) + 1;
    unsure.add(item);
    removed.delete(item);
    put.set(item, form);
    const indexed = indexedItem("", { item, passages: [{ text: textOf(item, form), context: "" }] });
    stores.library.set(item, indexed);
    await writer.put([indexed]);
    if (random() < 0.5) await writer.setVectors("e", new Map([[item, [Float32Array.of(random(), random(), form)]]]));
  };
  const seal = async (work: () => Promise<void>) => {
    const before = new Map(put);
    await work();
    for (const [item, form] of before) sealed.set(item, form);
  };
  const remove = async (work: (items: string[]) => Promise<unknown>) => {
    const items = [...put.keys()].filter(() => random() < 0.2);
    for (const item of items) {
      stores.library.delete(item);
      unsure.add(item);
      put.delete(item);
      sealed.delete(item);
    }
    await work(items);
    for (const item of items) removed.add(item);
  };
  const act = async () => {
    const chance = random();
    if (chance < 0.4) await putForm(newId(stores.clock.now()));
    else if (chance < 0.55) await putForm(pick([...put.keys(), ...removed]) ?? newId(0));
    else if (chance < 0.65) await remove((items) => writer.remove(items));
    else if (chance < 0.7) await remove((items) => writer.rewriteWithout(items));
    else if (chance < 0.9) await seal(() => writer.flush());
    else if (chance < 0.97) await seal(() => writer.tidy());
    else await seal(() => writer.rebuild(stores.replay()));
  };

  for (let round = 0; round < 40; round += 1) {
    // What changes from here on may be seen or not.
    unsure.clear();
    const [before, gone] = [new Map(sealed), new Set(removed)];
    await Promise.all([act(), reader.refresh()]);
    const shown = await listed(reader);
    const at = `seed ${seed}, round ${round}`;
    assert.equal(new Set(shown).size, shown.length, at);
    for (const item of gone) if (!unsure.has(item)) assert.ok(!shown.includes(item), `${at}: removed, yet shown`);
    for (const [item, form] of before) {
      if (unsure.has(item)) continue;
      assert.ok(shown.includes(item), `${at}: sealed, yet missing`);
      const clauses = [{ type: "phrase" as const, text: `x${item.replaceAll("-", "")}` }];
      const { hits } = await reader.search({ ...wordsOf(""), clauses });
      assert.deepEqual(
        hits.map((hit) => hit.item),
        [item],
        at,
      );
      for (let older = 1; older < form; older += 1) {
        const stale = { ...wordsOf(""), clauses: [{ type: "phrase" as const, text: textOf(item, older) }] };
        assert.equal((await reader.search(stale)).total, 0, `${at}: an older form is shown`);
      }
    }
  }
  await seal(() => writer.flush());
  await reader.refresh();
  const asked = {
    ...wordsOf("form1 form2 form3", { limit: 500 }),
    vector: { embedder: "e", values: Float32Array.of(1, 0, 1) },
  };
  const scores = (answer: IndexAnswer) =>
    answer.hits.map(({ item, score, parts }) => ({ item, score, parts })).sort((x, y) => (x.item < y.item ? -1 : 1));
  const [theirs, own] = [await writer.search(asked), await reader.search(asked)];
  assert.deepEqual(scores(own), scores(theirs), `seed ${seed}: the same answer as the writer's`);
  await writer.close();
  await reader.close();
  return own.hits.filter(({ parts }) => parts.vectors > 0).length;
}
