import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MortalHome } from "../../testing/mortal-home.ts";
import { indexedItem, wordsOf } from "../../testing/passage-index-contract.ts";
import { randomFrom } from "../../testing/random.ts";
import type { IndexedItem, PassageIndex } from "../passage-index.ts";
import type { PrivateIndex } from "./private-index.ts";

/** What was asked for and not answered when the process died: it may have happened or not. */
interface Told {
  removing?: string;
  /** Vectors of forms that are certainly sealed. */
  readonly sealedVectors: Map<string, string>;
}

/** A vector of length 1 for each text, so that an answer tells whose it is. */
function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(16);
  for (let i = 0; i < text.length; i += 1) {
    const at = (text.charCodeAt(i) * 7 + i * 3) % 16;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

const textOf = (item: IndexedItem) => item.passages[0]?.text ?? "";
const saying = (item: IndexedItem, text: string) => ({ ...item, passages: [{ text, context: "" }] });

/**
 * Puts, gives vectors, seals, puts again, removes, forgets, rebuilds and merges, words and vectors, and closes: every
 * kind of write there is. Each step makes the library durable first, as intake does.
 */
async function live(home: MortalHome, told: Told): Promise<PrivateIndex> {
  const index = await home.open();
  const put = async (...items: IndexedItem[]) => {
    for (const item of items) home.library.set(item.item, item);
    for (const item of items) told.sealedVectors.delete(item.item);
    await index.put(items);
  };
  const embed = (...items: IndexedItem[]) =>
    index.setVectors("e", new Map(items.map((item) => [item.item, [vectorOf(textOf(item))]])));
  const flush = async (...embedded: IndexedItem[]) => {
    await index.flush();
    for (const item of embedded) told.sealedVectors.set(item.item, textOf(item));
  };
  const forget = async (item: IndexedItem, work: () => Promise<unknown>) => {
    told.removing = item.item;
    await work();
    home.library.delete(item.item);
    told.sealedVectors.delete(item.item);
    delete told.removing;
  };
  const [a, b, c, d, e, f] = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"].map((word) =>
    indexedItem(`first ${word}`),
  );
  assert.ok(a && b && c && d && e && f);
  await put(a, b);
  await embed(a, b);
  await flush(a, b);
  await put(saying(a, "second alpha"));
  await put(c);
  await embed(c);
  await flush(c);
  await embed(saying(a, "second alpha"));
  await flush(saying(a, "second alpha"));
  await forget(b, () => index.remove([b.item]));
  await put(d);
  await index.rewriteWithout([b.item]);
  await put(e);
  await embed(d, e);
  await flush(d, e);
  await index.tidy();
  await forget(e, () => index.rewriteWithout([e.item]));
  await put(saying(c, "second gamma"), f);
  await index.rebuild(
    (async function* () {
      for (const item of [...home.library.values()]) yield item;
    })(),
  );
  await embed(saying(c, "second gamma"), f);
  await index.tidy();
  told.sealedVectors.set(f.item, textOf(f)).set(c.item, "second gamma");
  await put(saying(d, "second delta"));
  await index.close();
  return index;
}

/** All that is durable is there once and as it is; nothing else is, and nothing that was sealed has lost its vectors. */
async function assertWhole(
  index: Pick<PassageIndex, "list" | "search">,
  home: MortalHome,
  told: Told,
  at: string,
): Promise<void> {
  const listed = [...(await index.list({}, { limit: 99 })).items].sort();
  const durable = [...home.library.keys()].sort();
  const sure = (ids: readonly string[]) => ids.filter((id) => id !== told.removing);
  assert.deepEqual(sure(listed), sure(durable), at);
  for (const [id, item] of home.library) {
    if (id === told.removing) continue;
    const clauses = [{ type: "phrase" as const, text: textOf(item) }];
    const vector = { embedder: "e", values: vectorOf(textOf(item)), exact: true };
    const { hits } = await index.search({ ...wordsOf(""), clauses, vector });
    assert.deepEqual(
      hits.filter(({ parts }) => parts.words > 0).map((hit) => hit.item),
      [id],
      at,
    );
    const found = hits.find((hit) => hit.item === id)?.parts.vectors ?? 0;
    const isSealed = told.sealedVectors.get(id) === textOf(item);
    assert.ok(
      found <= 0 ? !isSealed : Math.abs(found - 1) < 0.02,
      `${at}: "${textOf(item)}" has ${found} of its vector`,
    );
  }
}

async function assertNothingLeft(index: PassageIndex, home: MortalHome, at: string): Promise<void> {
  const { segments } = index.stats();
  assert.equal((await home.blobNames()).length, segments, `no orphan: ${at}`);
  assert.equal((await home.keys()).length, segments, `no key without a segment: ${at}`);
}

describe("the private index, when the process is killed", () => {
  it("loses nothing and doubles nothing, at whichever write it dies", async () => {
    const whole = new MortalHome();
    await live(whole, { sealedVectors: new Map() });
    assert.ok(whole.writes >= 40, `${whole.writes} writes`);
    for (let failsAt = 1; failsAt <= whole.writes; failsAt += 1) {
      for (const isDone of [false, true]) {
        const home = new MortalHome();
        Object.assign(home, { failsAt, isDone });
        const told: Told = { sealedVectors: new Map() };
        // It may live through a write whose answer was lost, and through one that only clears away.
        await live(home, told).catch(() => undefined);
        assert.ok(home.writes >= failsAt);
        home.mend();
        const at = `write ${failsAt}${isDone ? ", done" : ""}`;
        // Who only reads finds the store in order before any writer has come back to it.
        const reader = await home.reader();
        assert.deepEqual(reader.damaged, [], at);
        for (const id of (await reader.list({}, { limit: 99 })).items)
          assert.ok(home.library.has(id), `${at}: forgotten`);
        const index = await home.open();
        await assertWhole(index, home, told, at);
        await index.close();
        await assertNothingLeft(index, home, at);
        await reader.refresh();
        await assertWhole(reader, home, told, `${at}, read`);
      }
    }
  });

  it("loses nothing when it dies while opening, at whichever write", async () => {
    /** Sealed items of which one segment is damaged, an orphan, and items that were never sealed. */
    const left = async () => {
      const home = new MortalHome();
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
      home.failsAt = home.writes + 2;
      await index.put([fresh]);
      await assert.rejects(index.flush());
      home.mend();
      return home;
    };
    const whole = await left();
    assert.equal((await whole.blobNames()).length, 4, "an orphan");
    const before = whole.writes;
    await whole.open();
    const ofOpening = whole.writes - before;
    assert.ok(ofOpening >= 5, `${ofOpening} writes`);
    for (let dies = 1; dies <= ofOpening; dies += 1) {
      for (const isDone of [false, true]) {
        const home = await left();
        Object.assign(home, { failsAt: home.writes + dies, isDone });
        // What dies while it clears away has opened.
        await home.open().catch(() => undefined);
        home.mend();
        const index = await home.open();
        const at = `write ${dies}${isDone ? ", done" : ""}`;
        await assertWhole(index, home, { sealedVectors: new Map() }, at);
        await index.close();
        await assertNothingLeft(index, home, at);
      }
    }
  });

  it("loses nothing at random moments of random work, 160 times", async () => {
    for (let seed = 1; seed <= 160; seed += 1) await randomly(seed);
  });
});

/** One home, killed at a random write of random work, opened again and checked, three times over. */
async function randomly(seed: number): Promise<void> {
  const random = randomFrom(seed);
  const home = new MortalHome();
  const told: Told = { sealedVectors: new Map() };
  let form = 0;
  for (let life = 0; life < 3; life += 1) {
    Object.assign(home, { failsAt: home.writes + 1 + Math.floor(random() * 30), isDone: random() < 0.5 });
    const work = async () => {
      const index = await home.open();
      const pick = () => [...home.library.values()].filter(() => random() < 0.3);
      for (;;) {
        const chance = random();
        if (chance < 0.5) {
          const again = random() < 0.3 ? pick() : [indexedItem("")];
          const items = again.map((item) => saying(item, `form${form++} seed${seed}`));
          for (const item of items) {
            home.library.set(item.item, item);
            told.sealedVectors.delete(item.item);
          }
          await index.put(items);
        } else if (chance < 0.65) {
          await index.setVectors("e", new Map(pick().map((item) => [item.item, [vectorOf(textOf(item))]])));
        } else if (chance < 0.8) {
          await index.flush();
        } else if (chance < 0.9) {
          const [item] = pick();
          if (!item) continue;
          told.removing = item.item;
          await (random() < 0.5 ? index.remove([item.item]) : index.rewriteWithout([item.item]));
          home.library.delete(item.item);
          delete told.removing;
        } else if (chance < 0.97) {
          await index.tidy();
        } else {
          await index.rebuild(
            (async function* () {
              for (const item of [...home.library.values()]) yield item;
            })(),
          );
        }
      }
    };
    await assert.rejects(work(), /power cut/);
    home.mend();
    const at = `seed ${seed}, life ${life}`;
    const index = await home.open();
    await assertWhole(index, home, told, at);
    await index.close();
    await assertNothingLeft(index, home, at);
    // What was asked for has been answered now, one way or the other.
    const there = new Set((await (await home.reader()).list({}, { limit: 999 })).items);
    if (told.removing !== undefined && !there.has(told.removing)) home.library.delete(told.removing);
    delete told.removing;
  }
}
