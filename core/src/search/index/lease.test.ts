import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Records } from "../../records.ts";
import { IndexStores } from "../../testing/index-stores.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import type { IndexedItem } from "../passage-index.ts";
import { IndexHeld, IndexWriterLost, type LeaseTerms } from "./lease.ts";

/** A store that several processes open. */
class Stores extends IndexStores {
  override open(terms: LeaseTerms = {}) {
    return super.open(terms);
  }

  /** The home's way of opening it. */
  alone() {
    return super.open();
  }

  /** As intake does: the rows are durable first. */
  made(text: string): IndexedItem {
    const item = indexedItem(text);
    this.library.set(item.item, item);
    return item;
  }

  async state(): Promise<string> {
    const rows = await Array.fromAsync(this.records.query("index"));
    const keys = await Array.fromAsync(this.records.query("plain-keys"));
    const said = [...rows, ...keys].map(({ sort, version }) => `${sort} ${version}`);
    return [...said, ...(await Array.fromAsync(this.blobs.list())).sort()].join("\n");
  }
}

/** Does what it is asked and then, when it is told to, says that it failed. */
class LosesAnswers extends Stores {
  losing = false;

  override process() {
    const under = this.records;
    const records: Records = {
      get: (key) => under.get(key),
      getMany: (keys) => under.getMany(keys),
      query: (partition, range) => under.query(partition, range),
      write: async (changes) => {
        await under.write(changes);
        if (this.losing) throw new Error("the answer was lost");
      },
    };
    return { sealed: new SealedRecords(records, plainVault(under)), blobs: this.blobs };
  }
}

describe("the writer's lease", () => {
  it("lets one write: a second is refused until it lapses or is given back", async () => {
    const stores = new Stores();
    const first = await stores.open();
    await assert.rejects(stores.open(), (error) => {
      assert.ok(error instanceof IndexHeld);
      assert.match(error.message, /2026-11-21T00:01:00.000Z/);
      return true;
    });
    await first.close();
    const second = await stores.open();
    await stores.clock.advance(60_000);
    await (await stores.open()).close();
    await second.close();
  });

  it("waits for the holder as long as it is told to", async () => {
    const stores = new Stores();
    const first = await stores.open();
    const impatient = assert.rejects(stores.open({ waitMs: 20_000 }), IndexHeld);
    const patient = stores.open({ waitMs: 90_000 });
    await stores.clock.advance(20_000);
    await impatient;
    await first.close();
    await stores.clock.advance(1_000);
    await (await patient).close();
  });

  it("does not wait where the caller knows that it is alone, as after a kill at home", async () => {
    const stores = new Stores();
    const killed = await stores.alone();
    await killed.put([stores.made("alpha")]);
    const next = await stores.alone();
    assert.equal((await next.search(wordsOf("alpha"))).total, 1);
    await assert.rejects(killed.flush(), IndexWriterLost);
    await next.close();
  });

  it("lets a writer that lost it write nothing, whatever it tries, and lose nothing", async () => {
    const stores = new Stores();
    const first = await stores.open();
    const [old, kept] = [stores.made("alpha"), stores.made("beta")];
    await first.put([old, kept]);
    await first.flush();
    const fresh = stores.made("gamma");
    await first.put([fresh]);
    await stores.clock.advance(60_000);
    const second = await stores.open();
    const before = await stores.state();
    const lost = { name: "IndexWriterLost", message: /Another process writes.*Nothing is lost.*open it again/ };
    await assert.rejects(first.flush(), lost);
    await assert.rejects(first.remove([kept.item]), lost);
    await assert.rejects(first.put([{ ...old, title: "again" }]), lost);
    await assert.rejects(first.put([stores.made("delta")]), lost);
    await assert.rejects(first.rewriteWithout([old.item]), lost);
    await assert.rejects(first.tidy(), lost);
    await assert.rejects(
      first.rebuild(
        (async function* () {
          yield old;
        })(),
      ),
      lost,
    );
    assert.equal((await first.search(wordsOf("beta"))).total, 1, "it goes on answering");
    await first.close();
    const leases = (state: string) => state.split("\n").filter((line) => !line.startsWith("index/"));
    assert.deepEqual(leases(await stores.state()), leases(before), "not a row of it has changed");
    for (const word of ["alpha", "beta", "gamma"]) assert.equal((await second.search(wordsOf(word))).total, 1, word);
    await second.close();
    const third = await stores.open();
    assert.equal((await third.list({}, { limit: 9 })).total, 4, "delta too, which was durable");
    assert.equal((await Array.fromAsync(stores.blobs.list("index/"))).length, third.stats().segments, "no orphan");
    await third.close();
  });

  it("is renewed by writes once half of it is over, and not by an idle writer", async () => {
    const stores = new Stores();
    const index = await stores.open();
    const leaseVersion = async () => (await stores.records.get({ partition: "index", sort: "lease" }))?.version;
    const item = stores.made("alpha");
    await index.put([item]);
    await index.remove([item.item]);
    assert.equal(await leaseVersion(), 1, "a check is enough at first");
    await stores.clock.advance(40_000);
    assert.equal(await leaseVersion(), 1);
    const { writes } = stores.records;
    await index.remove([stores.made("beta").item]);
    assert.equal(await leaseVersion(), 2);
    assert.equal(stores.records.writes, writes + 1, "in the same write");
    await stores.clock.advance(59_000);
    await assert.rejects(stores.open(), IndexHeld);
    await index.close();
  });

  it("is renewed before anything new is taken, once it may have lapsed", async () => {
    const stores = new Stores();
    const index = await stores.open();
    await stores.clock.advance(58_000);
    await index.put([stores.made("alpha")]);
    await stores.clock.advance(30_000);
    await assert.rejects(stores.open(), IndexHeld);
    await index.close();
  });

  it("is kept through long work that writes nothing", async () => {
    const stores = new Stores();
    const index = await stores.open();
    let refused = 0;
    await index.rebuild(
      (async function* () {
        for (let batch = 0; batch < 4; batch += 1) {
          await stores.clock.advance(40_000);
          await assert.rejects(stores.open(), IndexHeld);
          refused += 1;
          for (let i = 0; i < 256; i += 1) yield indexedItem(`word${batch} number${i}`);
        }
      })(),
    );
    assert.equal(refused, 4);
    assert.equal((await index.list({}, { limit: 1 })).total, 1_024);
    await index.close();
  });

  it("outlives a write whose answer was lost", async () => {
    const stores = new LosesAnswers();
    const index = await stores.open();
    const [a, b] = [stores.made("alpha"), stores.made("beta")];
    await index.put([a]);
    await stores.clock.advance(40_000);
    stores.losing = true;
    await index.flush();
    await assert.rejects(index.remove([b.item]), /answer was lost/);
    stores.losing = false;
    await index.put([b]);
    await index.flush();
    assert.equal((await index.list({}, { limit: 9 })).total, 2);
    await index.close();
    const again = await stores.open();
    assert.equal((await again.list({}, { limit: 9 })).total, 2);
    assert.equal((await Array.fromAsync(stores.blobs.list("index/"))).length, again.stats().segments);
    await again.close();
  });
});
