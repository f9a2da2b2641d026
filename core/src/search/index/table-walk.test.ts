import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StringTable, sortStrings } from "./strings.ts";
import { TableWalk } from "./table-walk.ts";

test("visits every string of several tables once, in their order, with all tables that hold it", () => {
  const string = fc.string({ unit: fc.constantFrom("a", "b", "\0", "é", "\uffff", "😀"), maxLength: 9 });
  const prefix = fc.constantFrom("", "0199c3a0-");
  const tables = fc.array(fc.uniqueArray(string, { maxLength: 20 }), { maxLength: 6 });
  fc.assert(
    fc.property(tables, prefix, (lists, shared) => {
      const sorted = lists.map((list) => sortStrings(list.map((text) => shared + text)));
      const walk = new TableWalk(sorted.map((list) => StringTable.from(list)));
      const visited: { text: string | undefined; holders: number[] }[] = [];
      while (walk.next()) {
        const texts = walk.holders.map((table) => sorted[table]?.[walk.at[table] ?? 0]);
        assert.equal(new Set(texts).size, 1);
        visited.push({ text: texts[0], holders: [...walk.holders] });
      }
      const wanted = sortStrings([...new Set(sorted.flat())]).map((text) => ({
        text,
        holders: sorted.flatMap((list, table) => (list.includes(text) ? [table] : [])),
      }));
      assert.deepEqual(visited, wanted);
    }),
  );
});
