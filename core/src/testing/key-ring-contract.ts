import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { KeyRing } from "../vault/key-ring.ts";
import { DOMAINS } from "../vault/vault.ts";

export interface OpenedKeyRings {
  readonly ring: KeyRing;
  /** The same root, as another process would open it. */
  readonly again: KeyRing;
  /** Another root. */
  readonly other: KeyRing;
}

/** What every KeyRing must pass. `open` gives rings on the real thing. */
export function testKeyRing(name: string, open: () => Promise<OpenedKeyRings>): void {
  const plain = () => new Uint8Array(randomBytes(32));
  /** Refused with an error that says what to do. */
  const refused = (work: Promise<unknown>, what: string) =>
    assert.rejects(work, (error) => error instanceof Error && error.message.length > 20, what);

  describe(`KeyRing: ${name}`, () => {
    it("opens what it wrapped, of every domain and generation, in this process and the next", async () => {
      const { ring, again } = await open();
      for (const domain of DOMAINS) {
        const key = plain();
        const wrapped = await ring.wrap(domain, key, 7);
        assert.ok(!Buffer.from(wrapped).includes(Buffer.from(key)), "the key is not readable in it");
        assert.deepEqual(Buffer.from(await ring.unwrap(domain, wrapped, 7)), Buffer.from(key));
        assert.deepEqual(Buffer.from(await again.unwrap(domain, wrapped, 7)), Buffer.from(key));
      }
    });

    it("wraps the same key differently each time", async () => {
      const { ring } = await open();
      const key = plain();
      const [one, two] = [await ring.wrap("private", key, 1), await ring.wrap("private", key, 1)];
      assert.notDeepEqual(Buffer.from(one), Buffer.from(two));
    });

    it("refuses an entry that was moved to another domain or generation", async () => {
      const { ring } = await open();
      const wrapped = await ring.wrap("private", plain(), 1);
      for (const domain of DOMAINS) {
        if (domain !== "private") await refused(ring.unwrap(domain, wrapped, 1), domain);
      }
      await refused(ring.unwrap("private", wrapped, 2), "the next generation");
      await refused(ring.unwrap("private", wrapped, 0), "the one before");
    });

    it("refuses what was changed, shortened or lengthened", async () => {
      const { ring } = await open();
      const wrapped = await ring.wrap("index", plain(), 1);
      for (const at of [0, 1, wrapped.length >> 1, wrapped.length - 17, wrapped.length - 1]) {
        const changed = wrapped.slice();
        changed[at] = (changed[at] ?? 0) ^ 1;
        await refused(ring.unwrap("index", changed, 1), `byte ${at} of ${wrapped.length}`);
      }
      await refused(ring.unwrap("index", wrapped.slice(0, -1), 1), "a byte less");
      await refused(ring.unwrap("index", wrapped.slice(0, 8), 1), "the beginning alone");
      await refused(ring.unwrap("index", Uint8Array.of(...wrapped, 0), 1), "a byte more");
      await refused(ring.unwrap("index", new Uint8Array(0), 1), "nothing");
    });

    it("refuses what another root wrapped", async () => {
      const { ring, other } = await open();
      const key = plain();
      const [ours, theirs] = [await ring.wrap("private", key, 1), await other.wrap("private", key, 1)];
      await refused(other.unwrap("private", ours, 1), "ours by theirs");
      await refused(ring.unwrap("private", theirs, 1), "theirs by ours");
      assert.deepEqual(Buffer.from(await other.unwrap("private", theirs, 1)), Buffer.from(key));
    });
  });
}
