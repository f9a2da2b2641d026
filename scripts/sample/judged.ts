/**
 * The sample as a judged set in the BEIR layout (Thakur et al., 2021): `corpus.jsonl`, `queries.jsonl` and
 * `qrels/test.tsv`. The queries are the known questions and the searches of searches.ts. Also `questions.json`: the
 * questions with their halves, for whoever asks from outside.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { instant } from "./calendar.ts";
import { DOCUMENTS } from "./documents.ts";
import { type Mail, messageIdOf, subjectOf, textOf } from "./mail.ts";
import { sampleMails } from "./make.ts";
import { CONTACTS, EVENTS, NOTE_DATES, NOTES } from "./notes.ts";
import { personOf } from "./people.ts";
import { QUESTIONS, setOf } from "./questions.ts";
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
  const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const qrels = queries.flatMap(({ id, relevant }) => relevant.map((document) => `${id}\t${document}\t1\n`));
  const questions = QUESTIONS.map((question) => ({
    ...question,
    set: setOf(question),
    expect: question.expect.map(String),
    forbid: (question.forbid ?? []).map(String),
  }));
  await mkdir(join(folder, "qrels"), { recursive: true });
  await writeFile(join(folder, "corpus.jsonl"), lines(corpus));
  await writeFile(join(folder, "queries.jsonl"), lines(queries.map(({ id, text }) => ({ _id: id, text }))));
  await writeFile(join(folder, "qrels", "test.tsv"), `query-id\tcorpus-id\tscore\n${qrels.join("")}`);
  await writeFile(join(folder, "questions.json"), `${JSON.stringify(questions, null, 2)}\n`);
  return { documents: corpus.length, queries: queries.length };
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
