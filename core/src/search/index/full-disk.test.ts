import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MortalHome } from "../../testing/mortal-home.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import type { IndexedItem } from "../passage-index.ts";
import type { PrivateIndex } from "./private-index.ts";

class DiskFull extends Error {
  constructor() {
    super("There is no room left on the disk. Free some space; nothing was lost.");
  }
}

/** Five sealed items with vectors, one put again and one new in RAM, and whatever the work needs. */
async function lived() {
  const home = new MortalHome();
  home.error = () => new DiskFull();
  const index = await home.open();
  const items = ["harbour", "lantern", "xylophone", "quarry", "fjord"].map((word) => indexedItem(`the ${word}`));
  const put = async (...all: IndexedItem[]) => {
    for (const item of all) home.library.set(item.item, item);
    await index.put(all);
    await index.setVectors("e", new Map(all.map(({ item }, i) => [item, [Float32Array.of(1, i, 2)]])));
  };
  for (const item of items) {
    await put(item);
    await index.flush();
  }
  const [first, ...others] = items;
  assert.ok(first);
  await put({ ...first, passages: [{ text: "the harbour again", context: "" }] }, indexedItem("the umbrella"));
  return { home, index, items: [first, ...others] };
}

type Work = (index: PrivateIndex, items: readonly IndexedItem[], home: MortalHome) => Promise<unknown>;

const works: Readonly<Record<string, Work>> = {
  flush: (index) => index.flush(),
  merge: (index) => index.tidy(),
  forget: (index, items) => index.rewriteWithout(items.slice(1, 2).map(({ item }) => item)),
  remove: (index, items) => index.remove(items.slice(1, 2).map(({ item }) => item)),
  "put again": (index, items) => index.put(items.slice(2, 3)),
  rebuild: (index, _, home) =>
    index.rebuild(
      (async function* () {
        yield* [...home.library.values()];
      })(),
    ),
};

describe("a disk that fills", () => {
  for (const [name, work] of Object.entries(works)) {
    it(`during a ${name}, at whichever write: it says so, goes on answering, and does it once there is room`, async () => {
      const whole = await lived();
      const before = whole.home.writes;
      await work(whole.index, whole.items, whole.home);
      const steps = whole.home.writes - before;
      assert.ok(steps >= 1);
      const expected = await answers(whole.index);
      let told = 0;
      for (let step = 1; step <= steps; step += 1) {
        const { home, index, items } = await lived();
        const was = await answers(index);
        const blobs = await home.blobNames();
        home.failsAt = home.writes + step;
        // What fails when only clearing away is left has been done.
        const failed = await work(index, items, home).then(
          () => false,
          (error: unknown) => {
            assert.ok(error instanceof DiskFull, String(error));
            assert.match(error.message, /Free some space/);
            return true;
          },
        );
        told += failed ? 1 : 0;
        const now = await answers(index);
        if (failed && name !== "forget")
          assert.deepEqual(now, was, `${name}, step ${step}: as if it had not been asked`);
        home.mend();
        await work(index, items, home);
        if (name === "forget") home.library.delete(items[1]?.item ?? "");
        assert.deepEqual(await answers(index), expected, `${name}, step ${step}`);
        await index.tidy();
        assert.equal(
          (await home.blobNames()).length,
          index.stats().segments,
          `${blobs.length} blobs, ${name}, step ${step}`,
        );
        await index.close();
        const again = await home.open();
        assert.deepEqual(again.damaged, []);
        assert.deepEqual(await answers(again), expected, `${name}, step ${step}, opened again`);
        await again.close();
      }
      assert.ok(told > 0, "it did fail");
    });
  }

  it("leaves no half-made segments behind however often it is tried", async () => {
    const { home, index } = await lived();
    const blobs = (await home.blobNames()).length;
    for (let tries = 0; tries < 5; tries += 1) {
      // The segment still fits, the manifest does not.
      home.failsAt = home.writes + 3;
      await assert.rejects(index.flush(), DiskFull);
      home.mend();
      await index.remove([]);
      assert.ok((await home.blobNames()).length <= blobs + 2);
    }
    await index.close();
    assert.equal((await home.blobNames()).length, index.stats().segments);
  });
});

/** What each word finds, and how much there is. */
async function answers(index: PrivateIndex): Promise<unknown> {
  const found: Record<string, number> = {};
  for (const word of ["harbour", "again", "lantern", "xylophone", "quarry", "fjord", "umbrella"]) {
    found[word] = (await index.search(wordsOf(word))).total;
  }
  return { found, items: (await index.list({}, { limit: 1 })).total };
}
