import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeClock } from "../../testing/fake-clock.ts";
import { MemoryBlobs } from "../../testing/memory-blobs.ts";
import { MemoryRecords } from "../../testing/memory-records.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import type { IndexedItem } from "../passage-index.ts";
import { buildSegment } from "./build.ts";
import { openPrivateIndex } from "./private-index.ts";

/** An index whose segments are made when the test lets them be: `let` releases the one that was asked for first. */
async function open() {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const deps = { sealed: new SealedRecords(records, plainVault(records)), blobs: new MemoryBlobs(), clock };
  const asked: { readonly let: () => void; readonly fail: (error: Error) => void }[] = [];
  const index = await openPrivateIndex({
    ...deps,
    async *replay() {},
    async build(items) {
      const released = Promise.withResolvers<void>();
      asked.push({ let: released.resolve, fail: released.reject });
      await released.promise;
      return buildSegment(items, 0);
    },
  });
  const next = async () => {
    for (let turn = 0; asked.length === 0 && turn < 100; turn += 1) await new Promise(setImmediate);
    return asked.shift() ?? assert.fail("no segment is being made");
  };
  const found = async (word: string) => (await index.search(wordsOf(word))).total;
  return { index, next, found };
}

const saying = (item: IndexedItem, text: string): IndexedItem => ({ ...item, passages: [{ text, context: "" }] });

describe("segments that are made beside the thread that answers", () => {
  it("of two puts of one item the later counts, and a removal that came after a put", async () => {
    const { index, next, found } = await open();
    const [kept, removed] = [indexedItem("alpha"), indexedItem("alpha")];
    const first = index.put([kept, removed]);
    const again = index.put([saying(kept, "beta")]);
    const gone = index.remove([removed.item]);
    assert.equal(await found("alpha"), 0, "searches are answered meanwhile");
    (await next()).let();
    (await next()).let();
    await Promise.all([first, again, gone]);
    assert.equal(await found("alpha"), 0);
    assert.equal(await found("beta"), 1);
    assert.equal(index.stats().items, 1);
  });

  it("a flush, and closing, wait for what is being made", async () => {
    const { index, next } = await open();
    const put = index.put([indexedItem("alpha")]);
    const flushed = index.flush();
    (await next()).let();
    await Promise.all([put, flushed]);
    assert.equal(index.stats().segments, 1);
    const late = index.put([indexedItem("alpha")]);
    const closed = index.close();
    (await next()).let();
    await Promise.all([late, closed]);
    assert.equal(index.stats().segments, 2);
  });

  it("one that fails is told to who put it, and the next is made", async () => {
    const { index, next, found } = await open();
    const lost = assert.rejects(index.put([indexedItem("alpha")]), /no room/);
    const kept = index.put([indexedItem("beta")]);
    (await next()).fail(new Error("no room"));
    (await next()).let();
    await Promise.all([lost, kept]);
    assert.equal(await found("beta"), 1);
  });

  it("making everything anew goes the same way", async () => {
    const { index, next, found } = await open();
    const rebuilt = index.rebuild(
      (async function* () {
        yield indexedItem("gamma");
      })(),
    );
    (await next()).let();
    await rebuilt;
    assert.equal(await found("gamma"), 1);
  });
});
