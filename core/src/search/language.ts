import snowball from "snowball-stemmers";
import { fold } from "./fold.ts";

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

/** A stemmer takes microseconds and words repeat (Zipf): each language remembers what it has stemmed. */
const MEMO_SIZE = 150_000;
const memoByLanguage = new Map<string, Map<string, Word>>();
const stemmers = new Map<string, { stem(word: string): string }>();

/** A written word as the index knows it. */
export interface Word {
  readonly term: string;
  /** 0 where the folded word is the term; else 1 to 255, by which words of one stem are told apart (`formOf`). */
  readonly form: number;
}

/** One written word (letters only, any case): folded, then stemmed. */
export function wordOf(word: string, language: string): Word {
  let memo = memoByLanguage.get(language);
  if (!memo) {
    memo = new Map();
    memoByLanguage.set(language, memo);
  }
  const known = memo.get(word);
  if (known !== undefined) return known;
  const folded = fold(word);
  const term = folded.length < 3 || folded.length > 40 ? folded : stem(folded, language);
  if (memo.size >= MEMO_SIZE) memo.clear();
  const made = { term, form: term === folded ? 0 : formOf(folded) };
  memo.set(word, made);
  return made;
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
