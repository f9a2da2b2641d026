import type { Question } from "./question.ts";
import { type Span, spansOf } from "./spans.ts";
import { type Word, wordsOf } from "./words.ts";

/**
 * What a date or an amount is in its sentence: where something ends or begins, a deposit, a refund, a rate. Only what
 * stands in the role asked for answers the question.
 */
export function datesFor(question: Pick<Question, "text">, text: string): Span[] {
  const dates = spansOf(text, "date");
  const exact = dates.filter((date) => /\d/.test(date.text));
  const found = exact.length > 0 ? exact : dates.length > 0 ? dates : spansOf(text, "time");
  if (ASKS_END.test(question.text)) {
    const ends = found.filter(({ start }) => ENDING.test(text.slice(Math.max(0, start - 45), start)));
    if (ends.length > 0 || found.some(({ text: date }) => /\d/.test(date))) return ends;
    return spansOf(text, "duration").filter(({ start }) => LASTING.test(text.slice(0, start)));
  }
  // A day is where a thing starts; a bare month is only about when.
  if (ASKS_START.test(question.text)) return found.filter(({ start }) => !UNTIL.test(text.slice(0, start)));
  return found;
}

const ASKS_END =
  /\b(?:until when|till when|by when|by what date|how long\b.*\bvalid|expires?|expired|expiry|deadline|due|(?:does|do|did|will)\b.*\b(?:end|stop|finish)|bis wann|jusqu'à quand)\b|^(?:until|till|by) /i;
const ASKS_START = /\b(?:from when|since when|starts?|begins?|start(?:ed|ing)|began|ab wann|seit wann)\b/i;
/** Just before a date: it is where something ends. */
const UNTIL = /\b(?:until|till|til|by|before|bis(?: zum| am)?|jusqu'(?:au|à)|até(?: a)?|till(?: den)?|t\.o\.m\.?)\s*$/i;
const ENDING =
  /\b(?:until|till|by|before|within|ends?|end of|expires?|deadline|due|valid|payable|bis|endet|ende|frist|fällig|gültig|zahlbar|läuft|innert|jusqu|délai|échéance|fin|até|prazo|validade|till|senast|gäller|slutar|utgår)\b/i;

/** "Valid for ten years" ends too. */
const LASTING = /\b(?:for|within|valid|gültig|innert|während|pendant|durante|i|lasts?|dauert|is)\s*$/i;

/** The amounts that may answer: in the asked role, and of a table's row the last, which is the row's sum. */
export function amountsOf(question: Pick<Question, "text" | "terms">, text: string): Span[] {
  const asked = conceptsIn(question.terms.map(({ word }) => word));
  const amounts = spansOf(text, "money");
  // "Before tax", "deposit included": what it is not, or not only.
  const words = wordsOf(text).filter(({ start }) => !ASIDE.test(text.slice(0, start)));
  const asksCeiling = CEILING.test(question.text);
  const asksRate = RATE.test(question.text);
  return amounts.filter((span, at) => {
    const from = amounts[at - 1]?.end ?? 0;
    const before = text.slice(from, span.start);
    if (!asksCeiling && CEILING.test(before.slice(-40))) return false;
    if (!PARTIAL.test(question.text) && PARTIAL.test(text.slice(Math.max(from, span.start - 30), span.end + 15)))
      return false;
    // "2 hours at 148.00": a rate, when the row goes on to its sum.
    if (!asksRate && at < amounts.length - 1 && PER_UNIT.test(before)) return false;
    const after = /^[^,;:.|]*/.exec(text.slice(span.end))?.[0] ?? "";
    if (DIFFERENCE.test(after) && !DIFFERENCE.test(question.text)) return false;
    const until = at < amounts.length - 1 ? span.end : span.end + after.length;
    const role = conceptsIn(words.filter(({ start, end }) => start >= from && end <= until));
    const others = ROLES.filter((name) => role.has(name) && !asked.has(name));
    const met = ROLES.some((name) => role.has(name) && asked.has(name));
    return met || others.length === 0;
  });
}

function conceptsIn(words: readonly Word[]): Set<string> {
  return new Set(words.flatMap(({ concepts }) => concepts));
}

/** "How much was the deposit": the amount has to be called so. "How much did I lend": it need not. */
export function asksRole({ type, text }: Pick<Question, "type" | "text">, { concepts, start }: Word): boolean {
  return type === "money" && concepts.some((concept) => ROLES.includes(concept)) && NOUN.test(text.slice(0, start));
}

/** What stands before a noun, an adjective between them or not. */
const NOUN = /(?:\b(?:the|my|our|your|his|her|their|an?|much|what|which)|['’]s)\s+(?:[\p{L}-]+\s+)?$/iu;

/** Ideas of the lexicon that make an amount something else than a price. */
const ROLES: readonly string[] =
  "deposit loan refund discount estimate salary deductible royalty turnover interest budget debt gift tax".split(" ");
const CEILING = /\b(?:up to|at most|max(?:imum|imal)?|bis zu|höchstens|jusqu'à|até|upp till|högst|insured)\b/i;
const DIFFERENCE = /^\s(?:more|less|mehr|weniger|de plus|de moins|mer|mindre|a mais|a menos)\b|\b(?:more|less)\b/i;
const ASIDE =
  /\b(?:before|after|plus|minus|less|including|excluding|incl\.?|excl\.?|inkl\.?|exkl\.?|zzgl\.?|vor|nach|ohne|without|avant|hors|sans)\s+$/i;
const PARTIAL = /\b(?:remaining|remainder|rest|restbetrag|instal?ments?|first part|second part|rate|resten)\b/i;
const RATE = /\b(?:per|a word|a minute|an hour|a day|a night|a month|each|hourly|rate)\b/i;
const PER_UNIT = /(?:\b(?:at|zu|à|a|je|per|per)|@)\s*$/i;
