import { randomBytes } from "node:crypto";

/**
 * The printed recovery code: 128 random bits and a checksum, as seven groups of four Crockford base32 characters
 * (`7Q4M-…`). Reading is forgiving: any case, with or without dashes and spaces, O for 0, I and L for 1.
 *
 * 28 characters hold 140 bits: the 128 of the code and a 12-bit CRC of them (polynomial x¹²+x¹¹+x³+x²+x+1). Every error
 * within 12 neighbouring bits is found, so every single wrong character and every two swapped neighbours; of other typos
 * all but one in 4,096. The checksum only tells a typo from a wrong code; it protects nothing.
 */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 28;
const CRC_BITS = 12n;
const POLYNOMIAL = 0x180fn;

export const RECOVERY_SECRET_BYTES = 16;

export function newRecoverySecret(): Buffer {
  return randomBytes(RECOVERY_SECRET_BYTES);
}

export function printRecoveryCode(secret: Uint8Array): string {
  if (secret.length !== RECOVERY_SECRET_BYTES) throw new RangeError("A recovery secret has 16 bytes.");
  const bits = BigInt(`0x${Buffer.from(secret).toString("hex")}`) << CRC_BITS;
  const word = bits | remainder(bits);
  let text = "";
  for (let i = CHARACTERS - 1; i >= 0; i--) text += ALPHABET[Number((word >> BigInt(5 * i)) & 31n)];
  return text.match(/.{4}/g)?.join("-") ?? text;
}

/** Undefined when the code cannot be one: a character too few, too many or wrong. */
export function readRecoveryCode(text: string): Buffer | undefined {
  const clean = text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s‐-―_-]/g, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  if (clean.length !== CHARACTERS) return undefined;
  let word = 0n;
  for (const character of clean) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    word = (word << 5n) | BigInt(value);
  }
  if (remainder(word) !== 0n) return undefined;
  return Buffer.from((word >> CRC_BITS).toString(16).padStart(2 * RECOVERY_SECRET_BYTES, "0"), "hex");
}

/** The remainder of the bits, as a polynomial over GF(2), divided by the CRC's. */
function remainder(bits: bigint): bigint {
  let rest = bits;
  for (let at = BigInt(CHARACTERS * 5 - 1); at >= CRC_BITS; at--) {
    if ((rest >> at) & 1n) rest ^= POLYNOMIAL << (at - CRC_BITS);
  }
  return rest;
}
