/** Typed arrays that grow: what building and merging write into. */
export class Bytes {
  array = new Uint8Array(1024);
  length = 0;

  push(byte: number): void {
    if (this.length === this.array.length) this.#grow(1);
    this.array[this.length++] = byte;
  }

  /** Little-endian groups of seven bits, the high bit on all but the last (LEB128). */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.push((rest & 127) | 128);
      rest >>>= 7;
    }
    this.push(rest);
  }

  append(from: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.length + count > this.array.length) this.#grow(count);
    if (count < 24) for (let i = start; i < end; i += 1) this.array[this.length++] = from[i] ?? 0;
    else {
      this.array.set(from.subarray(start, end), this.length);
      this.length += count;
    }
  }

  done(): Uint8Array {
    return this.array.slice(0, this.length);
  }

  #grow(count: number): void {
    const larger = new Uint8Array(Math.max(this.array.length * 2, this.length + count));
    larger.set(this.array.subarray(0, this.length));
    this.array = larger;
  }
}

export class Numbers {
  array = new Uint32Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = new Uint32Array(this.array.length * 2);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = value;
  }

  done(): Uint32Array {
    return this.array.slice(0, this.length);
  }
}
