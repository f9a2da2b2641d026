import { isCalendarWord, isWithin, namesWithin } from "./dates.ts";
import type { Question, Term } from "./question.ts";
import { type Sentence, sentencesIn } from "./sentences.ts";
import type { SheetPassage } from "./sheet.ts";
import { type AnswerType, type Span, spansOf } from "./spans.ts";
import { fold, isStop, likeness, type Word, wordsOf } from "./words.ts";

/** A word of the question that is nowhere in the item and its thread counts as missing below this likeness. */
const MISSING = 0.3;

/** One or two sentences that may answer the question, and how well they do. */
export interface Evidence {
  readonly passage: SheetPassage;
  readonly sentences: readonly string[];
  /** How much of the question is met, 0 to 1, here or close by. */
  readonly coverage: number;
  /** How much of it is met in the very sentence. */
  readonly direct: number;
  readonly score: number;
  /** What is asked for, as it stands in the sentence. */
  readonly span?: Span & { readonly sentence: string };
}

/** Every stretch that answers by the question's own terms, best first. */
export function evidenceFor(question: Question, passages: readonly SheetPassage[]): Evidence[] {
  const books = booksOf(question, passages);
  const weights = weightsOf(question.terms, books);
  const all: Evidence[] = [];
  for (const book of books) {
    if (question.when && !isAbout(question, book.passage)) continue;
    const table = matchesOf(question.terms, book.sentences);
    const heads = question.terms.map(({ word }) => bestLikeness(word, book.head));
    const threads = question.terms.map(({ word }) => bestLikeness(word, book.thread));
    book.sentences.forEach((_, at) => {
      const evidence = weigh(question, book, table, { heads, threads }, weights, at);
      if (evidence) all.push(evidence);
    });
  }
  return all.sort((a, b) => b.score - a.score);
}

function booksOf(question: Question, passages: readonly SheetPassage[]): Book[] {
  // To whom a mail went matters only when it is asked whom the owner wrote, asked or told.
  const asksOwn = /\b(?:I|we)\b/.test(question.text);
  const alone = passages.map((passage) => ({
    passage,
    sentences: sentencesIn(passage.text),
    head: headOf(passage, asksOwn),
  }));
  return alone.map((book) => ({
    ...book,
    thread: alone
      .filter((other) => other !== book && isSameThread(other.passage, book.passage))
      .flatMap(({ sentences }) => sentences.flatMap(({ words }) => words)),
  }));
}

export function isSameThread(a: SheetPassage, b: SheetPassage): boolean {
  const title = bareTitle(a.title);
  return a.kind === "mail" && b.kind === "mail" && title.length >= 5 && title === bareTitle(b.title);
}

/** Without the marks of replies and forwards. */
export function bareTitle(title: string): string {
  return fold(title)
    .replace(/^(?:(?:re|fw|fwd|aw|wg|sv|vb|tr|enc|res)\s*:\s*)+/g, "")
    .trim();
}

interface Book {
  readonly passage: SheetPassage;
  readonly sentences: readonly Sentence[];
  /** Words of the title and of the people. */
  readonly head: readonly Word[];
  /** Words of the other mails of the thread: what this one is about, when it does not say so itself. */
  readonly thread: readonly Word[];
}

function headOf(passage: SheetPassage, asksOwn: boolean): Word[] {
  // File names hang their words together with hyphens and dots.
  return wordsOf(
    `${passage.title} ${passage.title.replace(/[-_.]/g, " ")} ${passage.from} ${asksOwn ? passage.to : ""}`,
  );
}

/** What stands under a heading that meets the question: the rows of a list, verbatim. Undefined when it is no heading. */
export function rowsUnder(evidence: Evidence, most = 15): string[] | undefined {
  const sentences = sentencesIn(evidence.passage.text);
  const at = sentences.findIndex(({ text }) => text === evidence.sentences[0]);
  const heading = sentences[at];
  if (
    !heading ||
    evidence.sentences.length > 1 ||
    !(/:$/.test(heading.text) || (heading.row && heading.text.length < 60 && !/[.!?,;]$/.test(heading.text)))
  )
    return undefined;
  const rows: string[] = [];
  let paragraph: number | undefined;
  for (const { text, row, paragraph: own } of sentences.slice(at + 1)) {
    paragraph ??= own;
    if (!(row || /^[-*•–\d]/.test(text)) || own !== paragraph || own > heading.paragraph + 1 || rows.length >= most)
      break;
    rows.push(text);
  }
  return rows.length >= 2 ? rows : undefined;
}

/** Rare among what was found means telling; a word that stands nowhere weighs most, so that its absence counts. */
function weightsOf(terms: readonly Term[], books: readonly Book[]): number[] {
  return terms.map(({ word, weight }) => {
    const having = books.filter(
      ({ sentences, head }) =>
        bestLikeness(word, head) >= 0.7 || sentences.some(({ words }) => bestLikeness(word, words) >= 0.7),
    ).length;
    const rarity = Math.log(1 + books.length / (having + 0.5)) / Math.log(1 + books.length / 0.5);
    return weight * (0.45 + 0.55 * rarity);
  });
}

function matchesOf(terms: readonly Term[], sentences: readonly Sentence[]): number[][] {
  return sentences.map(({ words }) => terms.map(({ word }) => bestLikeness(word, words)));
}

function bestLikeness(word: Word, among: readonly Word[]): number {
  let best = 0;
  for (const other of among) {
    const alike = likeness(word, other);
    if (alike > best) best = alike;
    if (best === 1) break;
  }
  return best;
}

function weigh(
  question: Question,
  book: Book,
  table: readonly (readonly number[])[],
  around: { heads: readonly number[]; threads: readonly number[] },
  weights: readonly number[],
  at: number,
): Evidence | undefined {
  const sentence = book.sentences[at];
  const own = table[at];
  if (!sentence || !own) return undefined;
  // A name under a letter and a greeting above it say nothing.
  if (sentence.words.length < 3 && !/[:|]/.test(sentence.text) && !(sentence.row && question.list)) return undefined;
  const near = (distance: number, t: number) =>
    Math.max(table[at - distance]?.[t] ?? 0, table[at + distance]?.[t] ?? 0);
  const { heads, threads } = around;
  // "Where does Ana work": with nothing but a name to go by, the verb has to be there.
  const bare = question.terms.every(({ must, weight }) => must || weight < 1) && !question.asksSpeaker;
  // Of three things or more that are asked about, one may be called otherwise.
  const many = question.terms.filter(({ weight }) => weight >= 1).length >= 3 && question.type !== "any";
  const refers = /^(?:it|they|this|that|he|she|these|those|es|er|sie|das|elle|il|det|den)\b/i.test(sentence.text);
  // The total of a receipt or a booking is the price of all that stands in it.
  const sums = question.type === "money" && TOTAL.test(sentence.text);
  let met = 0;
  let missing = 0;
  let direct = 0;
  let sum = 0;
  for (const [t, term] of question.terms.entries()) {
    const here = own[t] ?? 0;
    const anywhere = Math.max(...table.map((row) => row[t] ?? 0));
    const head = heads[t] ?? 0;
    const far = Math.max(sums ? 0.85 * anywhere : 0, 0.45 * Math.max(anywhere, threads[t] ?? 0));
    // "It costs 48 euros": what "it" is stands in the sentence before.
    const meant = refers ? (table[at - 1]?.[t] ?? 0) : 0;
    const hit = Math.max(here, 0.95 * meant, 0.75 * near(1, t), 0.6 * near(2, t), 0.9 * head, far);
    if (hit < MISSING && (term.must || question.form === "yes-no")) return undefined;
    if (hit < MISSING && term.weight >= 1 && !term.verb && !many) return undefined;
    if (bare && !term.must && hit < 0.6) return undefined;
    if (hit < MISSING && term.weight >= 1) missing += 1;
    const weight = weights[t] ?? 1;
    met += weight * hit;
    direct += weight * Math.max(here, 0.7 * head, 0.85 * meant, sums ? 0.6 * anywhere : 0);
    sum += weight;
  }
  if (sum === 0 || direct === 0 || missing > 1) return undefined;
  const found = answerAt(question, book, at);
  if (!found) return undefined;
  const coverage = met / sum;
  const speaker = question.speaker === undefined || fold(book.passage.from).includes(question.speaker) ? 0 : -0.12;
  // A question answers nothing, unless it is asked what was asked.
  if (question.form === "yes-no" && /\?\s*$/.test(sentence.text)) return undefined;
  const asks = /\?\s*$/.test(sentence.text) && !ASKING.test(question.text) ? -0.3 : 0;
  // "Who is my landlord": the name and the role stand in one sentence.
  const role = ROLE.test(question.text) ? question.terms.findIndex(({ weight, must }) => weight === 1 && !must) : -1;
  const apart = role >= 0 && (own[role] ?? 0) < 0.6 ? -0.2 : 0;
  const score =
    apart + 0.6 * coverage + 0.4 * (direct / sum) + speaker + asks + found.bonus + 0.04 / (1 + book.passage.rank);
  return {
    passage: book.passage,
    sentences: found.sentences,
    coverage,
    direct: direct / sum,
    score,
    ...(found.span ? { span: found.span } : {}),
  };
}

/** The sentence with what is asked for in it, or with the neighbour that has it. */
function answerAt(question: Question, book: Book, at: number) {
  const sentence = book.sentences[at];
  if (!sentence) return undefined;
  const own = spanIn(question, sentence, book.passage);
  if (own !== "none") return { sentences: [sentence.text], bonus: 0, span: own };
  for (const step of [1, -1]) {
    const other = book.sentences[at + step];
    if (!other || Math.abs(other.paragraph - sentence.paragraph) > (sentence.row || other.row ? 0 : 1)) continue;
    const span = spanIn(question, other, book.passage);
    if (span === "none") continue;
    const pair = step === 1 ? [sentence.text, other.text] : [other.text, sentence.text];
    return { sentences: pair, bonus: other.paragraph === sentence.paragraph ? -0.1 : -0.2, span };
  }
  return undefined;
}

/** "none" when the sentence lacks what is asked for; undefined when nothing particular is asked for. */
function spanIn(question: Question, sentence: Sentence, passage: SheetPassage): Evidence["span"] | "none" {
  if (question.type === "name") return NAMING.test(sentence.text) ? undefined : "none";
  if (question.type === "any") return undefined;
  if (question.asksSpeaker) return undefined;
  const asked = new Set(wordsOf(question.text).map(({ stem }) => stem));
  const fresh = (span: Span) => wordsOf(span.text).some(({ stem, plain }) => !asked.has(stem) && plain.length > 0);
  const candidates = spansFor(question, sentence).filter(fresh);
  // A number is the one asked for only where it is called so.
  if (question.type === "code" && !isCalledSo(question, sentence, passage)) return "none";
  if (question.type === "person") {
    const people = candidates.filter(
      ({ start }) =>
        start > 0 || /^\p{Lu}[\p{L}'’-]+ (?:is|was|has|will|said|and|can|wants|hat|ist)\b/u.test(sentence.text),
    );
    if (people.some(({ text }) => wordsOf(text).some(({ plain }) => !isCalendarWord(plain) && !isStop({ plain }))))
      return undefined;
    if (passage.kind === "contact") return undefined;
    // "I booked it" names its writer; "who is my landlord" is not answered by one who says "I".
    if (ROLE.test(question.text)) return "none";
    return /\b(?:I|we|my|our|me|ich|wir|mein|je|nous|jag|vi)\b/.test(sentence.text) && passage.from !== ""
      ? undefined
      : "none";
  }
  if (question.type === "place") return candidates.length > 0 ? undefined : "none";
  if (candidates.length === 0) return "none";
  const best = nearest(candidates, sentence, question);
  return { ...best, sentence: sentence.text };
}

/** "Policy number": both words stand with the number, or the whole item goes by the first. */
function isCalledSo(question: Question, sentence: Sentence, passage: SheetPassage): boolean {
  const title = wordsOf(passage.title);
  // "Report number 7" in a mail about a policy is no policy number; a bare "Number | 7" may be.
  const opens = sentence.words[0];
  const bare = opens !== undefined && (NAMED.has(opens.stem) || opens.concepts.some((concept) => NAMED.has(concept)));
  return question.terms.every(({ word }, at) => {
    const isKind = NAMED.has(word.stem) || word.concepts.some((concept) => NAMED.has(concept));
    const next = question.terms[at + 1]?.word;
    const isModifier =
      next !== undefined &&
      next.start - word.end === 1 &&
      (NAMED.has(next.stem) || next.concepts.some((concept) => NAMED.has(concept)));
    if (!isKind && !isModifier) return true;
    return bestLikeness(word, sentence.words) >= 0.7 || (isModifier && bare && bestLikeness(word, title) >= 0.7);
  });
}

const TOTAL =
  /^(?:grand |sub)?(?:total|gesamt|summe|montant)|\b(?:total (?:price|amount|due)|amount due|gesamtbetrag|in all|insgesamt)\b/i;
const ROLE = /\bwho(?:'s| is| was| are| were)\b/i;
const ASKING = /\b(?:ask|asked|asking|invite|invited|want|wanted|request|requested|lend|lent)\b/i;
const NAMING = /\b(?:called|named|names? (?:is|are|was|will)|name:|heisst|heißt|heissen|heter|s'appelle|chama-se)\b/i;
const NAMED = new Set([
  "number",
  "code",
  "reference",
  "iban",
  "id",
  "serial",
  "plate",
  "licenc",
  "license",
  "pnr",
  "key",
]);

export function spansFor(question: Question, { text, words }: Pick<Sentence, "text" | "words">): Span[] {
  const type: AnswerType = question.type;
  if (type === "date") {
    const dates = spansOf(text, "date");
    const exact = dates.filter((date) => /\d/.test(date.text));
    return exact.length > 0 ? exact : dates.length > 0 ? dates : spansOf(text, "time");
  }
  if (type === "time") return spansOf(text, "time");
  if (type === "count") {
    const counted = question.terms.filter(({ counted: isCounted }) => isCounted);
    const taken = [
      ...spansOf(text, "money"),
      ...spansOf(text, "time"),
      ...spansOf(text, "date").filter((date) => /\d/.test(date.text)),
    ];
    const whole = spansOf(text, "count").filter(
      (span) =>
        !/[.,]\d{1,2}$/.test(span.text) && !taken.some(({ start, end }) => start < span.end && end > span.start),
    );
    return whole.filter(({ end }) =>
      counted.length === 0
        ? true
        : words.some(
            (word) =>
              word.start >= end && word.start - end < 30 && counted.some((term) => likeness(term.word, word) >= 0.7),
          ),
    );
  }
  return spansOf(text, type);
}

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

/** A question about a time is answered by what was written then, or by what speaks of then. */
function isAbout({ when }: Question, { date, text, title }: SheetPassage): boolean {
  if (!when) return true;
  return (date !== undefined && isWithin(when, date)) || namesWithin(when, `${title}\n${text}`, date);
}
