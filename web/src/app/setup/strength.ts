/**
 * An honest estimate of a password: how long guessing it would take someone who holds the stolen, slowly hashed
 * record (Argon2id; about 1,000 guesses a second and machine, ten thousand machines). Counts the alphabet that is
 * really used and takes off what repeats, runs, years and the best-known words add nothing. It may be wrong upwards
 * for a sentence from a book; the page says what to do instead of giving marks.
 */
export interface Strength {
  /** 0 refused, 1 weak, 2 fair, 3 strong. */
  readonly level: 0 | 1 | 2 | 3;
  readonly words: string;
  readonly bits: number;
}

export const SHORTEST = 10;
const GUESSES_A_SECOND = 1e7;
const KNOWN =
  /pass(word|wort)?|qwert[yz]u?|asdf|letmein|welcome|admin|steward|iloveyou|dragon|monkey|football|baseball|master|sunshine|princess|trustno1|abc|0?1?2?3?456789?0?|123/gi;

const YEAR = /(19|20)\d\d/g;

export function strengthOf(password: string, about: readonly string[] = []): Strength {
  if (password.length < SHORTEST) {
    const missing = SHORTEST - password.length;
    return {
      level: 0,
      bits: 0,
      words:
        password === ""
          ? `At least ${SHORTEST} characters. A few unrelated words are easy to remember.`
          : `${missing} more character${missing === 1 ? "" : "s"}.`,
    };
  }
  const bits = bitsOf(password, about);
  const seconds = 2 ** (bits - 1) / GUESSES_A_SECOND;
  const time = inWords(seconds);
  if (bits < 40)
    return { level: 1, bits, words: `Weak: a thief of the files could guess it in ${time}. Add an unrelated word.` };
  if (bits < 60) return { level: 2, bits, words: `Fair: guessing it would take a thief of the files ${time}.` };
  return { level: 3, bits, words: `Strong: guessing it would take ${time}.` };
}

function bitsOf(password: string, about: readonly string[]): number {
  let rest = password;
  let bits = 0;
  for (const word of about) {
    if (word.length > 2 && rest.toLowerCase().includes(word.toLowerCase())) {
      rest = rest.toLowerCase().replaceAll(word.toLowerCase(), "");
      bits += 2;
    }
  }
  bits += 6 * (rest.match(KNOWN)?.length ?? 0);
  rest = rest.replace(KNOWN, "");
  bits += 7 * (rest.match(YEAR)?.length ?? 0);
  rest = rest.replace(YEAR, "");
  const words = rest.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
  const spoken = words.length > 1 && words.join("").length > rest.length * 0.7;
  // Words in a row are guessed word by word (11 bits: among 2,000 common ones); the same word again adds nothing.
  if (spoken) return bits + 11 * new Set(words).size + 3 * (rest.replace(/[\p{L}\s]/gu, "").length > 0 ? 1 : 0);
  const units = [...rest].filter(
    (c, i, all) => i === 0 || Math.abs((c.codePointAt(0) ?? 0) - (all[i - 1]?.codePointAt(0) ?? 0)) > 1,
  );
  const alphabet =
    (/[a-z]/.test(rest) ? 26 : 0) +
    (/[A-Z]/.test(rest) ? 26 : 0) +
    (/\d/.test(rest) ? 10 : 0) +
    (/[^A-Za-z\d]/.test(rest) ? 20 : 0);
  const distinct = new Set(units).size;
  return bits + Math.min(units.length, distinct * 1.6) * Math.log2(Math.max(2, Math.min(alphabet, distinct * 6)));
}

const STEPS: readonly (readonly [number, string])[] = [
  [60, "seconds"],
  [3600, "minutes"],
  [86_400, "hours"],
  [2_592_000, "days"],
  [31_536_000, "months"],
  [3_153_600_000, "years"],
];

function inWords(seconds: number): string {
  return STEPS.find(([limit]) => seconds < limit)?.[1] ?? "centuries";
}
