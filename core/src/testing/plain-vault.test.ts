import assert from "node:assert/strict";
import { it } from "node:test";
import { KeyShredded, SealBroken } from "../vault/vault.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryRecords } from "./memory-records.ts";
import { plainVault } from "./plain-vault.ts";

const context = { table: "items", id: "1", field: "body" };
const plain = new TextEncoder().encode("hello, plain");

it("opens only in its own context and under its own key", () => {
  const vault = plainVault();
  const { key } = vault.create("private", "item:1");
  const sealed = key.seal(context, plain);
  assert.deepEqual(key.open(context, sealed), plain);
  for (const other of [{ table: "x" }, { id: "2" }, { field: "text" }]) {
    assert.throws(() => key.open({ ...context, ...other }, sealed), SealBroken);
  }
  assert.throws(() => vault.create("private", "item:2").key.open(context, sealed), SealBroken);
  assert.throws(() => vault.create("published", "item:1").key.open(context, sealed), SealBroken);
});

it("streams and opens ranges", async () => {
  const { key } = plainVault().create("private", "item:1");
  const sealed: number[] = [];
  for await (const part of key.sealStream(context, inBytes(plain))) sealed.push(...part);
  const opened: number[] = [];
  for await (const part of key.openStream(context, inBytes(Uint8Array.from(sealed)))) opened.push(...part);
  assert.deepEqual(opened, [...plain]);
  const source = {
    size: sealed.length,
    read: async (offset: number, length: number) => Uint8Array.from(sealed.slice(offset, offset + length)),
  };
  assert.deepEqual([...(await key.openRange(context, source, 7, 5))], [...plain.slice(7, 12)]);
  await assert.rejects(async () => {
    for await (const _ of key.openStream(context, inBytes(Uint8Array.from(sealed.slice(0, 5)))));
  }, SealBroken);
});

it("loses what was sealed under a destroyed key, and knows keys again from their rows", async () => {
  const records = new MemoryRecords(new FakeClock());
  const vault = plainVault(records);
  const made = vault.create("private", "item:1");
  await records.write([made.change]);
  assert.equal((await plainVault(records).key("private", "item:1")).scope, "item:1");
  await records.write([vault.destroy("private", "item:1")]);
  vault.forgotten("private", "item:1");
  await assert.rejects(vault.key("private", "item:1"), KeyShredded);
  assert.deepEqual(await plainVault(records).keys("private", ["item:1"]), [undefined]);
  const standing = await vault.standing("private", "house:jobs");
  assert.equal(await vault.standing("private", "house:jobs"), standing);
  assert.equal(vault.hmac("private", "p", "ab", "c") === vault.hmac("private", "p", "a", "bc"), false);
});

async function* inBytes(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}
