import assert from "node:assert/strict";
import { it } from "node:test";
import { KMSClient } from "@aws-sdk/client-kms";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { testKeyRing } from "@steward/core/testing/key-ring-contract.ts";
import { memoryKit } from "@steward/core/testing/memory-keys.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { DOMAINS } from "@steward/core/vault/vault.ts";
import { sdkSettings } from "./clients.ts";
import { KeyTrouble, type KeyTroubleCode, kmsKeyRing } from "./key-ring.ts";
import { makeKey } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";
import { jsonError } from "./testing/wire.ts";

const PLAIN = new Uint8Array(32).fill(7);

await onMoto(async ({ access, wire }) => {
  const client = new KMSClient({ ...sdkSettings(access), maxAttempts: 2 });
  const keyArn = await makeKey(client);
  const ring = kmsKeyRing({ client, keyArn, tenant: "test" });
  const refused = (work: Promise<unknown>, code: KeyTroubleCode, says: RegExp) =>
    assert.rejects(work, (error) => error instanceof KeyTrouble && error.code === code && says.test(error.message));

  testKeyRing("KMS", async () => ({
    ring,
    again: kmsKeyRing({ client: new KMSClient(sdkSettings(access)), keyArn, tenant: "test" }),
    other: kmsKeyRing({ client, keyArn: await makeKey(client), tenant: "test" }),
  }));

  it("opens what it wrapped, and only as the same domain, generation and home", async () => {
    const wrapped = await ring.wrap("private", PLAIN, 1);
    assert.ok(!Buffer.from(wrapped).includes(Buffer.from(PLAIN)));
    assert.deepEqual(Buffer.from(await ring.unwrap("private", wrapped, 1)), Buffer.from(PLAIN));
    await refused(ring.unwrap("visitor", wrapped, 1), "wrong-key", /kit/);
    await refused(ring.unwrap("private", wrapped, 2), "wrong-key", /kit/);
    await refused(kmsKeyRing({ client, keyArn, tenant: "other" }).unwrap("private", wrapped, 1), "wrong-key", /kit/);
    const damaged = wrapped.slice();
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    await refused(ring.unwrap("private", damaged, 1), "wrong-key", /damaged/);
  });

  it("is asked once per domain and process, however much the vault seals", async () => {
    const counted = kmsKeyRing({ client, keyArn, tenant: "test" });
    const clock = new FakeClock();
    const [records, kit] = [new MemoryRecords(clock), memoryKit()];
    await openVault({ records, ring: counted, kit, clock });
    assert.equal(counted.calls.encrypt, DOMAINS.length);
    Object.assign(counted.calls, { encrypt: 0, decrypt: 0 });
    const vault = await openVault({ records, ring: counted, kit, clock });
    for (let i = 0; i < 50; i++) {
      const { key, change } = vault.create("private", `scope-${i}`);
      key.seal({ table: "t", id: String(i), field: "f" }, PLAIN);
      await records.write([change]);
    }
    vault.forgetAll();
    for (let i = 0; i < 50; i++) await vault.key("private", `scope-${i}`);
    assert.deepEqual(counted.calls, { encrypt: 0, decrypt: DOMAINS.length });
  });

  // moto opens with a disabled key and never denies; KMS's own answers are put on the wire instead.
  const CASES: [exception: string, status: number, code: KeyTroubleCode, says: RegExp][] = [
    ["AccessDeniedException", 400, "denied", /kms:Decrypt/],
    ["DisabledException", 400, "disabled", /enable-key/],
    ["KMSInvalidStateException", 400, "pending-deletion", /cancel-key-deletion/],
    ["NotFoundException", 400, "not-found", /does not exist/],
    ["IncorrectKeyException", 400, "wrong-key", /belong together/],
    ["ThrottlingException", 400, "busy", /try again/],
    ["KMSInternalException", 500, "busy", /try again/],
    ["SomethingNew", 400, "unknown", /SomethingNew/],
  ];
  it("says of each refusal what it is and what to do", async () => {
    const wrapped = await ring.wrap("index", PLAIN, 1);
    for (const [exception, status, code, says] of CASES) {
      wire.intercept(() => jsonError(exception, status));
      await refused(ring.unwrap("index", wrapped, 1), code, says);
      await refused(ring.wrap("index", PLAIN, 1), code, says);
    }
    wire.restore();
    assert.deepEqual(Buffer.from(await ring.unwrap("index", wrapped, 1)), Buffer.from(PLAIN));
  });

  it("gets through a throttle that passes", async () => {
    let left = 1;
    wire.intercept(() => (left-- > 0 ? jsonError("ThrottlingException") : undefined));
    const wrapped = await ring.wrap("hands", PLAIN, 1);
    wire.restore();
    assert.deepEqual(Buffer.from(await ring.unwrap("hands", wrapped, 1)), Buffer.from(PLAIN));
  });

  it("says that a key is not there when it is not", async () => {
    const gone = kmsKeyRing({ client, keyArn: `${keyArn.slice(0, -4)}0000`, tenant: "test" });
    await refused(gone.wrap("private", PLAIN, 1), "not-found", /does not exist/);
  });
});
