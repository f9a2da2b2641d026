import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../item.ts";
import { collect, Library, type StoredItem } from "../library.ts";
import type { Records } from "../records.ts";
import type { IndexedItem, PassageIndex } from "../search/passage-index.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryBlobs } from "../testing/memory-blobs.ts";
import { MortalRecords } from "../testing/mortal-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { type Script, ScriptReader, scripted } from "../testing/script-reader.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import type { Pulled } from "./connector.ts";
import { type IngestDeps, keep, prepare } from "./ingest.ts";
import { listQuarantine, quarantinedBytes } from "./quarantine.ts";
import { sweepPending } from "./shelve.ts";

const SOURCE: Source = {
  id: "source-1",
  kind: "path",
  name: "mail",
  trust: "owner",
  state: "reading",
  progress: { added: 0, known: 0, quarantined: 0, bytes: 0 },
  addedAt: 0,
};

function open() {
  const clock = new FakeClock();
  const records = new MortalRecords(clock);
  const blobs = new MemoryBlobs();
  const sealed = new SealedRecords(records, plainVault(records));
  const library = new Library({ sealed, blobs });
  const reader = new ScriptReader();
  const indexed: IndexedItem[] = [];
  // Ingest only ever puts; the private index has tests of its own.
  const index = { put: async (items: readonly IndexedItem[]) => void indexed.push(...items) } as Partial<PassageIndex>;
  const deps = { clock, sealed, blobs, library, reader, index, ownAddresses: new Set(["me@example.org"]) };
  return { deps: deps as typeof deps & IngestDeps, records, blobs, library, reader, indexed, clock, index };
}

function entry(name: string, script: Script | Uint8Array): Pulled {
  const bytes = script instanceof Uint8Array ? script : scripted(script);
  return { type: "entry", name, path: `/mail/${name}`, bytes, position: 0, cursor: name };
}

async function take(deps: IngestDeps, ...entries: Pulled[]) {
  return keep(deps, SOURCE, await prepare(deps, SOURCE, entries), async () => []);
}

async function itemsIn(records: Records, library: Library): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  for await (const row of records.query("item")) {
    const item = await library.item(row.sort);
    if (item) items.push(item);
  }
  return items;
}

test("a mail becomes an item with its reading and its original, and is indexed", async () => {
  const { deps, library, indexed } = open();
  const mail = { title: "Lisbon", text: "We fly on Friday.", messageId: "a@x", from: "ana@example.org" };
  assert.deepEqual(await take(deps, entry("1.eml", mail)), { added: 1, known: 0, quarantined: 0 });
  const [one] = indexed;
  assert.ok(one);
  const item = await library.item(one.item);
  assert.equal(item?.title, "Lisbon");
  assert.equal(item?.trust, "stranger");
  assert.equal((await library.reading(one.item))?.text, "We fly on Friday.");
  const original = await library.original(one.item);
  assert.ok(original);
  assert.deepEqual(await collect(original.bytes), scripted(mail));
});

test("the same thing again adds nothing, and is not even read again", async () => {
  const { deps, records, library, reader } = open();
  const mail = entry("1.eml", { title: "Lisbon", messageId: "a@x", parts: { "ticket.pdf": { text: "TP 933" } } });
  await take(deps, mail);
  const before = await itemsIn(records, library);
  const reads = reader.reads;
  assert.deepEqual(await take(deps, mail), { added: 0, known: 1, quarantined: 0 });
  assert.equal(reader.reads, reads);
  assert.deepEqual(await itemsIn(records, library), before);
});

test("the same mail in other bytes is known, another mail under its Message-ID is not", async () => {
  const { deps } = open();
  const mail = { title: "Rent", text: "It is 1,240.", messageId: "rent@x", from: "a@x" };
  await take(deps, entry("1.eml", mail));
  assert.deepEqual(await take(deps, entry("copy.eml", mail)), { added: 0, known: 1, quarantined: 0 });
  const forged = { ...mail, text: "It is 9,999." };
  assert.deepEqual(await take(deps, entry("forged.eml", forged)), { added: 1, known: 0, quarantined: 0 });
});

test("the same mail twice in one batch comes in once", async () => {
  const { deps, indexed } = open();
  const mail = { title: "Rent", messageId: "rent@x" };
  assert.deepEqual(await take(deps, entry("1.eml", mail), entry("2.eml", mail)), {
    added: 1,
    known: 1,
    quarantined: 0,
  });
  assert.equal(indexed.length, 1);
});

test("attachments are items of their own, found through the mail's people, and named by it", async () => {
  const { deps, records, library } = open();
  const parts = { "lease.pdf": { text: "Rent", parts: { "inner.txt": { text: "deep" } } } };
  await take(deps, entry("1.eml", { title: "Lease", messageId: "l@x", from: "landlord@example.org", parts }));
  const items = await itemsIn(records, library);
  const mail = items.find((item) => item.kind === "mail");
  const lease = items.find((item) => item.filename === "lease.pdf");
  const inner = items.find((item) => item.filename === "inner.txt");
  assert.deepEqual(
    mail?.attachments?.map((one) => one.item),
    [lease?.id],
  );
  assert.equal(lease?.parent, mail?.id);
  assert.equal(inner?.parent, lease?.id);
  assert.equal(inner?.people[0]?.address, "landlord@example.org");
  assert.equal(lease?.path, "/mail/1.eml!lease.pdf");
});

test("a reply stands in the thread of what it answers", async () => {
  const { deps, records, library } = open();
  const first = { title: "Keys", messageId: "1@x" };
  const reply = { title: "Re: Keys", messageId: "2@x", inReplyTo: "1@x" };
  await take(deps, entry("1.eml", first), entry("2.eml", reply), entry("3.eml", { title: "Other", messageId: "3@x" }));
  const threads = (await itemsIn(records, library)).map((item) => item.thread);
  assert.equal(threads[0], threads[1]);
  assert.notEqual(threads[0], threads[2]);
});

test("what cannot be read is set aside once, with its reason and its bytes; the rest goes on", async () => {
  const { deps } = open();
  const junk = new Uint8Array([1, 2, 3]);
  const batch = [entry("bad.pdf", junk), entry("good.md", { text: "fine" })];
  assert.deepEqual(await take(deps, ...batch), { added: 1, known: 0, quarantined: 1 });
  await take(deps, ...batch);
  const rows = await listQuarantine(deps);
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.path, "/mail/bad.pdf");
  assert.equal(rows[0]?.reason, "It is not what its name says.");
  assert.deepEqual(rows[0] && (await quarantinedBytes(deps, rows[0])), junk);
});

test("a container's members come in one by one; those known already are passed over", async () => {
  const { deps } = open();
  await take(deps, entry("a.txt", { text: "first" }));
  const zip = entry("all.zip", { members: { "a.txt": { text: "first" }, "b.txt": { text: "second" } } });
  assert.deepEqual(await take(deps, zip), { added: 1, known: 1, quarantined: 0 });
});

test("a large original lies in a blob and comes back whole", async () => {
  const { deps, library, indexed, blobs } = open();
  const long = { text: "word ".repeat(40_000) };
  await take(deps, entry("long.txt", long));
  const id = indexed[0]?.item ?? "";
  const original = await library.original(id);
  assert.equal(original && (await collect(original.bytes)).length, scripted(long).length);
  assert.equal((await library.reading(id))?.text.length, 200_000);
  const names: string[] = [];
  for await (const name of blobs.list()) names.push(name);
  assert.equal(names.length, 2);
});

test("large parts of several mails are stored side by side; where one fails, the batch does, and comes in later", async () => {
  const { deps, records, library, blobs, indexed } = open();
  let under = 0;
  let most = 0;
  let failing = 3;
  const { put } = blobs;
  blobs.put = async (name, bytes) => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setImmediate(resolve));
    under -= 1;
    if (failing-- === 0) throw new Error("disk full");
    return put.call(blobs, name, bytes);
  };
  const long = "word ".repeat(40_000);
  const batch = Array.from({ length: 20 }, (_, i) => entry(`${i}.txt`, { text: `${i} ${long}` }));
  await assert.rejects(take(deps, ...batch), /disk full/);
  const left = (await itemsIn(records, library)).map((item) => item.id);
  assert.deepEqual(indexed.map(({ item }) => item).sort(), left.sort());
  await take(deps, ...batch);
  assert.equal((await itemsIn(records, library)).length, 20);
  assert.ok(most > 1 && most <= 9, `${most} at once`);
});

test("killed at any write of a large batch, what was written is found, and after a restart each is there once", async () => {
  const batch = Array.from({ length: 120 }, (_, i) => entry(`${i}.eml`, { title: `Mail ${i}`, messageId: `${i}@x` }));
  for (let dieAt = 0; ; dieAt++) {
    const { deps, records, library, indexed } = open();
    await deps.sealed.vault.standing("private", "house:seen");
    records.dieAt = dieAt;
    const died = await take(deps, ...batch).then(
      () => false,
      () => true,
    );
    records.dieAt = Number.POSITIVE_INFINITY;
    const left = (await itemsIn(records, library)).map((item) => item.id);
    assert.deepEqual(indexed.map(({ item }) => item).sort(), left.sort());
    await take(deps, ...batch);
    assert.equal((await itemsIn(records, library)).length, 120);
    if (!died) return assert.ok(dieAt > 5, `only ${dieAt} writes were tried`);
  }
});

test("a large batch lets everything else go on every few mails, and reaches the index in portions", async () => {
  const { deps, library, clock, index } = open();
  let sinceTurn = 0;
  let most = 0;
  const unit = () => {
    sinceTurn += 1;
    most = Math.max(most, sinceTurn);
  };
  let turn = setImmediate(function turned() {
    sinceTurn = 0;
    turn = setImmediate(turned);
  });
  // A draft asks for the time, a mail on its way to the store for its changes, the index gets so many passages.
  clock.now = () => {
    unit();
    return 1;
  };
  const { changesFor } = library;
  library.changesFor = (...of) => {
    unit();
    return changesFor.apply(library, of);
  };
  const portions: number[] = [];
  index.put = async (items) => {
    portions.push(items.reduce((sum, item) => sum + item.passages.length, 0));
  };
  const long = "A sentence of some words. ".repeat(300);
  const batch = Array.from({ length: 64 }, (_, i) => entry(`${i}.txt`, { text: `${i} ${long}` }));
  const members = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`${i}.txt`, { text: `member ${i}` }]));
  await take(deps, ...batch, entry("all.zip", { members }));
  clearImmediate(turn);
  assert.ok(most > 1 && most <= 8, `${most} mails at once`);
  const passages = portions.reduce((sum, portion) => sum + portion, 0);
  assert.ok(passages > 512, `${passages} passages in all`);
  for (const portion of portions) assert.ok(portion <= 256, `${portion} passages at once`);
});

test("ids rise in the order in which items are put, whichever batch was read first", async () => {
  const { deps, records, library, indexed } = open();
  const parts = { "a.txt": { text: "one", parts: { "b.txt": { text: "two" } } } };
  const late = await prepare(deps, SOURCE, [entry("late.eml", { title: "Late", messageId: "late@x", parts })]);
  const members = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`${i}.txt`, { text: `member ${i}` }]));
  const early = await prepare(deps, SOURCE, [entry("all.zip", { members })]);
  for (const prepared of [early, late]) await keep(deps, SOURCE, prepared, async () => []);
  const ids = indexed.map(({ item }) => item);
  assert.equal(ids.length, 703);
  assert.deepEqual(ids, [...ids].sort());

  const [mail, a, b] = (await itemsIn(records, library)).slice(-3);
  assert.equal(mail?.title, "Late");
  assert.deepEqual([mail?.attachments?.[0]?.item, a?.parent], [a?.id, mail?.id]);
  assert.deepEqual([a?.attachments?.[0]?.item, b?.parent], [b?.id, a?.id]);
});

test("the cursor is written last, when all before it is there", async () => {
  const { deps, records } = open();
  const batch = Array.from({ length: 120 }, (_, i) => entry(`${i}.eml`, { title: `Mail ${i}`, messageId: `${i}@x` }));
  const cursor = { partition: "source", sort: "source-1" };
  const prepared = await prepare(deps, SOURCE, batch);
  for (let dieAt = 0, died = true; died; dieAt++) {
    records.dieAt = dieAt;
    died = await keep(deps, SOURCE, prepared, async () => [{ put: { ...cursor, body: new Uint8Array(1) } }]).then(
      () => false,
      () => true,
    );
    assert.equal((await records.get(cursor)) === undefined, died);
  }
});

test("killed at any write, a mail with sixty attachments is there whole or not at all, and once after a restart", async () => {
  const parts = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${i}.txt`, { text: `part ${i}` }]));
  const mail = entry("big.eml", { title: "Photos", messageId: "p@x", parts });
  for (let dieAt = 0; ; dieAt++) {
    const { deps, records, library } = open();
    // The standing key of the seen rows is made outside the writes that are counted.
    await deps.sealed.vault.standing("private", "house:seen");
    await deps.sealed.vault.standing("private", "house:pending");
    records.dieAt = dieAt;
    const died = await take(deps, mail).then(
      () => false,
      () => true,
    );
    records.dieAt = Number.POSITIVE_INFINITY;
    await sweepPending(deps);
    const left = await itemsIn(records, library);
    assert.ok(left.length === 0 || left.length === 61, `${left.length} items after a kill at write ${dieAt}`);
    await take(deps, mail);
    assert.equal((await itemsIn(records, library)).length, 61);
    if (!died) return assert.ok(dieAt >= 3, `only ${dieAt} writes were tried`);
  }
});
