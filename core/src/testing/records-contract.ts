import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Change,
  MAX_BODY,
  MAX_CHANGES,
  type NewRow,
  type Range,
  type Records,
  RecordsConflict,
  RecordsLimit,
  type Row,
} from "../records.ts";
import type { FakeClock } from "./fake-clock.ts";
import { bytes, doesWhatAMapWould, text } from "./records-model.ts";

/** Opened anew, and empty, for each case. The adapter takes its time from `clock`. */
export interface OpenedRecords {
  readonly records: Records;
  readonly clock: FakeClock;
  close(): Promise<void>;
}

export interface RecordsTraits {
  /** Rows of 20 kB that make a large partition: 1,000, or fewer (in hundreds) where each write is slow. */
  readonly many?: number;
}

/** What every Records adapter must pass. `open` gives an empty store on the real thing. */
export function testRecords(name: string, open: () => Promise<OpenedRecords>, traits: RecordsTraits = {}): void {
  const many = traits.many ?? 1_000;
  const withStore = (work: (opened: OpenedRecords) => Promise<void>) => async () => {
    const opened = await open();
    try {
      await work(opened);
    } finally {
      await opened.close();
    }
  };

  describe(`Records: ${name}`, () => {
    it(
      "gives back what was put, counts versions from 1, and forgets what was deleted",
      withStore(async ({ records }) => {
        await records.write([put("p", "a", "one")]);
        await records.write([put("p", "a", "two")]);
        assert.deepEqual(plain(await records.get(key("p", "a"))), { sort: "a", text: "two", version: 2 });
        assert.equal(await records.get(key("p", "b")), undefined);
        assert.equal(await records.get(key("q", "a")), undefined);
        await records.write([{ delete: key("p", "a") }, { delete: key("p", "never") }]);
        assert.equal(await records.get(key("p", "a")), undefined);
        await records.write([put("p", "a", "three")]);
        assert.equal((await records.get(key("p", "a")))?.version, 1);
      }),
    );

    it(
      "keeps the bytes as they were when they were put, and when they were read",
      withStore(async ({ records }) => {
        const body = new Uint8Array([0, 255, 1]);
        await records.write([{ put: { ...key("p", "a"), body } }]);
        body[0] = 9;
        const read = await records.get(key("p", "a"));
        assert.deepEqual([...(read?.body ?? [])], [0, 255, 1]);
        read?.body.fill(7);
        assert.deepEqual([...((await records.get(key("p", "a")))?.body ?? [])], [0, 255, 1]);
        await records.write([{ put: { ...key("p", "empty"), body: new Uint8Array(0) } }]);
        assert.equal((await records.get(key("p", "empty")))?.body.length, 0);
      }),
    );

    it(
      "gives several rows in the order asked, absent and doubled ones included",
      withStore(async ({ records }) => {
        await records.write([put("p", "a", "A"), put("p", "b", "B"), put("q", "a", "QA")]);
        const found = await records.getMany([key("p", "b"), key("p", "x"), key("q", "a"), key("p", "b")]);
        assert.deepEqual(
          found.map((row) => row && text(row)),
          ["B", undefined, "QA", "B"],
        );
        assert.deepEqual(await records.getMany([]), []);
      }),
    );

    it(
      "writes nothing at all when one condition does not hold, and names the first key that refused",
      withStore(async ({ records }) => {
        await records.write([put("p", "a", "A"), put("p", "b", "B")]);
        const refused = async (changes: Change[], sort: string) => {
          await assert.rejects(
            records.write([put("p", "new", "N"), { delete: key("p", "b") }, ...changes]),
            (error) => error instanceof RecordsConflict && error.key.partition === "p" && error.key.sort === sort,
          );
          assert.equal(await records.get(key("p", "new")), undefined);
          assert.deepEqual(plain(await records.get(key("p", "a"))), { sort: "a", text: "A", version: 1 });
          assert.deepEqual(plain(await records.get(key("p", "b"))), { sort: "b", text: "B", version: 1 });
        };
        await refused([{ ...put("p", "a", "x"), if: "absent" }], "a");
        await refused([{ ...put("p", "a", "x"), if: { version: 2 } }], "a");
        await refused([{ ...put("p", "c", "x"), if: { version: 1 } }], "c");
        await refused([{ delete: key("p", "a"), if: { version: 7 } }], "a");
        await refused([{ delete: key("p", "c"), if: { version: 1 } }], "c");
        await refused([{ check: key("p", "a"), if: "absent" }], "a");
        await refused([{ check: key("p", "c"), if: { version: 1 } }], "c");
        await refused(
          [
            { check: key("p", "a"), if: { version: 2 } },
            { check: key("p", "c"), if: { version: 2 } },
          ],
          "a",
        );
      }),
    );

    it(
      "writes everything when all conditions hold; a check leaves its row as it was",
      withStore(async ({ records }) => {
        await records.write([{ ...put("p", "a", "A"), if: "absent" }, put("p", "b", "B")]);
        await records.write([
          { check: key("p", "a"), if: { version: 1 } },
          { check: key("p", "zz"), if: "absent" },
          { ...put("p", "b", "B2"), if: { version: 1 } },
          { ...put("q", "c", "C"), if: "absent" },
          { delete: key("p", "none"), if: "absent" },
        ]);
        assert.equal((await records.get(key("p", "a")))?.version, 1);
        assert.deepEqual(plain(await records.get(key("p", "b"))), { sort: "b", text: "B2", version: 2 });
        await records.write([{ delete: key("q", "c"), if: { version: 1 } }]);
        assert.equal(await records.get(key("q", "c")), undefined);
      }),
    );

    it(
      "lets exactly one of many that race for a version win",
      withStore(async ({ records }) => {
        await records.write([put("p", "a", "0")]);
        const tries = Array.from({ length: 20 }, (_, i) =>
          records.write([{ ...put("p", "a", String(i)), if: { version: 1 } }, put("p", `mark-${i}`, "x")]),
        );
        const won = (await Promise.allSettled(tries)).flatMap((end, i) => (end.status === "fulfilled" ? [i] : []));
        assert.equal(won.length, 1);
        assert.deepEqual(plain(await records.get(key("p", "a"))), { sort: "a", text: String(won[0]), version: 2 });
        assert.deepEqual(await sorts(records, "p", { prefix: "mark-" }), [`mark-${won[0]}`]);
      }),
    );

    it(
      "queries a partition by its sort keys, both ways, within every kind of bound",
      withStore(async ({ records }) => {
        await records.write(["a", "b", "b1", "b2", "c", "d"].map((sort) => put("p", sort, sort)));
        await records.write([put("o", "b", "other"), put("p2", "b", "other")]);
        const asked = async (range: Range | undefined, expected: string) => {
          assert.equal((await sorts(records, "p", range)).join(" "), expected, JSON.stringify(range));
        };
        await asked(undefined, "a b b1 b2 c d");
        await asked({ reverse: true }, "d c b2 b1 b a");
        await asked({ from: "b" }, "b b1 b2 c d");
        await asked({ after: "b" }, "b1 b2 c d");
        await asked({ to: "b1" }, "a b b1");
        await asked({ from: "b", to: "c" }, "b b1 b2 c");
        await asked({ after: "b", to: "c", reverse: true }, "c b2 b1");
        await asked({ from: "b1", after: "b" }, "b1 b2 c d");
        await asked({ prefix: "b" }, "b b1 b2");
        await asked({ prefix: "b", after: "b", limit: 1 }, "b1");
        await asked({ prefix: "b", reverse: true, limit: 2 }, "b2 b1");
        await asked({ prefix: "b", to: "b1" }, "b b1");
        await asked({ prefix: "" }, "a b b1 b2 c d");
        await asked({ limit: 0 }, "");
        await asked({ from: "c", to: "b" }, "");
        await asked({ prefix: "x" }, "");
      }),
    );

    it(
      "orders sort keys by their UTF-8 bytes, not by UTF-16 units or a language",
      withStore(async ({ records }) => {
        const words = ["z", "é", "Z", "\u{1f600}", "\uffe5", "\ue000", "a", "\ud7ff", "aa", "\u{10ffff}", "~", "0"];
        await records.write(words.map((sort) => put("p", sort, "x")));
        const bytewise = [...words].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(await sorts(records, "p"), bytewise);
        assert.deepEqual(await sorts(records, "p", { reverse: true }), bytewise.toReversed());
        assert.deepEqual(await sorts(records, "p", { prefix: "\u{10ffff}" }), ["\u{10ffff}"]);
        assert.deepEqual(await sorts(records, "p", { prefix: "\ud7ff" }), ["\ud7ff"]);
        assert.deepEqual(await sorts(records, "p", { after: "\uffe5" }), ["\u{1f600}", "\u{10ffff}"]);
      }),
    );

    it(
      "gives every row of a large partition once, also while others are written and deleted",
      withStore(async ({ records }) => {
        const name = (i: number) => String(i).padStart(4, "0");
        for (let start = 0; start < many; start += 100) {
          await records.write(Array.from({ length: 100 }, (_, i) => put("p", name(start + i), "x".repeat(20_000))));
        }
        assert.equal((await sorts(records, "p", { limit: many - 100 })).length, many - 100);
        for (const reverse of [false, true]) {
          const seen: string[] = [];
          for await (const row of records.query("p", { reverse })) {
            seen.push(row.sort);
            if (seen.length % 50 === 0) {
              await records.write([put("p", `${row.sort}-${reverse}`, "new"), { delete: key("q", "none") }]);
            }
          }
          assert.equal(new Set(seen).size, seen.length, "no row twice");
          const old = new Set(seen.filter((sort) => sort.length === 4));
          assert.equal(old.size, many, "every row that was there before");
        }
      }),
    );

    it(
      "never shows an expired row, which counts as absent, swept or not",
      withStore(async ({ records, clock }) => {
        const expiresAt = clock.now() + 1_000;
        await records.write([{ put: { ...key("p", "a"), body: bytes("A"), expiresAt } }, put("p", "b", "B")]);
        await clock.advance(999);
        assert.equal((await records.get(key("p", "a")))?.expiresAt, expiresAt);
        assert.deepEqual(await sorts(records, "p"), ["a", "b"]);
        await clock.advance(1);
        assert.equal(await records.get(key("p", "a")), undefined);
        assert.deepEqual(await records.getMany([key("p", "a")]), [undefined]);
        assert.deepEqual(await sorts(records, "p"), ["b"]);
        assert.deepEqual(await sorts(records, "p", { limit: 1 }), ["b"], "it takes no place under a limit");
        await assert.rejects(records.write([{ check: key("p", "a"), if: { version: 1 } }]), RecordsConflict);
        await records.write([{ ...put("p", "a", "again"), if: "absent" }]);
        const again = await records.get(key("p", "a"));
        assert.equal(again?.version, 1);
        assert.equal(again?.expiresAt, undefined);
      }),
    );

    it(
      "keeps to its limits, and writes nothing past them",
      withStore(async ({ records }) => {
        const big = new Uint8Array(MAX_BODY);
        const refused = async (changes: Change[]) => {
          await assert.rejects(records.write([put("p", "first", "x"), ...changes]), RecordsLimit);
          assert.deepEqual(await sorts(records, "p"), []);
        };
        await refused([{ put: { ...key("p", "a"), body: new Uint8Array(MAX_BODY + 1) } }]);
        await refused([put("p", "a", "1"), put("p", "a", "2")]);
        await refused([put("p", "a", "1"), { check: key("p", "a"), if: "absent" }]);
        await refused(Array.from({ length: MAX_CHANGES }, (_, i) => put("p", `n${i}`, "x")));
        await refused(Array.from({ length: 10 }, (_, i) => ({ put: { ...key("p", `n${i}`), body: big } })));
        await records.write(Array.from({ length: 10 }, (_, i) => ({ put: { ...key("p", `n${i}`), body: big } })));
        await records.write(Array.from({ length: MAX_CHANGES }, (_, i) => put("q", `n${i}`, "x")));
        assert.equal((await sorts(records, "p")).length, 10);
        assert.equal((await sorts(records, "q")).length, MAX_CHANGES);
        await records.write([]);
      }),
    );

    it("does what a map would do, whatever is asked of it", () => doesWhatAMapWould(open));
  });
}

const key = (partition: string, sort: string) => ({ partition, sort });

function put(partition: string, sort: string, words: string): { put: NewRow } {
  return { put: { partition, sort, body: bytes(words) } };
}

function plain(row: Row | undefined) {
  return row && { sort: row.sort, text: text(row), version: row.version };
}

async function sorts(records: Records, partition: string, range?: Range): Promise<string[]> {
  const found: string[] = [];
  for await (const row of records.query(partition, range)) found.push(row.sort);
  return found;
}
