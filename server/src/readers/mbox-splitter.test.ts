import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { looksLikeMbox, MboxSplitter, timeOfSeparator } from "./mbox-splitter.ts";

function split(chunks: readonly Buffer[], maxMail = 1_000_000) {
  const splitter = new MboxSplitter({ maxMail });
  const mails = [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()];
  return mails.map(({ start, end, bytes }) => ({ start, end, text: bytes && Buffer.from(bytes).toString("latin1") }));
}

const SEPARATOR = "From a@x.org Tue Mar  3 10:11:12 2026\n";

test("cuts the same, whole or in any chunks, and leaves no byte out", () => {
  const piece = fc.constantFrom(
    SEPARATOR,
    `\n${SEPARATOR}`,
    "From now on\n",
    ">From quoted\n",
    "\n",
    "\r\n",
    "Subject: s\n",
    "From b@x.org\n",
    "F",
    "ro",
    "m ",
    "x".repeat(1200),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(200), { maxLength: 40 }), (pieces, cuts) => {
      const whole = Buffer.from(SEPARATOR + pieces.join(""));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        if (cut > 0 && at < whole.length) chunks.push(whole.subarray(at, at + cut));
        at += cut;
      }
      if (at < whole.length) chunks.push(whole.subarray(at));
      const mails = split([whole]);
      assert.equal(mails[0]?.start, 0);
      assert.equal(mails.at(-1)?.end, whole.length);
      for (const [i, mail] of mails.entries()) if (i > 0) assert.equal(mail.start, mails[i - 1]?.end);
      assert.deepEqual(split(chunks), mails);
    }),
    { numRuns: 500 },
  );
});

const SENTENCES = [
  "From now on, 10:15 in 2026",
  "From: a@x.org",
  "Fromage 10:15 2026",
  "From Mon 10:30 to 12:00 on 3 March 2026",
  "From Mon to Fri, 9:00 to 17:00, until 31 Dec 2026",
  "From Thu, 01 Jan 2015 00:00:00 GMT it is free",
  "From Tue Mar 3 10:11:12 2026 on we met every week",
  "From the train (Sun 8:05) of 2026",
  "From 01 Jan 2015 00:00:00 GMT",
];

const DATED = [
  "From a@x.org Tue Mar  3 10:11:12 2026",
  "From a@x.org Tue Mar  3 10:11 2026",
  "From a@x.org Tue Mar  3 10:11:12 CET 2026",
  "From a@x.org Tue Mar  3 10:11:12 MET DST 2026",
  "From a@x.org Tue Mar  3 10:11:12 2026 +0100",
  "From 123@xxx Mon Jan 01 00:00:00 +0000 2015",
  "From a@b Thu, 01 Jan 2015 00:00:00 GMT",
  "From a@b Thu, 1 Jan 2015 00:00:00 +0000 (UTC)",
  "From a@b Thu, 01-Jan-2015 00:00:00",
  "From MAILER-DAEMON Thu, 01 Jan 2015 00:00:00 GMT",
  "From - Thu Jan 01 2015 00:00:00 GMT",
  "From uucp!a Tue Mar  3 10:11:12 2026 remote from host",
  "From Ann Lee Tue Mar  3 10:11:12 2026",
];

describe("separators", () => {
  for (const line of DATED) {
    test(`"${line}" is one without an empty line before it`, () => {
      assert.equal(split([Buffer.from(`${SEPARATOR}Subject: s\n\nx\n${line}\nSubject: t\n\ny\n`)]).length, 2);
    });
  }

  for (const line of [
    "From a@x.org Tue Mar  3 10:11:12 2026",
    "From - Tue Mar 03 10:11:12 2026",
    "From 1799999999999@xxx Tue Mar 03 10:11:12 +0000 2026",
    "From MAILER-DAEMON Tue Mar  3 10:11:12 2026",
    "From a@x.org 2026-03-03 10:11:12",
    "From a@x.org",
    ...DATED,
  ]) {
    test(`"${line}" is one`, () => {
      assert.equal(looksLikeMbox(Buffer.from(`${line}\nSubject: s\n\nx`)), true);
      assert.equal(split([Buffer.from(`${SEPARATOR}Subject: s\n\nx\n\n${line}\nSubject: t\n\ny\n`)]).length, 2);
    });
  }

  for (const line of ["From a@x.org I heard", ...SENTENCES]) {
    test(`"${line}" is none`, () => {
      assert.equal(split([Buffer.from(`${SEPARATOR}Subject: s\n\nx\n${line}\nmore\n`)]).length, 1);
    });
  }

  for (const line of SENTENCES) {
    test(`"${line}" is none behind an empty line either`, () => {
      assert.equal(split([Buffer.from(`${SEPARATOR}Subject: s\n\nx\n\n${line}\nmore\n`)]).length, 1);
    });
  }

  test("tell the time, by their offset or in UTC", () => {
    assert.equal(timeOfSeparator("From a Tue Mar  3 10:11:12 2026"), Date.UTC(2026, 2, 3, 10, 11, 12));
    assert.equal(timeOfSeparator("From a@xxx Tue Mar 03 10:11:12 +0100 2026"), Date.UTC(2026, 2, 3, 9, 11, 12));
    for (const line of [
      "From a@b Thu, 01 Jan 2015 00:00:00 GMT",
      "From 123@xxx Thu Jan 01 00:00:00 +0000 2015",
      "From - Thu Jan 01 2015 00:00:00",
      "From a@b Thu, 1 Jan 2015 02:00:00 +0200 (EET)",
      "From a@b Thu Jan  1 02:00:00 2015 +0200",
    ]) {
      assert.equal(timeOfSeparator(line), Date.UTC(2015, 0, 1), line);
    }
    assert.equal(timeOfSeparator("From a@x.org"), undefined);
  });
});

test("one mail past the limit is passed over, its place kept", () => {
  const big = `${SEPARATOR}Subject: big\n\n${"y".repeat(5_000)}\n\n`;
  const mails = split([Buffer.from(`${SEPARATOR}a\n\n${big}${SEPARATOR}c\n`)], 1_000);
  assert.deepEqual(
    mails.map((mail) => mail.text),
    ["a\n", undefined, "c\n"],
  );
  assert.equal((mails[1]?.end ?? 0) - (mails[1]?.start ?? 0), big.length);
});
