import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { hkdfExpand, open, openRange, openStream } from "./seal.ts";
import { SealBroken } from "./vault.ts";

/**
 * The public Wycheproof vectors for what sealing is made of. They are data beside the checkout, not part of it: where
 * the folder is absent the tests say so and are skipped (the project's own known answers are in `seal.test.ts`).
 */
const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const folder = join(process.env.STEWARD_TEST_DATA ?? join(root, "../shared/data"), "wycheproof");
const skip = existsSync(folder) ? false : `no Wycheproof vectors in ${folder} (set STEWARD_TEST_DATA)`;

interface Suite<Group, Vector> {
  readonly numberOfTests: number;
  readonly testGroups: readonly (Group & { readonly tests: readonly (Vector & Judged)[] })[];
}
interface Judged {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid";
}
interface Chunked {
  readonly key: string;
  readonly ctx: string;
  readonly ct: string;
  readonly msgLength: number;
  readonly msgSha512: string;
}
interface Aead {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}
interface Hkdf {
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
}

const hex = (text: string) => Buffer.from(text, "hex");
const sha512 = (bytes: Uint8Array) => createHash("sha512").update(bytes).digest("hex");

function suite<Group, Vector>(name: string): Suite<Group, Vector> {
  // The shapes above are those of the vectors' published schemas; a field that is missing fails its test.
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as Suite<Group, Vector>;
}

test("chunked encryption: every vector, one-shot, streamed and by ranges", { skip }, async () => {
  let seen = 0;
  for (const group of suite<{ aead: string; sha: string }, Chunked>("c2sp_chunked_encryption_aes_256_gcm_test.json")
    .testGroups) {
    assert.deepEqual([group.aead, group.sha], ["AEAD_AES_256_GCM", "SHA-512"]);
    for (const vector of group.tests) {
      seen++;
      const label = `${vector.tcId} ${vector.comment}`;
      const [key, context, sealed] = [hex(vector.key), hex(vector.ctx), inflateSync(hex(vector.ct))];
      const source = { size: sealed.length, read: async (at: number, n: number) => sealed.subarray(at, at + n) };
      const streamed = await drain(openStream(key, context, trickle(sealed, 5_000)));
      if (vector.result === "valid") {
        const plain = open(key, context, sealed);
        assert.equal(plain.length, vector.msgLength, label);
        assert.equal(sha512(plain), vector.msgSha512, label);
        assert.equal(streamed.error, undefined, label);
        assert.equal(sha512(streamed.bytes), vector.msgSha512, label);
        assert.equal(sha512(await openRange(key, context, source, 0, vector.msgLength)), vector.msgSha512, label);
      } else {
        const refused = vector.flags.includes("InvalidKeySize") ? RangeError : SealBroken;
        assert.throws(() => open(key, context, sealed), refused, label);
        await assert.rejects(openRange(key, context, source, 0, sealed.length), refused, label);
        assert.ok(streamed.error instanceof refused, label);
        if (vector.flags.includes("HeaderFailure")) assert.equal(streamed.bytes.length, 0, label);
        // What streamed out before the fault was found is at most the authentic prefix.
        if (vector.flags.includes("PartialPlaintext")) {
          assert.equal(streamed.bytes.length, vector.msgLength, label);
          assert.equal(sha512(streamed.bytes), vector.msgSha512, label);
        }
      }
    }
  }
  assert.equal(seen, 35);
});

test("AES-GCM of node:crypto: the 96-bit nonces with 128-bit tags", { skip }, () => {
  let seen = 0;
  for (const group of suite<{ ivSize: number; keySize: number; tagSize: number }, Aead>("aes_gcm_test.json")
    .testGroups) {
    if (group.ivSize !== 96 || group.tagSize !== 128) continue;
    for (const vector of group.tests) {
      seen++;
      const label = `${vector.tcId} ${vector.comment}`;
      const [key, iv, tag] = [hex(vector.key), hex(vector.iv), hex(vector.tag)];
      const cipherOf = {
        128: "aes-128-gcm",
        192: "aes-192-gcm",
        256: "aes-256-gcm",
      } as const;
      const name = cipherOf[key.length === 16 ? 128 : key.length === 24 ? 192 : 256];
      const decipher = createDecipheriv(name, key, iv, { authTagLength: 16 });
      decipher.setAAD(hex(vector.aad)).setAuthTag(tag);
      const plain = decipher.update(hex(vector.ct));
      if (vector.result === "valid") {
        decipher.final();
        assert.equal(plain.toString("hex"), vector.msg, label);
        const cipher = createCipheriv(name, key, iv).setAAD(hex(vector.aad));
        const ct = Buffer.concat([cipher.update(hex(vector.msg)), cipher.final()]);
        assert.equal(ct.toString("hex") + cipher.getAuthTag().toString("hex"), vector.ct + vector.tag, label);
      } else {
        assert.throws(() => decipher.final(), label);
      }
    }
  }
  assert.equal(seen, 67 + 64 + 66);
});

test("HKDF: our Expand, and that of node:crypto", { skip }, () => {
  let seen = 0;
  for (const group of suite<object, Hkdf>("hkdf_sha256_test.json").testGroups) {
    for (const vector of group.tests) {
      seen++;
      const label = `${vector.tcId} ${vector.comment}`;
      const [ikm, salt, info] = [hex(vector.ikm), hex(vector.salt), hex(vector.info)];
      const prk = createHmac("sha256", salt.length > 0 ? salt : Buffer.alloc(32))
        .update(ikm)
        .digest();
      if (vector.result === "valid") {
        assert.equal(hkdfExpand("sha256", prk, info, vector.size).toString("hex"), vector.okm, label);
        assert.equal(Buffer.from(hkdfSync("sha256", ikm, salt, info, vector.size)).toString("hex"), vector.okm, label);
      } else {
        assert.throws(() => hkdfExpand("sha256", prk, info, vector.size), RangeError, label);
      }
    }
  }
  assert.equal(seen, 86);
});

/** What streamed out, and the error it ended in. */
async function drain(stream: AsyncIterable<Uint8Array>): Promise<{ bytes: Uint8Array; error?: unknown }> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of stream) parts.push(part);
  } catch (error) {
    return { bytes: Buffer.concat(parts), error };
  }
  return { bytes: Buffer.concat(parts) };
}

async function* trickle(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}
