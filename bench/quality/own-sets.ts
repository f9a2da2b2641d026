import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type JudgedDocument,
  type JudgedQuery,
  judgedMessages,
  writeBeir,
  writeJudged,
} from "../../scripts/sample/judged.ts";
import { type JudgedSet, readJudgedSet } from "./judged-set.ts";

/**
 * The judged sets of the project itself: the sample archive (mails, documents, notes, found by question and by
 * description), and short messages that say little without the ones beside them: two chats (`chat/`) among the mails of
 * the sample, cut into their sentences.
 */
const OWN_SETS: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  "sample archive": writeJudged,
  messages: writeMessages,
};

/** They are written in the BEIR layout and read back, as any other set is read. */
export async function ownSets(): Promise<JudgedSet[]> {
  const sets: JudgedSet[] = [];
  for (const [name, write] of Object.entries(OWN_SETS)) {
    const folder = await mkdtemp(join(tmpdir(), "steward-judged-"));
    try {
      await write(folder);
      sets.push(await readJudgedSet(folder, name));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return sets;
}

async function writeMessages(folder: string): Promise<void> {
  const { messages, ids } = parseChat(await readFile(new URL("chat/chat.txt", import.meta.url), "utf8"));
  const asked = await readFile(new URL("chat/questions.txt", import.meta.url), "utf8");
  const sample = judgedMessages();
  await writeBeir(folder, [...sample.corpus, ...messages], [...sample.queries, ...parseQuestions(asked, ids)]);
}

/**
 * `# Leila & Marcus 2025-01-11` begins a talk, `L: …` is a message, a name in brackets at its end is what
 * `questions.txt` calls it.
 */
function parseChat(chat: string): { messages: JudgedDocument[]; ids: ReadonlyMap<string, string> } {
  const messages: JudgedDocument[] = [];
  const ids = new Map<string, string>();
  let people: readonly string[] = [];
  let conversation = "";
  let at = 0;
  for (const line of chat.trim().split("\n")) {
    const [, names, day] = /^# (.+) (\d{4}-\d{2}-\d{2})$/.exec(line) ?? [];
    if (names !== undefined && day !== undefined) {
      conversation = names;
      people = names.split(" & ");
      at = Date.parse(`${day}T18:00:00Z`);
      continue;
    }
    const [, initial = "", text = "", name] = /^(\w): (.*?)(?: \[([\w-]+)\])?$/.exec(line) ?? [];
    const position = messages.length;
    const _id = `${conversation} ${position}`;
    const sender = people.find((person) => person.startsWith(initial)) ?? "";
    const metadata = { conversation, position, date: new Date(at).toISOString(), sender };
    messages.push({ _id, title: "", text, metadata });
    if (name !== undefined) ids.set(name, _id);
    at += 60_000;
  }
  return { messages, ids };
}

/** `question: name name`, one a line; the names are of the messages that answer it. */
function parseQuestions(written: string, ids: ReadonlyMap<string, string>): JudgedQuery[] {
  const lines = written.trim().split("\n");
  return lines.map((line, i) => {
    const colon = line.lastIndexOf(":");
    const names = line.slice(colon + 1).trim();
    const relevant = names.split(" ").map((name) => {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`No message of chat.txt is called ${name}.`);
      return id;
    });
    return { id: `chat-${i + 1}`, text: line.slice(0, colon), relevant };
  });
}
