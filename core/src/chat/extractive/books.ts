import type { Question } from "./question.ts";
import { type Sentence, sentencesIn } from "./sentences.ts";
import type { SheetPassage } from "./sheet.ts";
import { fold, likeness, type Word, wordsOf } from "./words.ts";

/** A passage opened for reading: its sentences, and what it is about besides what it says. */
export interface Book {
  readonly passage: SheetPassage;
  readonly sentences: readonly Sentence[];
  /** Words of the title and of the people. */
  readonly head: readonly Word[];
  readonly title: readonly Word[];
  /** The words of everybody's names, as far as the passages know them. */
  readonly names: ReadonlySet<string>;
  /** Words of the other mails of the thread: what this one is about, when it does not say so itself. */
  readonly thread: readonly Word[];
}

export function booksOf(
  { asksRecipients }: Pick<Question, "asksRecipients">,
  passages: readonly SheetPassage[],
): Book[] {
  const names = new Set(
    passages.flatMap(({ from, to }) => wordsOf(`${from}, ${to}`.replace(/<[^>]*>/g, "")).map(({ plain }) => plain)),
  );
  const alone = passages.map((passage) => ({
    passage,
    names,
    title: wordsOf(`${passage.title} ${passage.title.replace(/[-_.]/g, " ")}`),
    sentences: sentencesIn(passage.text),
    head: headOf(passage, asksRecipients),
  }));
  return alone.map((book) => ({
    ...book,
    thread: alone
      .filter((other) => other !== book && isSameThread(other.passage, book.passage))
      .flatMap(({ sentences }) => sentences.flatMap(({ words }) => words)),
  }));
}

/** Titles and addresses hang their words together with hyphens, dots and the at sign. */
function headOf({ title, from, to }: SheetPassage, withRecipients: boolean): Word[] {
  return wordsOf(`${title} ${from} ${[title, from, withRecipients ? to : ""].join(" ").replace(/[-_.@]/g, " ")}`);
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

export function bestLikeness(word: Word, among: readonly Word[]): number {
  let best = 0;
  for (const other of among) {
    const alike = likeness(word, other);
    if (alike > best) best = alike;
    if (best === 1) break;
  }
  return best;
}

/** Rare among what was found means telling; a word that stands nowhere weighs most, so that its absence counts. */
export function rarityOf({ terms }: Pick<Question, "terms">, books: readonly Book[]): number[] {
  return terms.map(({ word, weight }) => {
    const having = books.filter(
      ({ sentences, head }) =>
        bestLikeness(word, head) >= 0.7 || sentences.some(({ words }) => bestLikeness(word, words) >= 0.7),
    ).length;
    const rarity = Math.log(1 + books.length / (having + 0.5)) / Math.log(1 + books.length / 0.5);
    return weight * (0.45 + 0.55 * rarity);
  });
}
