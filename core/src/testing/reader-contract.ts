import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reader, ReaderInput } from "../intake/reader.ts";

/**
 * What every Reader must pass. `open` gives one on the real thing; `saying` makes an input that reads as a document
 * with exactly this text.
 */
export function testReader(name: string, open: () => Reader, saying: (text: string) => ReaderInput): void {
  const withReader = (work: (reader: Reader) => Promise<void>) => async () => {
    const reader = open();
    try {
      await work(reader);
    } finally {
      await reader.close();
    }
  };
  const nonsense = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7919 + (at >> 3)) % 256);

  describe(`Reader: ${name}`, () => {
    it(
      "answers in the order of the questions, one bad one among them or not",
      withReader(async (reader) => {
        const inputs = Array.from({ length: 60 }, (_, at) =>
          saying(`text ${at} ${"more ".repeat((at * 37) % 400)}`.trim()),
        );
        inputs[20] = { name: "nonsense.bin", bytes: nonsense };
        const outcomes = await reader.readMany(inputs);
        assert.equal(outcomes.length, 60);
        for (const [at, outcome] of outcomes.entries()) {
          if (at === 20) assert.equal(outcome.ok, false);
          else
            assert.ok(outcome.ok && "document" in outcome && outcome.document.text.startsWith(`text ${at}`), `${at}`);
        }
        assert.deepEqual(await reader.readMany([]), []);
      }),
    );

    it(
      "gives a reading or a reason for any bytes, whatever they are called",
      withReader(async (reader) => {
        const names = [
          "",
          "a",
          "a.eml",
          "a.zip",
          "a.pdf",
          "a.docx",
          "a.ics",
          "a.vcf",
          "a.csv",
          "a.html",
          "../../x",
          "a\0b",
        ];
        for (const bytes of [new Uint8Array(0), new Uint8Array(100), nonsense, nonsense.subarray(0, 1)]) {
          for (const each of names) {
            const outcome = await reader.read({ name: each, bytes });
            if (!outcome.ok) assert.ok(outcome.reason.length > 0);
            else if ("document" in outcome) assert.ok(outcome.document.title.length > 0, `a title for ${each}`);
          }
        }
      }),
    );

    it(
      "leaves the bytes it was given as they were",
      withReader(async (reader) => {
        const input = saying("unchanged");
        const before = Buffer.from(input.bytes);
        await reader.read(input);
        assert.deepEqual(Buffer.from(input.bytes), before);
      }),
    );

    it("may be closed twice, and unused", async () => {
      const reader = open();
      await reader.close();
      await reader.close();
    });
  });
}
