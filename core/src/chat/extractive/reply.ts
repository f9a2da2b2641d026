import { leansOn, SMALL_TALK } from "../look.ts";
import { command } from "./commands.ts";
import { answerText, listText } from "./compose.ts";
import { type Evidence, evidenceFor } from "./evidence.ts";
import { type Question, readQuestion } from "./question.ts";
import type { Sheet } from "./sheet.ts";
import { hasSpan } from "./spans.ts";
import { fold, likeness, wordsOf } from "./words.ts";

/** What the built-in model says, or which tools it asks for. */
export interface Reply {
  readonly text: string;
  readonly calls: readonly { readonly tool: string; readonly input: unknown }[];
}

const NOT_FOUND = "I did not find that in your mail, files, notes or calendar.";

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
  if ((!best || best.coverage < 0.8) && mayStillSearch(sheet)) {
    const query = keyWords(question);
    if (query !== "") return { text: "", calls: [{ tool: "search", input: { query } }] };
  }
  if (!best) return say(NOT_FOUND);
  if (question.list) {
    const several = distinct(good.filter(({ score }) => score >= best.score * 0.8)).slice(0, 8);
    if (several.length > 1) return say(listText(several, sheet.owner));
  }
  return say(answerText(question, choose(question, good, evidence, best), sheet.owner));
}

/** The bar. Whatever names nothing in particular has to be met nearly whole. */
function isEnough(question: Question, { coverage, direct }: Evidence): boolean {
  if (question.terms.length === 0) return false;
  const bar = question.type === "any" || question.type === "person" || question.type === "place" ? 0.66 : 0.6;
  return coverage >= bar && direct >= 0.2;
}

/** Of what answers equally well: how it stands now, or stood first. */
function choose(question: Question, good: readonly Evidence[], all: readonly Evidence[], best: Evidence): Evidence {
  const close = good.filter(({ score }) => score >= best.score - 0.1);
  const dated = (evidence: Evidence) => evidence.passage.date ?? "";
  if (question.order === "earliest")
    return close.reduce((first, next) => (dated(next) < dated(first) && dated(next) !== "" ? next : first), best);
  if (!question.current && question.order !== "latest") return best;
  const newest = close.reduce((last, next) => (dated(next) > dated(last) ? next : last), best);
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
  /\b(?:moved?|moves|moving to|postpone[ds]?|reschedul\w+|instead|change[ds]?|no longer|cancel+ed|not .{1,30} but|new (?:date|time|price|rent|address|number|amount|room|place|password|code)|correct(?:ed|ion)|raised?|increase[sd]?|reduced|from now on|update[ds]?|sorry|verschoben|neue[rsn]?|geändert|erhöht|neu|abgesagt|reporté|flyttat|ny)\b/i;

/** The same thread by its title, or nearly the same words of the question. */
function sameMatter(a: Evidence, b: Evidence): boolean {
  const bare = (title: string) =>
    fold(title)
      .replace(/^(?:(?:re|fw|fwd|aw|wg|sv|vb|tr)\s*:\s*)+/g, "")
      .trim();
  return bare(a.passage.title) === bare(b.passage.title) || a.coverage >= b.coverage - 0.1;
}

/** One for each item and each wording. */
function distinct(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ passage, sentences }) => {
    const keys = [`item ${passage.n}`, fold(sentences.join(" "))];
    if (keys.some((key) => seen.has(key))) return false;
    for (const key of keys) seen.add(key);
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

function mayStillSearch(sheet: Sheet): boolean {
  return sheet.tools.has("search") && !sheet.done.some(({ tool }) => tool === "search");
}

function keyWords(question: Question): string {
  return question.terms.map(({ word }) => word.text).join(" ");
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
