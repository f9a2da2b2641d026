/**
 * WordPiece as BERT's uncased models have it (Devlin et al., 2019; the basic tokenizer, then the greedy longest match
 * first): what is not seen is dropped, Chinese characters stand alone, everything is lower case and without accents,
 * punctuation parts words, and a word is cut into the longest pieces that the vocabulary has, `##` before each that
 * continues a word. A word that cannot be cut so is one `[UNK]`.
 *
 * Gives what `@huggingface/tokenizers` gives for such a model, but takes `[CLS]` and its kind, where a text has them,
 * for the text they are.
 */
export class WordPiece {
  readonly unknown: number;
  readonly #whole = new Map<string, number>();
  readonly #continued = new Map<string, number>();
  readonly #longest: number;
  /** Words met before; people write the same few thousand most of the time. */
  readonly #known = new Map<string, readonly number[]>();

  /** `vocabulary`: the pieces by id. Throws a `RangeError` when it has no `[UNK]`. */
  constructor(vocabulary: readonly string[]) {
    let longest = 1;
    for (const [id, piece] of vocabulary.entries()) {
      if (piece.startsWith("##") && piece.length > 2) this.#continued.set(piece.slice(2), id);
      else this.#whole.set(piece, id);
      longest = Math.max(longest, piece.length);
    }
    const unknown = this.#whole.get("[UNK]");
    if (unknown === undefined) throw new RangeError("This vocabulary has no [UNK]; it is none of a BERT model.");
    this.unknown = unknown;
    this.#longest = longest;
  }

  /** The ids of the text's pieces, in order, without `[CLS]` and `[SEP]`. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const word of wordsOf(text)) for (const id of this.#piecesOf(word)) ids.push(id);
    return ids;
  }

  /**
   * Whether any word of the text means something here: it stands in the vocabulary, as a piece that `counts`, or is cut
   * into pieces that are syllables rather than letters ("plumb ##er", not "x ##q ##zz ##y ##v"). A Chinese character is a word
   * where it stands alone; side by side they make another ("力学" is mechanics, not strength and school), of which the
   * vocabulary has none.
   */
  hasWord(text: string, counts: (id: number) => boolean = () => true): boolean {
    return wordsOf(text.replace(CHINESE_WORD, " ")).some((word) => {
      const pieces = this.#piecesOf(word);
      const [only = this.unknown] = pieces;
      if (pieces.includes(this.unknown)) return false;
      if (pieces.length === 1) return (word.length > 1 || ONE_IS_A_WORD.test(word)) && counts(only);
      return [...word].length / pieces.length >= SYLLABLE;
    });
  }

  #piecesOf(word: string): readonly number[] {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const pieces = this.#cut(word);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    if (word.length <= MOST_UNITS) this.#known.set(word, pieces);
    return pieces;
  }

  #cut(word: string): readonly number[] {
    const single = this.#whole.get(word);
    if (single !== undefined) return [single];
    if (word.length > MOST_UNITS && [...word].length > MOST_UNITS) return [this.unknown];
    const pieces: number[] = [];
    let start = 0;
    while (start < word.length) {
      const pieceIds = start === 0 ? this.#whole : this.#continued;
      let end = Math.min(word.length, start + this.#longest);
      let found: number | undefined;
      while (end > start) {
        found = pieceIds.get(word.slice(start, end));
        if (found !== undefined) break;
        end -= 1;
      }
      if (found === undefined) return [this.unknown];
      pieces.push(found);
      start = end;
    }
    return pieces;
  }
}

/** Characters of a piece, in the mean over a word, from which on they are taken for syllables. */
const SYLLABLE = 2.25;
const ONE_IS_A_WORD = /[\u4e00-\u9fff\p{Extended_Pictographic}]/u;

/** Longer words are taken for no word, as in BERT. In characters. */
const MOST_UNITS = 100;
const MOST_KNOWN = 20_000;

function wordsOf(text: string): readonly string[] {
  const plain = PLAIN.test(text) ? text.toLowerCase() : normalize(text);
  return plain.match(WORDS) ?? [];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: printable ASCII and the white space that is no control
const PLAIN = /^[\u0009\u000a\u000d\u0020-\u007e]*$/;
/** Punctuation as BERT has it: Unicode's, and every ASCII sign that is no letter or digit. */
const WORDS = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

function normalize(text: string): string {
  return text
    .replace(UNSEEN, "")
    .replace(CHINESE, " $& ")
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "");
}

/** Controls but white space, formats, private use, lone surrogates, and the sign of what could not be read. */
const UNSEEN = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/gu;
/** The blocks of Chinese characters in the Basic Multilingual Plane: not Japanese kana, not Korean. */
const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff]/g;
/** Two and more of them side by side. */
const CHINESE_WORD = new RegExp(`${CHINESE.source}{2,}`, "g");
