/** Whether one insertion, deletion, replacement or swap of neighbours makes `b` of `a`; not when they are the same. */
export function oneEditApart(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const restA = endA - start;
  const restB = endB - start;
  if (restA <= 1 && restB <= 1) return true;
  return restA === 2 && restB === 2 && a[start] === b[start + 1] && a[start + 1] === b[start];
}

/** A word that is held against many, which lie as UTF-8: nearly all of them are passed over by a look at their bytes. */
export class Sought {
  readonly #text: string;
  /** Undefined when it is not ASCII alone: then a character is not a byte. */
  readonly #bytes: Uint8Array | undefined;

  constructor(text: string) {
    this.#text = text;
    const bytes = new TextEncoder().encode(text);
    this.#bytes = bytes.length === text.length ? bytes : undefined;
  }

  /** What `oneEditApart` says of this word and the one at `start` to before `end`. */
  isOneEditFrom(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    // One more unit is at most three more bytes, and as many take the place of one.
    if (length < this.#text.length - 1 || length > this.#text.length * 3 + 3) return false;
    const own = this.#bytes;
    if (own) {
      let first = 0;
      while (first < own.length && first < length && own[first] === bytes[start + first]) first += 1;
      let ownEnd = own.length;
      let otherEnd = length;
      while (ownEnd > first && otherEnd > first && own[ownEnd - 1] === bytes[start + otherEnd - 1]) {
        ownEnd -= 1;
        otherEnd -= 1;
      }
      // What differs is at most two of this word's letters, and as many of the other's, of up to four bytes each.
      if (ownEnd - first > 2 || otherEnd - first > 8) return false;
    }
    return oneEditApart(this.#text, decoder.decode(bytes.subarray(start, end)));
  }
}

const decoder = new TextDecoder();
