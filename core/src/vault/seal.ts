import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { SealBroken, type SealedSource, type TakePlain } from "./vault.ts";

/**
 * Sealing: C2SP chunked encryption (c2sp.org/chunked-encryption) with AEAD_AES_256_GCM and HKDF-Expand over SHA-512,
 * the instantiation Wycheproof calls Cobblestone-256.
 *
 *   key(32) ‖ base nonce(12) ‖ commitment(32) =
 *       HKDF-Expand(input key, "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM" ‖ 0x00 ‖ salt(24) ‖ context)
 *   sealed = salt ‖ commitment ‖ chunk 0 ‖ chunk 1 ‖ …       each chunk its ciphertext and a 16-byte tag
 *
 * A message is cut into 16 KiB chunks, of which the last is always shorter (and may be empty): so its end is
 * authenticated without a flag. Chunk k has the nonce `base nonce XOR k`. Every message has a key of its own, so there is
 * no number of messages after which a nonce repeats; the commitment makes opening under a wrong key or context fail
 * before anything is decrypted.
 *
 * An input key is 32 uniformly random bytes. A `KeyObject` keeps them outside the garbage-collected heap, where they are
 * wiped when it is collected; the derived keys are wiped here.
 */
export type InputKey = KeyObject | Uint8Array;

/** Plain bytes in every chunk but the last. */
export const CHUNK = 16_384;
const TAG = 16;
const SALT = 24;
const COMMITMENT = 32;
const HEADER = SALT + COMMITMENT;
const SEALED_CHUNK = CHUNK + TAG;
/** 2³⁸ chunks, 4 PiB: the format's limit. */
const MAX_CHUNKS = 2 ** 38;
const LABEL = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", "latin1");

/** Bytes that sealing this many plain bytes makes. */
export function sealedSize(plain: number): number {
  return HEADER + plain + TAG * (Math.floor(plain / CHUNK) + 1);
}

/** Plain bytes in this many sealed ones; undefined when no message has such a size. */
export function plainSize(sealed: number): number | undefined {
  const body = sealed - HEADER;
  const last = body % SEALED_CHUNK;
  if (!Number.isSafeInteger(body) || body < TAG || last < TAG) return undefined;
  return Math.floor(body / SEALED_CHUNK) * CHUNK + last - TAG;
}

export function seal(key: InputKey, context: Uint8Array, plain: Uint8Array): Uint8Array {
  const message = newMessage(key, context);
  try {
    const sealed = new Uint8Array(sealedSize(plain.length));
    sealed.set(message.header, 0);
    let at = HEADER;
    for (let chunk = 0; chunk * CHUNK <= plain.length; chunk++) {
      at += sealChunk(message, chunk, plain.subarray(chunk * CHUNK, (chunk + 1) * CHUNK), sealed.subarray(at));
    }
    return sealed;
  } finally {
    wipe(message);
  }
}

/** `what` names the value in the error. Throws `SealBroken`. */
export function open(key: InputKey, context: Uint8Array, sealed: Uint8Array, what = "A sealed value"): Uint8Array {
  const size = plainSize(sealed.length);
  if (size === undefined) throw new SealBroken(what);
  const message = messageOf(key, context, sealed.subarray(0, HEADER), what);
  try {
    const plain = new Uint8Array(size);
    for (let chunk = 0; chunk * CHUNK <= size; chunk++) {
      const from = HEADER + chunk * SEALED_CHUNK;
      plain.set(openChunk(message, chunk, sealed.subarray(from, from + SEALED_CHUNK), what), chunk * CHUNK);
    }
    return plain;
  } finally {
    wipe(message);
  }
}

/** Seals while it streams: yields the header, then one chunk at a time; holds one chunk. */
export async function* sealStream(
  key: InputKey,
  context: Uint8Array,
  plain: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const message = newMessage(key, context);
  try {
    yield message.header;
    let number = 0;
    for await (const { bytes } of cut(plain, CHUNK)) {
      const sealed = new Uint8Array(bytes.length + TAG);
      sealChunk(message, number++, bytes, sealed);
      yield sealed;
    }
  } finally {
    wipe(message);
  }
}

/** Opens while it streams: yields only authenticated bytes, and throws `SealBroken` at the end when truncated. */
export async function* openStream(
  key: InputKey,
  context: Uint8Array,
  sealed: AsyncIterable<Uint8Array>,
  what = "A sealed stream",
): AsyncGenerator<Uint8Array> {
  let message: Message | undefined;
  try {
    let number = 0;
    for await (const { bytes, last } of cut(sealed, SEALED_CHUNK, HEADER)) {
      if (!message) {
        if (bytes.length < HEADER) throw new SealBroken(what);
        message = messageOf(key, context, bytes, what);
        continue;
      }
      // A full chunk is never the last: `cut` ends with a short one, so a stream cut at a chunk's border ends in
      // a chunk too short to hold a tag.
      if (last && bytes.length < TAG) throw new SealBroken(what);
      yield openChunk(message, number++, bytes, what);
    }
  } finally {
    if (message) wipe(message);
  }
}

/**
 * Opens `length` plain bytes from `offset`, fewer at the end, reading only the header and the chunks they lie in. What is
 * returned is authentic and at its true place; when the range touches the end, the end is authenticated too.
 */
export async function openRange(
  key: InputKey,
  context: Uint8Array,
  source: SealedSource,
  offset: number,
  length: number,
  what = "A sealed value",
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    throw new RangeError(`A range of ${length} bytes from ${offset} is no range of a sealed value.`);
  }
  const size = plainSize(source.size);
  if (size === undefined) throw new SealBroken(what);
  const message = messageOf(key, context, await exactly(source, 0, HEADER, what), what);
  try {
    const start = Math.min(offset, size);
    const end = Math.min(offset + length, size);
    const lastChunk = Math.floor(size / CHUNK);
    const from = Math.floor(start / CHUNK);
    const to = end === size ? lastChunk : Math.max(from, Math.floor((end - 1) / CHUNK));
    const sealedFrom = HEADER + from * SEALED_CHUNK;
    const sealedTo = to === lastChunk ? source.size : HEADER + (to + 1) * SEALED_CHUNK;
    const sealed = await exactly(source, sealedFrom, sealedTo - sealedFrom, what);
    const plain = new Uint8Array(end - start);
    for (let chunk = from; chunk <= to; chunk++) {
      const at = (chunk - from) * SEALED_CHUNK;
      const opened = openChunk(message, chunk, sealed.subarray(at, at + SEALED_CHUNK), what);
      const skip = Math.max(0, start - chunk * CHUNK);
      const until = Math.max(skip, Math.min(opened.length, end - chunk * CHUNK));
      plain.set(opened.subarray(skip, until), chunk * CHUNK + skip - start);
    }
    return plain;
  } finally {
    wipe(message);
  }
}

/**
 * Opens everything, reading about `piece` sealed bytes at a time, and the next two pieces while one is opened. `take` gets the
 * plain bytes chunk by chunk; that they end where they should is known once it resolves.
 */
export async function openEach(
  key: InputKey,
  context: Uint8Array,
  source: SealedSource,
  piece: number,
  take: TakePlain,
  what = "A sealed value",
): Promise<void> {
  const size = plainSize(source.size);
  if (size === undefined) throw new SealBroken(what);
  const step = Math.max(1, Math.floor(piece / SEALED_CHUNK)) * SEALED_CHUNK;
  const coming: Promise<Uint8Array>[] = [];
  let asked = 0;
  const read = (): void => {
    const from = asked;
    asked = Math.min(from + (from === 0 ? HEADER + step : step), source.size);
    const sealed = exactly(source, from, asked - from, what);
    // Whoever awaits it is told; but opening may have failed before it comes.
    sealed.catch(() => undefined);
    coming.push(sealed);
  };
  let message: Message | undefined;
  try {
    for (let chunk = 0; ; ) {
      while (coming.length < AHEAD && asked < source.size) read();
      const sealed = await coming[0];
      if (!sealed) break;
      coming.shift();
      if (asked < source.size) read();
      let at = 0;
      if (!message) {
        message = messageOf(key, context, sealed.subarray(0, HEADER), what);
        at = HEADER;
      }
      for (; at < sealed.length; at += SEALED_CHUNK, chunk++) {
        const plain = openChunk(message, chunk, sealed.subarray(at, at + SEALED_CHUNK), what);
        take(plain, chunk * CHUNK, size);
        release(plain);
      }
    }
  } finally {
    if (message) wipe(message);
    // Nothing is read any more into room that is the source's.
    await Promise.allSettled(coming);
  }
}

/** Pieces that are read while one is opened. */
const AHEAD = 2;

/** Gives its memory back at once. Left to the collector, chunks are made faster than it lets go of them. */
function release({ buffer, byteLength }: Uint8Array): void {
  // A small one may lie in memory that is shared with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** HKDF-Expand of RFC 5869 §2.3. `length` is at most 255 hashes. */
export function hkdfExpand(hash: "sha256" | "sha512", prk: InputKey, info: Uint8Array, length: number): Buffer {
  const size = hash === "sha256" ? 32 : 64;
  const blocks = Math.ceil(length / size);
  if (blocks > 255) throw new RangeError(`HKDF-Expand makes at most ${255 * size} bytes.`);
  const okm = Buffer.alloc(blocks * size);
  // The block before, the info, the number of this block; the first has none before it.
  const input = Buffer.allocUnsafe(size + info.length + 1);
  input.set(info, size);
  for (let block = 1; block <= blocks; block++) {
    input[input.length - 1] = block;
    const made = createHmac(hash, prk)
      .update(block === 1 ? input.subarray(size) : input)
      .digest();
    okm.set(made, (block - 1) * size);
    if (block < blocks) input.set(made, 0);
    made.fill(0);
  }
  input.fill(0, 0, size);
  return okm.subarray(0, length);
}

interface Message {
  /** Salt and commitment. */
  readonly header: Uint8Array;
  readonly key: Buffer;
  readonly baseNonce: Buffer;
}

function newMessage(key: InputKey, context: Uint8Array): Message {
  return derive(key, context, newSalt());
}

/** Random salts are drawn many at a time, which halves what a small seal waits for the system. They are no secret. */
let salts = Buffer.alloc(0);
function newSalt(): Uint8Array {
  if (salts.length < SALT) salts = randomBytes(SALT * 128);
  const salt = salts.subarray(0, SALT);
  salts = salts.subarray(SALT);
  return salt;
}

function messageOf(key: InputKey, context: Uint8Array, header: Uint8Array, what: string): Message {
  const message = derive(key, context, header.subarray(0, SALT));
  if (timingSafeEqual(message.header, header)) return message;
  wipe(message);
  throw new SealBroken(what);
}

function derive(key: InputKey, context: Uint8Array, salt: Uint8Array): Message {
  const size = key instanceof Uint8Array ? key.length : key.symmetricKeySize;
  if (size !== 32) throw new RangeError(`A sealing key has 32 bytes, not ${size}.`);
  const okm = hkdfExpand("sha512", key, Buffer.concat([LABEL, salt, context]), 76);
  const header = new Uint8Array(HEADER);
  header.set(salt, 0);
  header.set(okm.subarray(44, 76), SALT);
  return { header, key: okm.subarray(0, 32), baseNonce: okm.subarray(32, 44) };
}

function wipe(message: Message): void {
  message.key.fill(0);
}

/** The base nonce with the chunk's number, big-endian, XORed into its last five bytes. */
function nonceOf(message: Message, chunk: number): Buffer {
  if (chunk >= MAX_CHUNKS) throw new RangeError("A sealed value holds at most 4 PiB.");
  const nonce = Buffer.from(message.baseNonce);
  nonce.writeUInt8(nonce.readUInt8(7) ^ Math.floor(chunk / 2 ** 32), 7);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ (chunk % 2 ** 32)) >>> 0, 8);
  return nonce;
}

/** Writes the sealed chunk at the start of `into`; returns its size. */
function sealChunk(message: Message, chunk: number, plain: Uint8Array, into: Uint8Array): number {
  const cipher = createCipheriv("aes-256-gcm", message.key, nonceOf(message, chunk));
  if (plain.length > 0) into.set(cipher.update(plain), 0);
  cipher.final();
  into.set(cipher.getAuthTag(), plain.length);
  return plain.length + TAG;
}

function openChunk(message: Message, chunk: number, sealed: Uint8Array, what: string): Uint8Array {
  const cipher = createDecipheriv("aes-256-gcm", message.key, nonceOf(message, chunk), { authTagLength: TAG });
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  const plain = cipher.update(sealed.subarray(0, sealed.length - TAG));
  try {
    cipher.final();
  } catch {
    // Nothing unauthenticated leaves: what was decrypted so far is wiped with the failure.
    plain.fill(0);
    throw new SealBroken(what);
  }
  return plain;
}

/**
 * Cuts a stream into pieces of exactly `size` bytes and one shorter piece (perhaps empty) at the end; a first piece of
 * `head` bytes goes before them where asked.
 */
async function* cut(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
  head = 0,
): AsyncGenerator<{ bytes: Uint8Array; last: boolean }> {
  let want = head > 0 ? head : size;
  let piece = new Uint8Array(want);
  let filled = 0;
  for await (const part of bytes) {
    for (let at = 0; at < part.length; ) {
      const taken = Math.min(want - filled, part.length - at);
      piece.set(part.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === want) {
        yield { bytes: piece, last: false };
        want = size;
        piece = new Uint8Array(want);
        filled = 0;
      }
    }
  }
  yield { bytes: piece.subarray(0, filled), last: true };
}

async function exactly(source: SealedSource, offset: number, length: number, what: string): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) throw new SealBroken(what);
  return bytes;
}
