import assert from "node:assert/strict";
import { test } from "node:test";
import { MortalHome } from "../../testing/mortal-home.ts";
import { WriterLease } from "./lease.ts";
import { type Manifest, ManifestStore, type Stored } from "./manifest.ts";

/** More segments at once than one write has room for, as after the rebuilding of a large index. */
const MANY = 200;
const ABOUT = { kind: "words", items: 1, firstItem: "a", lastItem: "b" } as const;

/** A home that has `MANY` segments; the work puts as many others in their place. */
async function home() {
  const mortal = new MortalHome();
  const stores = mortal.process();
  const lease = await WriterLease.take({ sealed: stores.sealed, clock: mortal.clock });
  const store = new ManifestStore(stores.sealed, stores.blobs, lease);
  const manifest = await store.read();
  const first = await stored(store);
  await store.swap(naming(manifest, first), first, [], [], () => {});
  return { mortal, store, manifest, first };
}

async function stored(store: ManifestStore): Promise<Stored[]> {
  const all: Stored[] = [];
  for (let n = 0; n < MANY; n += 1) all.push(await store.store([Uint8Array.of(n), new Uint8Array(40)], ABOUT, 0));
  return all;
}

const naming = (manifest: Manifest, segments: readonly Stored[]): Manifest => ({
  ...manifest,
  segments: segments.map(({ entry }) => entry),
});

async function assertClean(mortal: MortalHome, at: string): Promise<void> {
  const { segments } = await new ManifestStore(mortal.sealed, mortal.blobs).read();
  const ids = segments.map(({ id }) => id).sort();
  assert.deepEqual((await mortal.keys()).sort(), ids, `${at}: keys`);
  assert.deepEqual((await mortal.blobNames()).sort(), ids.map((id) => `index/${id}`).sort(), `${at}: blobs`);
}

test("a swap of more segments than one write holds happens at one moment, at whichever write it is cut off", async () => {
  const whole = await home();
  const others = await stored(whole.store);
  const before = whole.mortal.writes;
  let puts = 0;
  await whole.store.swap(
    naming(whole.manifest, others),
    others,
    whole.first.map(({ entry }) => entry),
    [],
    () => {
      puts += 1;
    },
  );
  assert.equal(puts, 1);
  await assertClean(whole.mortal, "whole");
  const steps = whole.mortal.writes - before;
  assert.ok(steps > MANY, "every dropped blob is a step");
  for (const step of [...Array(12).keys(), MANY - 1, steps - 1]) {
    const { mortal, store, manifest, first } = await home();
    const next = await stored(store);
    Object.assign(mortal, { failsAt: mortal.writes + 1 + step });
    const dropped = first.map(({ entry }) => entry);
    const isIn = await store
      .swap(naming(manifest, next), next, dropped, [], () => {})
      .then(
        () => true,
        () => false,
      );
    mortal.mend();
    const after = new ManifestStore(mortal.sealed, mortal.blobs);
    const found = await after.read();
    assert.deepEqual(found, naming(manifest, isIn ? next : first), `step ${step}`);
    for (const entry of found.segments) assert.equal((await after.load(entry)).length, 41);
    // The same process goes on, or the next one opens: either leaves nothing behind.
    if (step % 2 === 0) await store.discard();
    else await after.sweep(found);
    if (step % 2 === 0) await store.clearAway();
    await assertClean(mortal, `step ${step}`);
  }
});

test("large segments are sealed while they stream, and open as they were", async () => {
  const { store, manifest } = await home();
  const pieces = [new Uint8Array(700_001).fill(1), new Uint8Array(0), new Uint8Array(900_000).fill(2)];
  const large = await store.store(pieces, ABOUT, 0);
  await store.swap({ ...manifest, segments: [large.entry] }, [large], [], [], () => {});
  const bytes = await store.load(large.entry);
  assert.equal(bytes.length, 1_600_001);
  assert.deepEqual([bytes[0], bytes[700_000], bytes[700_001], bytes[1_600_000]], [1, 1, 2, 2]);
});
