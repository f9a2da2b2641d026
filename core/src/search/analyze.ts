import { fold } from "./fold.ts";
import { stemmedAs, type Word, type Words, wordsIn } from "./language.ts";

/**
 * Analysis: the terms of a text, the same for a passage and for a query.
 *
 * - Words: folded and stemmed by the passage's language. A query is stemmed by every language the index holds, so an
 *   exact word is always found, whatever language the passage was taken for.
 * - Things written together ("e-mail", "INV-2025-0042", "anna@example.org", "14:30") give their parts, at positions
 *   one after the other for phrases, and a *compound* at the position of the first part, so that they are found
 *   written either way.
 * - Numbers lose their thousands' separators and trailing zeros: "1,240.50", "1.240,5" and "1240.50" are one term;
 *   the whole part is a compound beside it.
 * - Chinese, Japanese and Korean: overlapping pairs of characters, and the last character alone. Thai and its
 *   neighbours, written without spaces: `Intl.Segmenter`.
 */
export interface TokenSink {
  /**
   * `start` and `end` are UTF-16 units into the text. A compound shares the position of its first part. `form` tells
   * words of one stem apart: 0 where the word is its own stem.
   */
  token(term: string, position: number, start: number, end: number, compound: boolean, form: number): void;
}

export interface Token {
  readonly term: string;
  readonly position: number;
  readonly start: number;
  readonly end: number;
  readonly compound: boolean;
  readonly form: number;
}

/** The tokens of a text, in order. */
export function tokensOf(text: string, language?: string): Token[] {
  const tokens: Token[] = [];
  analyze(text, language, {
    token: (term, position, start, end, compound, form) => tokens.push({ term, position, start, end, compound, form }),
  });
  return tokens;
}

/** Longer terms (base64, hashes, rulers) are cut here, in passages and queries alike. */
const LONGEST_TERM = 64;

/** Gives every token of the text to the sink; returns the number of positions used. */
export function analyze(text: string, language: string | undefined, sink: TokenSink): number {
  const words = wordsIn(stemmedAs(language));
  let position = 0;
  let i = 0;
  const end = text.length;
  while (i < end) {
    const sort = sortAt(text, i);
    if (sort === WORD || sort === DIGIT) {
      const start = i;
      let joined = false;
      let digits = sort === DIGIT;
      i += 1;
      for (; i < end; i += 1) {
        const next = sortAt(text, i);
        if (next === DIGIT) digits = true;
        else if (next === WORD) continue;
        else if (next === JOINER && i + 1 < end) {
          const after = sortAt(text, i + 1);
          if (after !== WORD && after !== DIGIT) break;
          joined = true;
        } else break;
      }
      if (joined) position = analyzeJoined(text, start, i, words, position, sink);
      else {
        const stop = Math.min(i, start + LONGEST_TERM);
        const { term, form } = digits ? asIs(text.slice(start, stop)) : words.at(text, start, stop);
        // Nothing is left of a run of invisible characters.
        if (term !== "") sink.token(term, position++, start, i, false, form);
      }
    } else if (sort === PAIRS) {
      const start = i;
      while (i < end && sortAt(text, i) === PAIRS) i += 1;
      position = analyzePairs(text, start, i, position, sink);
    } else if (sort === UNSPACED) {
      const start = i;
      while (i < end && sortAt(text, i) === UNSPACED) i += 1;
      for (const part of segmenter().segment(text.slice(start, i))) {
        if (!part.isWordLike) continue;
        const at = start + part.index;
        sink.token(fold(part.segment), position++, at, at + part.segment.length, false, 0);
      }
    } else if (sort === SYMBOL) {
      const symbol = String.fromCodePoint(text.codePointAt(i) ?? 0);
      sink.token(symbol, position++, i, i + symbol.length, false, 0);
      i += symbol.length;
    } else i += 1;
  }
  return position;
}

/** Codes and numbers are not stemmed. */
function asIs(written: string): Word {
  return { term: fold(written), form: 0 };
}

/** Things written together: parts at their own positions, the whole as a compound. */
function analyzeJoined(text: string, start: number, end: number, words: Words, at: number, sink: TokenSink): number {
  const whole = text.slice(start, end);
  if (NUMBER.test(whole)) {
    const number = decimal(whole);
    if (number) {
      sink.token(number.full, at, start, end, false, 0);
      if (number.whole !== number.full) sink.token(number.whole, at, start, end, true, 0);
      return at + 1;
    }
  }
  if (INITIALS.test(whole)) {
    sink.token(fold(whole.replaceAll(".", "")), at, start, end, false, 0);
    return at + 1;
  }
  let position = at;
  let partStart = start;
  for (let i = start; i <= end; i += 1) {
    if (i < end && sortAt(text, i) !== JOINER) continue;
    const apostrophe = partStart > start && APOSTROPHE.test(text[partStart - 1] ?? "");
    const stop = Math.min(i, partStart + LONGEST_TERM);
    const part = text.slice(partStart, stop);
    // The genitive's s and the t of "don't" stand for nothing a person would look for.
    if (!(apostrophe && SUFFIX.test(part))) {
      const { term, form } = HAS_DIGIT.test(part) ? asIs(part) : words.at(text, partStart, stop);
      if (term !== "") sink.token(term, position++, partStart, i, false, form);
    }
    partStart = i + 1;
  }
  const compound = compoundOf(whole);
  if (compound !== undefined) sink.token(compound.slice(0, LONGEST_TERM), at, start, end, true, 0);
  return position;
}

const NUMBER = /^\d[\d.,'’]*$/;
const INITIALS = /^\p{L}(?:\.\p{L})+$/u;
const APOSTROPHE = /['’]/;
const SUFFIX = /^(?:s|t|d|m|ll|re|ve)$/i;
const HAS_DIGIT = /\p{Nd}/u;

/** The whole of a thing written together, where people also write it without its joints, or look for it whole. */
function compoundOf(whole: string): string | undefined {
  const folded = fold(whole);
  if (folded.includes("@")) return folded;
  if (/^[\p{L}\p{N}]+(?:[-_][\p{L}\p{N}]+)+$/u.test(folded)) return folded.replaceAll(/[-_]/g, "");
  if (/^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u.test(folded)) return folded;
  if (/^\d+(?::\d+)+$/.test(folded) || /^\p{L}+&\p{L}+$/u.test(folded)) return folded;
  return undefined;
}

/**
 * A number with separators as one form; undefined when it is none (a version, an address, a date). A lone separator
 * with exactly three digits behind it is taken for thousands.
 */
function decimal(written: string): { full: string; whole: string } | undefined {
  const separators: string[] = written.match(/[.,'’]/g) ?? [];
  const last = separators.at(-1) ?? "";
  const kinds = new Set(separators);
  const groups = written.split(/[.,'’]/);
  const tail = groups.at(-1) ?? "";
  const isDecimal =
    kinds.size > 1 ? separators.indexOf(last) === separators.length - 1 : separators.length === 1 && tail.length !== 3;
  const wholeGroups = isDecimal ? groups.slice(0, -1) : groups;
  if (
    wholeGroups.length > 1 &&
    !wholeGroups.every((g, i) => (i === 0 ? g.length >= 1 && g.length <= 3 : g.length === 3))
  ) {
    return undefined;
  }
  const whole = wholeGroups.join("");
  const fraction = isDecimal ? tail.replace(/0+$/, "") : "";
  return { whole, full: fraction === "" ? whole : `${whole}.${fraction}` };
}

function analyzePairs(text: string, start: number, end: number, at: number, sink: TokenSink): number {
  let position = at;
  for (let i = start; i < end; i += 1) {
    // The last character alone, so that one character is found wherever it stands (the others begin a pair).
    const stop = Math.min(i + 2, end);
    sink.token(fold(text.slice(i, stop)), position++, i, stop, stop - i === 1 && end - start > 1, 0);
  }
  return position;
}

let thai: Intl.Segmenter | undefined;
function segmenter(): Intl.Segmenter {
  thai ??= new Intl.Segmenter("th", { granularity: "word" });
  return thai;
}

/** What a UTF-16 unit is to the analysis. */
const NOTHING = 1;
const WORD = 2;
const DIGIT = 3;
const JOINER = 4;
const PAIRS = 5;
const UNSPACED = 6;
const SYMBOL = 7;

/** Filled as characters are met; 0 is "not asked yet". */
const sorts = new Uint8Array(0x10000);

function sortAt(text: string, i: number): number {
  const unit = text.charCodeAt(i);
  if (unit >= 0xd800 && unit <= 0xdfff) return sortOfSurrogate(text, i, unit);
  const known = sorts[unit] ?? 0;
  if (known !== 0) return known;
  const sort = sortOf(String.fromCharCode(unit));
  sorts[unit] = sort;
  return sort;
}

/** Both halves of a pair are what the character is; a symbol's second half and lone halves are nothing. */
function sortOfSurrogate(text: string, i: number, unit: number): number {
  const low = unit >= 0xdc00;
  const point = text.codePointAt(low ? i - 1 : i) ?? 0;
  if (point < 0x10000) return NOTHING;
  const sort = sortOf(String.fromCodePoint(point));
  if (low && sort === SYMBOL) return NOTHING;
  // A pair of halves is one character already, so these are words of their own rather than pairs.
  return sort === PAIRS ? WORD : sort;
}

function sortOf(character: string): number {
  if (/[\u00ad\u200b-\u200f\u2060\ufeff]/.test(character)) return WORD;
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}々ー]/u.test(character)) return PAIRS;
  if (/[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(character)) return UNSPACED;
  if (/\p{Nd}/u.test(character)) return DIGIT;
  if (/[\p{L}\p{M}\p{N}]/u.test(character)) return WORD;
  if (/['’.,\-_/:@+&]/.test(character)) return JOINER;
  if (/\p{Extended_Pictographic}/u.test(character)) return SYMBOL;
  return NOTHING;
}
