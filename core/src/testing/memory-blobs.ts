import { BLOB_NAME, BlobExists, type Blobs } from "../blobs.ts";

/** Blobs in memory: for tests, and the plainest reading of what the port promises. Passes `testBlobs`. */
export class MemoryBlobs implements Blobs {
  readonly #bytesByName = new Map<string, Uint8Array>();

  async put(name: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<number> {
    checkName(name);
    const whole = bytes instanceof Uint8Array ? bytes.slice() : await join(bytes);
    // Asked only now: another put of the same name may have ended while this one streamed.
    if (this.#bytesByName.has(name)) throw new BlobExists(name);
    this.#bytesByName.set(name, whole);
    return whole.length;
  }

  async get(name: string, range?: { offset: number; length: number }): Promise<Uint8Array | undefined> {
    checkName(name);
    if (range && !(range.offset >= 0 && range.length >= 0)) {
      throw new RangeError(`No bytes ${range.offset}+${range.length}: offset and length are counted from 0.`);
    }
    const bytes = this.#bytesByName.get(name);
    return bytes && (range ? bytes.slice(range.offset, range.offset + range.length) : bytes.slice());
  }

  async size(name: string): Promise<number | undefined> {
    checkName(name);
    return this.#bytesByName.get(name)?.length;
  }

  async delete(name: string): Promise<void> {
    checkName(name);
    this.#bytesByName.delete(name);
  }

  async *list(prefix = ""): AsyncIterable<string> {
    for (const name of [...this.#bytesByName.keys()]) if (name.startsWith(prefix)) yield name;
  }
}

function checkName(name: string): void {
  if (name.length > 200 || !BLOB_NAME.test(name)) {
    throw new TypeError(
      `${JSON.stringify(name)} cannot name a blob: small letters, digits, . _ - and / between parts.`,
    );
  }
}

async function join(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(part.slice());
    length += part.length;
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
