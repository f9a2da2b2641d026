import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sampleFiles, sampleMails } from "@steward/server/sample/make.ts";
import { judgedCorpus, judgedQueries, writeJudged } from "./judged.ts";
import { BLIND, QUESTIONS, setOf } from "./questions.ts";

const corpus = judgedCorpus();
const textById = new Map(
  corpus.map(({ _id, title, text, metadata }) => [_id, `${title}\n${metadata.date ?? ""}\n${text}`]),
);

test("every question's evidence exists and says what is expected", () => {
  for (const { id, kind, expect, evidence } of [...QUESTIONS, ...BLIND]) {
    assert.equal(evidence.length === 0, kind === "not in here", id);
    for (const each of evidence) assert.ok(textById.has(each), `${id} names ${each}`);
    const said = evidence.map((each) => textById.get(each)).join("\n");
    for (const accepted of expect) assert.match(said, accepted, id);
  }
});

test("a forbidden value is one that really stands somewhere in the archive", () => {
  const all = [...textById.values()].join("\n");
  for (const { id, forbid = [] } of [...QUESTIONS, ...BLIND])
    for (const wrong of forbid) assert.match(all, wrong, `${id}: ${wrong}`);
});

test("what is said to be not in the archive is not in it", () => {
  const all = [...textById.values()].join("\n");
  const absent =
    /Tokyo|Tokio|Magdalena|licence plate|Kontrollschild|dermatolog|Hautarzt|piano|Klavier|dishwasher|Geschirrspüler|blood type|Blutgruppe/i;
  assert.doesNotMatch(all, absent);
  const near = [
    /sofa[^.]*(?:deposit|Anzahlung)/i,
    /alarm code/i,
    /studio[^.]*(?:deposit|Kaution)/i,
    /hotel[^.]*Edinburgh/i,
    /Franziska|Egli/,
    /lamp[^.]*(?:CHF|EUR|francs|euros) ?\d|\d+ (?:francs|euros)[^.]*green lamp/i,
    /hotel[^.\n]*Hamburg|Hamburg[^.\n]*hotel/i,
    /\bPIN\b[^.]*\d/,
    /Zumstein[^.]*(?:Hund\b|dog\b)/i,
  ];
  for (const pattern of near) assert.doesNotMatch(all, pattern);
  assert.doesNotMatch(textById.get("contacts.vcf#Ana Keller") ?? "", /\d{4}-\d{2}-\d{2}/, "no birthday of Ana Keller");
  for (const name of ["Mette", "Sanna"])
    assert.ok(![...textById.keys()].some((id) => id.startsWith(`contacts.vcf#${name}`)), `no card of ${name}`);
});

test("there are enough questions of every kind in both halves", () => {
  assert.equal(new Set(QUESTIONS.map(({ id }) => id)).size, QUESTIONS.length);
  assert.ok(QUESTIONS.length >= 60);
  assert.ok(QUESTIONS.filter(({ kind }) => kind === "not in here").length >= 10);
  const held = QUESTIONS.filter((question) => setOf(question) === "held");
  assert.ok(Math.abs(held.length * 2 - QUESTIONS.length) <= 10);
  assert.deepEqual(new Set(held.map(({ kind }) => kind)), new Set(QUESTIONS.map(({ kind }) => kind)));
});

test("the blind questions are 42, nine of them not to be found, and none is asked in the other sets", () => {
  assert.equal(BLIND.length, 42);
  assert.equal(BLIND.filter(({ kind }) => kind === "not in here").length, 9);
  const others = new Set(QUESTIONS.flatMap(({ id, ask }) => [id, ask.toLowerCase()]));
  for (const question of BLIND) {
    assert.equal(setOf(question), "blind");
    assert.ok(!others.has(question.id) && !others.has(question.ask.toLowerCase()), question.id);
  }
  assert.equal(new Set(BLIND.map(({ id }) => id)).size, BLIND.length);
});

test("the judged set has at least 100 queries, whose documents all exist, in the BEIR layout", async () => {
  const queries = judgedQueries();
  assert.ok(queries.length >= 100);
  assert.equal(textById.size, corpus.length, "no two documents share an id");
  for (const { text, relevant } of queries) {
    assert.equal(new Set(relevant).size, relevant.length, text);
    for (const each of relevant) assert.ok(textById.has(each), `"${text}" wants ${each}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "steward-judged-"));
  try {
    await writeJudged(folder);
    const rows = (await readFile(join(folder, "qrels", "test.tsv"), "utf8")).trim().split("\n");
    assert.equal(rows[0], "query-id\tcorpus-id\tscore");
    assert.equal(
      rows.length - 1,
      queries.reduce((sum, { relevant }) => sum + relevant.length, 0),
    );
    const first: unknown = JSON.parse((await readFile(join(folder, "corpus.jsonl"), "utf8")).split("\n")[0] ?? "");
    assert.deepEqual(first, JSON.parse(JSON.stringify(corpus[0])));
  } finally {
    await rm(folder, { recursive: true });
  }
});

// The libraries that read the archive in the product, each on what it reads.

test("every mail reads back with its subject, sender and words, whatever its charset and form", async () => {
  const { default: PostalMime } = await import("postal-mime");
  const byMessageId = new Map(corpus.map((document) => [document.metadata.messageId, document]));
  const raw = rawMails();
  assert.equal(raw.length, sampleMails().length);
  for (const mail of raw) {
    const read = await PostalMime.parse(mail);
    const known = byMessageId.get(read.messageId?.replace(/[<>]/g, ""));
    assert.ok(known, `no mail has the id ${read.messageId}`);
    assert.equal(read.subject, known.title);
    assert.equal(read.from?.name, known.metadata.sender);
    const words = (text: string) => text.match(/[\p{L}\p{N}]+/gu) ?? [];
    if (read.text !== undefined) assert.deepEqual(words(read.text), words(known.text), known._id);
    else for (const word of words(known.text).slice(0, 5)) assert.ok(read.html?.includes(word), word);
  }
});

/** Every mail of the archive as bytes: out of the mbox, the .eml files and the Maildir. */
function rawMails(): Uint8Array[] {
  const files = sampleFiles();
  const mbox = new TextDecoder().decode(files.get("mail.mbox"));
  const fromMbox = mbox
    .split(/^From MAILER-DAEMON .*\n/m)
    .slice(1)
    .map((mail) => new TextEncoder().encode(mail));
  return [...fromMbox, ...[...files].filter(([path]) => /^mails\/|^maildir\//.test(path)).map(([, bytes]) => bytes)];
}

test("the PDFs, Word documents and the zip read back", async () => {
  const { extractText, getDocumentProxy } = await import("unpdf");
  const { default: mammoth } = await import("mammoth");
  const { unzipSync } = await import("fflate");
  const files = sampleFiles();
  const words = (text: string) => text.replace(/^# /gm, "").match(/[\p{L}\p{N}]+/gu) ?? [];
  let read = 0;
  for (const { _id, text } of corpus.filter(({ _id }) => files.has(_id))) {
    const bytes = files.get(_id) ?? new Uint8Array();
    if (_id.endsWith(".pdf")) {
      const { text: pages } = await extractText(await getDocumentProxy(bytes.slice()), { mergePages: false });
      const said = pages.map((page) => page.replace(/Page \d+ of \d+\s*$/, "")).join("\n");
      assert.deepEqual(words(said), words(text), _id);
      read += 1;
    } else if (_id.endsWith(".docx")) {
      const { value } = await mammoth.extractRawText({ buffer: Buffer.from(bytes) });
      assert.deepEqual(words(value), words(text), _id);
      read += 1;
    }
  }
  assert.ok(read >= 12, `${read} documents`);
  assert.deepEqual(Object.keys(unzipSync(files.get("old-papers.zip") ?? new Uint8Array())).sort(), [
    "books-2025.txt",
    "cv-nora-lindqvist.docx",
    "invoice-2024-003.pdf",
  ]);
});
