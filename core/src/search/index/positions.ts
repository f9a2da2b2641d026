/**
 * Positions are a fifth of what a segment's words take, and phrases alone read them (and whoever asks why something was
 * found, and merging). Those of a segment that was opened stay sealed; the ones of a term are read when a search has
 * asked for them. It gets none then, notes what it lacks, and is made again once they were fetched.
 */

/** Reads some of a segment's opened bytes; they are authentic. */
export type ReadSealed = (offset: number, length: number) => Promise<Uint8Array>;

/** The bytes of some positions, and where in the column they begin. */
export interface PositionSpan {
  readonly from: number;
  readonly bytes: Uint8Array;
}

export class SealedPositions {
  readonly length: number;
  readonly #offset: number;
  readonly #read: ReadSealed;
  /** By where they begin; the ones asked for last are at the end. */
  readonly #held = new Map<number, PositionSpan>();
  #heldBytes = 0;
  readonly #wanted = new Map<number, number>();

  /** They lie at `offset` of the segment's bytes. */
  constructor(offset: number, length: number, read: ReadSealed) {
    this.#offset = offset;
    this.length = length;
    this.#read = read;
  }

  /** Those from `from` to before `end`; undefined, and noted as wanted, when they are not here. */
  span(from: number, end: number): PositionSpan | undefined {
    const held = this.#held.get(from);
    if (!held) {
      this.#wanted.set(from, end);
      return undefined;
    }
    this.#held.delete(from);
    this.#held.set(from, held);
    return held;
  }

  get isWanting(): boolean {
    return this.#wanted.size > 0;
  }

  /** Reads what was wanted up to now. */
  async fetch(): Promise<void> {
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    const read = wanted.map(async ([from, end]) => {
      const bytes = await this.#read(this.#offset + from, end - from);
      this.#heldBytes += bytes.length - (this.#held.get(from)?.bytes.length ?? 0);
      this.#held.set(from, { from, bytes });
    });
    await Promise.all(read);
  }

  /** Lets go of what was asked for longest ago, but for an eighth of them all. No search may be waiting for any. */
  shed(): void {
    for (const [from, { bytes }] of this.#held) {
      if (this.#heldBytes <= Math.max(LEAST_HELD, this.length / 8)) return;
      this.#held.delete(from);
      this.#heldBytes -= bytes.length;
    }
  }

  whole(): Promise<Uint8Array> {
    return this.#read(this.#offset, this.length);
  }
}

/** Bytes of a segment's positions that are always worth keeping. */
const LEAST_HELD = 262_144;
