import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Draft, draftOf } from "@steward/core/intake/draft.ts";
import { z } from "zod";
import { findQuotes } from "../../server/src/readers/formats/quotes.ts";
import type { Grades } from "./measures.ts";

/**
 * A judged set in the BEIR layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`; `metadata` of a document may say
 * `conversation`, `position`, `date`, `sender`. Throws naming the line that is not as the layout has it.
 */
export interface JudgedSet {
  /** Documents by id, drafted as intake does. */
  readonly drafts: ReadonlyMap<string, Draft>;
  /** Questions that have a judged document, in the order of the file. */
  readonly questions: readonly { readonly text: string; readonly grades: Grades }[];
}

export async function readJudgedSet(folder: string): Promise<JudgedSet> {
  const drafts = new Map<string, Draft>();
  for await (const row of rows(join(folder, "corpus.jsonl"), CorpusRow)) drafts.set(row._id, draftFrom(row));
  const gradesByQuery = await readQrels(join(folder, "qrels", "test.tsv"));
  const questions: { text: string; grades: Grades }[] = [];
  for await (const { _id, text } of rows(join(folder, "queries.jsonl"), QueryRow)) {
    const grades = gradesByQuery.get(_id);
    if (grades) questions.push({ text, grades });
  }
  return { drafts, questions };
}

const CorpusRow = z.object({
  _id: z.string(),
  title: z.string().default(""),
  text: z.string(),
  metadata: z
    .object({
      conversation: z.coerce.string().optional(),
      position: z.coerce.number().optional(),
      date: z.string().optional(),
      sender: z.string().optional(),
    })
    .default({}),
});
const QueryRow = z.object({ _id: z.string(), text: z.string() });

/** As intake drafts it: a document with a sender is a mail, any other a file. */
function draftFrom({ _id, title, text, metadata }: z.infer<typeof CorpusRow>): Draft {
  const { sender, date, conversation } = metadata;
  return draftOf({
    id: _id,
    document: {
      kind: sender === undefined ? "file" : "mail",
      ...{ title, text },
      people: sender === undefined ? [] : [{ role: "from", name: sender }],
      mediaType: "text/plain",
      // What an answer quotes of the mail before it weighs less, as in intake.
      marks: sender === undefined ? [] : findQuotes(text),
      parts: [],
      warnings: [],
      ...(date === undefined ? {} : { date }),
    },
    source: { id: "judged", trust: "owner" },
    ...{ path: _id, name: _id, size: text.length, takenInAt: 0, ownAddresses: new Set<string>() },
    ...(conversation === undefined ? {} : { thread: conversation }),
  });
}

async function readQrels(path: string): Promise<Map<string, Grades>> {
  const gradesByQuery = new Map<string, Map<string, number>>();
  for (const line of (await readFile(path, "utf8")).split("\n").slice(1)) {
    const [query, document, grade] = line.trim().split("\t");
    if (query === undefined || document === undefined || !(Number(grade) > 0)) continue;
    const grades = gradesByQuery.get(query) ?? new Map<string, number>();
    gradesByQuery.set(query, grades.set(document, Number(grade)));
  }
  return gradesByQuery;
}

async function* rows<T>(path: string, shape: z.ZodType<T>): AsyncIterable<T> {
  let n = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    n += 1;
    if (line.trim() === "") continue;
    try {
      yield shape.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`Line ${n} of ${path} is not as the BEIR layout has it.`, { cause });
    }
  }
}
