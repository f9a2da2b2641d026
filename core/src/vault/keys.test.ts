import assert from "node:assert/strict";
import { test } from "node:test";
import type { Records } from "../records.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { memoryKit, memoryRing } from "../testing/memory-keys.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { KitFault } from "./domain-keys.ts";
import type { KeyRing } from "./key-ring.ts";
import { openVault } from "./keys.ts";
import { KeyShredded, SealBroken } from "./vault.ts";

const body = { table: "item", id: "one", field: "body" };
const hello = new TextEncoder().encode("hello");

test("a scope's key seals and opens, is found again, and by another process", async () => {
  const deps = home();
  const vault = await openVault(deps);
  const { key, change } = vault.create("private", "one");
  await deps.records.write([change]);
  const sealed = key.seal(body, hello);
  assert.equal(sealed.length, hello.length + 72);
  assert.deepEqual((await vault.key("private", "one")).open(body, sealed), hello);
  const again = await openVault(deps);
  assert.equal(again.tenant, vault.tenant);
  assert.deepEqual((await again.key("private", "one")).open(body, sealed), hello);
});

test("of two first starts on one store the second takes the kit that the first has stored", async () => {
  const deps = home();
  const first = memoryKit();
  const winner = await openVault({ ...deps, kit: first });
  let reads = 0;
  // The kit came between this start's look and its write, which such a store refuses.
  const late = { read: async () => (reads++ === 0 ? undefined : first.read()), write: refuses };
  assert.equal((await openVault({ ...deps, kit: late })).tenant, winner.tenant);
  await assert.rejects(openVault({ ...deps, kit: { read: async () => undefined, write: refuses } }), /refused/);
  // The first has stored data as well by the time the second looks for it.
  reads = 0;
  await made(winner, deps.records, "private", "one");
  assert.equal((await openVault({ ...deps, kit: late })).tenant, winner.tenant);
});

async function refuses(): Promise<void> {
  throw new Error("refused");
}

test("what was sealed opens nowhere else: other table, id, field, scope, domain or home", async () => {
  const deps = home();
  const vault = await openVault(deps);
  const one = await made(vault, deps.records, "private", "one");
  const sealed = one.seal(body, hello);
  for (const moved of [
    { ...body, table: "memory" },
    { ...body, id: "two" },
    { ...body, field: "title" },
    { table: "ite", id: "mone", field: "body" },
  ]) {
    assert.throws(() => one.open(moved, sealed), SealBroken);
  }
  const others = [
    await made(vault, deps.records, "private", "two"),
    await made(vault, deps.records, "published", "one"),
    await made(await openVault(home()), new MemoryRecords(deps.clock), "private", "one"),
  ];
  for (const other of others) assert.throws(() => other.open(body, sealed), SealBroken);
});

test("a stored key moved to another scope or domain does not unwrap, nor a damaged one", async () => {
  const deps = home();
  const vault = await openVault(deps);
  await made(vault, deps.records, "private", "one");
  const row = await deps.records.get({ partition: "key", sort: "private/one" });
  assert.ok(row);
  const flipped = row.body.slice();
  flipped[60] = (flipped[60] ?? 0) ^ 1;
  const short = row.body.slice(0, -1);
  await deps.records.write([
    { put: { partition: "key", sort: "private/two", body: row.body } },
    { put: { partition: "key", sort: "published/one", body: row.body } },
    { put: { partition: "key", sort: "private/three", body: flipped } },
    { put: { partition: "key", sort: "private/four", body: short } },
  ]);
  await assert.rejects(vault.key("private", "two"), SealBroken);
  await assert.rejects(vault.key("published", "one"), SealBroken);
  await assert.rejects(vault.key("private", "three"), SealBroken);
  await assert.rejects(vault.key("private", "four"), SealBroken);
});

test("a destroyed key is gone for the store, the cache and whoever holds it", async () => {
  const deps = home();
  const vault = await openVault(deps);
  await made(vault, deps.records, "private", "one");
  const held = await vault.key("private", "one");
  const sealed = held.seal(body, hello);
  await deps.records.write([vault.destroy("private", "one")]);
  vault.forgotten("private", "one");
  assert.throws(() => held.open(body, sealed), KeyShredded);
  await assert.rejects(vault.key("private", "one"), KeyShredded);
  assert.deepEqual(await vault.keys("private", ["one"]), [undefined]);
  assert.equal(vault.counts.dataKeysCached, 0);
});

test("a read that was under way while a key was forgotten does not bring it back", async () => {
  const deps = home();
  const slow = new SlowReads(deps.records);
  const vault = await openVault({ ...deps, records: slow });
  await made(vault, deps.records, "private", "one");
  slow.hold();
  const reading = vault.keys("private", ["one"]);
  await slow.reached;
  await deps.records.write([vault.destroy("private", "one")]);
  vault.forgotten("private", "one");
  slow.release();
  assert.deepEqual(await reading, [undefined]);
  assert.equal(vault.counts.dataKeysCached, 0);
});

test("keys come in the order asked, cached ones without a read, twice the same handle", async () => {
  const deps = home();
  const vault = await openVault(deps);
  for (const scope of ["a", "b", "c"]) await made(vault, deps.records, "private", scope);
  const first = await vault.keys("private", ["c", "nope", "a", "c"]);
  assert.deepEqual(
    first.map((key) => key?.scope),
    ["c", undefined, "a", "c"],
  );
  assert.equal(first[0], first[3]);
  const before = vault.counts.dataKeysUnwrapped;
  assert.equal((await vault.keys("private", ["a"]))[0], first[2]);
  assert.equal(vault.counts.dataKeysUnwrapped, before);
});

test("the cache is bounded, the least recently used goes, and a held handle outlives it", async () => {
  const deps = home();
  const vault = await openVault(deps, { cacheSize: 2 });
  for (const scope of ["a", "b", "c"]) await made(vault, deps.records, "private", scope);
  const a = await vault.key("private", "a");
  await vault.key("private", "b");
  await vault.key("private", "a");
  await vault.key("private", "c");
  assert.equal(vault.counts.dataKeysCached, 2);
  const before = vault.counts.dataKeysUnwrapped;
  assert.equal(await vault.key("private", "a"), a);
  assert.equal(vault.counts.dataKeysUnwrapped, before, "a was used last and stayed");
  await vault.key("private", "b");
  assert.equal(vault.counts.dataKeysUnwrapped, before + 1, "b had gone");
  await vault.key("private", "c");
  const sealed = a.seal(body, hello);
  assert.deepEqual((await vault.key("private", "a")).open(body, sealed), hello);
});

test("a standing key is made once, however many ask at once and in however many processes", async () => {
  const deps = home();
  await openVault(deps);
  const vaults = await Promise.all([openVault(deps), openVault(deps)]);
  const asked = vaults.flatMap((vault) => [1, 2, 3].map(() => vault.standing("private", "house:jobs")));
  const keys = await Promise.all(asked);
  const sealed = keys[0]?.seal(body, hello);
  assert.ok(sealed);
  for (const key of keys) assert.deepEqual(key.open(body, sealed), hello);
});

test("creating a scope that has a key already refuses the write, and the old key stays", async () => {
  const deps = home();
  const vault = await openVault(deps);
  const first = await made(vault, deps.records, "private", "one");
  const sealed = first.seal(body, hello);
  await assert.rejects(deps.records.write([vault.create("private", "one").change]));
  assert.deepEqual((await vault.key("private", "one")).open(body, sealed), hello);
});

test("a scope that would say something in the clear is refused", async () => {
  const vault = await openVault(home());
  for (const scope of ["", "a b", "naïve", "a/b", "x".repeat(201)]) {
    assert.throws(() => vault.create("private", scope), RangeError);
  }
});

test("HMACs differ by domain, purpose and parts, are the same in every process, and cannot be shifted", async () => {
  const deps = home();
  const vault = await openVault(deps);
  const marks = [
    vault.hmac("private", "message-id", "ab", "c"),
    vault.hmac("private", "message-id", "a", "bc"),
    vault.hmac("private", "message-id", "abc"),
    vault.hmac("private", "message-ida", "bc"),
    vault.hmac("published", "message-id", "abc"),
    (await openVault(home())).hmac("private", "message-id", "abc"),
  ];
  assert.equal(new Set(marks).size, marks.length);
  assert.match(marks[0] ?? "", /^[A-Za-z0-9_-]{43}$/);
  assert.equal((await openVault(deps)).hmac("private", "message-id", "abc"), marks[2]);
  assert.equal(vault.hmac("private", "message-id", new TextEncoder().encode("abc")), marks[2]);
});

test("the ring is asked once per domain, and only for the domains this process may open", async () => {
  const deps = home();
  assert.equal((await openVault(deps)).counts.ringUnwraps, 5);
  const asked: string[] = [];
  const ring: KeyRing = {
    wrap: deps.ring.wrap,
    unwrap: (domain, wrapped, generation) => {
      asked.push(domain);
      return deps.ring.unwrap(domain, wrapped, generation);
    },
  };
  const persona = await openVault({ ...deps, ring }, { domains: ["published", "visitor"] });
  assert.deepEqual(asked, ["published", "visitor"]);
  await made(persona, deps.records, "published", "page");
  assert.throws(() => persona.create("private", "one"), /does not hold the key/);
  await assert.rejects(persona.key("private", "one"));
});

test("a missing kit beside sealed data is no first run", async () => {
  const deps = home();
  await made(await openVault(deps), deps.records, "private", "one");
  const lost = { ...deps, kit: memoryKit() };
  await assert.rejects(openVault(lost), (error) => error instanceof KitFault && error.code === "missing");
  assert.equal(await lost.kit.read(), undefined);
});

test("another home's kit, and another root, are found at start", async () => {
  const deps = home();
  await made(await openVault(deps), deps.records, "private", "one");
  const other = home();
  await openVault(other);
  await assert.rejects(
    openVault({ ...deps, ring: other.ring, kit: other.kit }),
    (error) => error instanceof KitFault && error.code === "foreign",
  );
  await assert.rejects(openVault({ ...deps, ring: other.ring }), SealBroken);
});

function home() {
  const clock = new FakeClock();
  return { records: new MemoryRecords(clock), ring: memoryRing(), kit: memoryKit(), clock };
}

async function made(
  vault: Awaited<ReturnType<typeof openVault>>,
  records: Records,
  domain: "private" | "published",
  scope: string,
) {
  const { key, change } = vault.create(domain, scope);
  await records.write([change]);
  return key;
}

/** Records whose `getMany` has read, and waits before it answers. */
class SlowReads implements Records {
  readonly #records: Records;
  #gate: Promise<void> | undefined;
  #open = () => {};
  #arrive = () => {};
  reached: Promise<void> = Promise.resolve();

  constructor(records: Records) {
    this.#records = records;
  }

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.reached = new Promise((resolve) => {
      this.#arrive = resolve;
    });
  }

  release(): void {
    this.#gate = undefined;
    this.#open();
  }

  get: Records["get"] = (key) => this.#records.get(key);
  query: Records["query"] = (partition, range) => this.#records.query(partition, range);
  write: Records["write"] = (changes) => this.#records.write(changes);
  getMany: Records["getMany"] = async (keys) => {
    const rows = await this.#records.getMany(keys);
    this.#arrive();
    await this.#gate;
    return rows;
  };
}
