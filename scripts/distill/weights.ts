/**
 * How much a piece counts in a text's mean. BERT's vocabulary lists what it learned by falling frequency, so Zipf's
 * law gives a piece's share of all text from its place, and a share gives the weight a / (a + share) (Arora, Liang and
 * Ma, 2017).
 */
export function weightsOf(vocabulary: readonly string[]): Float32Array<ArrayBuffer> {
  const first = vocabulary.indexOf("the");
  if (first < 0) throw new Error("This vocabulary has no 'the': it is none of an English BERT.");
  let harmonic = 0;
  for (let rank = 1; rank <= vocabulary.length - first; rank += 1) harmonic += 1 / rank;
  return Float32Array.from(vocabulary, (piece, id) => {
    if (/^\[[A-Za-z]+\d*\]$/.test(piece)) return 0;
    if (STOP_WORDS.has(piece) || CONTRACTED.has(piece) || /^[\p{P}\p{S}]$/u.test(piece)) return LEAST;
    // Single characters stand before the list of words, in the order of Unicode: Latin ones are as common as "be".
    const rank = id >= first ? id - first + 1 : /^[\p{Script=Latin}\p{Nd}]$/u.test(piece) ? COMMON : RARE;
    const weight = A / (A + 1 / (rank * harmonic));
    return piece.startsWith("##") ? weight * CONTINUED : weight;
  });
}

/** What a stop word counts: enough to tell texts apart that have nothing else. */
const LEAST = 1e-4;
const A = 3e-4;
/** What continues a word says less: of rare names it is the debris. Chosen, with `A`, on the sample's judged set. */
const CONTINUED = 0.5;
const COMMON = 100;
const RARE = 5_000;
/**
 * English words that carry no content. A list of the table's own: the search's list may grow, and the committed table
 * must come out the same.
 */
const STOP_WORDS = new Set(
  (
    "a about all also am an and any are as at be been but by can could did do does doing for from get got had has have " +
    "he her his how i if in into is it its me my of on or our she should so some than that the their them then there " +
    "these they this those to too was we were what when where which who whom whose why will with would you your please " +
    "tell show find give"
  ).split(" "),
);
/** What is left of "don't" and "I'm" when the apostrophe parts them. */
const CONTRACTED = new Set(["s", "t", "d", "m", "ll", "re", "ve", "don", "didn", "isn", "##s", "##t"]);
