import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, type Records, RecordsConflict } from "../records.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { memoryKit, memoryRing } from "../testing/memory-keys.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { unwrapKey } from "./data-key.ts";
import { DomainKeys, KitFault } from "./domain-keys.ts";
import type { KitStore } from "./key-ring.ts";
import { type KeyVault, openVault } from "./keys.ts";
import { rotate, unfinishedRotations } from "./rotate.ts";
import { shredAll, sweepShredded } from "./shred.ts";
import { KeyShredded, SealBroken } from "./vault.ts";

const body = { table: "item", id: "x", field: "body" };
const hello = new TextEncoder().encode("hello");
/** More than two pages of a rotation. */
const KEYS = 230;

test("after a rotation everything opens, the old generation is gone, HMACs are the same", async () => {
  const { deps, vault, sealed } = await filledHome();
  const mark = vault.hmac("private", "seen", "x");
  const rotation = await rotate(vault, "private");
  assert.deepEqual(rotation, { domain: "private", generation: 2, rewrapped: KEYS, waitingFor: 0 });
  assert.deepEqual(await generations(deps.kit), [2]);
  assert.deepEqual((await deps.kit.read())?.domains.published.length, 1);
  for (const again of [vault, await openVault(deps)]) {
    await allOpen(again, sealed);
    assert.equal(again.hmac("private", "seen", "x"), mark);
  }
  assert.equal((await rotate(vault, "private")).generation, 3);
  await allOpen(await openVault(deps), sealed);
});

test("killed at any write of the store or the kit, a rotation goes on at the next start and loses nothing", async () => {
  let steps = 0;
  for (let killAt = 1; ; killAt++) {
    const { deps, sealed } = await filledHome();
    const power = new Power(killAt);
    const doomed = await openVault({ ...deps, records: power.records(deps.records), kit: power.kit(deps.kit) });
    const finished = await rotate(doomed, "private").then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof PowerCut);
        return false;
      },
    );
    // What is made between the kill and the resumption opens too.
    const vault = await openVault(deps);
    await allOpen(vault, sealed);
    if (finished) break;
    steps++;
    const made = vault.create("private", "between");
    await deps.records.write([made.change]);
    const between = made.key.seal(body, hello);
    for (const domain of unfinishedRotations(vault)) assert.equal((await rotate(vault, domain)).waitingFor, 0);
    const after = await openVault(deps);
    assert.equal((await generations(deps.kit)).length, 1);
    await allOpen(after, sealed);
    assert.deepEqual((await after.key("private", "between")).open(body, between), hello);
  }
  // Kit, three pages of rows, kit: each of them before and after it took effect.
  assert.equal(steps, 10);
});

test("a key destroyed before a rotation cannot be had back from an older copy of the store", async () => {
  const { deps, vault } = await filledHome();
  const old = await deps.records.get({ partition: "key", sort: "private/s7" });
  assert.ok(old);
  await deps.records.write([vault.destroy("private", "s7")]);
  vault.forgotten("private", "s7");
  // The copy still opens: that is what the rotation is for.
  await deps.records.write([{ put: { partition: "key", sort: "private/s7", body: old.body } }]);
  assert.ok(await vault.key("private", "s7"));
  await deps.records.write([vault.destroy("private", "s7")]);
  vault.forgotten("private", "s7");
  await rotate(vault, "private");
  await deps.records.write([{ put: { partition: "key", sort: "private/s7", body: old.body } }]);
  await assert.rejects((await openVault(deps)).key("private", "s7"), KeyShredded);
  // Nor by trying the newer key on it.
  const counts = { ringUnwraps: 0 };
  const keys = await DomainKeys.open(deps, counts, ["private"], async () => false);
  const name = { tenant: vault.tenant, domain: "private" as const, scope: "s7" };
  assert.throws(() => unwrapKey(name, old.body, keys.current("private")), SealBroken);
});

test("a key destroyed or made while its page is rewrapped stays as it was decided", async () => {
  const { deps, vault, sealed } = await filledHome();
  const meddled = new Meddled(deps.records, async () => {
    await deps.records.write([vault.destroy("private", "s1")]);
  });
  const rotating = await openVault({ ...deps, records: meddled });
  const rotation = await rotate(rotating, "private");
  assert.equal(rotation.rewrapped, KEYS - 1);
  assert.ok(meddled.conflicts > 0, "the page was refused once");
  const after = await openVault(deps);
  await assert.rejects(after.key("private", "s1"), KeyShredded);
  sealed.delete("s1");
  await allOpen(after, sealed);
});

test("a rotation waits for a key that was made under the old generation and is not stored yet", async () => {
  const { deps, vault, sealed } = await filledHome();
  const upload = vault.create("private", "upload");
  const bytes = upload.key.seal(body, hello);
  const first = await rotate(vault, "private");
  assert.equal(first.waitingFor, 1);
  assert.deepEqual(await generations(deps.kit), [1, 2]);
  await allOpen(await openVault(deps), sealed);
  await deps.records.write([upload.change]);
  const second = await rotate(vault, "private");
  assert.deepEqual([second.waitingFor, second.generation, second.rewrapped], [0, 2, 1]);
  assert.deepEqual(await generations(deps.kit), [2]);
  assert.deepEqual((await (await openVault(deps)).key("private", "upload")).open(body, bytes), hello);
});

test("the old generation stays for as long as another process, which has not read the new kit, may still wrap by it", async () => {
  const { deps, vault, sealed } = await filledHome();
  const other = await openVault(deps);
  const options = { othersMs: 60_000 };
  assert.equal((await rotate(vault, "private", options)).waitingFor, 1);
  await deps.clock.advance(59_999);
  const { key, change } = other.create("private", "late");
  sealed.set("late", key.seal(body, hello));
  await deps.records.write([change]);
  assert.equal((await rotate(vault, "private", options)).waitingFor, 1);
  assert.deepEqual(await generations(deps.kit), [1, 2]);
  await deps.clock.advance(1);
  assert.equal((await rotate(vault, "private", options)).waitingFor, 0);
  assert.deepEqual(await generations(deps.kit), [2]);
  await allOpen(await openVault(deps), sealed);
});

test("keys are made and read while a rotation runs, and domains rotate at once", async () => {
  const { deps, vault, sealed } = await filledHome();
  const rotating = Promise.all([rotate(vault, "private"), rotate(vault, "index"), rotate(vault, "hands")]);
  for (let i = 0; i < 40; i++) {
    const { key, change } = vault.create("private", `new${i}`);
    await deps.records.write([change]);
    sealed.set(`new${i}`, key.seal(body, hello));
    assert.ok((await vault.keys("private", ["s1", "s100", `new${i}`])).every(Boolean));
  }
  await rotating;
  await rotate(vault, "private");
  const kit = await deps.kit.read();
  assert.deepEqual([kit?.domains.index.length, kit?.domains.hands.length], [1, 1]);
  await allOpen(await openVault(deps), sealed);
});

test("another process that read the kit before follows a rotation; a kit put back from before is told", async () => {
  const { deps, vault, sealed } = await filledHome();
  const before = await deps.kit.read();
  const other = await openVault(deps);
  await rotate(vault, "private");
  await allOpen(other, sealed);
  assert.ok(before);
  const outdated = (error: unknown) => error instanceof KitFault && error.code === "outdated";
  await assert.rejects(openVault({ ...deps, kit: memoryKit(before) }), outdated);
});

test("a kit changed under a running home is not overwritten", async () => {
  const { deps, vault } = await filledHome();
  await rotate(await openVault(deps), "private");
  const now = JSON.stringify(await deps.kit.read());
  await assert.rejects(rotate(vault, "private"), (error) => error instanceof KitFault && error.code === "changed");
  assert.equal(JSON.stringify(await deps.kit.read()), now);
});

test("shredding everything: nothing of before opens, with any key there is; the home goes on", async () => {
  const { deps, vault } = await filledHome();
  const held = await vault.key("private", "s1");
  const old = held.seal(body, hello);
  const standing = await vault.standing("private", "house:settings");
  const mark = vault.hmac("private", "seen", "x");
  const rows = [];
  for await (const row of deps.records.query("key")) rows.push(row);
  assert.deepEqual(await shredAll(vault), { keysDestroyed: KEYS + 1 });
  assert.throws(() => held.open(body, old), KeyShredded);
  assert.throws(() => standing.open(body, old), KeyShredded);
  await assert.rejects(vault.key("private", "s1"), KeyShredded);
  assert.notEqual(vault.hmac("private", "seen", "x"), mark);
  // Someone puts the rows of an older backup back.
  await deps.records.write(rows.slice(0, 90).map((row) => ({ put: { ...row } })));
  const after = await openVault(deps);
  for (const row of rows.slice(0, 90)) {
    assert.deepEqual(await after.keys("private", [row.sort.slice("private/".length)]), [undefined]);
  }
  assert.ok(await after.standing("private", "house:settings"));
  // One of them was the standing key's, which was made anew in its place.
  assert.equal(await sweepShredded(after), 89);
});

test("killed while shredding, the deletion holds and the leftovers are swept", async () => {
  for (const killAt of [2, 3, 7]) {
    const { deps } = await filledHome();
    const power = new Power(killAt);
    const doomed = await openVault({ ...deps, records: power.records(deps.records), kit: power.kit(deps.kit) });
    await assert.rejects(shredAll(doomed), PowerCut);
    const after = await openVault(deps);
    assert.deepEqual((await after.keys("private", ["s1", "s200"])).filter(Boolean), []);
    assert.ok((await sweepShredded(after)) > 0);
    for await (const row of deps.records.query("key")) assert.fail(`${row.sort} was left`);
  }
});

interface Filled {
  readonly deps: { records: MemoryRecords; ring: ReturnType<typeof memoryRing>; kit: KitStore; clock: FakeClock };
  readonly vault: KeyVault;
  /** What each scope sealed, by scope. */
  readonly sealed: Map<string, Uint8Array>;
}

async function filledHome(): Promise<Filled> {
  const clock = new FakeClock();
  const deps = { records: new MemoryRecords(clock), ring: memoryRing(), kit: memoryKit(), clock };
  const vault = await openVault(deps);
  const sealed = new Map<string, Uint8Array>();
  let changes: Change[] = [];
  for (let i = 0; i < KEYS; i++) {
    const { key, change } = vault.create("private", `s${i}`);
    sealed.set(`s${i}`, key.seal(body, hello));
    changes.push(change);
    if (changes.length === 100 || i === KEYS - 1) {
      await deps.records.write(changes);
      changes = [];
    }
  }
  return { deps, vault, sealed };
}

async function allOpen(vault: KeyVault, sealed: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const keys = await vault.keys("private", [...sealed.keys()]);
  [...sealed].forEach(([scope, bytes], i) => {
    const key = keys[i];
    assert.ok(key, `${scope} has its key`);
    assert.deepEqual(key.open(body, bytes), hello);
  });
}

async function generations(kit: KitStore): Promise<number[]> {
  return ((await kit.read())?.domains.private ?? []).map(({ generation }) => generation);
}

class PowerCut extends Error {}

/** Counts the moments just before and just after every write takes effect, and cuts the power at one of them. */
class Power {
  #left: number;

  constructor(killAt: number) {
    this.#left = killAt;
  }

  records(records: Records): Records {
    return {
      get: (key) => records.get(key),
      getMany: (keys) => records.getMany(keys),
      query: (partition, range) => records.query(partition, range),
      write: (changes) => this.#around(() => records.write(changes)),
    };
  }

  kit(kit: KitStore): KitStore {
    return { read: () => kit.read(), write: (next) => this.#around(() => kit.write(next)) };
  }

  async #around(write: () => Promise<void>): Promise<void> {
    this.#tick();
    await write();
    this.#tick();
  }

  #tick(): void {
    this.#left--;
    if (this.#left <= 0) throw new PowerCut("The power was cut.");
  }
}

/** Does something just before the first write, and counts the writes that were refused. */
class Meddled implements Records {
  readonly #records: Records;
  readonly #meddle: () => Promise<void>;
  #done = false;
  conflicts = 0;

  constructor(records: Records, meddle: () => Promise<void>) {
    this.#records = records;
    this.#meddle = meddle;
  }

  get: Records["get"] = (key) => this.#records.get(key);
  getMany: Records["getMany"] = (keys) => this.#records.getMany(keys);
  query: Records["query"] = (partition, range) => this.#records.query(partition, range);
  write: Records["write"] = async (changes) => {
    if (!this.#done) {
      this.#done = true;
      await this.#meddle();
    }
    try {
      await this.#records.write(changes);
    } catch (error) {
      if (error instanceof RecordsConflict) this.conflicts++;
      throw error;
    }
  };
}
