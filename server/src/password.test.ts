import assert from "node:assert/strict";
import { test } from "node:test";
import { hashPassword, needsRehash, verifyPassword } from "./password.ts";

test("a password verifies against its hash and no other does", async () => {
  const hash = await hashPassword("correct horse");
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword("correct horse", hash), true);
  for (const wrong of ["", "correct hors", "correct horse ", "Correct horse"]) {
    assert.equal(await verifyPassword(wrong, hash), false);
  }
  assert.notEqual(hash, await hashPassword("correct horse"));
});

test("the same letters typed as composed or combining characters are the same password", async () => {
  assert.equal(await verifyPassword("cafe\u0301", await hashPassword("caf\u00e9")), true);
});

test("a hash made by the reference implementation verifies, and asks to be made anew", async () => {
  // P-H-C/phc-winner-argon2, src/test.c: argon2id, v=19, t=2, m=256 KiB, p=1, "password", "somesalt".
  const known = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  assert.equal(await verifyPassword("password", known), true);
  assert.equal(await verifyPassword("differentpassword", known), false);
  assert.equal(needsRehash(known), true);
  assert.equal(needsRehash(await hashPassword("x")), false);
});

test("what is no such hash verifies nothing and does not throw", async () => {
  const hash = await hashPassword("x");
  const broken = [
    "",
    "x",
    hash.replace("argon2id", "argon2i"),
    hash.replace("m=19456", "m=9999999"),
    hash.replace("m=19456", "m=4"),
    hash.replace("p=1", "p=0"),
    hash.slice(0, -1),
    `${hash}A`,
  ];
  for (const phc of broken) {
    assert.equal(await verifyPassword("x", phc), false, phc);
  }
  assert.equal(needsRehash("nonsense"), true);
});
