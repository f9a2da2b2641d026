import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { Kit, KitStore, WrappedDomainKey } from "../vault/key-ring.ts";
import { openVault } from "../vault/keys.ts";
import { rotate } from "../vault/rotate.ts";
import { DOMAINS } from "../vault/vault.ts";
import { FakeClock } from "./fake-clock.ts";
import { memoryRing } from "./memory-keys.ts";
import { MemoryRecords } from "./memory-records.ts";

/** A place for one kit, and empty, for each case. */
export interface OpenedKitStore {
  readonly kit: KitStore;
  /** The same place, as another process would open it. */
  again(): KitStore;
  close(): Promise<void>;
}

/** What every KitStore must pass. `open` gives an empty one on the real thing. */
export function testKitStore(name: string, open: () => Promise<OpenedKitStore>): void {
  const withStore = (work: (opened: OpenedKitStore) => Promise<void>) => async () => {
    const opened = await open();
    try {
      await work(opened);
    } finally {
      await opened.close();
    }
  };

  describe(`KitStore: ${name}`, () => {
    it(
      "has none, then the one that was written, for whoever reads",
      withStore(async ({ kit, again }) => {
        assert.equal(await kit.read(), undefined);
        assert.equal(await again().read(), undefined);
        const first = kitOf(1);
        await kit.write(first);
        assert.deepEqual(await kit.read(), first);
        assert.deepEqual(await again().read(), first);
      }),
    );

    it(
      "replaces it whole, as often as it is written, with more keys or fewer",
      withStore(async ({ kit, again }) => {
        for (const generations of [1, 2, 1, 2, 1]) {
          const next = kitOf(generations);
          await kit.write(next);
          assert.deepEqual(await again().read(), next);
        }
      }),
    );

    it(
      "goes on from what another process wrote, once it has read it",
      withStore(async ({ kit, again }) => {
        await kit.write(kitOf(1));
        const other = again();
        await other.read();
        const theirs = kitOf(2);
        await other.write(theirs);
        assert.deepEqual(await kit.read(), theirs);
        const ours = kitOf(1);
        await kit.write(ours);
        assert.deepEqual(await other.read(), ours);
      }),
    );

    it(
      "shows a reader one whole kit or the other while they are replaced",
      withStore(async ({ kit, again }) => {
        const first = kitOf(1);
        const written = [first];
        await kit.write(first);
        let done = false;
        const reading = (async () => {
          const seen = [];
          const reader = again();
          while (!done) seen.push(await reader.read());
          return seen;
        })();
        for (let i = 0; i < 6; i += 1) {
          const next = kitOf(1 + (i % 2));
          written.push(next);
          await kit.write(next);
        }
        done = true;
        const known = new Set(written.map((one) => JSON.stringify(one)));
        for (const seen of await reading) assert.ok(known.has(JSON.stringify(seen)), JSON.stringify(seen));
      }),
    );

    it(
      "keeps a vault from one start to the next, and through a change of its key",
      withStore(async ({ kit, again }) => {
        const clock = new FakeClock();
        const records = new MemoryRecords(clock);
        const ring = memoryRing();
        const vault = await openVault({ records, ring, kit, clock });
        const { key, change } = vault.create("private", "scope");
        const context = { table: "t", id: "i", field: "f" };
        const sealed = key.seal(context, Uint8Array.of(1, 2, 3));
        await records.write([change]);
        await rotate(vault, "private");
        const next = await openVault({ records, ring, kit: again(), clock });
        assert.equal(next.tenant, vault.tenant);
        assert.deepEqual([...(await next.key("private", "scope")).open(context, sealed)], [1, 2, 3]);
        const generations = (await again().read())?.domains.private.map(({ generation }) => generation);
        assert.deepEqual(generations, [2], "the older key is gone");
      }),
    );
  });
}

/** A kit of random keys, as large as a real one. */
function kitOf(generations: number): Kit {
  const keys = (): WrappedDomainKey[] =>
    Array.from({ length: generations }, (_, i) => ({
      generation: i + 1,
      key: randomBytes(184).toString("base64"),
      hmac: randomBytes(76).toString("base64"),
      madeAt: Date.UTC(2026, 10, 21, i),
    }));
  const domains = { private: keys(), published: keys(), visitor: keys(), hands: keys(), index: keys() };
  assert.equal(Object.keys(domains).length, DOMAINS.length);
  return { version: 1, tenant: randomBytes(16).toString("hex"), domains };
}
