import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { ReadDocument, TextMark } from "@steward/core/intake/reader.ts";
import { mailDate } from "./formats/mail-date.ts";
import { findQuotes } from "./formats/quotes.ts";
import { openReaders } from "./index.ts";

const readers = openReaders({ processes: 1 });
after(() => readers.close());

async function read(source: string | Uint8Array, name = "a.eml"): Promise<ReadDocument> {
  const bytes = typeof source === "string" ? Buffer.from(source.replaceAll("\n", "\r\n")) : source;
  const outcome = await readers.read({ bytes, name });
  assert.ok(outcome.ok && "document" in outcome, JSON.stringify(outcome));
  return outcome.document;
}
const latin1 = (source: string) => Buffer.from(source.replaceAll("\n", "\r\n"), "latin1");
const marked = (text: string, marks: readonly TextMark[]) =>
  marks.map((mark) => [mark.kind, text.slice(mark.start, mark.end)]);

describe("a mail's header", () => {
  test("gives people, title, date with its offset, and ids", async () => {
    const mail = await read(`From: "Ann =?utf-8?Q?M=C3=BCller?=" <Ann@Example.ORG>
To: Team: Bob <bob@x.org>, carol@x.org;, dave@x.org
Cc: =?iso-8859-1?Q?Andr=E9?= <andre@x.fr>
Reply-To: ann@example.org
Subject: =?utf-8?B?R3LDvMOfZQ==?= from
 a folded line
Date: Tue, 3 Mar 2026 10:11:12 +0100 (CET)
Message-ID: <one@example.org>
In-Reply-To: <zero@example.org>
References: <root@example.org> <zero@example.org>

Hello`);
    assert.equal(mail.kind, "mail");
    assert.equal(mail.title, "Grüße from a folded line");
    assert.equal(mail.date, "2026-03-03T10:11:12+01:00");
    assert.deepEqual(mail.people, [
      { role: "from", name: "Ann Müller", address: "ann@example.org" },
      { role: "to", name: "Bob", address: "bob@x.org" },
      { role: "to", address: "carol@x.org" },
      { role: "to", address: "dave@x.org" },
      { role: "cc", name: "André", address: "andre@x.fr" },
    ]);
    assert.equal(mail.messageId, "one@example.org");
    assert.equal(mail.inReplyTo, "zero@example.org");
    assert.deepEqual(mail.references, ["root@example.org", "zero@example.org"]);
    assert.equal(mail.text, "Hello");
    assert.deepEqual(mail.warnings, []);
  });

  test("without a date falls back to when it was received, and says so", async () => {
    const mail = await read(`Received: from b by c; Wed, 4 Mar 2026 08:00:01 +0000
Received: from a by b; Wed, 4 Mar 2026 07:59:59 +0000
From: a@x.org
Date: the day before yesterday

x`);
    assert.equal(mail.date, "2026-03-04T07:59:59+00:00");
    assert.match(mail.warnings.join(), /Date field cannot be read/);
    assert.equal(mail.title, "(no subject)");
  });

  for (const [written, expected] of [
    ["Tue, 3 Mar 2026 10:11:12 +0100", "2026-03-03T10:11:12+01:00"],
    ["3 Mar 26 10:11 EST", "2026-03-03T10:11:00-05:00"],
    ["Tue, 03 March 2026 9:05:00 -0330", "2026-03-03T09:05:00-03:30"],
    ["Sun, 06 Nov 94 08:49:37 GMT", "1994-11-06T08:49:37+00:00"],
    ["2026-03-03T10:11:12Z", "2026-03-03T10:11:12.000Z"],
    ["Tue, 31 Feb 2026 10:00:00 +0000", undefined],
    ["soon", undefined],
    ["", undefined],
  ] as const) {
    test(`reads the date "${written}" as ${expected}`, () => assert.equal(mailDate(written), expected));
  }
});

describe("a mail's text", () => {
  for (const [charset, body, expected] of [
    ["windows-1252", "\x93Gr\xfc\xdfe\x94 \x80 5", "“Grüße” € 5"],
    ["iso-8859-15", "5 \xa4", "5 €"],
    ["iso-2022-jp", "\x1b$B$3$s\x1b(B", "こん"],
    ["koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"],
    ["gb2312", "\xc4\xe3\xba\xc3", "你好"],
    ["no-such-charset", "plain", "plain"],
  ] as const) {
    test(`in ${charset}`, async () => {
      const mail = await read(
        latin1(
          `From: a@x.org\nContent-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: 8bit\n\n${body}`,
        ),
      );
      assert.equal(mail.text, expected);
    });
  }

  test("in quoted-printable, base64 and flowed lines", async () => {
    const mail = await read(`From: a@x.org
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: quoted-printable

One para=
graph that flows=20
on =C3=BC.
New.`);
    assert.equal(mail.text, "One paragraph that flows on ü.\nNew.");
    const base64 = await read(`From: a@x.org
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

${Buffer.from("Größe").toString("base64")}`);
    assert.equal(base64.text, "Größe");
  });

  test("that only exists as HTML becomes readable, and what it would fetch is counted", async () => {
    const mail = await read(`From: a@x.org
Content-Type: text/html; charset=utf-8

<html><head><style>p{color:red}</style><link href="https://t.co/x.css"></head><body>
<p>Dear Ann,<br>your order <b>4711</b> is on its way.</p><script>alert(1)</script>
<table><tr><th>Item</th><th>Price</th></tr><tr><td>Lamp</td><td>12,50&nbsp;&euro;</td></tr></table>
<ul><li>one</li><li>two</li></ul><a href="https://track.example/x">Follow it</a>
<blockquote>earlier words</blockquote><img src="https://t.co/p.gif"><img src="cid:logo"></body></html>`);
    assert.match(mail.text, /Dear Ann,\nyour order 4711 is on its way\./);
    assert.match(mail.text, /Item Price\nLamp 12,50\s€/);
    assert.match(mail.text, /\* one\n \* two/);
    assert.match(mail.text, /Follow it/);
    assert.doesNotMatch(mail.text, /alert|color|track\.example|t\.co/);
    assert.equal(mail.remoteReferences, 2);
    assert.deepEqual(marked(mail.text, mail.marks), [["quoted", "> earlier words"]]);
  });

  test("is the HTML when the plain part only says that there is HTML", async () => {
    const html = `<p>${"The real words of this mail. ".repeat(100)}</p>`;
    const mail = await read(`From: a@x.org
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Your mail program shows no HTML.
--b
Content-Type: text/html

${html}
--b--`);
    assert.match(mail.text, /^The real words/);
  });
});

describe("what hangs on a mail", () => {
  test("comes as parts in order: named, typed, inline or not, mails as mails", async () => {
    const mail = await read(`From: a@x.org
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<p>See <img src="cid:logo@x"></p>
--r
Content-Type: image/png
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--r--
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=utf-8''Rechnung%20M; filename*1*=%C3%A4rz.pdf
Content-Transfer-Encoding: base64

JVBERi0=
--m
Content-Type: message/rfc822

From: inner@x.org
Subject: inner

inner words
--m
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
END:VCALENDAR
--m--`);
    assert.equal(mail.text, "See");
    assert.deepEqual(
      mail.parts.map(({ filename, mediaType, inline, size }) => ({ filename, mediaType, inline, size })),
      [
        { filename: "attachment-1.png", mediaType: "image/png", inline: true, size: 8 },
        { filename: "Rechnung März.pdf", mediaType: "application/pdf", inline: false, size: 5 },
        { filename: "message-3.eml", mediaType: "message/rfc822", inline: false, size: mail.parts[2]?.bytes.length },
        { filename: "attachment-4.ics", mediaType: "text/calendar", inline: false, size: 30 },
      ],
    );
    const inner = mail.parts[2];
    assert.ok(inner);
    assert.equal((await read(inner.bytes, inner.filename)).text.trim(), "inner words");
    assert.equal(Buffer.from(mail.parts[1]?.bytes ?? []).toString(), "%PDF-");
  });

  test("an encrypted message says that it is", async () => {
    const mail = await read(`From: a@x.org
Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b

--b
Content-Type: application/pgp-encrypted

Version: 1
--b
Content-Type: application/octet-stream; name=encrypted.asc

-----BEGIN PGP MESSAGE-----
--b--`);
    assert.match(mail.warnings.join(), /encrypted/);
    assert.equal(mail.parts.length, 2);
  });
});

describe("broken mails are read as far as they go", () => {
  for (const [what, source, expected] of [
    ["no header at all", "just some words\n", /^just some words$/],
    ["no blank line before the body", "From: a@x.org\nSubject: s\nthis is no header\nnor this", /^$/],
    ["a boundary that never comes", "From: a@x.org\nContent-Type: multipart/mixed; boundary=zzz\n\nwords\n", /^words$/],
    ["a boundary that never ends", "From: a@x.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nwords", /words/],
    ["a multipart without boundary", "From: a@x.org\nContent-Type: multipart/mixed\n\nwords", /^words$/],
    ["invalid base64", "From: a@x.org\nContent-Transfer-Encoding: base64\n\n!!!aGVs bG8=???", /hello/],
    ["zero bytes", "From: a@x.org\nSubject: z\n\nwo\0rds", /words/],
    ["the separator of an mbox", "From a@x Tue Mar  3 10:11:12 2026\nFrom: a@x.org\nSubject: s\n\nwords", /words/],
  ] as const) {
    test(what, async () => {
      const mail = await read(source);
      assert.equal(mail.kind, "mail");
      assert.match(mail.text, expected);
    });
  }

  test("an empty file named as mail", async () => {
    const mail = await read("");
    assert.equal(mail.text, "");
    assert.ok(mail.warnings.length > 0);
  });
});

describe("quoted replies and signatures", () => {
  const quotes = (text: string, options = {}) => marked(text, findQuotes(text, options));

  for (const attribution of [
    "On Mon, 2 Mar 2026 at 09:15, Bob <bob@x.org> wrote:",
    "On Mon, 2 Mar 2026 at 09:15, Bob\n<bob@x.org> wrote:",
    "Am 02.03.26 um 09:15 schrieb Bob:",
    "Am Mo., 2. März 2026 um 09:15 Uhr schrieb Bob <bob@x.org>:",
    "Le lun. 2 mars 2026 à 09:15, Bob <bob@x.org> a écrit :",
    "El lun, 2 mar 2026 a las 9:15, Bob (<bob@x.org>) escribió:",
    "Il giorno lun 2 mar 2026 alle ore 09:15 Bob ha scritto:",
  ]) {
    test(`behind "${attribution.replace("\n", " ")}"`, () => {
      const quoted = `${attribution}\n> first\n>\n> second`;
      assert.deepEqual(quotes(`Yes.\n\n${quoted}\n\nInline answer.`), [["quoted", quoted]]);
    });
  }

  for (const block of [
    "From: Bob <bob@x.org>\nSent: Monday, 2 March 2026 09:15\nTo: Ann\nSubject: Re: x\n\nold words",
    "________________________________\nVon: Bob\nGesendet: Montag, 2. März 2026 09:15\nAn: Ann\n\nalte Worte",
    "De : Bob\nEnvoyé : lundi 2 mars 2026\nÀ : Ann\n\nanciens mots",
    "De: Bob\nEnviado: lunes, 2 de marzo\nPara: Ann\n\nviejas",
    "-----Original Message-----\nBob said it all.",
    "On Mon, 2 Mar 2026, Bob wrote:\n\nold words without any mark",
  ]) {
    test(`pasted below "${block.split("\n")[0]}"`, () => {
      assert.deepEqual(quotes(`Fine with me.\n\n${block}`), [["quoted", block]]);
      assert.deepEqual(quotes(`Fine with me.\n\nFrom here on it is easy.\nSent letters: none.`), []);
    });
  }

  test("a forwarded mail is not taken for a quote", () => {
    const block = "From: Bob <bob@x.org>\nSent: Monday, 2 March 2026\nTo: Ann\n\nthe news";
    assert.deepEqual(quotes(`See below.\n\n${block}`, { forwarded: true }), []);
  });

  test("signatures, before a quote too", () => {
    assert.deepEqual(quotes("Hi.\n\n-- \nAnn\nACME"), [["signature", "-- \nAnn\nACME"]]);
    assert.deepEqual(quotes("Ja.\n\nVon meinem iPhone gesendet"), [["signature", "Von meinem iPhone gesendet"]]);
    assert.deepEqual(quotes("Hi.\n-- \nAnn\n\n> old"), [
      ["signature", "-- \nAnn\n"],
      ["quoted", "> old"],
    ]);
  });

  test("a long hostile text takes no longer than its length", () => {
    const text = `${"On ".repeat(30_000)}\n${">".repeat(50_000)}\n${"On x wrote\n".repeat(20_000)}${"From: \n".repeat(20_000)}`;
    assert.ok(findQuotes(text).length > 0);
  });
});
