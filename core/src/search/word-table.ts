/**
 * Values by words, asked with the place where a word stands in a text, so that no string is made of it: what reads
 * every word of every mail has no time to make strings. A hash table with open addressing (FNV-1a, steps of 1, 2, 3 …).
 */
export class WordTable<T> {
  /** One more than the word's position in the lists; 0 where there is none. At most half are taken. */
  #slots = new Uint32Array(1_024);
  readonly #hashes: number[] = [];
  readonly #words: string[] = [];
  readonly #values: T[] = [];

  get size(): number {
    return this.#words.length;
  }

  /** The value of the word from `start` to before `end`. */
  get(text: string, start: number, end: number): T | undefined {
    const hash = hashOf(text, start, end);
    const mask = this.#slots.length - 1;
    for (let probe = 0, slot = hash & mask; probe < MOST_PROBES; probe += 1, slot = (slot + probe) & mask) {
      const at = (this.#slots[slot] ?? 0) - 1;
      if (at < 0) return undefined;
      if (this.#hashes[at] === hash && standsAt(this.#words[at] ?? "", text, start, end)) return this.#values[at];
    }
    return undefined;
  }

  /** Adds a word that is not there. Where too many meet in one place it is passed over: false. */
  add(word: string, value: T): boolean {
    if ((this.#words.length + 1) * 2 > this.#slots.length) this.#grow();
    const hash = hashOf(word, 0, word.length);
    if (!this.#place(hash, this.#words.length + 1)) return false;
    this.#hashes.push(hash);
    this.#words.push(word);
    this.#values.push(value);
    return true;
  }

  #place(hash: number, entry: number): boolean {
    const mask = this.#slots.length - 1;
    for (let probe = 0, slot = hash & mask; probe < MOST_PROBES; probe += 1, slot = (slot + probe) & mask) {
      if (this.#slots[slot] !== 0) continue;
      this.#slots[slot] = entry;
      return true;
    }
    return false;
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (const [at, hash] of this.#hashes.entries()) this.#place(hash, at + 1);
  }
}

/** Places that are looked at for a word: whoever sends words made to meet there slows nothing down. */
const MOST_PROBES = 16;

function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

function standsAt(word: string, text: string, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let i = 0; i < word.length; i += 1) if (word.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  return true;
}
