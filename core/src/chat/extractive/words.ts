import { LEXICON } from "./lexicon/index.ts";

/**
 * Words as the built-in model compares them: folded, cut to a stem that is the same for a word's common forms, and
 * mapped to a concept where a small dictionary knows that two words (also of two languages) ask for the same thing.
 */
export interface Word {
  readonly text: string;
  /** Folded: lower case, no accents. */
  readonly plain: string;
  readonly stem: string;
  /** Ideas it stands for; a compound word may stand for two. */
  readonly concepts: readonly string[];
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}\p{N}]+(?:[.'’_-][\p{L}\p{N}]+)*/gu;

export function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => wordAt(word, index));
}

function wordAt(text: string, start: number): Word {
  // "Ana's", "l'enregistrement".
  const plain = fold(text)
    .replace(/['’]s$/, "")
    .replace(/^(?:[ldjmnstc]|qu)['’](?=\p{L})/u, "");
  const stem = stemOf(plain);
  return { text, plain, stem, concepts: conceptsOf(plain, stem), start, end: start + text.length };
}

/** A word known in any form stands for its ideas; an unknown compound (German, Swedish) for those of its parts. */
function conceptsOf(plain: string, stem: string): readonly string[] {
  const cached = conceptCache.get(plain);
  if (cached) return cached;
  const known = knownConcepts(plain, stem);
  const found = [...(known.size > 0 ? known : partConcepts(plain))];
  if (conceptCache.size > 50_000) conceptCache.clear();
  conceptCache.set(plain, found);
  return found;
}

const conceptCache = new Map<string, readonly string[]>();

function knownConcepts(plain: string, stem: string): Set<string> {
  const found = new Set([
    ...(BY_WORD.get(plain) ?? []),
    ...(stem.length >= 4 || plain === `${stem}s` ? (BY_STEM.get(stem) ?? []) : []),
  ]);
  if (found.size > 0) return found;
  for (const root of rootsOf(plain)) {
    for (const concept of BY_WORD.get(root) ?? []) found.add(concept);
    for (const concept of BY_ROOT.get(root) ?? []) found.add(concept);
  }
  return found;
}

/** Longer "words" are none (an encoded file, a key pressed down); every part of theirs would be looked up. */
const LONGEST_COMPOUND = 80;

function partConcepts(plain: string): Set<string> {
  const found = new Set<string>();
  if (plain.length < 8 || plain.length > LONGEST_COMPOUND || /\d/.test(plain)) return found;
  let last = new Set<string>();
  for (let start = 4; start <= plain.length - 4 && last.size === 0; start += 1) {
    const part = plain.slice(start);
    last = knownConcepts(part, stemOf(part));
  }
  // A short beginning counts only before an end that is known.
  for (let end = plain.length - 3; end >= (last.size > 0 ? 4 : 5); end -= 1) {
    const part = plain.slice(0, end);
    const concepts = BY_WORD.get(part) ?? BY_ROOT.get(part);
    if (concepts === undefined) continue;
    for (const concept of concepts) found.add(concept);
    break;
  }
  for (const concept of last) found.add(concept);
  return found;
}

/** What may be left when an ending of German, Swedish, French or Portuguese is taken off. */
function rootsOf(plain: string): string[] {
  return INFLECTIONS.flatMap((ending) =>
    plain.length >= 6 && plain.endsWith(ending) && plain.length - ending.length >= 4
      ? [plain.slice(0, -ending.length)]
      : [],
  );
}

const INFLECTIONS = "ungen ung tem ten ter tes est en er es em et te ar or na ne ns as os st e n s t a o m".split(" ");

/** "Tax return", "guest house": two words that the lexicon knows as one. */
export function joined(a: Word, b: Word): Word | undefined {
  const plain = [`${a.plain}-${b.plain}`, `${a.plain}${b.plain}`].find((word) => BY_WORD.has(word));
  if (plain === undefined || b.start - a.end !== 1) return undefined;
  return { ...wordAt(plain, a.start), text: `${a.text} ${b.text}`, end: b.end };
}

/** Whether it stands in the lexicon as it is. */
export function isKnown({ plain }: Word): boolean {
  return BY_WORD.has(plain);
}

/** Other words for the same ideas, to search with. */
export function synonymsOf(word: Word): readonly string[] {
  return [...new Set(word.concepts.flatMap((concept) => WORDS_OF.get(concept) ?? []))].filter(
    (other) => fold(other) !== word.plain,
  );
}

export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss");
}

/** A light stem: English endings and the plurals of German and French; short words stay whole. */
export function stemOf(plain: string): string {
  const known = IRREGULAR.get(plain);
  if (known !== undefined) return known;
  if (plain.length < 4 || /\d/.test(plain)) return plain;
  let stem = plain
    .replace(/(?:'|’)s$/, "")
    .replace(/(?<=..)ies$/, "y")
    .replace(/(?<=(?:ch|sh|ss|x|z))es$/, "")
    .replace(/(?<=[^su])s$/, "");
  for (const ending of ENDINGS) {
    if (stem.endsWith(ending) && stem.length - ending.length >= 3) {
      stem = stem.slice(0, -ending.length);
      break;
    }
  }
  stem = stem
    .replace(/([^aeiouls])\1$/, "$1")
    .replace(/(?<=...)e$/, "")
    .replace(/(?<=..)i$/, "y");
  return IRREGULAR.get(stem) ?? stem;
}

const ENDINGS = ["ations", "ation", "ments", "ment", "ings", "ing", "edly", "ed", "ly"];

/** How alike two words are, 0 to 1: the same word, the same concept, one within the other. */
export function likeness(a: Word, b: Word): number {
  if (a.plain === b.plain || a.stem === b.stem) return 1;
  if (a.concepts.length > 0 && a.concepts.some((concept) => b.concepts.includes(concept))) return 0.85;
  // Known as different ideas: an accountant is no account.
  if (/\d/.test(a.plain) || /\d/.test(b.plain) || (a.concepts.length > 0 && b.concepts.length > 0)) return 0;
  const [short, long] = a.stem.length <= b.stem.length ? [a.stem, b.stem] : [b.stem, a.stem];
  if (short.length >= 5 && long.startsWith(short)) return short.length / long.length > 0.55 ? 0.85 : 0.6;
  if (short.length >= 5 && long.endsWith(short)) return 0.7;
  if (short.length >= 6 && sharedStart(short, long) >= Math.max(5, short.length - 2)) return 0.7;
  return 0;
}

function sharedStart(a: string, b: string): number {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n += 1;
  return n;
}

export function isStop(word: Pick<Word, "plain">): boolean {
  return STOP.has(word.plain);
}

const STOP = new Set(
  fold(`a an the this that these those there here and or but if then than so as of at by for with about into to from in on off out over
  up down is am are was were be been being do does did done have has had having will would shall should can could may might must
  i me my mine myself we us our ours you your yours he him his she her hers it its they them their theirs who whom whose which what
  when where why how not no nor any some all each both more most other own same too very just also again once ever please tell show
  give find know let get got say says said s t d ll m re ve there's much many long far often kind sort exactly per whether while during between after before until since under onto upon against without within among near above below beside except
  der die das den dem des ein eine einen einem einer und oder aber ist sind war waren wird werden wurde hat haben hatte ich mich mir mein
  meine meinen meinem meiner du dich dir dein sie er es wir uns unser ihr ihre wer was wann wo wie warum welche welcher welches viel viele
  mit von vom zu zum zur im in am an auf für bei nach aus über nicht auch noch schon denn
  le la les l un une des du de et ou mais est sont était suis je me moi mon ma mes tu te toi ton ta tes il elle nous vous ils elles qui que
  quoi quand où comment pourquoi combien quel quelle quels quelles pour par avec dans sur au aux ce cette ces pas ne`)
    .split(/\s+/)
    .filter(Boolean),
);

const IRREGULAR = new Map(
  `bought:buy paid:pay sent:send wrote:write written:write flew:fly flown:fly flight:fly met:meet left:leave went:go gone:go came:come
  told:tell made:make took:take taken:take gave:give given:give sold:sell spent:spend lent:lend born:birth began:begin begun:begin
  chose:choose chosen:choose kept:keep held:hold lost:lose won:win drove:drive ate:eat broke:break broken:break brought:bring caught:catch
  built:build found:find heard:hear knew:know known:know ran:run rose:rise risen:rise saw:see seen:see slept:sleep spoke:speak stood:stand
  taught:teach thought:think understood:understand wore:wear children:child women:woman men:man people:person feet:foot teeth:tooth
  departure:depart arrival:arrive payment:pay booking:book appointment:appointment costs:cost owed:owe owes:owe died:die allergic:allerg
  allergist:allerg allergy:allerg allergie:allerg meeting:meet delivery:deliver invoice:invoic`
    .split(/\s+/)
    .map((pair): [string, string] => {
      const [form = "", base = ""] = pair.split(":");
      return [form, base];
    }),
);

/** Line by line: the idea is its first word. */
const WORDS_OF = new Map(
  LEXICON.map((line): [string, string[]] => {
    const words = line.split(" ");
    return [fold(words[0] ?? ""), words];
  }),
);

const BY_WORD = indexBy((word) => [word]);
const BY_STEM = indexBy((word) => [stemOf(word)]);
/** Short roots would meet by chance. */
const BY_ROOT = indexBy((word) => rootsOf(word).filter(({ length }) => length >= 5));

function indexBy(keysOf: (word: string) => string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const index = new Map<string, Set<string>>();
  for (const [concept, words] of WORDS_OF)
    for (const key of words.map(fold).flatMap(keysOf)) index.set(key, (index.get(key) ?? new Set()).add(concept));
  return index;
}
