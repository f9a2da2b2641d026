import { leansOn, SMALL_TALK } from "../look.ts";
import { bareTitle, bestLikeness, isSameThread } from "./books.ts";
import { command } from "./commands.ts";
import { answerText, listText, rowsText } from "./compose.ts";
import { datesIn, namesWithin, resolve } from "./dates.ts";
import { type Evidence, evidenceFor, rowsUnder } from "./evidence.ts";
import { spansFor } from "./fit.ts";
import { type Question, readQuestion } from "./question.ts";
import { sentencesIn } from "./sentences.ts";
import type { Sheet, SheetPassage } from "./sheet.ts";
import { hasSpan } from "./spans.ts";
import { fold, likeness, synonymsOf, type Word, wordsOf } from "./words.ts";

/** What the built-in model says, or which tools it asks for. */
export interface Reply {
  readonly text: string;
  readonly calls: readonly { readonly tool: string; readonly input: unknown }[];
}

const NOT_FOUND = "I did not find that in your mail, files, notes or calendar.";
const NOT_LOOKED = "I cannot say: this was asked without looking in your mail, files, notes and calendar.";

/** Small talk, a command, or a question: in this order. */
export async function reply(sheet: Sheet): Promise<Reply> {
  const small = smallTalk(sheet);
  if (small !== undefined) return say(small);
  const commanded = await command(sheet);
  if (commanded) return commanded;
  return answerQuestion(sheet);
}

export const say = (text: string): Reply => ({ text, calls: [] });

function answerQuestion(sheet: Sheet): Reply {
  const before = sheet.earlier.at(-1);
  const leans = before !== undefined && leansOn(sheet.question) && !SMALL_TALK.test(before);
  const question = readQuestion(sheet.question, sheet.now.slice(0, 10), sheet.owner, leans ? before : undefined);
  const fact = factFor(question, sheet.facts);
  if (fact !== undefined) return say(`You told me: ${fact}`);
  const evidence = evidenceFor(question, sheet.passages);
  const good = evidence.filter((candidate) => isEnough(question, candidate));
  const best = good[0];
  // One more look with the bare key words before giving up, or before settling for little.
  if ((!best || best.coverage < 0.8 || question.now) && mayStillSearch(sheet)) {
    const query = keyWords(question);
    if (query !== "") return { text: "", calls: [{ tool: "search", input: { query } }] };
  }
  if (!best) return say(sheet.tools.has("search") || sheet.passages.length > 0 ? NOT_FOUND : NOT_LOOKED);
  const each = eachDate(question, good);
  if (each) return say(listText(each, sheet.owner));
  if (question.list) return say(listOf(question, good, best, sheet.owner));
  if (isTorn(question, good, best)) return say(NOT_FOUND);
  const chosen = exactest(question, evidence, choose(question, good, evidence, best));
  // How things stand now may be in a later mail of the same thread that no word of the question leads to.
  const title = bareTitle(chosen.passage.title);
  if (question.current && chosen.passage.kind === "mail" && title.length >= 5 && maySearchThread(sheet)) {
    return {
      text: "",
      calls: [{ tool: "search", input: { query: `subject:"${title.replace(/"/g, "")}"`, newest: true } }],
    };
  }
  const latest = question.current ? (laterInThread(question, chosen, sheet.passages) ?? chosen) : chosen;
  return say(answerText(question, latest, sheet.owner));
}

function listOf(question: Question, good: readonly Evidence[], best: Evidence, owner: string | undefined): string {
  const rows = rowsUnder(best);
  if (rows) return rowsText(best, rows, owner);
  const several = distinct(good.filter(({ score }) => score >= best.score * 0.8)).slice(0, 10);
  return several.length > 1 ? listText(several, owner) : answerText(question, best, owner);
}

/** "In 2024 and in 2025": an answer for each of the dates asked about, when there is one. */
function eachDate(question: Question, good: readonly Evidence[]): Evidence[] | undefined {
  const dates = question.when?.dates ?? [];
  if (dates.length < 2) return undefined;
  const found = dates.flatMap((date) => {
    const one = good.find((evidence) =>
      namesWithin({ dates: [date] }, evidence.sentences.join(" "), evidence.passage.date),
    );
    return one ? [one] : [];
  });
  return new Set(found).size === dates.length ? found : undefined;
}

/** A later mail of the thread that settles or changes what is asked for; or one of the same sender that changes it. */
function laterInThread(question: Question, chosen: Evidence, passages: readonly SheetPassage[]): Evidence | undefined {
  if (question.type !== "date" && question.type !== "time" && question.type !== "money") return undefined;
  const later = passages
    .filter((passage) => (passage.date ?? "") > (chosen.passage.date ?? ""))
    .filter((passage) => isSameThread(passage, chosen.passage) || isSameSender(passage, chosen.passage))
    .sort((a, b) => (b.date ?? "").localeCompare(a.date ?? ""));
  for (const passage of later) {
    for (const sentence of sentencesIn(passage.text)) {
      const { text } = sentence;
      const spans = spansFor(question, sentence);
      const span = spans.findLast((found) => /\d/.test(found.text)) ?? spans[0];
      if (!span || /\?$/.test(text)) continue;
      const settles = CHANGED.test(text) || SETTLED.test(text);
      const isIts = isSameThread(passage, chosen.passage)
        ? settles
        : CHANGED.test(text) && isOnMatter(question, passage, sentence.words);
      if (!isIts) continue;
      return { ...chosen, passage, sentences: [text], span: { ...span, sentence: text } };
    }
  }
  return undefined;
}

function isSameSender(a: SheetPassage, b: SheetPassage): boolean {
  return a.kind === "mail" && b.kind === "mail" && a.from !== "" && a.from === b.from;
}

/** The sentence has one of the things that are asked about, and the mail every name. */
function isOnMatter({ terms }: Question, { title, text }: SheetPassage, words: readonly Word[]): boolean {
  const all = wordsOf(`${title} ${text}`);
  return (
    terms.some(({ word, weight, must }) => weight >= 1 && !must && bestLikeness(word, words) >= 0.7) &&
    terms.every(({ word, must }) => !must || bestLikeness(word, all) >= 0.7)
  );
}

const SETTLED =
  /\b(?:is fine|fine with|fine by|agreed|deal|confirmed|works for|perfect|einverstanden|passt|d'accord|går bra|combinado)\b/i;

/**
 * The bar, set on questions whose answers were known: high enough that what passes is about the question, and higher where
 * nothing but the words says that it is the answer.
 */
function isEnough(question: Question, { coverage, direct, score }: Evidence): boolean {
  if (question.terms.length === 0) return false;
  if (question.form === "yes-no") return coverage >= 0.8 && direct >= 0.6;
  switch (question.type) {
    case "any":
      return coverage >= 0.78 && direct >= 0.35;
    case "code":
      return coverage >= 0.75 && direct >= 0.3;
    case "person":
    case "place":
    case "name":
      return coverage >= 0.68 && direct >= 0.4 && score >= 0.62;
    default:
      return coverage >= 0.64 && direct >= 0.4 && score >= 0.62;
  }
}

/** Of what answers equally well: how it stands now, or stood first. */
function choose(question: Question, good: readonly Evidence[], all: readonly Evidence[], best: Evidence): Evidence {
  const dated = (evidence: Evidence) => evidence.passage.date ?? "";
  if (question.order === "earliest") {
    const kin = good.filter(
      (other) =>
        other.score >= best.score - 0.1 ||
        (other.score >= best.score - 0.35 && isSameThread(other.passage, best.passage)),
    );
    return kin.reduce((first, next) => (dated(next) < dated(first) && dated(next) !== "" ? next : first), best);
  }
  if (!question.current && question.order !== "latest") return best;
  // Said in so many words, "now" reaches further.
  const reach = question.now ? 0.3 : 0.07;
  // What says that something is new speaks of now; what only mentions it later may speak of something else.
  const stated = good.filter((other) => question.now && other.score >= best.score - 0.15 && statesChange(other));
  const newest = (stated.length > 0 ? stated : good)
    .filter(
      ({ score, direct, coverage }) =>
        score >= best.score - reach && direct >= 0.4 && coverage >= best.coverage - (question.now ? 0.25 : 0.15),
    )
    .reduce((last, next) => (dated(next).slice(0, 10) > dated(last).slice(0, 10) ? next : last), stated[0] ?? best);
  const changes = all.filter(
    (later) =>
      dated(later) > dated(newest) &&
      later.score >= best.score - 0.3 &&
      CHANGED.test(later.sentences.join(" ")) &&
      sameMatter(later, newest) &&
      (question.type === "any" || hasSpan(later.sentences.join(" "), question.type)),
  );
  return changes.reduce((last, next) => (dated(next) > dated(last) ? next : last), newest);
}

const CHANGED =
  /\b(?:moved?|moves|moving to|postpone[ds]?|reschedul\w+|instead|change[ds]?|no longer|cancel+ed|not .{1,30} but|(?:your|our) new|new (?:\w+ ){0,2}?(?:date|day|time|appointment|slot|deadline|price|rent|address|number|amount|room|place|password|code)|correct(?:ed|ion)|raised?|increase[sd]?|reduced|from now on|update[ds]?|verschoben|verschieben|neue[rsn]?|geändert|erhöht|neu|abgesagt|reporté|flyttat|ny)\b/i;

/** Another item says something else just as well, and nothing tells which of them is meant. */
function isTorn(question: Question, good: readonly Evidence[], best: Evidence): boolean {
  if (question.current || question.order || !best.span) return false;
  return good.some(
    (other) =>
      other.score >= best.score - 0.03 &&
      !sameMatter(other, { ...best, coverage: 2 }) &&
      other.passage !== best.passage &&
      answerValue(question, other) !== answerValue(question, best),
  );
}

/** What the answer comes to, comparable: a day as `YYYY-MM-DD`, a number as its digits. */
function answerValue({ type }: Question, { span, passage }: Evidence): string {
  const text = span?.text ?? "";
  const [date] = type === "date" ? datesIn(text) : [];
  if (date) return resolve(date, passage.date) ?? fold(text);
  return text.replace(/[.,]00$|\D/g, "") || fold(text);
}

/** A day answers better than "from March", when the same passage has it. */
function exactest(question: Question, all: readonly Evidence[], best: Evidence): Evidence {
  if (question.type !== "date" || !best.span || /\d/.test(best.span.text)) return best;
  const exact = all.find(
    ({ passage, span, score }) => passage === best.passage && span && /\d/.test(span.text) && score >= best.score - 0.3,
  );
  return exact ?? best;
}

/** The same thread, the same sender, or nearly as much of the question. */
function sameMatter(a: Evidence, b: Evidence): boolean {
  return isSameThread(a.passage, b.passage) || isSameSender(a.passage, b.passage) || a.coverage >= b.coverage - 0.1;
}

function statesChange({ passage, sentences }: Evidence): boolean {
  return CHANGED.test([passage.kind === "mail" ? passage.title : "", ...sentences].join(" "));
}

/** One for each wording. */
function distinct(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ passage, sentences }) => {
    const key = fold([passage.title, passage.date, ...sentences].join(" "));
    if (seen.has(key) || passage.text === "") return false;
    seen.add(key);
    return true;
  });
}

/** A fact the owner told, when it meets every word of the question that matters. */
function factFor(question: Question, facts: readonly string[]): string | undefined {
  const wanted = question.terms.filter(({ weight }) => weight >= 1);
  if (wanted.length === 0) return undefined;
  const meets = (fact: string) => {
    const words = wordsOf(fact);
    return wanted.every(({ word }) => words.some((other) => likeness(word, other) >= 0.8));
  };
  return facts.findLast(
    (fact) =>
      meets(fact) &&
      (question.type === "any" || question.type === "code" || question.type === "name" || hasSpan(fact, question.type)),
  );
}

function searchesDone(sheet: Sheet): string[] {
  return sheet.done.filter(({ tool }) => tool === "search").map(({ input }) => JSON.stringify(input));
}

function mayStillSearch(sheet: Sheet): boolean {
  return sheet.tools.has("search") && searchesDone(sheet).length === 0;
}

function maySearchThread(sheet: Sheet): boolean {
  return sheet.tools.has("search") && !searchesDone(sheet).some((input) => input.includes("subject:"));
}

/** The question's words, each with the others for the same idea. */
function keyWords(question: Question): string {
  return question.terms
    .flatMap(({ word }) => [word.text, ...synonymsOf(word)])
    .join(" ")
    .slice(0, 390);
}

function smallTalk(sheet: Sheet): string | undefined {
  const text = sheet.question.trim();
  if (!SMALL_TALK.test(text)) return undefined;
  if (/^(?:thank|thx|danke|merci)/i.test(text)) return "You're welcome.";
  if (/^(?:bye|goodbye)/i.test(text)) return "Goodbye.";
  if (/^(?:who|what) are you|^what can you do|^help/i.test(text)) {
    return "I can find things in your mail, files, notes and calendar and show you where they stand. Ask me when, who, where, how much or which; tell me “remind me to call mum tomorrow at nine”, “remember that …”, or “summarize my latest emails”.";
  }
  if (/^how are you/i.test(text)) return "Fine, thank you. What would you like to know?";
  if (/^(?:ok|great|perfect|cool|nice)/i.test(text)) return "Good.";
  return `Hello${sheet.owner === undefined ? "" : `, ${sheet.owner}`}! What would you like to know?`;
}
