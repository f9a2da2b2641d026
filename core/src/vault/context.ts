/**
 * The context a sealed value is bound to, as bytes: each part as its length (4 bytes, big-endian) and itself (text as
 * UTF-8), the version of this encoding first. Lengths make it injective: no two lists of parts have the same bytes, so a
 * value cannot be moved by shifting a character from one part to the next.
 */
export const CONTEXT_VERSION = "v1";

export function encodeContext(...parts: readonly (string | Uint8Array)[]): Buffer {
  return lengthPrefixed([CONTEXT_VERSION, ...parts]);
}

export function lengthPrefixed(parts: readonly (string | Uint8Array)[]): Buffer {
  let size = 0;
  for (const part of parts) size += 4 + (typeof part === "string" ? Buffer.byteLength(part) : part.length);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts) {
    if (typeof part === "string") {
      const written = bytes.write(part, at + 4, "utf8");
      at = bytes.writeUInt32BE(written, at) + written;
    } else {
      at = bytes.writeUInt32BE(part.length, at);
      bytes.set(part, at);
      at += part.length;
    }
  }
  return bytes;
}
