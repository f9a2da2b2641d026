/**
 * The table of the built-in word vectors: one row of int8 for each WordPiece, with its scale and its weight in a
 * text's mean. Made by `npm run distill`; the layout, byte by byte, is in docs/embedders.md.
 */
export interface WordTable {
  /** The embedder's id: changes with the vectors. */
  readonly id: string;
  readonly dimensions: number;
  readonly vocabulary: readonly string[];
  /** By piece: a row's int8 times this is the vector. */
  readonly scales: Float32Array;
  /** By piece: how much it counts in a text's mean, at least 0. */
  readonly weights: Float32Array;
  /** By piece, then dimension. */
  readonly rows: Int8Array;
  /** How it was made, from what, with what licence: for people. */
  readonly made: Readonly<Record<string, string>>;
}

/** The table's bytes are not as docs/embedders.md has them, or of a version this program does not know. */
export class WordTableError extends Error {
  constructor(why: string) {
    super(`The built-in word vectors cannot be used: ${why}. Put back the file that came with Steward.`);
    this.name = "WordTableError";
  }
}

const MAGIC = "STEWWORD";
const VERSION = 1;
const HEADER = 24;

export function writeWordTable(table: WordTable): Uint8Array<ArrayBuffer> {
  const { id, dimensions, vocabulary, scales, weights, rows, made } = table;
  const encoder = new TextEncoder();
  const about = encoder.encode(JSON.stringify({ id, made }));
  const words = encoder.encode(vocabulary.join("\n"));
  const numbersAt = aligned(HEADER + about.length + words.length);
  const count = vocabulary.length;
  const bytes = new Uint8Array(numbersAt + count * 8 + rows.length);
  const view = new DataView(bytes.buffer);
  bytes.set(encoder.encode(MAGIC));
  view.setUint16(8, VERSION, true);
  view.setUint16(10, dimensions, true);
  view.setUint32(12, count, true);
  view.setUint32(16, about.length, true);
  view.setUint32(20, words.length, true);
  bytes.set(about, HEADER);
  bytes.set(words, HEADER + about.length);
  for (let i = 0; i < count; i += 1) {
    view.setFloat32(numbersAt + i * 4, scales[i] ?? 0, true);
    view.setFloat32(numbersAt + (count + i) * 4, weights[i] ?? 0, true);
  }
  bytes.set(new Uint8Array(rows.buffer, rows.byteOffset, rows.length), numbersAt + count * 8);
  return bytes;
}

/** Rows are a view into `bytes`. Throws `WordTableError`. */
export function readWordTable(bytes: Uint8Array): WordTable {
  if (bytes.length < HEADER) throw new WordTableError(`${bytes.length} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  if (String.fromCharCode(...bytes.subarray(0, 8)) !== MAGIC) throw new WordTableError("it is another kind of file");
  const version = view.getUint16(8, true);
  if (version !== VERSION) throw new WordTableError(`it is of version ${version}, this program reads ${VERSION}`);
  const dimensions = view.getUint16(10, true);
  const count = view.getUint32(12, true);
  const wordsAt = HEADER + view.getUint32(16, true);
  const wordsEnd = wordsAt + view.getUint32(20, true);
  const numbersAt = aligned(wordsEnd);
  const size = numbersAt + count * 8 + count * dimensions;
  if (bytes.length !== size) throw new WordTableError(`it has ${bytes.length} bytes and says it has ${size}`);
  let about: unknown;
  let vocabulary: string[];
  try {
    about = JSON.parse(decoder.decode(bytes.subarray(HEADER, wordsAt)));
    vocabulary = decoder.decode(bytes.subarray(wordsAt, wordsEnd)).split("\n");
  } catch {
    throw new WordTableError("its text is damaged");
  }
  if (!isAbout(about)) throw new WordTableError("it does not say what it is");
  if (vocabulary.length !== count || count === 0 || dimensions === 0) {
    throw new WordTableError(`it has ${vocabulary.length} pieces and says it has ${count}`);
  }
  const numbers = new Float32Array(count * 2);
  for (let i = 0; i < numbers.length; i += 1) {
    const number = view.getFloat32(numbersAt + i * 4, true);
    if (!(number >= 0 && number < Number.POSITIVE_INFINITY)) throw new WordTableError("a number in it is damaged");
    numbers[i] = number;
  }
  return {
    id: about.id,
    made: about.made,
    dimensions,
    vocabulary,
    scales: numbers.subarray(0, count),
    weights: numbers.subarray(count),
    rows: new Int8Array(bytes.buffer, bytes.byteOffset + numbersAt + count * 8, count * dimensions),
  };
}

function isAbout(about: unknown): about is Pick<WordTable, "id" | "made"> {
  if (typeof about !== "object" || about === null || !("id" in about) || !("made" in about)) return false;
  const { id, made } = about;
  return (
    typeof id === "string" &&
    typeof made === "object" &&
    made !== null &&
    Object.values(made).every((value) => typeof value === "string")
  );
}

function aligned(offset: number): number {
  return (offset + 3) & ~3;
}
