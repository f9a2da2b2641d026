import type { IndexedItem } from "@steward/core/search/passage-index.ts";
import { randomFrom } from "@steward/core/testing/random.ts";

/**
 * An invented archive of any size, from a seed: mails of one to three passages and messages of one, in threads; words by
 * Zipf's law, with some that a thread has of its own; and a vector for every passage: its topic's, its thread's and its
 * own, off the origin, some dimensions stronger than others, of length 1. Every item is made from its number alone, so
 * nothing is kept and any of them can be made again.
 */
export const NOW = Date.UTC(2026, 10, 21);
export const EMBEDDER = "bench";
/** The source of one item in twenty. */
export const NARROW = "narrow";

const VOCABULARY = 60_000;
/** The commonest words: what stop words are to a language. None of them is on a list of stop words. */
const COMMON = 100;
const PEOPLE = 800;
const PASSAGES = [2, 1, 1, 3, 1, 1, 1, 1, 2, 1];
/** Items of one thread, words it has of its own, and how much of its text they are. */
const THREAD = 16;
const OWN_WORDS = 24;
const OWN_SHARE = 0.15;
const TOPICS = 300;

const SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu bra cle dri fro gla".split(" ");

const words = Array.from({ length: VOCABULARY }, (_, rank) => {
  let word = "";
  for (let rest = rank + 30; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
});
const cumulative = new Float64Array(VOCABULARY);
for (let rank = 0, sum = 0; rank < VOCABULARY; rank += 1) cumulative[rank] = sum += 1 / (rank + 2);

function rankFrom(random: () => number): number {
  const wanted = random() * (cumulative[VOCABULARY - 1] ?? 0);
  let low = 0;
  let high = VOCABULARY - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many items have so many passages together. */
export function itemsOf(passages: number): number {
  let items = 0;
  for (let left = passages; left > 0; items += 1) left -= PASSAGES[items % PASSAGES.length] ?? 1;
  return items;
}

export function passagesIn(item: number): number {
  return PASSAGES[item % PASSAGES.length] ?? 1;
}

/** Rising with the number, as ids are that carry the time they were made. */
export function idOf(item: number): string {
  const rest = randomFrom(item)().toString(16).padEnd(14, "0").slice(2, 14);
  const at = (0x019a_0000_0000 + item).toString(16).padStart(12, "0");
  return `${at.slice(0, 8)}-${at.slice(8)}-7000-8000-${rest}`;
}

export function itemOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - 0x019a_0000_0000;
}

const threadOf = (item: number) => Math.floor(item / THREAD);

function textOf(item: number): { title: string; bodies: string[]; ranks: number[] } {
  const random = randomFrom(0x5eed + item * 7);
  const ofThread = randomFrom(0x7eed + threadOf(item) * 13);
  const own = Array.from({ length: OWN_WORDS }, () => COMMON + Math.floor(ofThread() ** 2 * (VOCABULARY - COMMON)));
  const title = Array.from({ length: 5 }, () => words[own[Math.floor(ofThread() * OWN_WORDS)] ?? 0]).join(" ");
  const ranks: number[] = [];
  const bodies = Array.from({ length: passagesIn(item) }, () => {
    // A message is short; a passage of a mail has up to 800 characters.
    const length = passagesIn(item) === 1 ? 8 + Math.floor(random() ** 2 * 90) : 60 + Math.floor(random() * 80);
    const body = Array.from({ length }, () =>
      random() < OWN_SHARE ? (own[Math.floor(random() ** 2 * OWN_WORDS)] ?? 0) : rankFrom(random),
    );
    ranks.push(...body);
    return body.map((rank) => words[rank]).join(" ");
  });
  return { title, bodies, ranks };
}

export function archiveItem(item: number): IndexedItem {
  const { title, bodies } = textOf(item);
  const random = randomFrom(0xfeed + item * 3);
  const persons = Array.from({ length: 2 }, () => `Person${Math.floor(random() ** 2 * PEOPLE)}`);
  const isMail = bodies.length > 1;
  return {
    item: idOf(item),
    kind: isMail ? "mail" : random() < 0.8 ? "text" : "note",
    source: random() < 0.05 ? NARROW : random() < 0.6 ? "mailbox" : "messages",
    date: NOW - Math.floor(random() * 8 * 365 * 86_400_000),
    trust: "contact",
    title: isMail ? title : "",
    people: persons.map((name, n) => ({
      role: n === 0 ? "from" : "to",
      name,
      address: `${name.toLowerCase()}@example.org`,
    })),
    thread: `t${threadOf(item)}`,
    has: isMail && random() < 0.2 ? ["attachment", "pdf"] : [],
    language: "en",
    passages: bodies.map((text) => ({ text, context: `${persons[0]} ${title} Tuesday, 3 March 2020` })),
  };
}

/** Normal numbers from a table: a million vectors take hundreds of millions. */
const normals = (() => {
  const random = randomFrom(1);
  return Float32Array.from(
    { length: 65_536 },
    () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random()),
  );
})();

/** Makes vectors of so many dimensions: of a passage of an item, or of a question about its thread. */
export function vectorsOf(dimensions: number) {
  const strength = Float32Array.from({ length: dimensions }, (_, i) => (1 + i) ** -0.2);
  const draw = (seed: number) => {
    const random = randomFrom(seed);
    const vector = new Float32Array(dimensions);
    for (let i = 0; i < dimensions; i += 2) {
      const word = random() * 2 ** 32;
      vector[i] = (normals[word & 0xffff] ?? 0) * (strength[i] ?? 0);
      vector[i + 1] = (normals[word >>> 16] ?? 0) * (strength[i + 1] ?? 0);
    }
    return vector;
  };
  const offset = draw(2);
  const topics = Array.from({ length: TOPICS }, (_, topic) => draw(100 + topic));
  let thread = { number: -1, vector: offset };
  const about = (item: number, seed: number) => {
    const number = threadOf(item);
    if (thread.number !== number) thread = { number, vector: draw(0x100_000 + number) };
    const topic = topics[Math.floor(TOPICS * ((number * 0.618034) % 1) ** 1.5)] ?? offset;
    const own = draw(seed);
    let length = 0;
    for (let i = 0; i < dimensions; i += 1) {
      own[i] = 0.4 * (offset[i] ?? 0) + 0.7 * (topic[i] ?? 0) + 0.6 * (thread.vector[i] ?? 0) + 0.7 * (own[i] ?? 0);
      length += (own[i] ?? 0) ** 2;
    }
    length = Math.sqrt(length);
    for (let i = 0; i < dimensions; i += 1) own[i] = (own[i] ?? 0) / length;
    return own;
  };
  return {
    ofItem: (item: number) =>
      Array.from({ length: passagesIn(item) }, (_, n) => about(item, 0x4000_0000 + item * 4 + n)),
    ofQuestion: (item: number) => about(item, 0x2000_0000 + item),
  };
}

export interface Question {
  readonly content: readonly string[];
  /** The same with two of the commonest words among them. */
  readonly common: readonly string[];
  readonly vector: Float32Array;
}

/** Questions about items picked at random: three words of each, taken from its text as they come, the commonest left out. */
export function questions(count: number, items: number, dimensions: number, seed: number): Question[] {
  const random = randomFrom(seed);
  const { ofQuestion } = vectorsOf(dimensions);
  const made: Question[] = [];
  while (made.length < count) {
    const item = Math.floor(random() * items);
    const ranks = [...new Set(textOf(item).ranks.filter((rank) => rank >= COMMON))];
    const picked = Array.from({ length: 3 }, () => ranks.splice(Math.floor(random() * ranks.length), 1)[0] ?? -1);
    if (picked.includes(-1)) continue;
    const content = picked.map((rank) => words[rank] ?? "");
    const stop = Array.from({ length: 2 }, (_, n) => words[Math.floor(random() * 5) + n * 5] ?? "");
    made.push({
      content,
      common: [stop[0] ?? "", content[0] ?? "", stop[1] ?? "", ...content.slice(1)],
      vector: ofQuestion(item),
    });
  }
  return made;
}
