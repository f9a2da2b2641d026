import { decodePostings } from "../kernel/plain.ts";
import { Bytes, Numbers } from "./growing.ts";
import type { PositionSpan, SealedPositions } from "./positions.ts";

/**
 * Postings: for each term the passages it stands in, in blocks of at most 128, each with its last passage and its
 * greatest impact (for pruning). In a block each posting is the distance to the passage before (LEB128) and one byte of
 * impact. Positions lie apart, in the same order: phrases alone read them.
 *
 * A position is one number: `place * 2` in the body, `(place * 4 + field) * 2 + 1` elsewhere. They are stored as rising
 * distances, `distance << 2 | (inflected) << 1 | (another follows)`, LEB128; behind that of an inflected word stands its
 * form, one byte (`formOf` in language.ts), so that a phrase is matched as it is written.
 */
export const BLOCK = 128;

export interface PostingColumns {
  /** By term: how many passages. */
  readonly found: Uint32Array;
  /** By term: its first block; one more than there are terms. */
  readonly firstBlock: Uint32Array;
  /** By block. */
  readonly blockLast: Uint32Array;
  readonly blockMost: Uint8Array;
  readonly blockDocs: Uint32Array;
  readonly blockPositions: Uint32Array;
  readonly docs: Uint8Array;
  /** Undefined while they are sealed. */
  readonly positions: Uint8Array | undefined;
}

/** The header fields' share of a position. */
export const HEADER_FIELDS = ["context", "subject", "people", "filename"] as const;
export const SUBJECT = 1;

export function bodyPosition(place: number): number {
  return place * 2;
}
export function headerPosition(place: number, field: number): number {
  return (place * 4 + field) * 2 + 1;
}
/** From one word's position to the next one's, in the same field. */
export function nextPosition(position: number): number {
  return position + ((position & 1) === 1 ? 8 : 2);
}
/** The field a position lies in; a quoted body is a body. */
export function fieldAt(position: number): "body" | (typeof HEADER_FIELDS)[number] {
  return (position & 1) === 0 ? "body" : (HEADER_FIELDS[(position >>> 1) & 3] ?? "body");
}
export function isInSubject(position: number): boolean {
  return (position & 7) === SUBJECT * 2 + 1;
}

/** Decoded postings of one term, in arrays that are used again by the next decode. */
export class PostingBuffer {
  docs = new Uint32Array(1024);
  impacts = new Uint8Array(1024);
  length = 0;

  reserve(count: number): void {
    if (this.docs.length >= count) return;
    this.docs = new Uint32Array(count * 2);
    this.impacts = new Uint8Array(count * 2);
  }
}

/** Terms of a segment whose impacts lie open. */
const MOST_DENSE = 16;

export class PostingReader {
  readonly #columns: PostingColumns;
  readonly #sealed: SealedPositions | undefined;
  readonly #dense = new Map<number, { readonly impacts: Uint8Array; asked: number }>();
  #asked = 0;

  constructor(columns: PostingColumns, sealed?: SealedPositions) {
    this.#columns = columns;
    this.#sealed = sealed;
  }

  found(term: number): number {
    return this.#columns.found[term] ?? 0;
  }

  /** All postings of a term. */
  decode(term: number, into: PostingBuffer): void {
    const { found, firstBlock, blockDocs, docs } = this.#columns;
    const count = found[term] ?? 0;
    into.reserve(count);
    into.length = count;
    decodePostings(docs, blockDocs[firstBlock[term] ?? 0] ?? 0, count, into.docs, 0, into.impacts, 0);
  }

  /** The bytes of all postings of a term. */
  bytesOf(term: number): Uint8Array {
    const { firstBlock, blockDocs, docs } = this.#columns;
    return docs.subarray(blockDocs[firstBlock[term] ?? 0], blockDocs[firstBlock[term + 1] ?? 0]);
  }

  /**
   * The impact of a term by passage, 0 where it does not stand, of a segment of so many passages. For terms that stand
   * in a great part of them: such an array costs a byte a passage, and the `MOST_DENSE` asked for last are remembered.
   * The buffer is used on the way.
   */
  dense(term: number, passages: number, buffer: PostingBuffer): Uint8Array {
    let dense = this.#dense.get(term);
    if (!dense) {
      if (this.#dense.size === MOST_DENSE) this.#forgetDense();
      dense = { impacts: new Uint8Array(passages), asked: 0 };
      this.decode(term, buffer);
      for (let i = 0; i < buffer.length; i += 1) dense.impacts[buffer.docs[i] ?? 0] = buffer.impacts[i] ?? 0;
      this.#dense.set(term, dense);
    }
    // Not its place in the map: taken out and put back thousands of times, a map leaves megabytes to the collector.
    dense.asked = ++this.#asked;
    return dense.impacts;
  }

  /** Lets go of the one that was asked for longest ago. */
  #forgetDense(): void {
    const [oldest] = [...this.#dense].reduce((a, b) => (a[1].asked <= b[1].asked ? a : b));
    this.#dense.delete(oldest);
  }

  /** Whether a term stands in a passage: one block is read. */
  has(term: number, doc: number): boolean {
    return this.impactIn(term, doc) > 0;
  }

  /** The impact of a term in a passage; 0 where it does not stand. */
  impactIn(term: number, doc: number): number {
    const { blockDocs, docs } = this.#columns;
    const block = this.#blockOf(term, doc);
    if (block < 0) return 0;
    let at = blockDocs[block] ?? 0;
    let here = this.#before(term, block);
    // The block's last passage is not before `doc`, so this ends within the block.
    for (;;) {
      let distance = docs[at++] ?? 0;
      if (distance > 127) {
        distance &= 127;
        let shift = 7;
        for (;;) {
          const byte = docs[at++] ?? 0;
          distance |= (byte & 127) << shift;
          if (byte < 128) break;
          shift += 7;
        }
      }
      here += distance;
      if (here >= doc) return here === doc ? (docs[at] ?? 0) : 0;
      at += 1;
    }
  }

  /** Adds 1 for each passage from `first` on that the term stands in, as far as `into` reaches. */
  count(term: number, first: number, into: Uint16Array): void {
    const { found, firstBlock, blockDocs, docs } = this.#columns;
    const block = this.#blockOf(term, first);
    if (block < 0) return;
    let at = blockDocs[block] ?? 0;
    let here = this.#before(term, block);
    for (let left = (found[term] ?? 0) - (block - (firstBlock[term] ?? 0)) * BLOCK; left > 0; left -= 1) {
      let distance = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = docs[at++] ?? 0;
        distance |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      here += distance;
      at += 1;
      if (here >= first + into.length) return;
      if (here >= first) into[here - first] = (into[here - first] ?? 0) + 1;
    }
  }

  /** The first block of a term whose last passage is not before `doc`, or -1. */
  #blockOf(term: number, doc: number): number {
    const { firstBlock, blockLast } = this.#columns;
    const end = firstBlock[term + 1] ?? 0;
    let low = firstBlock[term] ?? 0;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((blockLast[middle] ?? 0) < doc) low = middle + 1;
      else high = middle;
    }
    return low < end ? low : -1;
  }

  /** The passage that a block's first distance is counted from. */
  #before(term: number, block: number): number {
    const { firstBlock, blockLast } = this.#columns;
    return block === firstBlock[term] ? -1 : (blockLast[block - 1] ?? 0);
  }

  /** The positions of a term. Undefined while they are sealed; then they are noted as wanted. */
  positionsOf(term: number): PositionSpan | undefined {
    const { firstBlock, blockPositions, positions } = this.#columns;
    if (positions) return { from: 0, bytes: positions };
    const all = this.#sealed?.length ?? 0;
    return this.#sealed?.span(
      blockPositions[firstBlock[term] ?? 0] ?? all,
      blockPositions[firstBlock[term + 1] ?? 0] ?? all,
    );
  }

  /**
   * The positions (`withForm`) of postings given by their ordinals within the term, rising; each is given to `take`, in
   * an array that the next one uses again. None is given while they are sealed.
   */
  positions(term: number, ordinals: readonly number[], take: (index: number, positions: number[]) => void): void {
    const { firstBlock, blockPositions } = this.#columns;
    if (ordinals.length === 0) return;
    const span = this.positionsOf(term);
    if (!span) return;
    const positions = span.bytes;
    const first = firstBlock[term] ?? 0;
    let block = -1;
    let ordinal = 0;
    let at = 0;
    const list: number[] = [];
    for (let index = 0; index < ordinals.length; index += 1) {
      const wanted = ordinals[index] ?? 0;
      const wantedBlock = Math.floor(wanted / BLOCK);
      if (wantedBlock !== block) {
        block = wantedBlock;
        ordinal = block * BLOCK;
        at = (blockPositions[first + block] ?? 0) - span.from;
      }
      for (; ordinal < wanted; ordinal += 1) at = endOfPositions(positions, at);
      list.length = 0;
      at = readPositions(positions, at, list);
      ordinal += 1;
      take(index, list);
    }
  }
}

/** A position and the form of the word there as one number; below 2^24 passages' places. */
export function withForm(position: number, form: number): number {
  return ((position << 8) | form) >>> 0;
}
export function positionOf(packed: number): number {
  return packed >>> 8;
}
export function formAt(packed: number): number {
  return packed & 0xff;
}

/** Where the positions of one posting end that begin at `start`. */
export function endOfPositions(positions: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const flags = (positions[at] ?? 0) & 3;
    while ((positions[at] ?? 0) > 127) at += 1;
    at += 1 + (flags >>> 1);
    if ((flags & 1) === 0) return at;
  }
}

function readPositions(positions: Uint8Array, start: number, into: number[]): number {
  let at = start;
  let position = 0;
  for (;;) {
    let value = 0;
    let shift = 0;
    for (;;) {
      const byte = positions[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) break;
      shift += 7;
    }
    position += value >>> 2;
    into.push(withForm(position, (value & 2) === 0 ? 0 : (positions[at++] ?? 0)));
    if ((value & 1) === 0) return at;
  }
}

/** Writes postings term by term, in the order of the terms; within a term by passage. */
export class PostingWriter {
  readonly #found = new Numbers();
  readonly #firstBlock = new Numbers();
  readonly #blockLast = new Numbers();
  readonly #blockMost = new Bytes();
  readonly #blockDocs = new Numbers();
  readonly #blockPositions = new Numbers();
  readonly #docs = new Bytes();
  readonly #positions = new Bytes();
  #count = 0;
  #last = -1;
  #most = 0;

  beginTerm(): void {
    this.#firstBlock.push(this.#blockLast.length);
    this.#count = 0;
    this.#last = -1;
  }

  /** The positions follow with `positions` or `copyPositions`. */
  add(doc: number, impact: number): void {
    if (this.#count % BLOCK === 0) {
      if (this.#count > 0) this.#endBlock();
      this.#blockDocs.push(this.#docs.length);
      this.#blockPositions.push(this.#positions.length);
      this.#most = 0;
    }
    this.#docs.varint(doc - this.#last);
    this.#docs.push(impact);
    if (impact > this.#most) this.#most = impact;
    this.#last = doc;
    this.#count += 1;
  }

  /** As of `withForm`; rising, at least one. */
  positions(sorted: ArrayLike<number>, count: number): void {
    let before = 0;
    for (let i = 0; i < count; i += 1) {
      const packed = sorted[i] ?? 0;
      const position = positionOf(packed);
      const form = formAt(packed);
      this.#positions.varint(((position - before) << 2) | (form === 0 ? 0 : 2) | (i + 1 < count ? 1 : 0));
      if (form !== 0) this.#positions.push(form);
      before = position;
    }
  }

  copyPositions(from: Uint8Array, start: number, end: number): void {
    this.#positions.append(from, start, end);
  }

  /** How many postings the term got. A term may get none (all its passages are gone); the caller leaves it out. */
  endTerm(): void {
    if (this.#count > 0) this.#endBlock();
    this.#found.push(this.#count);
  }

  #endBlock(): void {
    this.#blockLast.push(this.#last);
    this.#blockMost.push(this.#most);
  }

  done(): PostingColumns & { readonly positions: Uint8Array } {
    this.#firstBlock.push(this.#blockLast.length);
    return {
      found: this.#found.done(),
      firstBlock: this.#firstBlock.done(),
      blockLast: this.#blockLast.done(),
      blockMost: this.#blockMost.done(),
      blockDocs: this.#blockDocs.done(),
      blockPositions: this.#blockPositions.done(),
      docs: this.#docs.done(),
      positions: this.#positions.done(),
    };
  }
}
