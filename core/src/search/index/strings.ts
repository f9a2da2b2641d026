/** Sorted strings as bytes: looked up by binary search, decoded only when shown. Opening a million costs nothing. */
export class StringTable {
  /** UTF-8, one after the other. */
  readonly bytes: Uint8Array;
  /** Where each begins in `bytes`; one more than there are strings. */
  readonly starts: Uint32Array;

  constructor(bytes: Uint8Array, starts: Uint32Array) {
    this.bytes = bytes;
    this.starts = starts;
  }

  get length(): number {
    return Math.max(0, this.starts.length - 1);
  }

  at(index: number): string {
    return decoder.decode(this.bytesAt(index));
  }

  /** The bytes of one, as a view. */
  bytesAt(index: number): Uint8Array {
    return this.bytes.subarray(this.starts[index] ?? 0, this.starts[index + 1] ?? 0);
  }

  /** The position of a string, or -1. */
  find(text: string): number {
    return this.findBytes(encoder.encode(text));
  }

  findBytes(wanted: Uint8Array): number {
    // Ids rise: a new one is greater than all there are.
    if (this.length === 0 || this.compare(this.length - 1, wanted) < 0) return -1;
    const at = this.lowerBound(wanted);
    return at < this.length && this.compare(at, wanted) === 0 ? at : -1;
  }

  /** The first position whose string is not less than `wanted`, bytewise. */
  lowerBound(wanted: Uint8Array): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(middle, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  compare(index: number, wanted: Uint8Array): number {
    const start = this.starts[index] ?? 0;
    return compareBytes(this.bytes, start, this.starts[index + 1] ?? start, wanted, 0, wanted.length);
  }

  /** The positions of the strings that begin with `prefix`: from `first` up to before `end`. */
  prefixed(prefix: string): { first: number; end: number } {
    const wanted = encoder.encode(prefix);
    const first = this.lowerBound(wanted);
    let end = first;
    while (end < this.length && this.#startsWith(end, wanted)) end += 1;
    return { first, end };
  }

  #startsWith(index: number, prefix: Uint8Array): boolean {
    const start = this.starts[index] ?? 0;
    if ((this.starts[index + 1] ?? start) - start < prefix.length) return false;
    for (let i = 0; i < prefix.length; i += 1) if (this.bytes[start + i] !== prefix[i]) return false;
    return true;
  }

  /** `sorted` must be sorted by `sortStrings`, each once. */
  static from(sorted: readonly string[]): StringTable {
    const starts = new Uint32Array(sorted.length + 1);
    let bytes = new Uint8Array(1_024);
    let at = 0;
    for (const [i, text] of sorted.entries()) {
      starts[i] = at;
      if (at + text.length * 3 > bytes.length) bytes = enlarged(bytes, at + text.length * 3);
      at = write(text, bytes, at);
    }
    starts[sorted.length] = at;
    return new StringTable(bytes.slice(0, at), starts);
  }
}

function enlarged(bytes: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(bytes.length * 2, least));
  larger.set(bytes);
  return larger;
}

/** Writes the UTF-8 form; returns where it ends. */
function write(text: string, into: Uint8Array, from: number): number {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    // Past ASCII the encoder does it.
    if (unit > 0x7f) return from + encoder.encodeInto(text, into.subarray(from)).written;
    into[from + i] = unit;
  }
  return from + text.length;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytewise order of the UTF-8 forms, which is the order of code points. Sorts in place. */
export function sortStrings(texts: string[]): string[] {
  const order = orderOf(texts);
  const given = texts.slice();
  for (let i = 0; i < given.length; i += 1) texts[i] = given[order[i] ?? 0] ?? "";
  return texts;
}

/** The places of the strings in that order: the least one's first. */
export function orderOf(texts: readonly string[]): Uint32Array {
  const order = new Uint32Array(texts.length);
  if (texts.length > MOST_PACKED) {
    for (let i = 0; i < order.length; i += 1) order[i] = i;
    sortRange(texts, order, 0, order.length);
    return order;
  }
  // Their beginnings and their places packed into numbers: those are sorted far faster than strings are.
  const packed = new Float64Array(texts.length);
  for (let i = 0; i < texts.length; i += 1) packed[i] = beginningOf(texts[i] ?? "") * MOST_PACKED + i;
  packed.sort();
  for (let from = 0, end = 0; from < packed.length; from = end) {
    const beginning = Math.floor((packed[from] ?? 0) / MOST_PACKED);
    for (; end < packed.length; end += 1) {
      const place = (packed[end] ?? 0) - beginning * MOST_PACKED;
      if (place >= MOST_PACKED) break;
      order[end] = place;
    }
    if (end - from > 1) sortRange(texts, order, from, end);
  }
  return order;
}

/** Places that fit beside five characters of seven bits in the 53 bits of a number. */
const MOST_PACKED = 2 ** 18;

/** The first five characters as a number in the order of the strings; what lies past ASCII ends it. */
function beginningOf(text: string): number {
  let number = 0;
  let ascii = true;
  for (let i = 0; i < 5; i += 1) {
    const digit: number = ascii && i < text.length ? Math.min(text.charCodeAt(i) + 1, 127) : 0;
    if (digit === 127) ascii = false;
    number = number * 128 + digit;
  }
  return number;
}

/** By the whole strings. Those with one beginning are mostly few. */
function sortRange(texts: readonly string[], order: Uint32Array, from: number, end: number): void {
  if (end - from > 24) {
    order.subarray(from, end).sort((a, b) => compareByPoint(texts[a] ?? "", texts[b] ?? ""));
    return;
  }
  for (let i = from + 1; i < end; i += 1) {
    const place = order[i] ?? 0;
    const text = texts[place] ?? "";
    let to = i;
    for (; to > from && compareByPoint(texts[order[to - 1] ?? 0] ?? "", text) > 0; to -= 1)
      order[to] = order[to - 1] ?? 0;
    order[to] = place;
  }
}

function compareByPoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // UTF-16 order differs only where surrogates meet each other or the characters above them.
    return x < SURROGATES || y < SURROGATES ? x - y : compareEncoded(a, b);
  }
  return a.length - b.length;
}

function compareEncoded(a: string, b: string): number {
  const x = encoder.encode(a);
  const y = encoder.encode(b);
  return compareBytes(x, 0, x.length, y, 0, y.length);
}

const SURROGATES = 0xd800;

/** Less than, equal to or more than 0, bytewise. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i += 1) {
    const difference = (a[aStart + i] ?? 0) - (b[bStart + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
