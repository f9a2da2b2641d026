import { coverageFactor } from "../fuse.ts";
import { type Kernel, makeKernel, plainKernel } from "../kernel/kernel.ts";
import { PostingBuffer } from "./postings.ts";

/**
 * Where the words of a query are scored, segment by segment. What is done with every posting and every match is done by the
 * kernel, in its memory; it is used again from query to query, and between them the sums are all zero.
 */
export class Scratch {
  readonly buffer = new PostingBuffer();
  /** By passage: the best impact of the clause at hand. */
  best = new Uint8Array(0);
  /** Two by passage: score, share. */
  sums = new Float32Array(0);
  /** The passages that were met, in the order they were until they are split. */
  met = new Uint32Array(0);
  /** As `met`: the scores, once `score` was called. */
  scores = new Float32Array(0);
  count = 0;
  /** Of one list of postings: as it is stored, and decoded. */
  #bytes = new Uint8Array(0);
  #docs = 0;
  #impacts = 0;
  #kernel: Kernel = plainKernel(0);
  #clean = true;

  begin(passages: number): void {
    if (this.best.length < passages || !this.#clean) {
      this.#layOut(Math.max(this.best.length, passages + (passages >>> 2)));
    }
    this.count = 0;
    this.#clean = false;
  }

  #layOut(size: number): void {
    let end = 0;
    const place = (bytes: number) => {
      const at = end;
      end += Math.ceil(bytes / 16) * 16;
      return at;
    };
    const sums = place(8 * size);
    // The next to be met is written before it is known that it is new.
    const met = place(4 * size + 4);
    const scores = place(4 * size);
    // A posting is two bytes, and one in 128 passages may be some longer.
    const bytes = place(3 * size);
    this.#docs = place(4 * size);
    this.#impacts = place(size);
    this.#kernel = makeKernel(end);
    const { buffer } = this.#kernel;
    this.sums = new Float32Array(buffer, sums, 2 * size);
    this.met = new Uint32Array(buffer, met, size);
    this.scores = new Float32Array(buffer, scores, size);
    this.#bytes = new Uint8Array(buffer, bytes, 3 * size);
    this.best = new Uint8Array(size);
  }

  /** Adds the `count` postings of a word to the sums. */
  add(postings: Uint8Array, count: number, idf: number): void {
    const { sums, met } = this;
    this.#bytes.set(postings);
    this.#kernel.postings(this.#bytes.byteOffset, count, this.#docs, this.#impacts);
    const end = met.byteOffset + 4 * this.count;
    this.count += this.#kernel.add(this.#docs, this.#impacts, count, idf, sums.byteOffset, end);
  }

  /** The scores of what was met. */
  score(totalIdf: number): void {
    const { met, count, sums, scores } = this;
    const none = coverageFactor(0);
    const more = coverageFactor(1) - none;
    this.#kernel.score(met.byteOffset, count, sums.byteOffset, totalIdf, none, more, scores.byteOffset);
  }

  /** Puts to the front what was met and is scored `least` or more, in the order it was; how many. */
  split(least: number): number {
    return this.#kernel.split(this.met.byteOffset, this.scores.byteOffset, this.count, least);
  }

  end(): void {
    const { sums, met, count } = this;
    // Many passages are zeroed faster all at once.
    if (count * 8 > met.length) sums.fill(0);
    else {
      for (let i = 0; i < count; i += 1) {
        const doc = met[i] ?? 0;
        sums[2 * doc] = 0;
        sums[2 * doc + 1] = 0;
      }
    }
    this.count = 0;
    this.#clean = true;
  }
}
