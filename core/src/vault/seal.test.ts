import assert from "node:assert/strict";
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { test } from "node:test";
import { gcm } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import { encodeContext } from "./context.ts";
import knownAnswers from "./known-answers.json" with { type: "json" };
import { CHUNK, open, openEach, openRange, openStream, plainSize, seal, sealedSize, sealStream } from "./seal.ts";
import { SealBroken } from "./vault.ts";

const key = randomBytes(32);
const context = encodeContext("tenant", "private", "item", "1", "body");
/** The sizes at which chunking goes wrong when it goes wrong. */
const SIZES = [0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 77];

test("known answers: made by another implementation, opened by ours", async () => {
  for (const known of knownAnswers) {
    const plain = pattern(known.size);
    const sealed = await sealElsewhere(hex(known.key), hex(known.context), hex(known.salt), plain);
    assert.equal(sha512(sealed), known.sealedSha512, `${known.size}`);
    assert.equal(Buffer.from(sealed.subarray(24, 56)).toString("hex"), known.commitment);
    if (known.sealed !== undefined) assert.equal(Buffer.from(sealed).toString("hex"), known.sealed);
    assert.deepEqual(open(hex(known.key), hex(known.context), sealed), plain);
  }
});

test("what we seal is what the other implementation seals with the same salt", async () => {
  for (const size of SIZES) {
    const plain = pattern(size);
    const sealed = seal(key, context, plain);
    assert.equal(sealed.length, sealedSize(size));
    assert.equal(plainSize(sealed.length), size);
    assert.deepEqual(sealed, await sealElsewhere(key, context, sealed.subarray(0, 24), plain), `${size}`);
    assert.deepEqual(open(key, context, sealed), plain);
  }
});

test("streams seal and open the same bytes, however they are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      size(),
      fc.integer({ min: 1, max: 40_000 }),
      fc.integer({ min: 1, max: 40_000 }),
      async (n, a, b) => {
        const plain = pattern(n);
        const sealed = await join(sealStream(key, context, pieces(plain, a)));
        assert.deepEqual(open(key, context, sealed), plain);
        assert.deepEqual(await join(openStream(key, context, pieces(sealed, b))), plain);
      },
    ),
    { numRuns: 60 },
  );
});

test("a flipped bit anywhere is refused", async () => {
  await fc.assert(
    fc.asyncProperty(size(), fc.nat(), fc.integer({ min: 0, max: 7 }), async (n, at, bit) => {
      const sealed = seal(key, context, pattern(n));
      sealed[at % sealed.length] = (sealed[at % sealed.length] ?? 0) ^ (1 << bit);
      await refusedEverywhere(sealed);
    }),
    { numRuns: 120 },
  );
  // Exhaustively for a small one.
  const small = seal(key, context, pattern(3));
  for (let at = 0; at < small.length * 8; at++) {
    const flipped = small.slice();
    flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
    assert.throws(() => open(key, context, flipped), SealBroken);
  }
});

test("every truncation and every extension is refused", async () => {
  const borders = [0, 1, 55, 56, 57, 71, 72, 56 + CHUNK + 15, 56 + CHUNK + 16, 56 + CHUNK + 17, 56 + CHUNK + 32];
  const sealed = seal(key, context, pattern(2 * CHUNK + 100));
  for (const length of borders) await refusedEverywhere(sealed.slice(0, length));
  await fc.assert(
    fc.asyncProperty(size(), fc.nat(), fc.integer({ min: 1, max: 40 }), async (n, cut, more) => {
      const whole = seal(key, context, pattern(n));
      await refusedEverywhere(whole.slice(0, cut % whole.length));
      await refusedEverywhere(Uint8Array.from([...whole, ...pattern(more)]));
    }),
    { numRuns: 40 },
  );
});

test("chunks put in another order, doubled or left out are refused", async () => {
  const sealed = seal(key, context, pattern(3 * CHUNK + 5));
  const header = sealed.subarray(0, 56);
  const chunks = [0, 1, 2, 3].map((k) => sealed.subarray(56 + k * (CHUNK + 16), 56 + (k + 1) * (CHUNK + 16)));
  for (const order of [[1, 0, 2, 3], [0, 2, 1, 3], [0, 0, 1, 3], [0, 1, 3], [0, 3], [3], [0, 1, 2, 2, 3]]) {
    await refusedEverywhere(Buffer.concat([header, ...order.map((k) => chunks[k] ?? header)]));
  }
});

test("another key, another context and another value's header are refused", async () => {
  const sealed = seal(key, context, pattern(100));
  assert.throws(() => open(randomBytes(32), context, sealed), SealBroken);
  const other = seal(key, context, pattern(100));
  await refusedEverywhere(Buffer.concat([other.subarray(0, 56), sealed.subarray(56)]));
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 6 }), fc.array(fc.string(), { maxLength: 6 }), (a, b) => {
      const same = a.length === b.length && a.every((part, i) => part === b[i]);
      const moved = () => open(key, encodeContext(...b), seal(key, encodeContext(...a), pattern(9)));
      if (same) assert.deepEqual(moved(), pattern(9));
      else assert.throws(moved, SealBroken);
    }),
  );
});

test("contexts that read alike are different bytes", () => {
  const alike = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["a", "b", "c"]];
  const encoded = new Set(alike.map((parts) => encodeContext(...parts).toString("hex")));
  assert.equal(encoded.size, alike.length);
  assert.equal(encodeContext("é").toString("hex"), "000000027631" + "00000002c3a9");
});

test("opened piece by piece it is the same bytes in their order, in room that is used again", async () => {
  await fc.assert(
    fc.asyncProperty(size(), fc.nat({ max: 60_000 }), async (n, piece) => {
      const sealed = seal(key, context, pattern(n));
      const rooms = [1, 2, 3].map(() => new Uint8Array(sealed.length));
      const source = {
        size: sealed.length,
        read: async (at: number, count: number) => {
          const room = rooms.shift() ?? new Uint8Array();
          rooms.push(room);
          await new Promise((resolve) => setImmediate(resolve));
          room.fill(0).set(sealed.subarray(at, at + count));
          return room.subarray(0, count);
        },
      };
      const opened = new Uint8Array(n);
      let next = 0;
      await openEach(key, context, source, piece, (plain, offset, all) => {
        assert.deepEqual([offset, all], [next, n]);
        opened.set(plain, offset);
        next += plain.length;
      });
      assert.equal(next, n);
      assert.deepEqual(opened, pattern(n));
    }),
    { numRuns: 80 },
  );
});

test("opened piece by piece it ends with what does not open, and only once nothing is read any more", async () => {
  const sealed = seal(key, context, pattern(5 * CHUNK + 9));
  const second = sealed.slice();
  second[56 + CHUNK + 16 + 5] = (second[56 + CHUNK + 16 + 5] ?? 0) ^ 1;
  for (const [bytes, size, taken] of [
    [second, sealed.length, 1],
    [sealed.subarray(0, 56 + 3 * (CHUNK + 16)), sealed.length, 3],
    [sealed.subarray(0, 56 + 3 * (CHUNK + 16) + 100), 56 + 3 * (CHUNK + 16) + 100, 3],
    [sealed.subarray(0, 20), sealed.length, 0],
  ] as const) {
    let reading = 0;
    let chunks = 0;
    const read = async (at: number, count: number) => {
      reading += 1;
      await new Promise((resolve) => setImmediate(resolve));
      reading -= 1;
      return bytes.subarray(at, at + count);
    };
    const opened = openEach(key, context, { size, read }, CHUNK + 16, () => (chunks += 1));
    await assert.rejects(opened, SealBroken);
    assert.equal(reading, 0);
    assert.equal(chunks, taken);
  }
});

test("a range is what that range of the plain bytes is, and reads only its chunks", async () => {
  await fc.assert(
    fc.asyncProperty(size(), fc.nat({ max: 60_000 }), fc.nat({ max: 60_000 }), async (n, offset, length) => {
      const plain = pattern(n);
      const sealed = seal(key, context, plain);
      let read = 0;
      const source = {
        size: sealed.length,
        read: async (at: number, count: number) => {
          read += count;
          return sealed.subarray(at, at + count);
        },
      };
      const range = await openRange(key, context, source, offset, length);
      assert.deepEqual(range, plain.slice(offset, offset + length));
      assert.ok(read <= 56 + (Math.ceil(length / CHUNK) + 2) * (CHUNK + 16), `${read} bytes read`);
    }),
    { numRuns: 120 },
  );
});

test("a range authenticates the end it touches, and nothing it does not read", async () => {
  const sealed = seal(key, context, pattern(2 * CHUNK));
  const cut = sealed.slice(0, sealed.length - 16 - CHUNK - 16 + 40);
  const source = { size: cut.length, read: async (at: number, n: number) => cut.subarray(at, at + n) };
  assert.deepEqual(await openRange(key, context, source, 5, 10), pattern(2 * CHUNK).slice(5, 15));
  await assert.rejects(openRange(key, context, source, 0, 1e9), SealBroken);
  await assert.rejects(openRange(key, context, source, CHUNK, 10), SealBroken);
});

test("a source that gives fewer bytes than it has is refused, and a range that is none", async () => {
  const sealed = seal(key, context, pattern(500));
  const short = { size: sealed.length, read: async (at: number, n: number) => sealed.subarray(at, at + n - 1) };
  await assert.rejects(openRange(key, context, short, 0, 10), SealBroken);
  for (const [offset, length] of [
    [-1, 5],
    [0, -5],
    [0.5, 1],
    [0, Number.NaN],
  ] as const) {
    await assert.rejects(openRange(key, context, short, offset, length), RangeError);
  }
});

test("a stream yields only what is authentic before it fails", async () => {
  const plain = pattern(3 * CHUNK);
  const sealed = seal(key, context, plain);
  sealed[56 + CHUNK + 16 + 10] = (sealed[56 + CHUNK + 16 + 10] ?? 0) ^ 1;
  const got: Uint8Array[] = [];
  await assert.rejects(async () => {
    for await (const part of openStream(key, context, pieces(sealed, 7_000))) got.push(part);
  }, SealBroken);
  assert.deepEqual(new Uint8Array(Buffer.concat(got)), plain.slice(0, CHUNK));
});

test("the same bytes sealed twice differ, and keys of the wrong size are refused", () => {
  assert.notDeepEqual(seal(key, context, pattern(10)), seal(key, context, pattern(10)));
  assert.throws(() => seal(randomBytes(16), context, pattern(10)), RangeError);
  assert.throws(() => open(randomBytes(33), context, seal(key, context, pattern(10))), RangeError);
});

/** Refused in one piece, as a stream, and by a range over all of it; nothing wrong comes out of any. */
async function refusedEverywhere(sealed: Uint8Array): Promise<void> {
  assert.throws(() => open(key, context, sealed), SealBroken);
  await assert.rejects(join(openStream(key, context, pieces(sealed, 9_999))), SealBroken);
  const source = { size: sealed.length, read: async (at: number, n: number) => sealed.subarray(at, at + n) };
  await assert.rejects(openRange(key, context, source, 0, sealed.length), SealBroken);
}

/** The format once more from its specification, on @noble/ciphers and Web Crypto's HMAC. */
async function sealElsewhere(
  inputKey: Uint8Array,
  ctx: Uint8Array,
  salt: Uint8Array,
  plain: Uint8Array,
): Promise<Uint8Array> {
  const label = new TextEncoder().encode("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM");
  const info = Uint8Array.from([...label, 0, ...salt, ...ctx]);
  const hmacKey = await webcrypto.subtle.importKey(
    "raw",
    new Uint8Array(inputKey),
    { name: "HMAC", hash: "SHA-512" },
    false,
    ["sign"],
  );
  const sign = async (bytes: number[]) =>
    new Uint8Array(await webcrypto.subtle.sign("HMAC", hmacKey, Uint8Array.from(bytes)));
  const first = await sign([...info, 1]);
  const okm = Uint8Array.from([...first, ...(await sign([...first, ...info, 2]))]);
  const parts = [Uint8Array.from(salt), okm.slice(44, 76)];
  for (let chunk = 0; chunk <= Math.floor(plain.length / CHUNK); chunk++) {
    let nonce = BigInt(`0x${Buffer.from(okm.slice(32, 44)).toString("hex")}`) ^ BigInt(chunk);
    const nonceBytes = new Uint8Array(12);
    for (let i = 11; i >= 0; i--, nonce >>= 8n) nonceBytes[i] = Number(nonce & 255n);
    parts.push(gcm(okm.slice(0, 32), nonceBytes).encrypt(plain.slice(chunk * CHUNK, (chunk + 1) * CHUNK)));
  }
  return new Uint8Array(Buffer.concat(parts));
}

function size(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(...SIZES), fc.nat({ max: 50_000 }));
}

/** Bytes that differ from chunk to chunk: 0, 7, 14, … with the block's number mixed in. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
}

async function* pieces(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

async function join(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part.slice());
  return new Uint8Array(Buffer.concat(parts));
}

function hex(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}

function sha512(bytes: Uint8Array): string {
  return createHash("sha512").update(bytes).digest("hex");
}
