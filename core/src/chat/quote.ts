/**
 * Finding a quote in a text, word for word. Only what typesetting changes is forgiven: runs of white space, the shape of
 * quotation marks and apostrophes, soft hyphens. Letters, digits, case and order are never forgiven: a quote that is
 * almost there is not there.
 */
export interface Place {
  /** UTF-16 units into the text. */
  readonly start: number;
  readonly end: number;
}

/**
 * Where the quote stands, whole words only ("15" does not stand in "2015" or "15.000"). `prefer` names the stretch the
 * quote was shown from: an occurrence there wins over an earlier one.
 */
export function findQuote(text: string, quote: string, prefer?: Place): Place | undefined {
  const wanted = normalise(trimQuote(quote)).text.trim();
  if (!/[\p{L}\p{N}]/u.test(wanted)) return undefined;
  const { text: plain, at } = normalise(text);
  let first: Place | undefined;
  for (let i = plain.indexOf(wanted); i >= 0; i = plain.indexOf(wanted, i + 1)) {
    if (!standsAlone(plain, i, i + wanted.length)) continue;
    const place = { start: at[i] ?? 0, end: (at[i + wanted.length - 1] ?? 0) + 1 };
    if (!prefer || (place.start >= prefer.start && place.end <= prefer.end)) return place;
    first ??= place;
  }
  return first;
}

/** The same words in the same normal form: equal for two quotes that are one. */
export function normalQuote(quote: string): string {
  return normalise(trimQuote(quote)).text.trim();
}

/** Models like to put quotation marks round a quote, or an ellipsis at its ends; neither is part of it. */
function trimQuote(quote: string): string {
  const bare = quote.trim().replace(/^(?:\.{3}|…)\s*|\s*(?:\.{3}|…)$/g, "");
  const pair = /^(["“”„«'‘’])([\s\S]*)(["“”«»'‘’])$/.exec(bare);
  return pair?.[2] && !/["“”„«»]/.test(pair[2]) ? pair[2] : bare;
}

/** The text with marks made plain, and for each of its units the unit of the original it came from. */
function normalise(text: string): { text: string; at: Uint32Array } {
  const at = new Uint32Array(text.length);
  let plain = "";
  let space = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === "\u00ad") continue;
    const isSpace = /\s/.test(char);
    if (isSpace && space) continue;
    space = isSpace;
    at[plain.length] = i;
    plain += isSpace ? " " : (MARKS[char] ?? char);
  }
  return { text: plain, at };
}

// biome-ignore format: a table reads better in rows
const MARKS: Readonly<Record<string, string>> = {
  "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‟": '"',
  "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'",
};

function standsAlone(text: string, start: number, end: number): boolean {
  return !joins(text, start - 1, start) && !joins(text, end - 1, end);
}

/** True when the border between two neighbouring units lies inside a word or a number. */
function joins(text: string, left: number, right: number): boolean {
  const a = text[left] ?? " ";
  const b = text[right] ?? " ";
  if (WORD.test(a) && WORD.test(b)) return !(UNSPACED.test(a) && UNSPACED.test(b));
  if (/[.,:]/.test(a) && /\d/.test(b)) return /\d/.test(text[left - 1] ?? " ");
  if (/\d/.test(a) && /[.,:]/.test(b)) return /\d/.test(text[right + 1] ?? " ");
  return false;
}

const WORD = /[\p{L}\p{N}\p{M}]/u;
/** Scripts written without spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
