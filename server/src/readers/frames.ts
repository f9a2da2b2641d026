/**
 * Frames: how the house and a reader process speak over a pipe. A frame is two little-endian 32-bit lengths, then a
 * JSON header, then raw bytes. Nothing is deserialized but JSON, so the worst a taken-over reader can say is a lie
 * about its own document.
 */
const PREFIX = 8;

export interface Frame {
  readonly header: unknown;
  readonly body: Uint8Array;
}

/** The frame's prefix and header; the body's bytes follow as they are. */
export function frameHead(header: unknown, bodyLength: number): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.allocUnsafe(PREFIX + json.length);
  head.writeUInt32LE(json.length, 0);
  head.writeUInt32LE(bodyLength, 4);
  json.copy(head, PREFIX);
  return head;
}

/** A frame was longer than agreed, or its header is no JSON. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * Cuts a stream of chunks into frames. A large frame is gathered into one buffer of its announced length, which is
 * refused before it is allocated when it passes `maxBytes`.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  #large: Buffer | undefined;
  #filled = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The frames completed by this chunk, in order. Throws FrameError. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#large) {
        const taken = rest.copy(this.#large, this.#filled);
        this.#filled += taken;
        rest = rest.subarray(taken);
        if (this.#filled < this.#large.length) break;
        frames.push(decode(this.#large));
        this.#large = undefined;
        continue;
      }
      this.#pending = this.#pending.length === 0 ? rest : Buffer.concat([this.#pending, rest]);
      rest = Buffer.alloc(0);
      if (this.#pending.length < PREFIX) break;
      const total = PREFIX + this.#pending.readUInt32LE(0) + this.#pending.readUInt32LE(4);
      if (total > this.#maxBytes) throw new FrameError(`a frame of ${total} bytes, more than ${this.#maxBytes}`);
      if (this.#pending.length >= total) {
        frames.push(decode(this.#pending.subarray(0, total)));
        rest = this.#pending.subarray(total);
      } else {
        this.#large = Buffer.allocUnsafe(total);
        this.#filled = this.#pending.copy(this.#large);
      }
      this.#pending = Buffer.alloc(0);
    }
    return frames;
  }
}

function decode(frame: Buffer): Frame {
  const headerLength = frame.readUInt32LE(0);
  const json = frame.toString("utf8", PREFIX, PREFIX + headerLength);
  try {
    return { header: JSON.parse(json), body: frame.subarray(PREFIX + headerLength) };
  } catch (cause) {
    throw new FrameError("a frame's header is no JSON", { cause });
  }
}
