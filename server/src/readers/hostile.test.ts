import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { ReaderOutcome } from "@steward/core/intake/reader.ts";
import { zipSync } from "fflate";
import { openReaders } from "./index.ts";

/** Documents made to hurt. Each ends in a reading or a reason, and the reader still reads what comes after. */
const readers = openReaders({ processes: 1, memoryMb: 1024 });
after(() => readers.close());

type Content = string | Uint8Array;
const bytesOf = (content: Content) => (typeof content === "string" ? Buffer.from(content) : content);

async function readBesideOthers(name: string, content: Content): Promise<ReaderOutcome> {
  const good = { name: "good.eml", bytes: Buffer.from("From: a@x.org\nSubject: good\n\nfine") };
  const [before, outcome, behind] = await readers.readMany([good, { name, bytes: bytesOf(content) }, good]);
  for (const each of [before, behind]) assert.ok(each?.ok && "document" in each && each.document.text === "fine");
  assert.ok(outcome);
  return outcome;
}

const MB = 1024 * 1024;

describe("mails", () => {
  test("nested 100,000 deep are too deep", async () => {
    let nested = "From: a@x.org\n";
    const levels = [];
    for (let level = 0; level < 100_000; level++) {
      levels.push(`Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`);
    }
    nested += levels.join("");
    const outcome = await readBesideOthers("deep.eml", nested);
    assert.ok(!outcome.ok);
    assert.equal(outcome.code, "too-deep");
  });

  test("within mails within mails give one layer at a time", async () => {
    let mail = "From: a@x.org\nSubject: core\n\nx";
    for (let level = 0; level < 500; level++) mail = `From: a@x.org\nContent-Type: message/rfc822\n\n${mail}`;
    const outcome = await readBesideOthers("russian.eml", mail);
    assert.ok(outcome.ok && "document" in outcome);
    assert.equal(outcome.document.parts.length, 1);
    const deeper = await readers.read({ name: "x.eml", bytes: bytesOf(mail), depth: 21 });
    assert.ok(!deeper.ok && deeper.code === "too-deep");
  });

  test("whose header never ends are too large", async () => {
    const outcome = await readBesideOthers("header.eml", `From: a@x.org\n${"X-More: and more\n".repeat(200_000)}`);
    assert.ok(!outcome.ok);
    assert.equal(outcome.code, "too-large");
  });

  test("with 100,000 recipients, ids and parts keep to the caps", async () => {
    const many = (line: (at: number) => string, count: number) =>
      Array.from({ length: count }, (_, at) => line(at)).join("");
    const outcome = await readBesideOthers(
      "many.eml",
      `From: a@x.org\nTo: ${many((at) => `p${at}@x.org,\n `, 30_000)}z@x.org\nReferences: ${many((at) => `<${at}@x>\n `, 30_000)}\n\nhi`,
    );
    assert.ok(outcome.ok && "document" in outcome);
    assert.equal(outcome.document.people.length, 5_000);
    assert.equal(outcome.document.references?.length, 1_000);
    const parts = `From: a@x.org\nContent-Type: multipart/mixed; boundary=b\n\n${many(() => "--b\nContent-Type: a/b\n\nx\n", 20_000)}--b--`;
    const split = await readBesideOthers("parts.eml", parts);
    assert.ok(!split.ok);
    assert.equal(split.code, "too-large");
  });
});

describe("archives", () => {
  test("that unpack to a hundred times their size and more are too large", async () => {
    const bomb = zipSync({ "zeros.txt": new Uint8Array(64 * MB) }, { level: 9 });
    assert.ok(bomb.length < MB / 8);
    const outcome = await readBesideOthers("bomb.zip", bomb);
    assert.ok(!outcome.ok);
    assert.equal(outcome.code, "too-large");
  });

  test("that lie about their sizes are found out", async () => {
    const zip = Buffer.from(zipSync({ "zeros.txt": new Uint8Array(64 * MB) }, { level: 9 }));
    // The uncompressed size in the central directory says 10 bytes.
    zip.writeUInt32LE(10, zip.indexOf("PK\x01\x02", 0, "latin1") + 24);
    const outcome = await readBesideOthers("liar.zip", zip);
    assert.ok(outcome.ok && "parts" in outcome);
    assert.equal(outcome.parts.length, 0);
    assert.match(outcome.warnings.join(), /zeros\.txt inside it is damaged/);
  });

  test("within archives give one layer at a time and end at the fourth", async () => {
    let zip: Uint8Array = zipSync({ "a.txt": new Uint8Array(1000) });
    for (let level = 0; level < 6; level++) zip = zipSync({ "inner.zip": zip });
    let depth = 0;
    for (;;) {
      const outcome = await readers.read({ name: "inner.zip", bytes: zip, depth });
      if (!outcome.ok) {
        assert.equal(outcome.code, "too-deep");
        break;
      }
      assert.ok("parts" in outcome && outcome.parts[0]);
      zip = outcome.parts[0].bytes;
      depth += 1;
    }
    assert.equal(depth, 5);
  });

  test("with more than 10,000 files are too large; a document that is a bomb too", async () => {
    const files = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`${at}`, new Uint8Array(0)]));
    const outcome = await readBesideOthers("many.zip", zipSync(files));
    assert.ok(!outcome.ok && outcome.code === "too-large");
    const office = zipSync({ "[Content_Types].xml": new Uint8Array(10), "word/document.xml": new Uint8Array(40 * MB) });
    const bomb = await readBesideOthers("bomb.docx", office);
    assert.ok(!bomb.ok && bomb.code === "too-large");
  });
});

describe("text", () => {
  test("of 100 MB in one line is read up to the cap, and says so", async () => {
    const outcome = await readBesideOthers("line.txt", Buffer.alloc(100 * MB, "word "));
    assert.ok(outcome.ok && "document" in outcome);
    assert.equal(outcome.document.text.length, 16_000_000);
    assert.match(outcome.document.warnings.join(), /first 16 million/);
  });

  test("of lone surrogates, zero bytes and control characters survives the pipe with its offsets", async () => {
    const outcome = await readBesideOthers("odd.md", `# a\ud800b\0c\n\n${"plain words ".repeat(20)}\n\n## \u0001 d`);
    assert.ok(outcome.ok && "document" in outcome);
    assert.equal(outcome.document.marks.length, 2);
    for (const mark of outcome.document.marks) assert.equal(outcome.document.text[mark.start], "#");
  });

  test("of nothing but zero bytes is unsupported", async () => {
    const outcome = await readBesideOthers("zeros.txt", new Uint8Array(MB));
    assert.ok(!outcome.ok && outcome.code === "unsupported");
  });
});

describe("what is meant to make a parser run for ever", () => {
  for (const [name, content] of [
    ["deep.html", `<html>${"<div>".repeat(100_000)}x`],
    ["open.html", `<html>${"<a ".repeat(300_000)}`],
    ["links.html", `<html>${"<link ".repeat(300_000)}`],
    ["headings.html", `<html>${"<h1>".repeat(100_000)}`],
    ["comments.html", `${"<!--".repeat(200_000)}<html>`],
    ["quotes.csv", '"'.repeat(1_000_000)],
    ["columns.csv", ",".repeat(1_000_000)],
    ["fence.md", "`".repeat(1_000_000)],
    ["front.md", `---\n${"a:\n".repeat(300_000)}`],
    ["folded.ics", `BEGIN:VCALENDAR\n${" x\n".repeat(300_000)}`],
    ["begins.ics", "BEGIN:VCALENDAR\n".repeat(50_000)],
    ["begins.vcf", "BEGIN:VCARD\n".repeat(100_000)],
    ["soft.vcf", `BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:${"=\n".repeat(200_000)}\nEND:VCARD`],
    ["headers.txt", "a:\n".repeat(300_000)],
    ["pages.pdf", `%PDF-1.4\n${"1 0 obj <</Kids [1 0 R]>> endobj\n".repeat(50_000)}trailer <</Root 1 0 R>>`],
  ] as const) {
    test(name, async () => {
      const outcome = await readBesideOthers(name, content);
      assert.ok(outcome.ok || outcome.code === "damaged", JSON.stringify(outcome).slice(0, 200));
    });
  }
});

test("answers come in the order of the questions, from several processes too", async () => {
  const several = openReaders({ processes: 2 });
  const inputs = Array.from({ length: 300 }, (_, at) => ({
    name: `${at}.txt`,
    bytes: Buffer.from(`${at} `.repeat(1 + ((at * 7919) % 5_000))),
  }));
  const outcomes = await several.readMany(inputs);
  for (const [at, outcome] of outcomes.entries()) {
    assert.ok(outcome.ok && "document" in outcome);
    assert.equal(outcome.document.title, `${at}.txt`);
  }
  await several.close();
  await assert.rejects(several.read({ name: "late", bytes: new Uint8Array(0) }), /closed/);
});

test("what is larger than a reader takes is refused unread; what was waiting at the end is told", async () => {
  const outcome = await readers.read({ name: "huge", bytes: new Uint8Array(257 * MB) });
  assert.ok(!outcome.ok && outcome.code === "too-large");
  const closing = openReaders({ processes: 1 });
  const waiting = closing.readMany(
    Array.from({ length: 200 }, (_, at) => ({ name: `${at}`, bytes: Buffer.from("x") })),
  );
  await closing.close();
  for (const each of await waiting) assert.ok(each.ok || /stopped|ended/.test(each.reason));
});

test("without work the process ends, and the next document starts another", async () => {
  const brief = openReaders({ processes: 1, idleMs: 1 });
  for (let round = 0; round < 3; round++) {
    const outcome = await brief.read({ name: "a.txt", bytes: Buffer.from("words") });
    assert.ok(outcome.ok);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await brief.close();
});
