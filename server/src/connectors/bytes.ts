/** Bytes that can be read from any place: an open file, a sealed blob. */
export interface Bytes {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer, at last none, at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export async function readWhole(bytes: Bytes): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafe(bytes.size);
  let at = 0;
  while (at < whole.length) {
    const chunk = await bytes.read(at, whole.length - at);
    if (chunk.length === 0) break;
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.subarray(0, at);
}
