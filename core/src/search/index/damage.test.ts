import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MortalHome } from "../../testing/mortal-home.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { SegmentTooNew } from "./codec.ts";
import { IndexTooNew } from "./manifest.ts";

/** A home with three sealed items, each in a segment of its own, and vectors in another. */
async function sealedHome() {
  const home = new MortalHome();
  const index = await home.open();
  const items = ["lighthouse", "harbour", "ferry"].map((word) => indexedItem(`a ${word}`));
  for (const item of items) {
    home.library.set(item.item, item);
    await index.put([item]);
    await index.flush();
  }
  await index.setVectors("e", new Map(items.map(({ item }, i) => [item, [Float32Array.of(1, i, 0)]])));
  await index.close();
  return { home, items };
}

const reasonsOf = (damaged: readonly { segment: string; reason: string }[]) => damaged.map(({ segment }) => segment);

describe("a damaged segment", () => {
  it("of words is named, and made anew from the readings", async () => {
    const { home, items } = await sealedHome();
    const segment = await home.damage("oldest");
    const index = await home.open();
    assert.deepEqual(reasonsOf(index.damaged), [segment]);
    assert.match(index.damaged[0]?.reason ?? "", /\S/);
    assert.equal((await index.search(wordsOf("lighthouse"))).hits[0]?.item, items[0]?.item);
    await index.close();
    const mended = await home.open();
    assert.deepEqual(mended.damaged, []);
    for (const word of ["lighthouse", "harbour", "ferry"]) assert.equal((await mended.search(wordsOf(word))).total, 1);
    assert.equal((await home.blobNames()).length, mended.stats().segments);
  });

  it("of vectors is named, costs no word, and leaves its items waiting for vectors", async () => {
    const { home, items } = await sealedHome();
    const segment = await home.damage("newest");
    const index = await home.open();
    assert.deepEqual(reasonsOf(index.damaged), [segment]);
    assert.equal((await index.search(wordsOf("lighthouse"))).total, 1);
    assert.equal((await index.withoutVectors("e", 9)).length, items.length);
    await index.setVectors("e", new Map(items.map(({ item }) => [item, [Float32Array.of(0, 1, 0)]])));
    await index.close();
    const mended = await home.open();
    assert.deepEqual(mended.damaged, []);
    assert.deepEqual(await mended.withoutVectors("e", 9), []);
  });

  it("whose key is gone, or whose blob is, is made anew as well", async () => {
    const { home } = await sealedHome();
    const [first, second] = (await home.blobNames()).sort().map((name) => name.slice("index/".length));
    assert.ok(first && second);
    await home.sealed.write([home.sealed.vault.destroy("index", `segment:${first}`)]);
    const bytes = await home.blobs.get(`index/${second}`);
    assert.ok(bytes);
    await home.blobs.delete(`index/${second}`);
    const index = await home.open();
    assert.deepEqual(reasonsOf(index.damaged), [first, second]);
    assert.match(index.damaged[1]?.reason ?? "", /blob is missing/);
    for (const word of ["lighthouse", "harbour", "ferry"]) assert.equal((await index.search(wordsOf(word))).total, 1);
    await index.close();
  });
});

describe("an index that a newer version made", () => {
  const told = /written by a newer Steward.*(?:update|[Ss]tart) .*newer/;

  it("is left as it is, and the error says what to do", async () => {
    const { home } = await sealedHome();
    const { sealed } = home;
    const place = { partition: "index", sort: "manifest", scope: "house:index", domain: "index" as const };
    const manifest = await sealed.get<object>(place);
    const key = await sealed.vault.standing("index", "house:index");
    await sealed.write([sealed.put(key, place, { ...manifest?.value, format: 2 })]);
    const before = await home.state();
    for (const open of [() => home.open(), () => home.reader()]) {
      await assert.rejects(open(), (error) => {
        assert.ok(error instanceof IndexTooNew);
        assert.match(error.message, told);
        return true;
      });
    }
    assert.deepEqual(await home.state(), before);
  });

  it("is left as it is when only a segment of it is newer", async () => {
    const { home } = await sealedHome();
    const [name] = await home.blobNames();
    assert.ok(name);
    // The plain vault of the tests puts a line before the bytes; the format is the second number of the header.
    await home.replace(name, (bytes) => {
      const changed = bytes.slice();
      changed[bytes.indexOf(10) + 1 + 4] = 99;
      return changed;
    });
    const before = await home.state();
    for (const open of [() => home.open(), () => home.reader()]) {
      await assert.rejects(open(), (error) => {
        assert.ok(error instanceof SegmentTooNew);
        assert.match(error.message, told);
        return true;
      });
    }
    assert.deepEqual(await home.state(), before);
  });
});

describe("a forgotten item", () => {
  it("has no word and no vector left in any blob, merged before or not", async () => {
    for (const isMerged of [false, true]) {
      const home = new MortalHome();
      const index = await home.open();
      const people = [{ role: "from" as const, name: "Zebulon", address: "zebulon@quay.example" }];
      const secret = indexedItem("the xylophone", { people, filename: "kumquat.pdf", thread: "threadsecret" });
      const others = [1, 2, 3, 4].map((n) => indexedItem(`the harp ${n}`));
      for (const item of [secret, ...others]) {
        await index.put([item]);
        await index.setVectors("e", new Map([[item.item, [Float32Array.of(1, 2, 3)]]]));
        await index.flush();
      }
      if (isMerged) await index.tidy();
      const { segmentsRewritten } = await index.rewriteWithout([secret.item]);
      assert.equal(segmentsRewritten, 2, "one of words and one of vectors");
      assert.equal((await index.search(wordsOf("harp"))).total, 4);
      assert.equal(index.stats().embedded, 4);
      const bytes = await home.allBytes();
      assert.ok(bytes.includes("harp"));
      for (const word of ["xylophon", "Zebulon", "zebulon", "kumquat", "threadsecret", secret.item]) {
        assert.ok(!bytes.includes(word), word);
      }
      assert.equal((await home.keys()).length, index.stats().segments);
      await index.close();
    }
  });
});
