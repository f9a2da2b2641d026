import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MortalHome } from "../../testing/mortal-home.ts";
import { indexedItem } from "../../testing/passage-index-contract.ts";
import type { IndexRequest } from "../passage-index.ts";
import { parseQuery } from "../query.ts";
import { SealedPositions } from "./positions.ts";

function asked(text: string, more: Partial<IndexRequest> = {}): IndexRequest {
  const query = parseQuery(text, { now: 0, timeZone: "UTC" });
  return { ...query, limit: 9, now: 0, ...more };
}

/** A home of four sealed segments, not opened. */
async function sealedHome() {
  const home = new MortalHome();
  const index = await home.open();
  const texts = ["the red lighthouse", "a lighthouse, red", "the blue harbour, the red lighthouse", "red e-mail light"];
  const items = texts.map((text, i) => indexedItem(text, { title: i === 1 ? "red lighthouse keeper" : "" }));
  for (const item of items) {
    home.library.set(item.item, item);
    await index.put([item]);
    await index.flush();
  }
  return { home, index, items };
}

const QUESTIONS = [
  asked('"red lighthouse"'),
  asked('"the red lighthouse" harbour'),
  asked('lighthouse -"blue harbour"'),
  asked('subject:"lighthouse keeper"'),
  asked("e-mail"),
  asked('"lighthouses"'),
  asked("red lighthouse", { explain: true, facets: true }),
];

/** Counts what is read of segments. */
function counting(home: MortalHome) {
  const counted = { reads: 0 };
  const { blobs } = home;
  const get = blobs.get.bind(blobs);
  blobs.get = (name, range) => {
    counted.reads += 1;
    return get(name, range);
  };
  return counted;
}

describe("positions that stay sealed", () => {
  it("are read when a phrase, a subject or an explanation asks for them, with the answers of those in RAM", async () => {
    const { home, index } = await sealedHome();
    const known = [];
    for (const question of QUESTIONS) known.push(await index.search(question));
    assert.deepEqual(
      known.map(({ total }) => total),
      [3, 2, 2, 1, 1, 0, 4],
    );
    const ids = known.map(({ hits }) => hits.map(({ item }) => item));
    await index.tidy();
    for (const [n, question] of QUESTIONS.entries()) {
      assert.deepEqual((await index.search(question)).hits.map(({ item }) => item).sort(), ids[n]?.toSorted());
    }
    await index.close();
    const opened = await home.open();
    const counted = counting(home);
    await opened.search(asked("red lighthouse"));
    assert.equal(counted.reads, 0);
    for (const [n, question] of QUESTIONS.entries()) assert.deepEqual(await opened.search(question), known[n]);
    assert.ok(counted.reads > 0);
    const before = counted.reads;
    for (const question of QUESTIONS) await opened.search(question);
    assert.equal(counted.reads, before, "once they were read");
    const subject = asked('subject:"lighthouse keeper"').filter;
    assert.equal((await opened.list(subject, { limit: 9 })).total, 1);
    await opened.close();
  });

  it("answer many at once, and while their segment is merged away", async () => {
    const { home, index } = await sealedHome();
    await index.close();
    const opened = await home.open();
    const merging = opened.tidy();
    for (const found of await Promise.all(QUESTIONS.map((question) => opened.search(question)))) assert.ok(found);
    await merging;
    assert.equal(opened.stats().segments, 1);
    assert.equal((await opened.search(asked('"red lighthouse"'))).total, 3);
    await opened.close();
    const again = await home.open();
    assert.equal((await again.search(asked('"the red lighthouse"'))).total, 2);
    await again.close();
  });

  it("that cannot be read any more fail those who ask for them, and nobody else", async () => {
    const { home, index } = await sealedHome();
    await index.close();
    const opened = await home.open();
    await home.damage();
    await assert.rejects(opened.search(asked('"the red lighthouse"')), /does not open|missing/);
    assert.equal((await opened.search(asked("red lighthouse"))).total, 4);
    await opened.close();
    const mended = await home.open();
    assert.equal(mended.damaged.length, 1);
    assert.equal((await mended.search(asked('"the red lighthouse"'))).total, 2);
    await mended.close();
  });

  it("keep to an eighth of them all once nobody waits, those asked for last", async () => {
    const size = 8_000_000;
    const positions = new SealedPositions(100, size, async (offset, length) =>
      new Uint8Array(length).fill(offset - 100),
    );
    const ask = async (n: number) => {
      const missed = positions.span(n, n + 400_000) === undefined;
      if (missed) await positions.fetch();
      assert.equal(positions.span(n, n + 400_000)?.bytes[0], n);
      return missed;
    };
    for (const n of [1, 2, 3, 1]) await ask(n);
    positions.shed();
    assert.deepEqual([await ask(1), await ask(3), await ask(2)], [false, false, true]);
  });
});
