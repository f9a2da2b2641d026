import snowball from "snowball-stemmers";
import { fold } from "./fold.ts";
import { WordTable } from "./word-table.ts";

/**
 * The stem of a word in its language. A word is stemmed after folding, so that "préférée"
 * and "preferee" meet; consistency between passage and query matters here, not linguistics.
 */

/** ISO 639-1 → Snowball algorithm. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  da: "danish",
  de: "german",
  en: "english",
  es: "spanish",
  fi: "finnish",
  fr: "french",
  hu: "hungarian",
  it: "italian",
  nl: "dutch",
  no: "norwegian",
  pt: "portuguese",
  ro: "romanian",
  ru: "russian",
  sv: "swedish",
  tr: "turkish",
};

export const DEFAULT_LANGUAGE = "en";

/** The language whose stemmer is used for a passage in `language`: English for what is unknown or has no stemmer. */
export function stemmedAs(language: string | undefined): string {
  return language !== undefined && language in ALGORITHMS ? language : DEFAULT_LANGUAGE;
}

/** A written word as the index knows it. */
export interface Word {
  readonly term: string;
  /** 0 where the folded word is the term; else 1 to 255, by which words of one stem are told apart (`formOf`). */
  readonly form: number;
}

const stemmers = new Map<string, { stem(word: string): string }>();
const wordsByLanguage = new Map<string, Words>();

/** The words of a language as they are met. */
export function wordsIn(language: string): Words {
  let words = wordsByLanguage.get(language);
  if (!words) {
    words = new Words(language);
    wordsByLanguage.set(language, words);
  }
  return words;
}

/** Words remembered at most; past it all of them are forgotten. */
const MEMO_SIZE = 150_000;

/** A stemmer takes microseconds and words repeat (Zipf): each language remembers what it has stemmed. */
export class Words {
  readonly #language: string;
  #known = new WordTable<Word>();

  constructor(language: string) {
    this.#language = language;
  }

  /** The written word (letters only, any case) from `start` to before `end`: folded, then stemmed. */
  at(text: string, start: number, end: number): Word {
    const known = this.#known.get(text, start, end);
    if (known) return known;
    const written = text.slice(start, end);
    const word = make(written, this.#language);
    if (this.#known.size >= MEMO_SIZE) this.#known = new WordTable();
    this.#known.add(written, word);
    return word;
  }
}

function make(written: string, language: string): Word {
  const folded = fold(written);
  const term = folded.length < 3 || folded.length > 40 ? folded : stem(folded, language);
  return { term, form: term === folded ? 0 : formOf(folded) };
}

/** A hash of the folded word, 1 to 255: a phrase wants the words as written, and the term has lost their endings. */
export function formOf(folded: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < folded.length; i += 1) hash = Math.imul(hash ^ folded.charCodeAt(i), 0x01000193);
  return 1 + ((((hash >>> 24) ^ (hash >>> 8)) & 0xff) % 255);
}

function stem(folded: string, language: string): string {
  let stemmer = stemmers.get(language);
  if (!stemmer) {
    stemmer = snowball.newStemmer(ALGORITHMS[stemmedAs(language)] ?? "english");
    stemmers.set(language, stemmer);
  }
  // Folded once more: some stemmers give accents back (German turns "ss" into "ß" and back, Turkish has "ı").
  return fold(stemmer.stem(folded)) || folded;
}
