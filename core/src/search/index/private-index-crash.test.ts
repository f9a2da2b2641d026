import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Blobs } from "../../blobs.ts";
import type { Records } from "../../records.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { MemoryBlobs } from "../../testing/memory-blobs.ts";
import { MemoryRecords } from "../../testing/memory-records.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import type { IndexedItem } from "../passage-index.ts";
import { openPrivateIndex } from "./private-index.ts";

/** A home whose disk dies at the nth write: every later write fails, and a new process opens what was written. */
class DyingHome {
  readonly #clock = new FakeClock();
  readonly #records = new MemoryRecords(this.#clock);
  readonly #blobs = new MemoryBlobs();
  /** The durable items, as the library would replay them. */
  readonly library = new Map<string, IndexedItem>();
  writes = 0;
  diesAt = Number.POSITIVE_INFINITY;
  /** Whether the write that kills is done before the process dies. */
  after = false;

  open() {
    const dying = async <T>(work: () => Promise<T>): Promise<T> => {
      this.writes += 1;
      if (this.writes > this.diesAt || (this.writes === this.diesAt && !this.after)) throw new Error("power cut");
      const result = await work();
      if (this.writes === this.diesAt) throw new Error("power cut");
      return result;
    };
    const under = { records: this.#records, blobs: this.#blobs };
    const records: Records = {
      get: (key) => under.records.get(key),
      getMany: (keys) => under.records.getMany(keys),
      query: (partition, range) => under.records.query(partition, range),
      write: (changes) => dying(() => under.records.write(changes)),
    };
    const blobs: Blobs = {
      put: (name, bytes) => dying(() => under.blobs.put(name, bytes)),
      get: (name, range) => under.blobs.get(name, range),
      size: (name) => under.blobs.size(name),
      delete: (name) => dying(() => under.blobs.delete(name)),
      list: (prefix) => under.blobs.list(prefix),
    };
    const { library } = this;
    const sealed = new SealedRecords(records, plainVault(records));
    return openPrivateIndex({
      sealed,
      blobs,
      clock: this.#clock,
      async *replay(after) {
        for (const id of [...library.keys()].sort()) {
          const item = library.get(id);
          if (item && (after === undefined || id > after)) yield item;
        }
      },
    });
  }

  revive(): void {
    this.diesAt = Number.POSITIVE_INFINITY;
  }

  async blobNames(): Promise<string[]> {
    return Array.fromAsync(this.#blobs.list("index/"));
  }

  /** All stored segments; the plain vault of the tests hides nothing. */
  async allBytes(): Promise<string> {
    let all = "";
    for (const name of await this.blobNames()) all += new TextDecoder("latin1").decode(await this.#blobs.get(name));
    return all;
  }

  async damage(): Promise<string> {
    const [name] = await this.blobNames();
    assert.ok(name);
    const bytes = await this.#blobs.get(name);
    await this.#blobs.delete(name);
    await this.#blobs.put(name, (bytes ?? new Uint8Array()).subarray(0, 40));
    return name.slice("index/".length);
  }
}

/** Puts, seals, puts again, removes, merges and forgets; each step makes the library durable first, as intake does. */
async function live(home: DyingHome, say: (removed: string) => void) {
  const index = await home.open();
  const put = async (...items: IndexedItem[]) => {
    for (const item of items) home.library.set(item.item, item);
    await index.put(items);
  };
  const [a, b, c, d] = ["alpha", "beta", "gamma", "delta"].map((word) => indexedItem(`first ${word}`));
  assert.ok(a && b && c && d);
  await put(a, b);
  await index.flush();
  await put({ ...a, passages: [{ text: "second alpha", context: "" }] });
  await put(c);
  await index.flush();
  say(b.item);
  await index.remove([b.item]);
  home.library.delete(b.item);
  await put(d);
  await index.rewriteWithout([b.item]);
  await index.tidy();
  await put({ ...c, passages: [{ text: "second gamma", context: "" }] });
  await index.close();
}

describe("the private index, when the process is killed", () => {
  it("loses nothing and doubles nothing, at whichever write it dies", async () => {
    const whole = new DyingHome();
    await live(whole, () => {});
    assert.ok(whole.writes >= 15, `${whole.writes} writes`);
    for (let diesAt = 1; diesAt <= whole.writes; diesAt += 1) {
      for (const after of [false, true]) {
        const home = new DyingHome();
        home.diesAt = diesAt;
        home.after = after;
        let removing: string | undefined;
        // It may live through a write whose answer was lost, and through one that only clears away.
        await live(home, (id) => {
          removing = id;
        }).catch(() => undefined);
        assert.ok(home.writes >= diesAt);
        home.revive();
        const index = await home.open();
        const at = `write ${diesAt}${after ? ", done" : ""}`;
        const listed = [...(await index.list({}, { limit: 99 })).items].sort();
        // Between asking for the removal and its end the item may be there or not.
        const optional = removing !== undefined && home.library.has(removing) ? removing : undefined;
        const durable = [...home.library.keys()].sort();
        assert.deepEqual(
          listed.filter((id) => id !== optional),
          durable.filter((id) => id !== optional),
          at,
        );
        for (const [id, item] of home.library) {
          if (id === optional) continue;
          const text = item.passages[0]?.text ?? "";
          const clauses = [{ type: "phrase" as const, text }];
          assert.deepEqual(
            (await index.search({ ...wordsOf(""), clauses })).hits.map((hit) => hit.item),
            [id],
            at,
          );
        }
        await index.close();
        const { segments } = index.stats();
        assert.equal((await home.blobNames()).length, segments, `no orphan: ${at}`);
      }
    }
  });

  it("names a damaged segment and makes it anew from the readings", async () => {
    const home = new DyingHome();
    const index = await home.open();
    const item = indexedItem("a lighthouse");
    home.library.set(item.item, item);
    await index.put([item]);
    await index.close();
    const segment = await home.damage();
    const again = await home.open();
    assert.deepEqual(
      again.damaged.map((one) => one.segment),
      [segment],
    );
    assert.equal((await again.search(wordsOf("lighthouse"))).hits[0]?.item, item.item);
    await again.close();
    const mended = await home.open();
    assert.deepEqual(mended.damaged, []);
    assert.equal((await mended.search(wordsOf("lighthouse"))).total, 1);
  });

  it("loses nothing when it dies while opening, at whichever write", async () => {
    /** Sealed items of which one segment is damaged, an orphan, and items that were never sealed. */
    const left = async () => {
      const home = new DyingHome();
      const index = await home.open();
      for (const word of ["alpha", "beta", "gamma"]) {
        const item = indexedItem(`the ${word}`);
        home.library.set(item.item, item);
        await index.put([item]);
        await index.flush();
      }
      await home.damage();
      const fresh = indexedItem("the delta");
      home.library.set(fresh.item, fresh);
      return home;
    };
    const whole = await left();
    const before = whole.writes;
    await whole.open();
    const ofOpening = whole.writes - before;
    assert.ok(ofOpening >= 2, `${ofOpening} writes`);
    for (let dies = 1; dies <= ofOpening; dies += 1) {
      for (const after of [false, true]) {
        const home = await left();
        home.diesAt = home.writes + dies;
        home.after = after;
        // What dies while it clears away has opened.
        await home.open().catch(() => undefined);
        home.revive();
        const index = await home.open();
        const at = `write ${dies}${after ? ", done" : ""}`;
        const { items } = await index.list({}, { limit: 99 });
        assert.deepEqual([...items].sort(), [...home.library.keys()].sort(), at);
        for (const word of ["alpha", "beta", "gamma", "delta"]) {
          assert.equal((await index.search(wordsOf(word))).total, 1, `${at}: ${word}`);
        }
        await index.close();
        assert.equal((await home.blobNames()).length, index.stats().segments, `no orphan: ${at}`);
      }
    }
  });

  it("keeps no word of a forgotten item in any blob", async () => {
    const home = new DyingHome();
    const index = await home.open();
    const people = [{ role: "from" as const, name: "Zebulon", address: "zebulon@quay.example" }];
    const secret = indexedItem("the xylophone", { people, filename: "kumquat.pdf", thread: "threadsecret" });
    const other = indexedItem("the harp");
    await index.put([secret, other]);
    await index.flush();
    const report = await index.rewriteWithout([secret.item]);
    assert.equal(report.segmentsRewritten, 1);
    assert.equal((await index.search(wordsOf("harp"))).total, 1);
    const bytes = await home.allBytes();
    assert.ok(bytes.includes("harp"));
    for (const word of ["xylophon", "Zebulon", "zebulon", "kumquat", "threadsecret", secret.item]) {
      assert.ok(!bytes.includes(word), word);
    }
  });
});
