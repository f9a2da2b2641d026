/**
 * Folding: the one form in which words are compared. NFKC, lower case, accents off where a person would leave them
 * off (Latin, Greek, Arabic, Hebrew; й stays й, and Devanagari keeps its vowels), and the few letters that Unicode
 * does not decompose but people type differently.
 */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(INVISIBLE, "")
    .replace(MARKS, "$1")
    .normalize("NFC")
    .replace(LETTERS, (letter) => LETTER_FOLDS[letter] ?? letter);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII, control characters too
const ASCII = /^[\u0000-\u007f]*$/;
/** Soft hyphens, zero-width characters and bidi controls: seen by nobody, so they part no word. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const MARKS = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}])\p{M}+/gu;
const LETTERS = /[ßæœøłđðþıё’ς]/g;
const LETTER_FOLDS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ё: "е",
  "’": "'",
  ς: "σ",
};
