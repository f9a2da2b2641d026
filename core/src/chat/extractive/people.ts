import type { Book } from "./books.ts";
import { isCalendarWord } from "./dates.ts";
import type { Question } from "./question.ts";
import type { Sentence } from "./sentences.ts";
import { spansOf } from "./spans.ts";
import { isStop, likeness, type Word, wordsOf } from "./words.ts";

/** "Who is my landlord": the name and the role stand in one sentence. */
export const ROLE = /\bwho(?:'s| is| was| are| were)\b/i;

/**
 * Whether the sentence names somebody the question does not: by a title ("Frau Caduff"), by a full name, by the name of a
 * known sender; or its writer speaks of doing it.
 */
export function isPerson(question: Question, sentence: Sentence, { passage, names }: Book): boolean {
  if (passage.kind === "contact") return true;
  const asked = wordsOf(question.text);
  const isAsked = (word: Word) => asked.some((other) => likeness(word, other) >= 0.7);
  const named = question.terms.flatMap(({ must, word }) => (must ? [word] : []));
  const isNamed = spansOf(sentence.text, "person").some(({ text, start }) => {
    const before = sentence.text.slice(0, start);
    const words = wordsOf(text).filter((word) => !isStop(word) && !isCalendarWord(word.plain) && !isAsked(word));
    // "Corvis Medizintechnik AG" is Corvis, which the question has already.
    if (wordsOf(text).some((word) => named.some((other) => likeness(word, other) === 1))) return false;
    const proper = words.filter(({ concepts }) => concepts.length === 0);
    if (proper.length === 0) return false;
    if (TITLED.test(text) || TITLED.test(before) || proper.length >= 2) return true;
    if (proper.some(({ plain }) => names.has(plain))) return true;
    // German writes every noun with a capital.
    if (GERMAN.test(sentence.text)) return false;
    // One word alone: a name, unless it is a place or an abbreviation.
    return !/^\p{Lu}+$/u.test(text) && !PLACED.test(before) && (start > 0 || SUBJECT.test(sentence.text));
  });
  if (isNamed) return true;
  // "I booked it" names its writer; "who is my landlord" is not answered by one who says "I".
  if (OWNER_ACTS.test(question.text)) return passage.own && ADDRESSES.test(question.text) && passage.to !== "";
  const isWriterAsked = wordsOf(passage.from.replace(/<[^>]*>/g, "")).some(isAsked);
  return !ROLE.test(question.text) && !isWriterAsked && passage.from !== "" && FIRST_PERSON.test(sentence.text);
}

/** "Nattlinjen, by Jon Alm": by whom a thing is made, without the verb. */
export function namesMaker(text: string): boolean {
  return /(?:^|[\s,(])(?:by|von|av|par|por)\s+\p{Lu}\p{L}+/u.test(text);
}

const GERMAN = /\b(?:der|die|das|dem|den|ein|eine[nmrs]?|und|ist|für|mit|wir|ich|Sie|bei|zum|zur|nicht|bis|auf)\b/;
const TITLED =
  /\b(?:Mr|Mrs|Ms|Dr|Prof|Herrn?|Frau|Doktor|Monsieur|Madame|Mme|Senhora?|Uncle|Aunt|uncle|aunt)\b\.?\s*(?:med\.\s*)?(?:dent\.\s*)?(?=\p{Lu}|$)/u;
/** "Who did I ask": not the owner; whom the owner's own words went to, when it is asked whom they spoke to. */
const OWNER_ACTS = /^\W*(?:to |from |with |for )?who(?:m|se)? (?:did|do|have|should|will|am) (?:I|we)\b/i;
const ADDRESSES = /\bI (?:ask|tell|write|send|invite|thank|promise|answer|order|complain|report)/i;
const SUBJECT = /^\p{Lu}[\p{L}'’-]+ (?:is|was|has|will|said|and|can|wants|hat|ist)\b/u;
const PLACED = /(?:^|\s)(?:in|at|to|from|near|via|à|de|aus|nach|bei|i|på|em|no|na)\s+$/i;
export const FIRST_PERSON = /\b(?:I|we|my|our|me|ich|wir|mein|je|nous|jag|vi)\b/;
