import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { BlobExists, type Blobs } from "../blobs.ts";

/** Opened anew, and empty, for each case. */
export interface OpenedBlobs {
  readonly blobs: Blobs;
  close(): Promise<void>;
}

/** What every Blobs adapter must pass. `open` gives an empty store on the real thing. */
export function testBlobs(name: string, open: () => Promise<OpenedBlobs>): void {
  const withBlobs = (work: (blobs: Blobs) => Promise<void>) => async () => {
    const opened = await open();
    try {
      await work(opened.blobs);
    } finally {
      await opened.close();
    }
  };

  describe(`Blobs: ${name}`, () => {
    it(
      "gives back what was put, whole or streamed, with its size",
      withBlobs(async (blobs) => {
        assert.equal(await blobs.put("whole", Uint8Array.of(1, 2, 3)), 3);
        assert.equal(await blobs.put("streamed", stream([1, 2], [], [3])), 3);
        assert.equal(await blobs.put("nothing", new Uint8Array(0)), 0);
        assert.deepEqual(await got(blobs, "whole"), [1, 2, 3]);
        assert.deepEqual(await got(blobs, "streamed"), [1, 2, 3]);
        assert.deepEqual(await got(blobs, "nothing"), []);
        assert.equal(await blobs.size("streamed"), 3);
        assert.equal(await blobs.size("nothing"), 0);
        assert.equal(await blobs.get("never"), undefined);
        assert.equal(await blobs.get("never", { offset: 0, length: 1 }), undefined);
        assert.equal(await blobs.size("never"), undefined);
      }),
    );

    it(
      "gives any range of the bytes, fewer at the end, none past it",
      withBlobs(async (blobs) => {
        await blobs.put("b", Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7));
        const range = (offset: number, length: number) => got(blobs, "b", { offset, length });
        assert.deepEqual(await range(0, 3), [0, 1, 2]);
        assert.deepEqual(await range(3, 4), [3, 4, 5, 6]);
        assert.deepEqual(await range(6, 100), [6, 7]);
        assert.deepEqual(await range(0, 8), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert.deepEqual(await range(4, 0), []);
        assert.deepEqual(await range(8, 1), []);
        assert.deepEqual(await range(9, 1), []);
        const into = new Uint8Array(6).fill(99);
        assert.deepEqual([...((await blobs.get("b", { offset: 3, length: 4, into })) ?? [])], [3, 4, 5, 6]);
        assert.deepEqual([...((await blobs.get("b", { offset: 6, length: 5, into })) ?? [])], [6, 7]);
        await assert.rejects(range(-1, 2), RangeError);
        await assert.rejects(range(0, -1), RangeError);
      }),
    );

    it(
      "never changes a blob: a second put is refused and the first stays",
      withBlobs(async (blobs) => {
        await blobs.put("b", Uint8Array.of(1));
        await assert.rejects(blobs.put("b", Uint8Array.of(2)), BlobExists);
        await assert.rejects(blobs.put("b", stream([2])), BlobExists);
        assert.deepEqual(await got(blobs, "b"), [1]);
        await blobs.delete("b");
        await blobs.put("b", Uint8Array.of(3));
        assert.deepEqual(await got(blobs, "b"), [3]);
      }),
    );

    it(
      "lets exactly one of many that race for a name win, whole",
      withBlobs(async (blobs) => {
        const puts = Array.from({ length: 8 }, (_, i) => blobs.put("raced", stream([i, i], [i, i])));
        const won = (await Promise.allSettled(puts)).flatMap((end, i) => {
          if (end.status === "rejected") assert.ok(end.reason instanceof BlobExists, String(end.reason));
          return end.status === "fulfilled" ? [i] : [];
        });
        assert.equal(won.length, 1);
        assert.deepEqual(await got(blobs, "raced"), Array(4).fill(won[0]));
      }),
    );

    it(
      "shows nothing of a blob while it streams",
      withBlobs(async (blobs) => {
        let seen = 0;
        const watched = (async function* () {
          for (let i = 0; i < 3; i++) {
            yield new Uint8Array(100_000).fill(i);
            assert.equal(await blobs.get("b"), undefined);
            assert.equal(await blobs.size("b"), undefined);
            assert.deepEqual(await names(blobs), []);
            seen += 1;
          }
        })();
        assert.equal(await blobs.put("b", watched), 300_000);
        assert.equal(seen, 3);
        assert.deepEqual(await names(blobs), ["b"]);
      }),
    );

    it(
      "leaves nothing of a stream that throws, and passes its error on",
      withBlobs(async (blobs) => {
        const broken = (async function* () {
          yield new Uint8Array(200_000);
          throw new Error("the line was cut");
        })();
        await assert.rejects(blobs.put("b", broken), /the line was cut/);
        assert.equal(await blobs.get("b"), undefined);
        assert.deepEqual(await names(blobs), []);
        await blobs.put("b", Uint8Array.of(1));
        assert.deepEqual(await got(blobs, "b"), [1]);
      }),
    );

    it(
      "takes the names the port allows and no others",
      withBlobs(async (blobs) => {
        const good = ["a", "a-b_c.d", "0", "segments/2026/a.seg", "x".repeat(200), "a.b/c-", "_/-"];
        for (const [i, name] of good.entries()) await blobs.put(name, Uint8Array.of(i));
        for (const [i, name] of good.entries()) assert.deepEqual(await got(blobs, name), [i], name);
        assert.deepEqual(await names(blobs), [...good].sort());
        const bad = [
          "",
          ".",
          "..",
          "A",
          "aB",
          "a/B",
          ".hidden",
          "a/../b",
          "a//b",
          "/a",
          "a/",
          "a b",
          "é",
          "a\0",
          "a~b",
          "x".repeat(201),
        ];
        for (const name of [...bad, "a\\b", "a/.b", "a\n"]) {
          await assert.rejects(blobs.put(name, Uint8Array.of(1)), TypeError, JSON.stringify(name));
          await assert.rejects(blobs.get(name), TypeError, JSON.stringify(name));
          await assert.rejects(blobs.size(name), TypeError, JSON.stringify(name));
          await assert.rejects(blobs.delete(name), TypeError, JSON.stringify(name));
        }
        assert.equal((await names(blobs)).length, good.length);
      }),
    );

    it(
      "lists by prefix, and no longer what was deleted",
      withBlobs(async (blobs) => {
        for (const name of ["seg/1", "seg/2", "segment", "other", "item/seg"]) await blobs.put(name, Uint8Array.of(1));
        assert.deepEqual(await names(blobs, "seg/"), ["seg/1", "seg/2"]);
        assert.deepEqual(await names(blobs, "seg"), ["seg/1", "seg/2", "segment"]);
        assert.deepEqual(await names(blobs, "none"), []);
        await blobs.delete("seg/1");
        await blobs.delete("seg/1");
        await blobs.delete("never-there");
        assert.deepEqual(await names(blobs, "seg/"), ["seg/2"]);
        assert.equal(await blobs.get("seg/1"), undefined);
        assert.equal((await names(blobs)).length, 4);
      }),
    );

    it(
      "carries a large stream whole, and ranges of it",
      withBlobs(async (blobs) => {
        const parts = 96;
        const part = (i: number) => new Uint8Array(65_537).fill(i);
        const large = (async function* () {
          for (let i = 0; i < parts; i++) yield part(i);
        })();
        const hash = createHash("sha256");
        for (let i = 0; i < parts; i++) hash.update(part(i));
        const size = parts * 65_537;
        assert.equal(await blobs.put("large", large), size);
        assert.equal(await blobs.size("large"), size);
        const whole = (await blobs.get("large")) ?? new Uint8Array(0);
        assert.equal(createHash("sha256").update(whole).digest("hex"), hash.digest("hex"));
        assert.deepEqual(await got(blobs, "large", { offset: 65_536, length: 2 }), [0, 1]);
        assert.deepEqual(await got(blobs, "large", { offset: size - 1, length: 2 }), [parts - 1]);
      }),
    );
  });
}

async function got(blobs: Blobs, name: string, range?: { offset: number; length: number }): Promise<number[]> {
  return [...((await blobs.get(name, range)) ?? assert.fail(`no blob named ${name}`))];
}

async function names(blobs: Blobs, prefix?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const name of blobs.list(prefix)) found.push(name);
  return found.sort();
}

async function* stream(...parts: number[][]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Uint8Array.from(part);
}
