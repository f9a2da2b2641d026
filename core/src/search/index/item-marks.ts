/**
 * Room for what a search notes of every item of a segment, a byte each: which pass a filter. Used again from search to
 * search, since a million items' bytes made for each of them pile up until the collector comes.
 */
export class ItemMarks {
  #room = new Uint8Array(0);
  #taken = 0;

  /** At the beginning of a search; what was taken before is no longer the taker's. */
  begin(): void {
    this.#taken = 0;
  }

  /** So many bytes, all of this value. */
  take(count: number, value: number): Uint8Array {
    if (this.#taken + count > this.#room.length) {
      // Whoever has some of the old room keeps it.
      this.#room = new Uint8Array(Math.max(count, this.#room.length * 2));
      this.#taken = 0;
    }
    this.#taken += count;
    return this.#room.subarray(this.#taken - count, this.#taken).fill(value);
  }

  /** What was taken last is not needed any longer. */
  giveBack(last: Uint8Array): void {
    if (last.buffer === this.#room.buffer) this.#taken -= last.length;
  }
}

export const marks = new ItemMarks();
