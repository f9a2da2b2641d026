import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { Ledger } from "./ledger.ts";
import { OpenedMemories } from "./opened-memories.ts";

function house() {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  let opened = 0;
  const getMany = sealed.getMany.bind(sealed);
  sealed.getMany = async <T>(places: Parameters<typeof getMany>[0]) => {
    opened += places.length;
    return getMany<T>(places);
  };
  const ledger = new Ledger({ clock, sealed });
  return { sealed, ledger, opened: () => opened, store: (text: string) => ledger.store({ text, key: "k" }) };
}

test("a memory is opened once, and again when its row is another version", async () => {
  const { sealed, store, opened } = house();
  const memories = new OpenedMemories(sealed);
  const [a, b] = [await store("A"), await store("B")];
  const texts = async (...ids: string[]) => (await memories.getMany(ids)).map((memory) => memory?.text);
  assert.deepEqual(await texts(b.id, "nothing", a.id), ["B", undefined, "A"], "in the order asked");
  assert.deepEqual(await texts(a.id, b.id, a.id), ["A", "B", "A"]);
  assert.equal(opened(), 2);
  const [key] = await sealed.vault.keys("private", [a.id]);
  assert.ok(key);
  await sealed.write([sealed.put(key, { partition: "memory", sort: a.id, scope: a.id }, { ...a, text: "A, changed" })]);
  assert.deepEqual(await texts(a.id, b.id), ["A, changed", "B"]);
  assert.equal(opened(), 3);
});

test("what another process forgot is gone, and what shreds its key alone is too", async () => {
  const { sealed, store } = house();
  const memories = new OpenedMemories(sealed);
  const [a, b] = [await store("A"), await store("B")];
  await memories.getMany([a.id, b.id]);
  const other = new Ledger({ clock: new FakeClock(), sealed });
  await other.remove(a.id);
  assert.deepEqual(await memories.getMany([a.id]), [undefined]);
  memories.forget(b.id);
  await sealed.write([sealed.vault.destroy("private", b.id)]);
  sealed.vault.forgotten("private", b.id);
  assert.deepEqual(await memories.getMany([b.id]), [undefined]);
});

test("it keeps no more text than it may, the least recently asked for going first", async () => {
  const { sealed, store, opened } = house();
  const memories = new OpenedMemories(sealed, 25);
  const [a, b, c] = [await store("a".repeat(10)), await store("b".repeat(10)), await store("c".repeat(10))];
  await memories.getMany([a.id, b.id]);
  await memories.getMany([a.id]);
  await memories.getMany([c.id]);
  assert.equal(opened(), 3);
  await memories.getMany([a.id, c.id]);
  assert.equal(opened(), 3, "both were kept");
  await memories.getMany([b.id]);
  assert.equal(opened(), 4, "b went when c came");
  const large = await store("d".repeat(100));
  assert.equal((await memories.getMany([large.id]))[0]?.text.length, 100, "larger than all that may be kept");
});
