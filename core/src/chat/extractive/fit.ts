import { type Book, bestLikeness } from "./books.ts";
import { isPerson } from "./people.ts";
import type { Question, Term } from "./question.ts";
import { amountsOf, datesFor } from "./roles.ts";
import type { Sentence } from "./sentences.ts";
import type { SheetPassage } from "./sheet.ts";
import { type Span, spansOf } from "./spans.ts";
import { likeness, type Word, wordsOf } from "./words.ts";

/** What a sentence holds of the kind that is asked for: a span, nothing in particular, or not at all. */
export type Fit = { readonly span?: Span & { readonly sentence: string } } | "none";

/** Whether the sentence can be the answer by its kind: a date for when, an amount in the right role, a person for who. */
export function fitOf(question: Question, sentence: Sentence, book: Book): Fit {
  if (question.type === "name") return NAMING.test(sentence.text) ? {} : "none";
  if (question.type === "any" || question.asksSpeaker) return {};
  if (question.type === "person") return isPerson(question, sentence, book) ? {} : "none";
  // A number is the one asked for only where it is called so.
  if (question.type === "code" && !isCalledSo(question, sentence, book.passage)) return "none";
  const asked = new Set(wordsOf(question.text).map(({ stem }) => stem));
  const fresh = (span: Span) => wordsOf(span.text).some(({ stem, plain }) => !asked.has(stem) && plain.length > 0);
  const candidates = spansFor(question, sentence).filter(fresh);
  if (candidates.length === 0) return "none";
  if (question.type === "place") return {};
  return { span: { ...nearest(candidates, sentence, question), sentence: sentence.text } };
}

/** The spans of the kind asked for that also stand in the role asked for. */
export function spansFor(question: Question, sentence: Pick<Sentence, "text" | "words">): Span[] {
  const { text } = sentence;
  switch (question.type) {
    case "date":
      return datesFor(question, text);
    case "money":
      return amountsOf(question, text);
    case "count":
      return countsOf(question, sentence);
    default:
      return spansOf(text, question.type);
  }
}

/** Numbers that count what is asked: the noun follows, or goes before "31 pieces". */
function countsOf(question: Question, { text, words }: Pick<Sentence, "text" | "words">): Span[] {
  const counted = question.terms.filter(({ counted: isCounted }) => isCounted);
  const taken = [
    ...spansOf(text, "money"),
    ...spansOf(text, "time"),
    ...spansOf(text, "date").filter((date) => /\d/.test(date.text)),
  ];
  const isWhole = (span: Span) =>
    !/[.,]\d{1,2}$/.test(span.text) &&
    !/\b(?:of|out of|von|sur|em|av|no\.?|nr\.?)\s$|\/$/i.test(text.slice(0, span.start)) &&
    !taken.some(({ start, end }) => start < span.end && end > span.start);
  const isOf = (word: Word) => counted.some((term) => likeness(term.word, word) >= 0.7);
  return spansOf(text, "count").filter(
    (span) =>
      isWhole(span) &&
      (counted.length === 0 ||
        words.some((word) => isOf(word) && word.start >= span.end && word.start - span.end < 30) ||
        (PIECES.test(text.slice(span.end)) && words.some((word) => isOf(word) && word.end <= span.start))),
  );
}

const PIECES = /^\s(?:pieces?|units?|stück|stk|pièces?|stycken|st|peças?|times|copies|exemplare?)\b/i;

/** Of several dates or amounts in one sentence, the one that follows the question's words most closely. */
function nearest(spans: readonly Span[], sentence: Sentence, question: Question): Span {
  const marksOf = (terms: readonly Term[], alike: number) =>
    sentence.words.filter((word) => terms.some((term) => likeness(term.word, word) >= alike));
  const nouns = question.terms.filter(({ weight, must }) => weight >= 1 && !must);
  const marks =
    [marksOf(nouns, 1), marksOf(nouns, 0.7), marksOf(question.terms, 0.7)].find(({ length }) => length > 0) ?? [];
  const between = (from: number, to: number) => to - from + (/[,;|]/.test(sentence.text.slice(from, to)) ? 15 : 0);
  const distance = (span: Span) =>
    Math.min(
      ...marks.map((word) =>
        word.end <= span.start ? between(word.end, span.start) : between(span.end, word.start) + 12,
      ),
    );
  return spans.reduce((best, span) => (distance(span) < distance(best) ? span : best));
}

/** "Policy number": both words stand with the number, the whole item goes by the first, or the first alone leads to it. */
function isCalledSo(question: Question, sentence: Sentence, passage: SheetPassage): boolean {
  const title = wordsOf(passage.title);
  // "Report number 7" in a mail about a policy is no policy number; a bare "Number | 7" may be.
  const opens = sentence.words[0];
  const bare = opens !== undefined && isKind(opens);
  return question.terms.every(({ word }, at) => {
    const next = question.terms[at + 1]?.word;
    const isModifier = next !== undefined && next.start - word.end === 1 && isKind(next);
    const before = question.terms[at - 1]?.word;
    if (isKind(word))
      return bestLikeness(word, sentence.words) >= 0.7 || (before !== undefined && leads(before, sentence));
    if (!isModifier) return true;
    return bestLikeness(word, sentence.words) >= 0.7 || (bare && bestLikeness(word, title) >= 0.7);
  });
}

/** "Chip: 756 …", "order 66-1042": the word, then its number at once. */
function leads(word: Word, { text, words }: Sentence): boolean {
  return words.some(
    (other) => likeness(word, other) >= 0.7 && /^\s?[:|#]?\s?(?=\S*\d)[\p{Lu}\d]/u.test(text.slice(other.end)),
  );
}

function isKind({ stem, concepts }: Word): boolean {
  return NAMED.has(stem) || concepts.some((concept) => NAMED.has(concept));
}

const NAMING = /\b(?:called|named|names? (?:is|are|was|will)|name:|heisst|heißt|heissen|heter|s'appelle|chama-se)\b/i;
const NAMED = new Set("number code reference iban id serial plate licenc licence license pnr key".split(" "));
