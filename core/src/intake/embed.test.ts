import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../item.ts";
import type { StoredItem } from "../library.ts";
import type { Embedder } from "../search/embedder.ts";
import { type Embedding, embedWaiting, NothingTaken } from "./embed.ts";

function reading(...passages: string[]): Reading {
  const text = passages.join("\n");
  let at = 0;
  const cut = passages.map((passage) => {
    const start = at;
    at += passage.length + 1;
    return { start, end: start + passage.length, context: "From Ana" };
  });
  return { text, passages: cut, madeBy: "test" };
}

function itemOf(id: string): StoredItem {
  const place = { source: "s", trust: "owner" as const, mediaType: "text/plain", size: 1, takenInAt: 0 };
  return { id, kind: "note", title: `Note ${id}`, people: [], ...place, seen: [] };
}

/** Readings by item, and an index that keeps which items have vectors of the right number. */
function world(readings: Record<string, Reading>) {
  const vectors = new Map<string, readonly Float32Array[]>();
  const told: (Embedding | undefined)[] = [];
  const asked: string[] = [];
  let flushes = 0;
  const embedder: Embedder = {
    id: "length-1",
    label: "by length",
    dimensions: 1,
    weight: 0.5,
    embed: async (texts) => {
      asked.push(...texts);
      return texts.map((text) => new Float32Array([text.length]));
    },
  };
  const deps = {
    library: {
      reading: async (id: string) => readings[id],
      items: async (ids: readonly string[]) => ids.map((id) => (readings[id] ? itemOf(id) : undefined)),
    },
    index: {
      setVectors: async (_: string, byItem: ReadonlyMap<string, readonly Float32Array[]>) => {
        for (const [id, own] of byItem) if (own.length === readings[id]?.passages.length) vectors.set(id, own);
      },
      flush: async () => void flushes++,
      stats: () => ({ items: 0, passages: 9, livePassages: 0, segments: 0, embedded: vectors.size, bytes: 0 }),
      withoutVectors: async (_: string, limit: number) =>
        Object.keys(readings)
          .filter((id) => !vectors.has(id))
          .slice(0, limit),
    },
    embedder: async (): Promise<Embedder | undefined> => embedder,
    tell: (progress: Embedding | undefined) => void told.push(progress),
  };
  return { deps, embedder, vectors, told, asked, flushes: () => flushes };
}

test("every passage is embedded once, a short one with its title and context, and the index is flushed", async () => {
  const { deps, vectors, asked, told, flushes } = world({ a: reading("one", "two"), b: reading("three") });
  await embedWaiting(deps, new AbortController().signal);
  assert.deepEqual(asked, ["Note a\nFrom Ana\none", "Note a\nFrom Ana\ntwo", "Note b\nFrom Ana\nthree"]);
  assert.equal(vectors.get("a")?.length, 2);
  assert.equal(vectors.get("b")?.length, 1);
  assert.equal(told[0]?.embedder, "by length");
  assert.equal(told.at(-1), undefined);
  assert.equal(flushes(), 1);
});

test("without an embedder nothing is done", async () => {
  const { deps, vectors, flushes } = world({ a: reading("one") });
  await embedWaiting({ ...deps, embedder: async () => undefined }, new AbortController().signal);
  assert.equal(vectors.size, 0);
  assert.equal(flushes(), 0);
});

test("vectors that do not fit end the job instead of going round for ever", async () => {
  const { deps, embedder } = world({ a: reading("one", "two") });
  const short = { ...embedder, embed: async () => [new Float32Array([1])] };
  const work = embedWaiting({ ...deps, embedder: async () => short }, new AbortController().signal);
  await assert.rejects(work, NothingTaken);
});

test("a stop ends it between batches, and the rest is made later", async () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`item-${i}`, reading(`text ${i}`)]));
  const { deps, vectors, embedder } = world(many);
  const stop = new AbortController();
  const once: Embedder = {
    ...embedder,
    embed: (texts, purpose) => {
      stop.abort(new Error("stopping"));
      return embedder.embed(texts, purpose);
    },
  };
  await assert.rejects(embedWaiting({ ...deps, embedder: async () => once }, stop.signal), /stopping/);
  assert.ok(vectors.size > 0 && vectors.size < 80);
  await embedWaiting(deps, new AbortController().signal);
  assert.equal(vectors.size, 80);
});

test("everything else goes on between a few texts, also with an embedder that never waits", async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`item-${i}`, reading(`text ${i}`, "more")]));
  const { deps, embedder, asked } = world(many);
  let sinceTurn = 0;
  let most = 0;
  let turn = setImmediate(function turned() {
    sinceTurn = 0;
    turn = setImmediate(turned);
  });
  const counting: Embedder = {
    ...embedder,
    embed: (texts, purpose) => {
      sinceTurn += texts.length;
      most = Math.max(most, sinceTurn);
      return embedder.embed(texts, purpose);
    },
  };
  await embedWaiting({ ...deps, embedder: async () => counting }, new AbortController().signal);
  clearImmediate(turn);
  assert.equal(asked.length, 400);
  assert.ok(most <= 64, `${most} texts at once`);
});

test("what comes in during the flush has its vectors too", async () => {
  const readings: Record<string, Reading> = { a: reading("one") };
  const { deps, vectors, flushes } = world(readings);
  const flush = deps.index.flush;
  deps.index.flush = async () => {
    readings.b ??= reading("two");
    await flush();
  };
  await embedWaiting(deps, new AbortController().signal);
  assert.deepEqual([...vectors.keys()], ["a", "b"]);
  assert.equal(flushes(), 2);
});
