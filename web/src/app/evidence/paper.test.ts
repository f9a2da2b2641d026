import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Block, layOut, segments } from "./paper.ts";

const textOf = (blocks: readonly Block[]): string =>
  blocks
    .map((b) =>
      b.type === "paragraph" ? b.segments.map((s) => s.text).join("") : b.type === "quoted" ? textOf(b.blocks) : "",
    )
    .join("|");

test("marks that overlap, touch or lie outside cut the text without losing or doubling a letter", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.tuple(fc.nat(40), fc.nat(40))), (text, marks) => {
      const cut = segments(text, 0, text.length, marks);
      assert.equal(cut.map((s) => s.text).join(""), text);
      let at = 0;
      for (const { text: piece, marked } of cut) {
        for (let i = at; i < at + piece.length; i++)
          assert.equal(
            marked,
            marks.some(([a, b]) => i >= a && i < b),
          );
        at += piece.length;
      }
    }),
  );
});

test("no letter of an item is lost by laying it out, whatever is quoted", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "é", " ", "\n", ">") }),
      fc.array(fc.tuple(fc.nat(30), fc.nat(30))),
      (text, quoted) => {
        assert.equal(textOf(layOut(text, { quoted })).replace(/[\s|]/g, ""), text.replace(/\s/g, ""));
      },
    ),
  );
});

test("a mail is paragraphs, its quoted reply folds with its number of lines, the mark is found in it", () => {
  const text = "Dear traveller,\n\nTP 933 departs.\n\n> one\n> two\n>\n> three\n";
  const blocks = layOut(text, {
    quoted: [[text.indexOf("> one"), text.length]],
    marks: [[text.indexOf("TP"), text.indexOf(" departs")]],
  });
  assert.deepEqual(
    blocks.map((b) => b.type),
    ["paragraph", "paragraph", "quoted"],
  );
  assert.deepEqual(blocks[1], {
    type: "paragraph",
    at: 17,
    flowing: false,
    segments: [
      { text: "TP 933", marked: true },
      { text: " departs.", marked: false },
    ],
  });
  assert.equal(blocks[2]?.type === "quoted" && blocks[2].lines, 4);
  assert.equal(blocks[2]?.type === "quoted" && blocks[2].holdsMark, false);
  const inside = layOut(text, {
    quoted: [[text.indexOf("> one"), text.length]],
    marks: [[text.indexOf("two"), text.indexOf("two") + 3]],
  });
  assert.equal(inside[2]?.type === "quoted" && inside[2].holdsMark, true);
});

test("lines wrapped at 72 columns flow; lists, tables and short lines stand as written", () => {
  const long = "x".repeat(60);
  const flows = (text: string): boolean | undefined => {
    const [b] = layOut(text);
    return b?.type === "paragraph" ? b.flowing : undefined;
  };
  assert.equal(flows(`${long}\n${long}\nend`), true);
  assert.equal(flows(`${long}\n- ${long}\nend`), false);
  assert.equal(flows("Total\n12.00"), false);
  assert.equal(flows(`   ${long}\n   ${long}`.trimStart()), false);
});

test("the rows of a table stay rows", () => {
  const flows = (rows: readonly string[]): boolean =>
    layOut(rows.join("\n")).some((block) => block.type === "paragraph" && block.flowing);
  const named = (day: number) => `date: 2025-01-0${day}; shop: Papierhaus Enge; amount: 96.40; currency: CHF`;
  assert.equal(flows([named(1), named(2), named(3)]), false, "each begins with the first column's name");
  const bare = (words: number, at: number) =>
    `2025-01-0${at}; Papierhaus Enge;${" printer paper;".repeat(words)} 96.40`;
  assert.equal(flows([3, 1, 4, 2].map(bare)), false, "a short one would have held the next one's beginning");
  assert.equal(flows([8, 8, 8].map(bare)), false, "no program wraps so late");
});

test("pages are told where a text has more than one", () => {
  assert.deepEqual(
    layOut("one\ntwo", { pageStarts: [0, 4] }).map((b) => (b.type === "page" ? b.page : b.type)),
    [1, "paragraph", 2, "paragraph"],
  );
  assert.deepEqual(
    layOut("one\ntwo", { pageStarts: [0] }).map((b) => b.type),
    ["paragraph"],
  );
});
