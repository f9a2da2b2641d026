/** Text from bytes whose encoding nobody declared: byte order mark, UTF-16 by its zeros, valid UTF-8, else windows-1252. */
const SAMPLE = 64 * 1024;

export function decodeText(bytes: Uint8Array): string {
  const utf16 = utf16Kind(bytes);
  if (utf16) return new TextDecoder(utf16).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Line breaks as `\n`, without zero bytes. */
export function tidy(text: string): string {
  const unified = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  return unified.includes("\0") ? unified.replaceAll("\0", "") : unified;
}

/** Control characters that no text has, in its first 64 KiB; UTF-16 is text in spite of its zeros. */
export function looksBinary(bytes: Uint8Array): boolean {
  if (utf16Kind(bytes)) return false;
  const sample = bytes.subarray(0, SAMPLE);
  let odd = 0;
  for (const byte of sample) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12 && byte !== 27) odd += byte === 0 ? 4 : 1;
  }
  return odd * 20 > sample.length;
}

function utf16Kind(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const sample = bytes.subarray(0, 2048);
  if (sample.length < 8) return undefined;
  const zeros = [0, 0];
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const half = sample.length / 2;
  if (odd > half * 0.7 && even < half * 0.05) return "utf-16le";
  if (even > half * 0.7 && odd < half * 0.05) return "utf-16be";
  return undefined;
}
