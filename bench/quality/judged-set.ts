import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Draft, draftOf, ownWords } from "@steward/core/intake/draft.ts";
import { neighboursOf, type Said } from "@steward/core/intake/neighbours.ts";
import type { ReadDocument } from "@steward/core/intake/reader.ts";
import { z } from "zod";
import { findQuotes } from "../../server/src/readers/formats/quotes.ts";
import { isoDate } from "./dates.ts";
import type { Grades } from "./measures.ts";

/**
 * A judged set in the BEIR layout (Thakur et al., 2021): `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`; `metadata` of
 * a document may say `conversation`, `position`, `date`, `sender`. Its documents are drafted as intake drafts what it
 * takes in, a short message of a conversation with its neighbours.
 */
export interface JudgedSet {
  readonly name: string;
  /** Documents by id. */
  readonly drafts: ReadonlyMap<string, Draft>;
  /** Questions that have a judged document, in the order of the file. */
  readonly questions: readonly { readonly text: string; readonly grades: Grades }[];
  /** Documents that were judged and are not in the corpus: as trec_eval has it, they count as not found. */
  readonly missing: readonly string[];
}

/** The set is not as the layout has it: says the file, the line and what of it. */
export class JudgedSetError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "JudgedSetError";
  }
}

/** Throws `JudgedSetError`. */
export async function readJudgedSet(folder: string, name: string): Promise<JudgedSet> {
  const corpus = new Map<string, CorpusRow>();
  for await (const { row, line } of rows(join(folder, "corpus.jsonl"), CorpusRow)) {
    if (corpus.has(row._id)) throw new JudgedSetError(`${line}: the _id "${row._id}" stands there twice.`);
    corpus.set(row._id, row);
  }
  const gradesByQuery = await readQrels(join(folder, "qrels", "test.tsv"));
  const questions: { text: string; grades: Grades }[] = [];
  for await (const { row } of rows(join(folder, "queries.jsonl"), QueryRow)) {
    const grades = gradesByQuery.get(row._id);
    if (grades) questions.push({ text: row.text, grades });
  }
  if (questions.length === 0) {
    throw new JudgedSetError(
      `No query of ${folder} has a judged document: the _ids of queries.jsonl and qrels differ.`,
    );
  }
  const judged = new Set(questions.flatMap(({ grades }) => [...grades.keys()]));
  const missing = [...judged].filter((id) => !corpus.has(id));
  if (missing.length === judged.size) {
    throw new JudgedSetError(`No judged document of ${folder} is in corpus.jsonl: the _ids there and in qrels differ.`);
  }
  return { name, drafts: drafted([...corpus.values()]), questions, missing };
}

/** Ids may be written as numbers. */
const Id = z.union([z.string().min(1), z.number().transform(String)]);
const CorpusRow = z.object({
  _id: Id,
  title: z
    .string()
    .nullish()
    .transform((title) => title ?? ""),
  text: z.string(),
  metadata: z
    .object({
      conversation: Id.nullish(),
      position: z.coerce.number().nullish(),
      date: z.union([z.string(), z.number()]).nullish(),
      sender: z.string().nullish(),
    })
    .nullish()
    .transform((metadata) => metadata ?? {}),
});
type CorpusRow = z.infer<typeof CorpusRow>;
const QueryRow = z.object({ _id: Id, text: z.string() });

function drafted(rows: readonly CorpusRow[]): Map<string, Draft> {
  const conversations = Map.groupBy(rows, ({ metadata }) => metadata.conversation ?? undefined);
  const chats = new Set([...conversations].flatMap(([name, of]) => (name !== undefined && isChat(of) ? [name] : [])));
  const isMessage = ({ metadata }: CorpusRow) => chats.has(metadata.conversation ?? "");
  const documents = rows.map((row) => ({ row, document: documentOf(row, isMessage(row)) }));
  const neighbours = new Map<string, readonly string[]>();
  const messagesByChat = Map.groupBy(
    documents.filter(({ row }) => isMessage(row)),
    ({ row }) => row.metadata.conversation,
  );
  for (const messages of messagesByChat.values()) {
    const said = messages.map(({ row, document }) => ({ row, ...saidOf(document) }));
    // Positions may begin anew with each talk, so the date comes first where all have one.
    const dated = said.every(({ at }) => at !== undefined);
    const timeOf = ({ at = 0 }: Said) => (dated ? at : 0);
    said.sort((a, b) => timeOf(a) - timeOf(b) || (a.row.metadata.position ?? 0) - (b.row.metadata.position ?? 0));
    for (const [i, { row }] of said.entries()) neighbours.set(row._id, neighboursOf(said, i));
  }
  return new Map(documents.map(({ row, document }) => [row._id, draftFrom(row, document, neighbours.get(row._id))]));
}

function saidOf(document: ReadDocument): Said {
  const at = document.date === undefined ? Number.NaN : Date.parse(document.date);
  return { text: ownWords(document), ...(Number.isNaN(at) ? {} : { at }) };
}

/** A conversation is a thread of mails when they have subjects and some answer others; one alone is a mail too. */
function isChat(rows: readonly CorpusRow[]): boolean {
  const isThread = rows.length === 1 || rows.some(({ title }) => /^\s*(?:re|aw|sv|fwd?|wg|tr)\s*:/i.test(title));
  return !(isThread && rows.every(({ title }) => title !== ""));
}

/** As a reader gives it: a message of a chat, else a mail when it has a sender, else a file. */
function documentOf({ title, text, metadata }: CorpusRow, isMessage: boolean): ReadDocument {
  const { sender } = metadata;
  const date = isoDate(metadata.date);
  return {
    kind: isMessage ? "text" : sender ? "mail" : "file",
    ...{ title, text },
    people: sender ? [{ role: "from", name: sender }] : [],
    mediaType: "text/plain",
    // What an answer quotes of the mail before it weighs less, as in intake.
    marks: sender ? findQuotes(text) : [],
    parts: [],
    warnings: [],
    ...(date === undefined ? {} : { date }),
  };
}

function draftFrom({ _id, text, metadata }: CorpusRow, document: ReadDocument, neighbours?: readonly string[]): Draft {
  const { conversation } = metadata;
  return draftOf({
    id: _id,
    document,
    source: { id: "judged", trust: "owner" },
    ...{ path: _id, name: _id, size: text.length, takenInAt: 0, ownAddresses: new Set<string>() },
    ...(neighbours ? { neighbours } : {}),
    ...(conversation ? { thread: conversation } : {}),
  });
}

/** Grades above 0, by query; lines are `query`, `document`, `grade` between tabs, the first may be their names. */
async function readQrels(path: string): Promise<Map<string, Grades>> {
  const gradesByQuery = new Map<string, Map<string, number>>();
  for await (const { text, n } of lines(path)) {
    const [query, document, written] = text.trim().split("\t");
    const grade = Number(written);
    const line = `Line ${n} of ${path}`;
    if (!query || !document || !written || Number.isNaN(grade)) {
      if (n === 1) continue;
      throw new JudgedSetError(`${line}: it must be a query's id, a document's id and a grade, with tabs between.`);
    }
    if (grade <= 0) continue;
    const grades = gradesByQuery.get(query) ?? new Map<string, number>();
    gradesByQuery.set(query, grades.set(document, grade));
  }
  return gradesByQuery;
}

async function* rows<T>(path: string, shape: z.ZodType<T>): AsyncIterable<{ row: T; line: string }> {
  for await (const { text, n } of lines(path)) {
    const line = `Line ${n} of ${path}`;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new JudgedSetError(`${line} is no JSON.`, { cause });
    }
    const parsed = shape.safeParse(json);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const field = issue?.path.join(".") || "the whole line";
      throw new JudgedSetError(`${line}, field ${field}: ${issue?.message ?? "not as the BEIR layout has it"}.`);
    }
    yield { row: parsed.data, line };
  }
}

async function* lines(path: string): AsyncIterable<{ text: string; n: number }> {
  await access(path).catch((cause: unknown) => {
    throw new JudgedSetError(
      `There is no ${path}. A judged set is a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv.`,
      { cause },
    );
  });
  let n = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    n += 1;
    if (text.trim() !== "") yield { text, n };
  }
}
