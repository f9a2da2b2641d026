import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { indexedItem, wordsOf } from "@steward/core/testing/passage-index-contract.ts";
import { openPostgresIndex, type PostgresIndexOptions } from "./postgres-index.ts";
import type { SqlClient } from "./sql.ts";
import { openPglite } from "./testing/pglite-client.ts";

describe("The index in PostgreSQL", async () => {
  const client = await openPglite();
  after(() => client.close());
  let cases = 0;
  const open = (options: PostgresIndexOptions = {}, over: Partial<SqlClient> = {}) =>
    openPostgresIndex({ ...client, ...over }, { schema: `case${++cases}`, ...options });
  const counted = async (work: () => Promise<unknown>) => {
    const before = client.statements;
    await work();
    return client.statements - before;
  };

  it("takes as many statements for two hundred items as for one, and few for a search", async () => {
    const index = await open();
    const many = Array.from({ length: 200 }, (_, i) => indexedItem(`the plumber came for the boiler, visit ${i}`));
    const one = await counted(() => index.put([indexedItem("the plumber came")]));
    assert.ok(one <= 10, `${one}`);
    assert.equal(await counted(() => index.put(many)), one);
    assert.ok((await counted(() => index.remove(many.slice(0, 50).map(({ item }) => item)))) <= 5);
    const request = wordsOf("plumber boiler", { facets: true });
    // The isolation level, the dictionary, the search with its facets, and what is shown of the hits.
    assert.equal(await counted(() => index.search(request)), 4);
    assert.equal((await index.search(request)).total, 151);
  });

  it("rebuilds in one transaction, keeps vectors of what is the same, drops what is gone", async () => {
    const index = await open();
    const [same, changed, gone] = ["apples", "pears", "plums"].map((text) => indexedItem(text));
    assert.ok(same && changed && gone);
    await index.put([same, changed, gone]);
    await index.setVectors("e", new Map([same, changed, gone].map(({ item }) => [item, [Float32Array.of(1, 0)]])));
    async function* all() {
      if (same) yield same;
      if (changed) yield { ...changed, passages: [{ text: "cherries", context: "" }] };
    }
    async function* broken() {
      yield* all();
      throw new Error("the reading cannot be opened");
    }
    await assert.rejects(index.rebuild(broken()), /cannot be opened/);
    assert.equal((await index.search(wordsOf("plums"))).total, 1);

    await index.rebuild(all());
    assert.deepEqual([index.stats().items, index.stats().passages, index.stats().embedded], [2, 2, 1]);
    assert.equal((await index.search(wordsOf("plums"))).total, 0);
    assert.equal((await index.search(wordsOf("cherries"))).total, 1);
    assert.deepEqual(await index.withoutVectors("e", 9), [changed.item]);
    assert.equal((await index.withoutVectors("other", 9)).length, 2);
  });

  it("asked for exact cosines, measures every vector though there is a graph", async () => {
    const index = await open({ approximate: true });
    const items = Array.from({ length: 600 }, (_, n) => indexedItem(`visit ${n}`));
    await index.put(items);
    const angle = (n: number) => (n * Math.PI) / 600;
    const vectorOf = (n: number) => Float32Array.of(Math.cos(angle(n)), Math.sin(angle(n)), 0);
    await index.setVectors(
      "e",
      new Map(items.map(({ item }, n) => [item, [n === 599 ? new Float32Array(3) : vectorOf(n)]])),
    );
    const vector = { embedder: "e", values: vectorOf(0), exact: true };
    // So that the graph is asked wherever it can be; it does not hold the last one, which has no direction.
    for (const setting of ["enable_seqscan", "enable_sort"]) await client.query(`set ${setting} = off`);
    const { hits, total } = await index.search(wordsOf("", { vector, limit: 600 }));
    for (const setting of ["enable_seqscan", "enable_sort"]) await client.query(`reset ${setting}`);
    assert.deepEqual([hits.length, total], [600, 600]);
    const cosines = new Map(hits.map(({ item, score }) => [item, score]));
    for (const [n, { item }] of items.slice(0, 599).entries()) {
      assert.ok(Math.abs((cosines.get(item) ?? 9) - Math.cos(angle(n))) < 1e-6);
    }
    assert.equal(cosines.get(items[599]?.item ?? ""), 0, "zeros are neither like nor unlike");
  });

  it("leaves nothing of a forgotten item in its tables", async () => {
    const index = await open();
    const item = indexedItem("the canary zyzzyva", { people: [{ role: "from", name: "Quaxolotl" }] });
    await index.put([item, indexedItem("another")]);
    await index.setVectors("e", new Map([[item.item, [Float32Array.of(1, 0)]]]));
    await index.rewriteWithout([item.item]);
    const tables = await client.query("select tablename from pg_tables where schemaname = $1", [`case${cases}`]);
    assert.ok(tables.length >= 8);
    for (const { tablename } of tables) {
      const rows = await client.query(`select t::text as row from case${cases}."${tablename}" t`);
      assert.doesNotMatch(rows.map(({ row }) => row).join("\n"), /zyzzyva|quaxolotl/i, String(tablename));
      assert.doesNotMatch(rows.map(({ row }) => row).join("\n"), new RegExp(item.item));
    }
  });

  it("undoes a put that fails half way", async () => {
    let failing = false;
    const index = await open(
      {},
      {
        transaction: (work) =>
          client.transaction((inside) =>
            work({
              query: async (sql, values) => {
                if (failing && sql.includes(".tally set items = items +")) throw new Error("the connection broke");
                return inside.query(sql, values);
              },
            }),
          ),
      },
    );
    const item = indexedItem("apples");
    await index.put([item]);
    failing = true;
    await assert.rejects(index.put([{ ...item, passages: [{ text: "pears", context: "" }] }]), /broke/);
    failing = false;
    assert.equal((await index.search(wordsOf("apples"))).total, 1);
    assert.equal((await index.search(wordsOf("pears"))).total, 0);
    assert.equal(index.stats().items, 1);
  });

  it("takes whatever is typed for data, never for SQL", async () => {
    const index = await open();
    const item = indexedItem("O'Brien's \\ 100% sure_thing: a & b | !c <-> (d)", { filename: "50%_'off'.pdf" });
    await index.put([item]);
    for (const text of [
      "'",
      "\\",
      "brien's",
      "''); drop table x; --",
      "a:*",
      "!c",
      "<->",
      "100%",
      "\ud800",
      "a\u0000b",
    ]) {
      await index.search(wordsOf("", { clauses: [{ type: "word", text }] }));
      await index.search(wordsOf("", { clauses: [{ type: "phrase", text }] }));
      await index.search(wordsOf("", { clauses: [{ type: "not", text, phrase: true }] }));
      await index.list({ from: [text], subject: [text], thread: text, items: [text] }, { limit: 1 });
    }
    assert.equal((await index.list({ filename: ["50%_'"] }, { limit: 1 })).total, 1);
    assert.equal((await index.list({ filename: ["5_%"] }, { limit: 1 })).total, 0);
  });

  it("opens again with what it held, by the graph of vectors too", async () => {
    const schema = "again";
    const first = await open({ schema, approximate: true });
    const items = Array.from({ length: 20 }, (_, i) => indexedItem(`item ${i}`));
    await first.put(items);
    await first.setVectors(
      "e",
      new Map(items.map(({ item }, i) => [item, [Float32Array.of(Math.cos(i), Math.sin(i))]])),
    );
    const again = await open({ schema, approximate: true });
    assert.deepEqual(again.stats(), first.stats());
    const vector = { embedder: "e", values: Float32Array.of(Math.cos(3), Math.sin(3)), weight: 0.5 };
    assert.equal((await again.search(wordsOf("", { vector, limit: 1 }))).hits[0]?.item, items[3]?.item);
  });
});
