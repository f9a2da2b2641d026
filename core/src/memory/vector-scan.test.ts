import assert from "node:assert/strict";
import { test } from "node:test";
import { VectorScan } from "./vector-scan.ts";

test("every product is the inner product, whatever the number of dimensions and rows", () => {
  let state = 1;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
  for (const dimensions of [1, 3, 16, 100, 128, 384, 385]) {
    const scan = new VectorScan(dimensions);
    assert.deepEqual(scan.products(new Float32Array(dimensions)), new Float32Array(0));
    const rows = Array.from({ length: 150 }, () => Float32Array.from({ length: dimensions }, random));
    const queries = [rows[0] ?? new Float32Array(0), Float32Array.from({ length: dimensions }, random)];
    for (const [n, row] of rows.entries()) {
      scan.add(row);
      if (n !== 63 && n !== 64 && n !== 149) continue;
      for (const query of queries) {
        const products = scan.products(query);
        assert.equal(products.length, n + 1);
        for (const [i, product] of products.entries()) {
          const exact = rows[i]?.reduce((sum, value, d) => sum + value * (query[d] ?? 0), 0) ?? Number.NaN;
          assert.ok(Math.abs(product - exact) < 1e-4, `${dimensions} dimensions, row ${i}: ${product} for ${exact}`);
        }
      }
    }
  }
});
