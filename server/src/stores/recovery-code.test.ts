import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newRecoverySecret, printRecoveryCode, readRecoveryCode } from "./recovery-code.ts";

const secrets = fc.uint8Array({ minLength: 16, maxLength: 16 });
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

test("every secret is read back from its printed code, in the looks a person may give it", () => {
  fc.assert(
    fc.property(secrets, (secret) => {
      const code = printRecoveryCode(secret);
      assert.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
      const looks = [
        code,
        code.toLowerCase(),
        code.replaceAll("-", ""),
        `  ${code.replaceAll("-", " ")}\n`,
        code.replaceAll("-", "\u2013"),
        code.replaceAll("0", "o").replaceAll("1", "l"),
        code.replaceAll("0", "O").replaceAll("1", "I"),
      ];
      for (const look of looks) assert.deepEqual(readRecoveryCode(look), Buffer.from(secret), look);
    }),
  );
});

test("every single wrong character and every swap of neighbours is recognised as a typo", () => {
  for (const secret of [newRecoverySecret(), Buffer.alloc(16), Buffer.alloc(16, 255)]) {
    const code = printRecoveryCode(secret).replaceAll("-", "");
    for (let at = 0; at < code.length; at++) {
      for (const wrong of ALPHABET) {
        if (wrong === code[at]) continue;
        assert.equal(readRecoveryCode(code.slice(0, at) + wrong + code.slice(at + 1)), undefined);
      }
      const [a, b] = [code[at], code[at + 1]];
      if (b === undefined || a === b) continue;
      assert.equal(readRecoveryCode(code.slice(0, at) + b + a + code.slice(at + 2)), undefined);
    }
  }
});

test("what has a character too few, too many or foreign is no code", () => {
  const code = printRecoveryCode(newRecoverySecret());
  for (const text of [
    "",
    code.slice(1),
    `${code}7`,
    code.replace(/.$/, "U"),
    code.replace(/.$/, "!"),
    "x".repeat(28),
  ]) {
    assert.equal(readRecoveryCode(text), undefined, text);
  }
});

test("a known secret has a known code", () => {
  assert.equal(printRecoveryCode(Buffer.alloc(16)), "0000-0000-0000-0000-0000-0000-0000");
  // Computed apart from this code, with another language's integers.
  const counting = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
  assert.equal(printRecoveryCode(counting), "000G-40R4-0M30-E209-185G-R38E-1W0H");
  assert.equal(printRecoveryCode(Buffer.alloc(16, 255)), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZWT2");
});
