import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { ReadDocument, ReaderInput, ReaderOutcome, ReadPart } from "@steward/core/intake/reader.ts";
import { strToU8, zipSync } from "fflate";
import PDFDocument from "pdfkit";
import { openReaders } from "./index.ts";

const readers = openReaders({ processes: 1 });
after(() => readers.close());

type Content = string | Uint8Array;
async function outcomeOf(name: string, content: Content, more: Partial<ReaderInput> = {}): Promise<ReaderOutcome> {
  return readers.read({ name, bytes: typeof content === "string" ? Buffer.from(content) : content, ...more });
}
async function read(name: string, content: Content, more: Partial<ReaderInput> = {}): Promise<ReadDocument> {
  const outcome = await outcomeOf(name, content, more);
  assert.ok(outcome.ok && "document" in outcome, JSON.stringify(outcome));
  return outcome.document;
}
async function partsOf(name: string, content: Content): Promise<readonly ReadPart[]> {
  const outcome = await outcomeOf(name, content);
  assert.ok(outcome.ok && "parts" in outcome, JSON.stringify(outcome));
  return outcome.parts;
}
async function refusal(name: string, content: Content, more: Partial<ReaderInput> = {}) {
  const outcome = await outcomeOf(name, content, more);
  assert.ok(!outcome.ok, JSON.stringify(outcome).slice(0, 300));
  assert.ok(outcome.reason.length > 10);
  return outcome.code;
}
const marked = ({ text, marks }: ReadDocument) =>
  marks.map((mark) => [mark.kind, mark.level, text.slice(mark.start, mark.end)]);

describe("calendars", () => {
  const calendar = (...events: string[]) =>
    [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      ...events.flatMap((event) => ["BEGIN:VEVENT", event, "END:VEVENT"]),
      "END:VCALENDAR",
      "",
    ]
      .join("\n")
      .replaceAll("\n", "\r\n");

  test("an event says when, where, who and how often", async () => {
    const event = await read(
      "a.ics",
      calendar(`UID:1
SUMMARY:Stand-up\\, weekly
DTSTART;TZID=Europe/Berlin:20260706T100000
DTEND;TZID=Europe/Berlin:20260706T101500
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20261203T000000Z
LOCATION:Room 1
ORGANIZER;CN=Ann:MAILTO:Ann@X.org
ATTENDEE;CN=Bob;PARTSTAT=DECLINED:mailto:bob@x.org
ATTENDEE:mailto:carol@x.org
DESCRIPTION:First line\\nsecond`),
    );
    assert.equal(event.kind, "event");
    assert.equal(event.title, "Stand-up, weekly");
    assert.equal(event.date, "2026-07-06T10:00:00+02:00");
    assert.equal(event.ends, "2026-07-06T10:15:00+02:00");
    assert.deepEqual(event.people, [
      { role: "organizer", name: "Ann", address: "ann@x.org" },
      { role: "attendee", name: "Bob", address: "bob@x.org" },
      { role: "attendee", address: "carol@x.org" },
    ]);
    assert.equal(
      event.text,
      `Stand-up, weekly
When: Monday, 6 July 2026, 10:00–10:15 (Europe/Berlin)
Where: Room 1
Organizer: Ann <ann@x.org>
Attendees: Bob <bob@x.org> (declined), carol@x.org
Repeats: every 2 weeks on Monday and Wednesday until Thursday, 3 December 2026

First line
second`,
    );
  });

  test("whole days, durations, floating times and zones that only the calendar explains", async () => {
    const day = await read("a.ics", calendar("SUMMARY:Trip\nDTSTART;VALUE=DATE:20260401\nDTEND;VALUE=DATE:20260404"));
    assert.deepEqual([day.date, day.ends, day.allDay], ["2026-04-01", "2026-04-04", true]);
    assert.match(day.text, /Wednesday,? 1 April 2026 to Friday,? 3 April 2026, all day/);
    const lasting = await read("a.ics", calendar("SUMMARY:Call\nDTSTART:20260401T093000Z\nDURATION:PT90M"));
    assert.deepEqual([lasting.date, lasting.ends], ["2026-04-01T09:30:00+00:00", "2026-04-01T11:00:00+00:00"]);
    const floating = await read("a.ics", calendar("SUMMARY:Lunch\nDTSTART:20260401T120000"));
    assert.equal(floating.date, "2026-04-01T12:00:00");
    assert.match(floating.warnings.join(), /no time zone/);
    const zone = `BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`.replaceAll("\n", "\r\n");
    const outlook = calendar("SUMMARY:Review\nDTSTART;TZID=W. Europe Standard Time:20260706T140000").replace(
      "BEGIN:VEVENT",
      `${zone}\r\nBEGIN:VEVENT`,
    );
    assert.equal((await read("a.ics", outlook)).date, "2026-07-06T14:00:00+02:00");
    const two = outlook.replace(
      "BEGIN:VEVENT",
      "BEGIN:VEVENT\r\nSUMMARY:Other\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    );
    const parts = await partsOf("a.ics", two);
    assert.deepEqual(
      parts.map((part) => part.filename),
      ["Other.ics", "Review.ics"],
    );
    assert.equal((await read("Review.ics", parts[1]?.bytes ?? "")).date, "2026-07-06T14:00:00+02:00");
  });

  test("cancelled, empty and broken ones", async () => {
    const cancelled = calendar("SUMMARY:Off\nDTSTART:20260401T093000Z").replace(
      "VERSION:2.0",
      "VERSION:2.0\r\nMETHOD:CANCEL",
    );
    assert.match((await read("a.ics", cancelled)).text, /Status: cancelled/);
    assert.deepEqual(await partsOf("a.ics", calendar()), []);
    assert.equal(await refusal("a.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY"), "damaged");
  });
});

describe("cards", () => {
  test("of versions 2.1, 3.0 and 4.0", async () => {
    const old = await read(
      "a.vcf",
      `BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=
=C3=B6rg
TEL;HOME;VOICE:+49 30 123
EMAIL;INTERNET:Joerg@X.de
PHOTO;ENCODING=BASE64;JPEG:/9j/
 4AAQ
END:VCARD`.replaceAll("\n", "\r\n"),
    );
    assert.equal(old.kind, "contact");
    assert.equal(old.title, "Jörg Müller");
    assert.deepEqual(old.people, [
      { role: "self", name: "Jörg Müller", address: "joerg@x.de" },
      { role: "self", name: "Jörg Müller", address: "+49 30 123" },
    ]);
    const newer = `BEGIN:VCARD\nVERSION:3.0\nFN:Ann B\nN:B;Ann;;;\nitem1.EMAIL;TYPE=WORK:ann@x.org\nORG:ACME;Sales\nBDAY:1980-05-06\nNOTE:Likes\\nlong walks\nEND:VCARD\n`;
    assert.equal(
      (await read("a.vcf", newer)).text,
      "Ann B\nOrganization: ACME, Sales\nEmail (work): ann@x.org\nBirthday: 1980-05-06\nNote: Likes long walks",
    );
    const newest = newer.replace("3.0", "4.0").replace("TYPE=WORK", 'TYPE="work,pref"');
    assert.match((await read("a.vcf", newest)).text, /ann@x\.org/);
    const parts = await partsOf("all.vcf", newer + newest.replaceAll("Ann B", "Carl C"));
    assert.deepEqual(
      parts.map((part) => part.filename),
      ["Ann B.vcf", "Carl C.vcf"],
    );
    assert.equal((await read("x", parts[1]?.bytes ?? "")).title, "Carl C");
  });

  test("one that is cut is damaged", async () => {
    assert.equal(await refusal("a.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:Ann"), "damaged");
  });
});

describe("notes and text", () => {
  test("Markdown has the title of its front matter or first heading, and marked headings", async () => {
    const note = await read(
      "x.md",
      '---\ntitle: "The trip"\ndate: 2026-01-02\n---\n# One #\ntext\n```\n# no\n```\nTwo\n---\n',
    );
    assert.deepEqual([note.kind, note.title, note.date], ["note", "The trip", "2026-01-02T00:00:00+00:00"]);
    assert.deepEqual(marked(note), [
      ["heading", 1, "# One #"],
      ["heading", 2, "Two"],
    ]);
    assert.equal((await read("x.md", "words\n\n## Plan ##\n")).title, "Plan");
    assert.equal((await read("folder/idea.md", "no heading")).title, "idea");
  });

  for (const [encoding, bytes] of [
    ["UTF-8", Buffer.from("Grüße – 5 €")],
    ["UTF-8 with a mark", Buffer.from("\ufeffGrüße – 5 €")],
    ["UTF-16 with a mark", Buffer.from("\ufeffGrüße – 5 €", "utf16le")],
    ["UTF-16 without a mark", Buffer.from("Grüße – 5 €", "utf16le")],
    ["UTF-16 big-endian", Buffer.from("\ufeffGrüße – 5 €", "utf16le").swap16()],
    ["windows-1252", Buffer.from("Gr\xfc\xdfe \x96 5 \x80", "latin1")],
  ] as const) {
    test(`plain text in ${encoding}`, async () => {
      assert.equal((await read("a.txt", bytes)).text, "Grüße – 5 €");
    });
  }

  test("a note keeps the file's time; source code is a file; line breaks are one kind", async () => {
    const note = await read("shopping list.txt", "milk\r\neggs\rbread", { modifiedAt: Date.UTC(2026, 0, 2) });
    assert.deepEqual([note.kind, note.title, note.date], ["note", "shopping list.txt", "2026-01-02T00:00:00.000Z"]);
    assert.equal(note.text, "milk\neggs\nbread");
    assert.deepEqual([(await read("a.json", "{}")).kind, (await read("a.py", "x = 1")).kind], ["file", "file"]);
  });

  test("content decides: a mail, a calendar and a page under wrong names; prose that looks a little like mail", async () => {
    assert.equal((await read("x.txt", "From: a@x.org\nMessage-ID: <1@x>\nSubject: s\n\nhi")).kind, "mail");
    assert.equal(
      (await read("x.txt", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:e\nEND:VEVENT\nEND:VCALENDAR")).kind,
      "event",
    );
    assert.equal((await read("x.txt", "<!DOCTYPE html><title>T</title><p>hi")).title, "T");
    assert.equal((await read("x.txt", "From: the desk of Ann\n\nDear diary")).kind, "note");
    assert.equal((await read("x.txt", "From now on I write notes.")).kind, "note");
  });

  test("an empty file is an empty note that says so", async () => {
    const note = await read("a.txt", "");
    assert.deepEqual([note.text, note.warnings], ["", ["It is empty."]]);
  });
});

test("a page gives text, title, headings, and what it would fetch", async () => {
  const page = await read(
    "a.html",
    `<html><head><title>Tea &amp; cake</title></head><body><h1>Menu</h1><p>Two<br>lines</p><h2>Prices</h2><p>Menu 5</p>
     <script src="https://x.org/a.js"></script></body></html>`,
  );
  assert.equal(page.title, "Tea & cake");
  assert.equal(page.text, "Menu\n\nTwo\nlines\n\nPrices\n\nMenu 5");
  assert.deepEqual(marked(page), [
    ["heading", 1, "Menu"],
    ["heading", 2, "Prices"],
  ]);
  assert.equal(page.remoteReferences, 1);
});

describe("tables", () => {
  for (const [what, source] of [
    ["commas", 'Date,Amount,What\n2026-01-02,"12,50","Coffee\n""to go"""\n2026-01-03,9,Tea\n'],
    ["semicolons and CRLF", 'Date;Amount;What\r\n2026-01-02;12,50;"Coffee\n""to go"""\r\n2026-01-03;9;Tea\r\n'],
    ["tabs", 'Date\tAmount\tWhat\n2026-01-02\t12,50\t"Coffee\n""to go"""\n2026-01-03\t9\tTea\n'],
    ["a declared separator", 'sep=|\nDate|Amount|What\n2026-01-02|12,50|"Coffee\n""to go"""\n2026-01-03|9|Tea\n'],
  ] as const) {
    test(`with ${what} have a line a row that names its columns`, async () => {
      const table = await read("a.csv", source);
      assert.deepEqual(marked(table), [
        ["row", undefined, 'Date: 2026-01-02; Amount: 12,50; What: Coffee "to go"'],
        ["row", undefined, "Date: 2026-01-03; Amount: 9; What: Tea"],
      ]);
    });
  }

  test("without names, with uneven rows and stray quotes", async () => {
    const table = await read("a.csv", '1,2\n3\n5,six "inches",7\n');
    assert.equal(table.text, '1; 2\n3\n5; six "inches"; 7');
  });
});

async function pdf(
  options: ConstructorParameters<typeof PDFDocument>[0],
  draw: (document: PDFKit.PDFDocument) => void,
) {
  const document = new PDFDocument(options);
  const chunks: Buffer[] = [];
  document.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => document.on("end", resolve));
  draw(document);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

describe("PDF", () => {
  test("text in lines and paragraphs, pages marked, title, author, date", async () => {
    const info = { Title: "Invoice 12", Author: "Acme", CreationDate: new Date(Date.UTC(2026, 1, 3, 4, 5, 6)) };
    const bytes = await pdf({ info }, (document) => {
      document.fontSize(20).text("Invoice 12").fontSize(11).moveDown(2);
      document.text(
        "Dear Ann, this line is long enough to be wrapped by the width of the page, which makes two lines of it.",
      );
      document.moveDown(2).text("Total: 42.00 EUR").addPage().text("Second page").text("Grüße");
    });
    const file = await read("scan.pdf", bytes);
    assert.deepEqual([file.title, file.date, file.kind], ["Invoice 12", "2026-02-03T04:05:06+00:00", "file"]);
    assert.deepEqual(file.people, [{ role: "author", name: "Acme" }]);
    assert.match(
      file.text,
      /^Invoice 12\n\nDear Ann, this line is long[^\n]* two\nlines of it\.\n\nTotal: 42\.00 EUR\n\nSecond page\nGrüße$/,
    );
    assert.deepEqual(
      marked(file).map(([kind, page, text]) => [kind, page, text?.toString().slice(0, 11)]),
      [
        ["page", 1, "Invoice 12\n"],
        ["page", 2, "Second page"],
      ],
    );
  });

  test("without text, locked, and damaged", async () => {
    const blank = await read("a.pdf", await pdf({}, (document) => document.rect(9, 9, 9, 9).fill()));
    assert.match(blank.warnings.join(), /may be scanned/);
    const locked = await pdf({ userPassword: "x", ownerPassword: "y" }, (document) => document.text("secret"));
    assert.equal(await refusal("a.pdf", locked), "encrypted");
    assert.equal(await refusal("a.pdf", "%PDF-1.7 garbage ".repeat(5_000)), "damaged");
    const whole = await pdf({}, (document) => document.text("words"));
    const cut = await outcomeOf("a.pdf", whole.subarray(0, whole.length / 2));
    assert.ok(cut.ok || cut.code === "damaged");
  });
});

const DOCX_TYPES = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml"
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`;
const DOCX_RELATIONS = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
Target="word/document.xml"/></Relationships>`;
function docx(body: string): Uint8Array {
  return zipSync({
    "[Content_Types].xml": strToU8(DOCX_TYPES),
    "_rels/.rels": strToU8(DOCX_RELATIONS),
    "docProps/core.xml": strToU8(
      "<p><dc:title>Plan &amp; costs</dc:title><dc:creator>Ann</dc:creator><dcterms:modified>2026-02-03T04:05:06Z</dcterms:modified></p>",
    ),
    "word/document.xml": strToU8(
      `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    ),
  });
}
const paragraph = (text: string, style = "") =>
  `<w:p>${style && `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t>${text}</w:t></w:r></w:p>`;

test("Word documents give text, headings, tables and properties", async () => {
  const cell = (text: string) => `<w:tc>${paragraph(text)}</w:tc>`;
  const table = `<w:tbl><w:tr>${cell("Item")}${cell("Price")}</w:tr></w:tbl>`;
  const file = await read("a.docx", docx(paragraph("Goals", "Heading1") + paragraph("Grow &amp; learn.") + table));
  assert.deepEqual([file.title, file.date], ["Plan & costs", "2026-02-03T04:05:06.000Z"]);
  assert.deepEqual(file.people, [{ role: "author", name: "Ann" }]);
  assert.match(file.text, /^Goals\n\nGrow & learn\.\n\s*Item\s+Price$/);
  assert.deepEqual(marked(file), [["heading", 1, "Goals"]]);
});

describe("archives", () => {
  test("give their files by harmless names, without clutter and folders", async () => {
    const parts = await partsOf(
      "a.zip",
      zipSync({
        "../../etc/passwd": strToU8("one"),
        "C:\\Users\\ann\\b.txt": strToU8("two"),
        "/abs/ünï.txt": strToU8("three"),
        "__MACOSX/._x": strToU8("no"),
        "folder/": new Uint8Array(0),
      }),
    );
    assert.deepEqual(
      parts.map((part) => [part.filename, Buffer.from(part.bytes).toString()]),
      [
        ["etc/passwd", "one"],
        ["Users/ann/b.txt", "two"],
        ["abs/ünï.txt", "three"],
      ],
    );
    assert.deepEqual(await partsOf("empty.zip", zipSync({})), []);
  });

  test("locked, damaged and too deep ones are refused with their reason", async () => {
    const zip = Buffer.from(zipSync({ "a.txt": strToU8("secret") }));
    const locked = Buffer.from(zip);
    // The encryption bit of the general purpose flags, in the local header and the central directory.
    locked[6] = (locked[6] ?? 0) | 1;
    const central = locked.indexOf("PK\x01\x02", 0, "latin1");
    locked[central + 8] = (locked[central + 8] ?? 0) | 1;
    assert.equal(await refusal("a.zip", locked), "encrypted");
    assert.equal(await refusal("a.zip", zip.subarray(0, zip.length - 10)), "damaged");
    assert.equal(await refusal("a.zip", zip, { depth: 5 }), "too-deep");
    assert.ok((await outcomeOf("a.zip", zip, { depth: 4 })).ok);
  });

  test("an mbox inside gives its mails", async () => {
    const mbox =
      "From a@x Tue Mar  3 10:11:12 2026\nFrom: a@x.org\nSubject: 1\n\n>From me\n\nFrom a@x Tue Mar  3 10:11:13 2026\nFrom: b@x.org\n\ny\n";
    const parts = await partsOf("all.mbox", mbox);
    assert.deepEqual(
      parts.map((part) => part.filename),
      ["1.eml", "2.eml"],
    );
    assert.equal((await read("1.eml", parts[0]?.bytes ?? "")).text, "From me");
  });
});

describe("what is not read", () => {
  for (const [name, magic, kind, mediaType] of [
    ["a.jpg", "\xff\xd8\xff\xe0", "photo", "image/jpeg"],
    ["b", "\x89PNG\r\n\x1a\n", "photo", "image/png"],
    ["c.heic", "\0\0\0\x18ftypheic", "photo", "image/heic"],
    ["d.webp", "RIFF\0\0\0\0WEBPVP8 ", "photo", "image/webp"],
    ["e.mp3", "ID3\x04\0\0\0", "file", "audio/mpeg"],
    ["smime.p7s", "0\x80\x06\x09*\x86H\x86\xf7\0\0\0\0\0\0\0\0", "file", "application/pkcs7-signature"],
    ["f.mp4", "\0\0\0\x18ftypisom", "file", "video/mp4"],
  ] as const) {
    test(`${mediaType} is kept by its name`, async () => {
      const document = await read(`folder/${name}`, Buffer.from(magic, "latin1"));
      assert.deepEqual([document.kind, document.mediaType, document.title, document.text], [kind, mediaType, name, ""]);
    });
  }

  for (const [name, bytes] of [
    ["a.bin", Buffer.from(Array.from({ length: 500 }, (_, at) => at % 256))],
    ["a.xlsx", zipSync({ "[Content_Types].xml": strToU8("x"), "xl/workbook.xml": strToU8("x") })],
    ["a.gz", Buffer.from([0x1f, 0x8b, 8, 0])],
    ["a.doc", Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])],
  ] as const) {
    test(`${name} is unsupported, with advice or a reason`, async () => {
      assert.equal(await refusal(name, bytes), "unsupported");
    });
  }
});
