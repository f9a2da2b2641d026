/**
 * The sample as a judged set in the BEIR layout (Thakur et al., 2021): `corpus.jsonl`, `queries.jsonl` and
 * `qrels/test.tsv`. The queries are the known questions and the searches of searches.ts. Also `questions.json`: the
 * questions with their halves, for whoever asks from outside.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { instant } from "@steward/server/sample/calendar.ts";
import { DOCUMENTS } from "@steward/server/sample/documents.ts";
import { type Mail, messageIdOf, subjectOf, textOf } from "@steward/server/sample/mail.ts";
import { sampleMails } from "@steward/server/sample/make.ts";
import { CONTACTS, EVENTS, NOTE_DATES, NOTES } from "@steward/server/sample/notes.ts";
import { personOf } from "@steward/server/sample/people.ts";
import { BLIND, QUESTIONS, setOf } from "./questions.ts";
import { SEARCHES } from "./searches.ts";

export interface JudgedDocument {
  /** A mail's name in the stories, a path in the archive, `calendar.ics#uid` or `contacts.vcf#name`. */
  readonly _id: string;
  readonly title: string;
  readonly text: string;
  readonly metadata: {
    readonly date?: string;
    readonly sender?: string;
    /** The first mail of the thread, and the place in it from 0. */
    readonly conversation?: string;
    readonly position?: number;
    readonly messageId?: string;
  };
}

export interface JudgedQuery {
  readonly id: string;
  readonly text: string;
  readonly relevant: readonly string[];
}

export async function writeJudged(folder: string, seed?: number): Promise<{ documents: number; queries: number }> {
  const corpus = judgedCorpus(seed);
  const queries = judgedQueries();
  const questions = QUESTIONS.map((question) => ({
    ...question,
    set: setOf(question),
    expect: question.expect.map(String),
    forbid: (question.forbid ?? []).map(String),
  }));
  await writeBeir(folder, corpus, queries);
  await writeFile(join(folder, "questions.json"), `${JSON.stringify(questions, null, 2)}\n`);
  return { documents: corpus.length, queries: queries.length };
}

export async function writeBeir(
  folder: string,
  corpus: readonly JudgedDocument[],
  queries: readonly JudgedQuery[],
): Promise<void> {
  const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const qrels = queries.flatMap(({ id, relevant }) => relevant.map((document) => `${id}\t${document}\t1\n`));
  await mkdir(join(folder, "qrels"), { recursive: true });
  await writeFile(join(folder, "corpus.jsonl"), lines(corpus));
  await writeFile(join(folder, "queries.jsonl"), lines(queries.map(({ id, text }) => ({ _id: id, text }))));
  await writeFile(join(folder, "qrels", "test.tsv"), `query-id\tcorpus-id\tscore\n${qrels.join("")}`);
}

/** Everything in the archive as text, one thing a document. */
export function judgedCorpus(seed?: number): JudgedDocument[] {
  const mails = sampleMails(seed);
  const mailById = new Map(mails.map((mail) => [mail.id, mail]));
  return [
    ...mails.map((mail) => ofMail(mail, mailById)),
    ...DOCUMENTS.map(({ path, title, at, text }) => ({
      _id: path,
      title,
      text: text.replaceAll("\f", "").replaceAll("\t", " ").trim(),
      metadata: { date: isoDate(at) },
    })),
    ...Object.entries(NOTES).map(([path, text]) => ({
      _id: path,
      title: titleOf(path, text),
      text,
      metadata: NOTE_DATES[path] === undefined ? {} : { date: isoDate(NOTE_DATES[path]) },
    })),
    ...EVENTS.map(({ uid, start, title, where, note, repeat }) => ({
      _id: `calendar.ics#${uid}`,
      title,
      text: [title, where, note, repeat ? "every week" : undefined].filter((part) => part !== undefined).join("\n"),
      metadata: { date: `${start.slice(0, 4)}-${start.slice(4, 6)}-${start.slice(6, 8)}` },
    })),
    ...CONTACTS.map(([name, tel, mail, note, birthday]) => ({
      _id: `contacts.vcf#${name}`,
      title: name,
      text: [name, tel, mail, note, birthday].filter((part) => part).join("\n"),
      metadata: {},
    })),
  ];
}

export function judgedQueries(): JudgedQuery[] {
  const answerable = QUESTIONS.filter(({ evidence }) => evidence.length > 0);
  return [
    ...answerable.map(({ id, ask, evidence }) => ({ id, text: ask, relevant: evidence })),
    ...SEARCHES.map(([text, ...relevant], i) => ({ id: `s-${i + 1}`, text, relevant })),
  ];
}

/** A sentence, or a line of its own. */
const SENTENCE = /(?<=[.!?])\s+|\n+/;
/** More sentences than this that match are no answer but a word that stands everywhere. */
const MOST_ANSWERS = 4;

/**
 * The mails as a chat would have them: each sentence is a message of its own, the thread its conversation. What a
 * question wants are the sentences of its evidence in which the answer stands.
 */
export function judgedMessages(seed?: number): { corpus: JudgedDocument[]; queries: JudgedQuery[] } {
  const mails = sampleMails(seed).sort((a, b) => instant(a.at) - instant(b.at));
  const mailById = new Map(mails.map((mail) => [mail.id, mail]));
  const said = new Map<string, number>();
  const byMail = new Map<string, JudgedDocument[]>();
  for (const mail of mails) {
    const { conversation } = placeOf(mail, mailById);
    const sentences = mail.body.split(SENTENCE).filter((sentence) => sentence.trim() !== "");
    const first = said.get(conversation) ?? 0;
    said.set(conversation, first + sentences.length);
    const messages = sentences.map((sentence, i) => ({
      ...{ _id: `${conversation} ${first + i}`, title: "", text: sentence.trim() },
      metadata: { conversation, position: first + i, date: isoDate(mail.at), sender: personOf(mail.from).name },
    }));
    byMail.set(mail.id, messages);
  }
  const queries = [...QUESTIONS, ...BLIND].flatMap(({ id, ask, evidence, expect }) => {
    const messages = evidence.flatMap((mail) => byMail.get(mail) ?? []);
    const relevant = messages.filter(({ text }) => expect.some((answer) => answer.test(text))).map(({ _id }) => _id);
    return relevant.length === 0 || relevant.length > MOST_ANSWERS ? [] : [{ id, text: ask, relevant }];
  });
  return { corpus: [...byMail.values()].flat(), queries };
}

function ofMail(mail: Mail, mailById: ReadonlyMap<string, Mail>): JudgedDocument {
  const { conversation, position } = placeOf(mail, mailById);
  return {
    _id: mail.id,
    title: subjectOf(mail, mailById),
    text: textOf(mail, mailById),
    metadata: {
      date: isoDate(mail.at),
      sender: personOf(mail.from).name,
      ...{ conversation, position, messageId: messageIdOf(mail) },
    },
  };
}

function placeOf(mail: Mail, mailById: ReadonlyMap<string, Mail>): { conversation: string; position: number } {
  const answered = mail.re === undefined ? undefined : mailById.get(mail.re);
  if (!answered) return { conversation: mail.id, position: 0 };
  const { conversation, position } = placeOf(answered, mailById);
  return { conversation, position: position + 1 };
}

const isoDate = (at: string) => new Date(instant(at)).toISOString();

const titleOf = (path: string, text: string) => /^# (.+)$/m.exec(text)?.[1] ?? path.split("/").at(-1) ?? path;
