import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { dateInWords } from "@steward/core/intake/draft.ts";
import { JudgedSetError, readJudgedSet } from "./judged-set.ts";
import { ownSets } from "./own-sets.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-judged-set-"));
});
after(() => rm(folder, { recursive: true }));

async function set(corpus: readonly unknown[], qrels = "query-id\tcorpus-id\tscore\nq1\ta\t1\n", asked: unknown = {}) {
  const at = await mkdtemp(join(folder, "set-"));
  const lines = (rows: readonly unknown[]) =>
    rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n");
  await mkdir(join(at, "qrels"));
  await writeFile(join(at, "corpus.jsonl"), lines(corpus));
  await writeFile(join(at, "queries.jsonl"), lines([{ _id: "q1", text: "When?", ...Object(asked) }]));
  await writeFile(join(at, "qrels", "test.tsv"), qrels);
  return readJudgedSet(at, "a set");
}

const chat = (id: string, position: number, text: string, date: string) => ({
  ...{ _id: id, title: "", text },
  metadata: { conversation: "c", position, date, sender: position % 2 === 0 ? "Ana" : "Ben" },
});

it("a short message of a conversation is drafted with its neighbours, date in words and sender, by its position", async () => {
  const { drafts, questions } = await set([
    chat("b", 1, "At nine.", "2025-05-03T10:01:00Z"),
    {
      ...chat("a", 0, "When does the plumber come?", "2025-05-03T10:00:00Z"),
      metadata: { conversation: "c", position: "0", date: 1746266400, sender: "Ana" },
    },
    chat("c", 2, "Thanks!", "1:56 pm on 8 May, 2025"),
  ]);
  assert.equal(drafts.get("b")?.item.kind, "text");
  assert.equal(
    drafts.get("b")?.reading.passages[0]?.context,
    `From Ben. ${dateInWords("2025-05-03")}\nWhen does the plumber come?`,
    "what was said five days later was another talk",
  );
  assert.equal(drafts.get("a")?.reading.passages[0]?.context, `From Ana. ${dateInWords("2025-05-03")}\nAt nine.`);
  assert.equal(drafts.get("c")?.reading.passages[0]?.context, `From Ana. ${dateInWords("2025-05-08")}`);
  assert.deepEqual(questions, [{ text: "When?", grades: new Map([["a", 1]]) }]);
});

it("takes messages in the order of their dates, and of their positions within a talk", async () => {
  const { drafts } = await set([
    chat("a", 0, "first", "2025-05-03T10:00:00Z"),
    chat("b", 1, "second", "2025-05-03T10:00:00Z"),
    chat("c", 0, "third", "2025-05-03T15:00:00Z"),
    chat("d", 1, "fourth", "2025-05-03T15:00:00Z"),
  ]);
  const near = (id: string) => drafts.get(id)?.reading.passages[0]?.context.split("\n").slice(1);
  assert.deepEqual(near("b"), ["first", "third", "fourth"]);
  assert.deepEqual(near("d"), ["first", "second", "third"]);
});

it("tells a thread of mails, which stand alone, from a chat, whatever its messages are called", async () => {
  const row = (_id: string, title: string, position: number) => ({
    ...{ _id, title, text: "Fine." },
    metadata: { conversation: "c", position, sender: "Ana" },
  });
  const kinds = async (...titles: string[]) => {
    const { drafts } = await set(titles.map((title, i) => row(i === 0 ? "a" : `${i}`, title, i)));
    return [...drafts.values()].map(({ item, reading }) => [item.kind, reading.passages[0]?.context.includes("\n")]);
  };
  assert.deepEqual(await kinds("Lunch", "Re: Lunch"), [
    ["mail", false],
    ["mail", false],
  ]);
  assert.deepEqual(await kinds("Lunch"), [["mail", false]]);
  assert.deepEqual(await kinds("Session 1", "Session 1"), [
    ["text", true],
    ["text", true],
  ]);
  assert.deepEqual(await kinds("", "Re: Lunch"), [
    ["text", true],
    ["text", true],
  ]);
});

it("counts a judged document that is not there as not found, and names it", async () => {
  const { questions, missing } = await set([{ _id: "a", text: "x" }], "q1\ta\t1\r\nq1\tgone\t2\r\nq1\tb\t0\r\n");
  assert.deepEqual(missing, ["gone"]);
  assert.deepEqual(
    [...(questions[0]?.grades ?? [])],
    [
      ["a", 1],
      ["gone", 2],
    ],
  );
});

it("takes null, missing and numeric fields as other tools write them", async () => {
  const { drafts } = await set([
    { _id: 7, title: null, text: "x", metadata: null },
    { _id: "a", text: "y" },
  ]);
  assert.deepEqual([...drafts.keys()], ["7", "a"]);
  assert.equal(drafts.get("a")?.item.kind, "file");
});

it("says the file, the line and the field that is not as the layout has it", async () => {
  const good = { _id: "a", title: "", text: "y" };
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => set(["{oops"]), /Line 1 of .*corpus\.jsonl is no JSON/],
    [() => set([good, { _id: "b" }]), /Line 2 of .*corpus\.jsonl, field text/],
    [() => set([good, { ...good, _id: "b", metadata: { position: "first" } }]), /Line 2 .* field metadata\.position/],
    [() => set([good, good]), /Line 2 of .*"a" stands there twice/],
    [() => set([good], "query-id\tcorpus-id\tscore\nq1 a 1\n"), /Line 2 of .*test\.tsv: .*tabs between/],
    [() => set([good], "q1\tb\t1\n"), /No judged document of .* is in corpus\.jsonl/],
    [() => set([good], "q1\ta\tmuch\nq1\ta\tmuch\n"), /Line 2 of .*a grade/],
    [() => set([good], undefined, { _id: "q2" }), /No query of .* has a judged document/],
    [() => set([good], undefined, { text: 5 }), /Line 1 of .*queries\.jsonl, field text/],
    [() => readJudgedSet(join(folder, "nowhere"), "none"), /There is no .*corpus\.jsonl\. A judged set is a folder/],
  ];
  for (const [read, message] of cases) {
    await assert.rejects(
      read,
      (error) => error instanceof JudgedSetError && message.test(error.message),
      String(message),
    );
  }
});

it("the project's own sets have a hundred judged questions and more", async () => {
  const [sample, messages] = await ownSets();
  assert.ok((sample?.questions.length ?? 0) >= 100);
  assert.ok((messages?.questions.length ?? 0) >= 100);
  for (const { questions, drafts } of [sample, messages].filter((one) => one !== undefined)) {
    for (const { grades } of questions) for (const id of grades.keys()) assert.ok(drafts.has(id), id);
  }
});
