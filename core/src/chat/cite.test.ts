import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeLibrary } from "../testing/fake-library.ts";
import { type CiteOutput, CiteStream } from "./cite.ts";
import { Desk } from "./desk.ts";

const ITEMS = [
  { id: "a", title: "Rent", text: "The rent is CHF 2,340 a month. Pets [cats] are allowed." },
  { id: "b", title: "Van", text: "The van costs CHF 168." },
];

async function cited(pieces: readonly string[]) {
  const { find, library } = fakeLibrary(ITEMS);
  const desk = new Desk("UTC");
  const { hits } = await find("rent van CHF", { limit: 5 });
  for (const id of ["a", "b"]) {
    const hit = hits.find((candidate) => candidate.id === id);
    assert.ok(hit);
    desk.put(hit, await library.reading(id), 1000);
  }
  const stream = new CiteStream(desk, library.reading);
  const out: CiteOutput[] = [];
  for (const piece of pieces) out.push(...(await stream.push(piece)));
  out.push(...(await stream.end()));
  const text = out.map((output) => (output.type === "text" ? output.delta : "")).join("");
  return { text, citations: stream.citations };
}

test("a marker becomes a number, and its quote is looked up in the item", async () => {
  const { text, citations } = await cited(["It is CHF 2,340 [[1|rent is CHF 2,340]]. Good."]);
  assert.equal(text, "It is CHF 2,340[^1]. Good.");
  assert.deepEqual(
    citations.map(({ n, item, verified, start, end }) => ({ n, item, verified, start, end })),
    [{ n: 1, item: "a", verified: true, start: 4, end: 21 }],
  );
});

test("wherever the stream is cut, the same comes out", async () => {
  const whole =
    "A [[1|rent is CHF 2,340]] b [1] [x](y) [[2|CHF 168]]. [[1|Pets [cats]]] c [[ d ]] [[1|rent is CHF 2,340]]";
  const expected = await cited([whole]);
  assert.equal(expected.text, "A[^1] b [1] [x](y)[^2].[^3] c [[ d ]][^1]");
  assert.deepEqual(
    expected.citations.map(({ verified }) => verified),
    [true, true, true],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 12 }), async (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const pieces = at.slice(1).map((end, i) => whole.slice(at[i], end));
      assert.deepEqual(await cited(pieces), expected);
    }),
    { numRuns: 60 },
  );
});

test("a quote that is not there is shown as not verified; a miscounted number is put right", async () => {
  const { citations } = await cited(["x [[1|rent is CHF 2,350]] y [[1|The van costs CHF 168.]] z [[9|CHF 168]]"]);
  assert.deepEqual(
    citations.map(({ item, verified }) => ({ item, verified })),
    [
      { item: "a", verified: false },
      { item: "b", verified: true },
      { item: "b", verified: true },
    ],
  );
});

test("what names no passage, quotes nothing, or is never closed leaves no marker behind", async () => {
  assert.equal((await cited(["a [[9|nowhere at all]] b"])).text, "a b");
  assert.equal((await cited(["a [[1]] b [[2|]] c"])).text, "a b c");
  assert.equal((await cited(["a [[1|rent is"])).text, "a");
  assert.equal((await cited(["a [", "b"])).text, "a [b");
  assert.equal((await cited(["ends with ["])).text, "ends with [");
});
