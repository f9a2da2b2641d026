import { type Book, bestLikeness, booksOf, rarityOf } from "./books.ts";
import { isWithin, namesWithin } from "./dates.ts";
import { type Fit, fitOf } from "./fit.ts";
import { FIRST_PERSON, namesMaker, ROLE } from "./people.ts";
import type { Question, Term } from "./question.ts";
import { asksRole } from "./roles.ts";
import { type Sentence, sentencesIn } from "./sentences.ts";
import type { SheetPassage } from "./sheet.ts";
import type { Span } from "./spans.ts";
import { fold, wordsOf } from "./words.ts";

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
  const weights = rarityOf(question, books);
  const all: Evidence[] = [];
  for (const book of books) {
    if (question.when && !isAbout(question, book.passage)) continue;
    const reading = read(question, book);
    book.sentences.forEach((_, at) => {
      const evidence = weigh(question, reading, weights, at);
      if (evidence) all.push(evidence);
    });
  }
  return all.sort((a, b) => b.score - a.score);
}

/** A book held against the question's terms: how alike each is to the best word of each sentence, the head, the thread. */
interface ReadBook {
  readonly book: Book;
  readonly table: readonly (readonly number[])[];
  readonly heads: readonly number[];
  readonly threads: readonly number[];
  readonly anywhere: readonly number[];
}

function read({ terms }: Question, book: Book): ReadBook {
  const table = book.sentences.map(({ words }) => terms.map(({ word }) => bestLikeness(word, words)));
  return {
    book,
    table,
    heads: terms.map(({ word }) => bestLikeness(word, book.head)),
    threads: terms.map(({ word }) => bestLikeness(word, book.thread)),
    anywhere: terms.map((_, t) => Math.max(0, ...table.map((row) => row[t] ?? 0))),
  };
}

/** How far a term is met for the sentence at `at`: here, in what it refers to, close by, in the head, in the item. */
function meeting({ book, table, heads, threads, anywhere }: ReadBook, at: number, t: number, sums: boolean) {
  const sentence = book.sentences[at];
  const here = table[at]?.[t] ?? 0;
  const head = heads[t] ?? 0;
  if (!sentence || sentence.record)
    return { hit: Math.max(here, 0.9 * head), direct: Math.max(here, 0.7 * head), called: Math.max(here, head) };
  const near = (distance: number) => Math.max(table[at - distance]?.[t] ?? 0, table[at + distance]?.[t] ?? 0);
  // "It costs 48 euros": what "it" is stands in the sentence before.
  const meant = REFERS.test(sentence.text) ? (table[at - 1]?.[t] ?? 0) : 0;
  const within = book.sentences.length <= SHORT ? 0.6 : 0.45;
  const far = Math.max((sums ? 0.85 : within) * (anywhere[t] ?? 0), 0.5 * (threads[t] ?? 0));
  return {
    hit: Math.max(here, 0.95 * meant, 0.75 * near(1), 0.6 * near(2), 0.9 * head, far),
    called: Math.max(here, head, near(1)),
    direct: Math.max(here, 0.7 * head, 0.85 * meant, sums ? 0.6 * (anywhere[t] ?? 0) : 0),
  };
}

/** A mail of this many sentences is about one matter. */
const SHORT = 12;
const REFERS = /^(?:it|they|this|that|he|she|these|those|es|er|sie|das|elle|il|det|den)\b/i;

function weigh(question: Question, reading: ReadBook, weights: readonly number[], at: number): Evidence | undefined {
  const { book } = reading;
  const sentence = book.sentences[at];
  if (!sentence || !speaks(sentence, question)) return undefined;
  // "Where does Ana work": with nothing but a name to go by, the verb has to be there.
  const bare = question.terms.every(({ must, weight }) => must || weight < 1) && !question.asksSpeaker;
  // Of three things or more that are asked about, one may be called otherwise; not the only one that is no name.
  const things = question.terms.filter(({ weight }) => weight >= 1);
  const many = things.length >= 3 && things.filter(({ must }) => !must).length >= 2 && question.type !== "any";
  // The total of a receipt or a booking is the price of all that stands in it.
  const sums = question.type === "money" && TOTAL.test(sentence.text);
  const made = question.type === "person" && namesMaker(sentence.text);
  // "…, by Jon Alm" says who made it, not who somebody is.
  const asksMaker = question.terms.some(({ word }) => word.concepts.includes("author"));
  if (made && ROLE.test(question.text) && !asksMaker) return undefined;
  // An amount answers "how much did it cost" only beside what it is about.
  const anchored = question.terms.some(
    ({ kind, word }, t) => !kind && Math.max(reading.table[at]?.[t] ?? 0, bestLikeness(word, book.title)) >= 0.6,
  );
  // A row of a bill that is about something else is not what the bill comes to.
  const item =
    question.type === "money" &&
    sentence.row &&
    !sums &&
    !mentions(question, reading, at) &&
    book.sentences.some(({ text }) => TOTAL.test(text));
  let met = 0;
  let missing = 0;
  let direct = 0;
  let sum = 0;
  for (const [t, term] of question.terms.entries()) {
    const found = meeting(reading, at, t, sums);
    // What somebody writes to "you" is not about who wrote it.
    if (term.must && (reading.anywhere[t] ?? 0) < MISSING && speaksToReader(sentence, book, term)) return undefined;
    // The answer is asked for by its kind, and it is of that kind.
    if (term.kind && anchored) {
      found.hit = Math.max(found.hit, 0.8);
      found.direct = Math.max(found.direct, 0.6);
    }
    if (made && (term.verb || term.weight < 1 || term.word.concepts.includes("author")))
      found.hit = Math.max(found.hit, 0.7);
    if (asksRole(question, term.word) && found.called < 0.6) return undefined;
    if (found.hit < MISSING && (isNeeded(term, question) || !(many || term.weight < 1 || term.verb))) return undefined;
    if (bare && !term.must && found.hit < 0.6) return undefined;
    if (found.hit < MISSING && term.weight >= 1) missing += 1;
    const weight = weights[t] ?? 1;
    met += weight * found.hit;
    direct += weight * found.direct;
    sum += weight;
  }
  if (sum === 0 || direct === 0 || missing > 1) return undefined;
  const answer = answerAt(question, book, at);
  if (!answer) return undefined;
  const coverage = met / sum;
  // A question answers nothing, unless it is asked what was asked.
  if (question.form === "yes-no" && ASKS.test(sentence.text)) return undefined;
  const asks = ASKS.test(sentence.text) && !ASKING.test(question.text) ? -0.3 : 0;
  const speaker = question.speaker === undefined || fold(book.passage.from).includes(question.speaker) ? 0 : -0.12;
  const score =
    0.6 * coverage +
    0.4 * (direct / sum) +
    apartness(question, reading, at) +
    speaker +
    asks +
    answer.bonus +
    (item ? -0.1 : 0) +
    0.04 / (1 + book.passage.rank);
  const { sentences, span } = answer;
  return { passage: book.passage, sentences, coverage, direct: direct / sum, score, ...(span ? { span } : {}) };
}

function mentions({ terms }: Question, { table }: ReadBook, at: number): boolean {
  return terms.some(({ kind }, t) => !kind && (table[at]?.[t] ?? 0) >= 0.6);
}

/** A name under a letter and a greeting above it say nothing. */
function speaks({ words, text, row }: Sentence, question: Question): boolean {
  if (GREETING.test(text)) return false;
  return words.length >= 3 || /[:|]/.test(text) || (row && question.list);
}

function speaksToReader({ text }: Sentence, { passage }: Book, { word }: Term): boolean {
  return bestLikeness(word, wordsOf(passage.from)) >= 0.7 && SECOND_PERSON.test(text) && !FIRST_PERSON.test(text);
}

const SECOND_PERSON = /\b(?:you|your|yours|du|dich|dir|dein\p{L}*|tu|te|toi|vous|votre|você)\b/iu;

function isNeeded({ must }: Term, { form }: Question): boolean {
  return must || form === "yes-no";
}

/** "Who is my landlord": the role stands in the sentence of the name, or it is the sender's. */
function apartness({ text, terms }: Question, { table, heads }: ReadBook, at: number): number {
  if (!ROLE.test(text)) return 0;
  const role = terms.findIndex(({ weight, must }) => weight === 1 && !must);
  return role >= 0 && Math.max(table[at]?.[role] ?? 0, heads[role] ?? 0) < 0.6 ? -0.2 : 0;
}

/** The sentence with what is asked for in it, or with the neighbour that has it. */
function answerAt(question: Question, book: Book, at: number) {
  const sentence = book.sentences[at];
  if (!sentence) return undefined;
  const own: Fit = fitOf(question, sentence, book);
  if (own !== "none") return { sentences: [sentence.text], bonus: 0, ...own };
  for (const step of [1, -1]) {
    const other = book.sentences[at + step];
    if (!other || other.record || sentence.record) continue;
    if (Math.abs(other.paragraph - sentence.paragraph) > (sentence.row || other.row ? 0 : 1)) continue;
    const fit = fitOf(question, other, book);
    if (fit === "none") continue;
    const pair = step === 1 ? [sentence.text, other.text] : [other.text, sentence.text];
    return { sentences: pair, bonus: other.paragraph === sentence.paragraph ? -0.1 : -0.2, ...fit };
  }
  return undefined;
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

const GREETING =
  /^(?:dear|hi|hello|hey|good (?:morning|evening)|liebe[rs]?|sehr geehrte|guten (?:tag|morgen|abend)|grüezi|hoi|chère?s?|bonjour|hej|kära|car[ao]s?|querid[ao]s?|olá)\b[^.!?]{0,60}[,!]?$/i;
const ASKS = /\?\s*$/;
const ASKING = /\b(?:ask|asked|asking|invite|invited|want|wanted|request|requested|lend|lent)\b/i;
const TOTAL =
  /^(?:grand |sub)?(?:total|gesamt|summe|montant)|\b(?:total (?:price|amount|due)|amount due|gesamtbetrag|in all|insgesamt)\b/i;

/** A question about a time is answered by what was written then, or by what speaks of then. */
function isAbout({ when }: Question, { date, text, title }: SheetPassage): boolean {
  if (!when) return true;
  return (date !== undefined && isWithin(when, date)) || namesWithin(when, `${title}\n${text}`, date);
}
