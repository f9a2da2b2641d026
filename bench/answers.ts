/**
 * `npm run bench:answers -- [--set tune|held|blind|all] [--verbose]`: how well the built-in model answers the known questions
 * of the sample archive. Makes the sample, takes it into a fresh house, asks, judges, and prints a table. Ends with 1
 * when fewer than 80 % are correct or any claim is wrong. `all` is `tune` and `held`; `blind` is asked only by name.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "@steward/core/clock.ts";
import type { AnswerMessage } from "@steward/core/conversation.ts";
import { messageIdOf } from "@steward/server/sample/mail.ts";
import { makeSample, sampleMails } from "@steward/server/sample/make.ts";
import { BLIND, QUESTIONS, type Question, setOf } from "../scripts/sample/questions.ts";
import { openHouse } from "../server/src/compose.ts";
import type { House } from "../server/src/house.ts";
import { quiet } from "../server/src/log.ts";
import { createRoot } from "../server/src/stores/key-file.ts";
import { type Evidence, judge, type Verdict } from "./answers/judge.ts";

const NEEDED = 0.8;
const VERDICTS: readonly Verdict[] = ["correct", "unproven", "abstained", "wrong", "failed"];

interface Judged {
  readonly question: Question;
  readonly answer: AnswerMessage;
  readonly verdict: Verdict;
}

const { values } = parseArgs({
  options: { set: { type: "string", default: "all" }, verbose: { type: "boolean", default: false } },
});
if (!["tune", "held", "blind", "all"].includes(values.set)) {
  console.error("usage: npm run bench:answers -- [--set tune|held|blind|all] [--verbose]");
  process.exit(2);
}
const asked =
  values.set === "all" ? QUESTIONS : [...QUESTIONS, ...BLIND].filter((question) => setOf(question) === values.set);
const judged = await inFreshHouse((house) => askAll(house, asked));
if (values.verbose) for (const each of judged) console.log(storyOf(each));
console.log(tableOf(judged));
process.exitCode = passes(judged) ? 0 : 1;

/** A home of its own that holds the sample and nothing else, gone afterwards. */
async function inFreshHouse<T>(work: (house: House) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "steward-answers-"));
  try {
    await makeSample(join(folder, "archive"));
    const home = join(folder, "home");
    await mkdir(home, { mode: 0o700 });
    const { root } = await createRoot(home);
    // No provider is named and nothing listens on port 9, so the model in use is the built-in one.
    const config = { ollamaUrl: "http://127.0.0.1:9", lmstudioUrl: "http://127.0.0.1:9", providerEnv: {} };
    const house = await openHouse({ home, root, config, clock: systemClock, log: quiet });
    try {
      await house.settings.patch({ timeZone: "Europe/Zurich", addresses: ["nora@lindqvist.example"] });
      await takeIn(house, join(folder, "archive"));
      return await work(house);
    } finally {
      await house.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function takeIn(house: House, archive: string): Promise<void> {
  const started = performance.now();
  const { id } = await house.sources.addPath(archive);
  const { state, progress, error } = await house.sources.finished(id);
  if (state !== "done") throw new Error(`The sample was not taken in: ${state}${error ? `, ${error}` : ""}.`);
  for (const { path, reason } of await house.sources.quarantine()) console.log(`set aside: ${path}: ${reason}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${progress.added} items taken in within ${seconds} s, ${progress.quarantined} set aside\n`);
}

async function askAll(house: House, questions: readonly Question[]): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const question of questions) {
    const answer = await answerTo(house, question.ask);
    judged.push({ question, answer, verdict: judge(question, evidenceOf(question), answer) });
  }
  return judged;
}

/** Each in a conversation of its own: no question helps the next. */
async function answerTo(house: House, text: string): Promise<AnswerMessage> {
  for await (const event of house.answer({ text }, AbortSignal.timeout(60_000))) {
    if (event.type === "finish" || event.type === "error") return event.message;
  }
  throw new Error(`The turn of "${text}" ended without a finish or an error.`);
}

function evidenceOf({ evidence }: Question): Evidence {
  const messageIdById = new Map(sampleMails().map((mail) => [mail.id, messageIdOf(mail)]));
  return {
    messageIds: new Set(evidence.flatMap((id) => messageIdById.get(id) ?? [])),
    // An event or a contact is cited by its file.
    paths: evidence.filter((id) => !messageIdById.has(id)).map((id) => id.replace(/#.*$/, "")),
  };
}

function storyOf({ question, answer, verdict }: Judged): string {
  const quotes = answer.citations.map(
    ({ n, title, quote, verified }) => `    [^${n}] ${title}: "${quote}"${verified ? "" : " (not verified)"}`,
  );
  const accepted = question.expect.map(String).join(" and ") || "nothing";
  return [
    `${verdict.toUpperCase()}  ${question.id} (${question.kind}, ${setOf(question)}): ${question.ask}`,
    `    ${answer.text.replaceAll("\n", "\n    ")}`,
    ...quotes,
    ...(verdict === "correct" ? [] : [`    accepted: ${accepted}; in ${question.evidence.join(", ") || "nothing"}`]),
    ...(answer.error ? [`    ${answer.error.code}: ${answer.error.message}`] : []),
    "",
  ].join("\n");
}

function tableOf(judged: readonly Judged[]): string {
  const kinds = [...new Set(judged.map(({ question }) => question.kind))];
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(12) : String(cell).padStart(10))).join("");
  const counts = (those: readonly Judged[]) => [
    those.length,
    ...VERDICTS.map((verdict) => those.filter((each) => each.verdict === verdict).length),
  ];
  const mean = (of: (each: Judged) => number) => judged.reduce((sum, each) => sum + of(each), 0) / judged.length;
  const ms = judged.map(({ answer }) => answer.usage.ms).sort((a, b) => a - b);
  const share = shareCorrect(judged);
  return [
    row(["", "asked", ...VERDICTS]),
    ...kinds.map((kind) => row([kind, ...counts(judged.filter(({ question }) => question.kind === kind))])),
    row(["all", ...counts(judged)]),
    "",
    `correct ${(share * 100).toFixed(1)} % (needed ${NEEDED * 100} %), wrong ${judged.filter(({ verdict }) => verdict === "wrong").length} (needed 0)`,
    `prompt tokens ${mean(({ answer }) => answer.usage.promptTokens).toFixed(0)} on average; ms p50 ${ms[Math.floor(ms.length / 2)]}, longest ${ms.at(-1)}`,
    `model ${[...new Set(judged.map(({ answer }) => answer.model))].join(", ")}`,
  ].join("\n");
}

function shareCorrect(judged: readonly Judged[]): number {
  return judged.filter(({ verdict }) => verdict === "correct").length / judged.length;
}

function passes(judged: readonly Judged[]): boolean {
  return shareCorrect(judged) >= NEEDED && judged.every(({ verdict }) => verdict !== "wrong");
}
