import assert from "node:assert/strict";
import { it } from "node:test";
import { KMSClient } from "@aws-sdk/client-kms";
import {
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { type Clock, systemClock } from "@steward/core/clock.ts";
import { testKitStore } from "@steward/core/testing/kit-store-contract.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { KitFault } from "@steward/core/vault/domain-keys.ts";
import type { Kit, WrappedDomainKey } from "@steward/core/vault/key-ring.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { rotate } from "@steward/core/vault/rotate.ts";
import { DOMAINS } from "@steward/core/vault/vault.ts";
import { sdkSettings } from "./clients.ts";
import { CloudBusy, CloudRefused, CloudTrouble } from "./errors.ts";
import { KeyTrouble, kmsKeyRing } from "./key-ring.ts";
import { ssmKit } from "./kit.ts";
import { makeKey } from "./testing/make.ts";
import { freshName, onMoto } from "./testing/moto.ts";
import { type Instead, jsonError } from "./testing/wire.ts";

/** What waits is not made to wait. */
const hasty: Clock = { now: systemClock.now, sleep: () => Promise.resolve() };

await onMoto(async ({ access, wire }) => {
  const ssm = new SSMClient({ ...sdkSettings(access), maxAttempts: 1 });
  const kms = new KMSClient(sdkSettings(access));
  const keyArn = await makeKey(kms);

  /** A home of its own: records, and as many processes over it as are asked for. */
  const newHome = () => {
    const prefix = `/steward/${freshName("env")}`;
    const records = new MemoryRecords(hasty);
    const ring = kmsKeyRing({ client: kms, keyArn, tenant: "test" });
    const kitOf = () => ssmKit({ client: ssm, prefix, keyArn, clock: hasty });
    const start = () => openVault({ records, ring, kit: kitOf(), clock: hasty }, { domains: ["private"] });
    const parameters = async () =>
      (await ssm.send(new GetParametersByPathCommand({ Path: `${prefix}/kit`, WithDecryption: true }))).Parameters ??
      [];
    return { prefix, records, start, kitOf, parameters };
  };
  testKitStore("Parameter Store", async () => {
    const { kitOf } = newHome();
    return { kit: kitOf(), again: kitOf, close: async () => {} };
  });

  const kitIn = async (home: ReturnType<typeof newHome>): Promise<Kit> =>
    (await home.kitOf().read()) ?? assert.fail("there is a kit");
  const oldest = (kit: Kit) => kit.domains.private[0] ?? assert.fail("there is a key");

  /** Whatever Parameter Store still gives out below the home's prefix, old versions included. */
  const everything = async (home: ReturnType<typeof newHome>) => {
    const found: string[] = [];
    for (let number = 1; number <= 12; number++) {
      const Name = `${home.prefix}/kit/${String(number).padStart(8, "0")}`;
      const history = await ssm
        .send(new GetParameterHistoryCommand({ Name, WithDecryption: true }))
        .catch(() => undefined);
      for (const { Value = "" } of history?.Parameters ?? []) found.push(Value);
    }
    return found.join("\n");
  };

  it("keeps a kit from one start to the next, as a SecureString", async () => {
    const home = newHome();
    assert.equal(await home.kitOf().read(), undefined);
    const vault = await home.start();
    const again = await home.start();
    assert.equal(again.tenant, vault.tenant);
    const [only, ...more] = await home.parameters();
    assert.deepEqual([only?.Type, more.length], ["SecureString", 0]);
  });

  it("leaves nothing of a key that was destroyed, not even in the history of a parameter", async () => {
    const home = newHome();
    const vault = await home.start();
    const gone = oldest(await kitIn(home));
    await rotate(vault, "private");
    const kit = await kitIn(home);
    assert.deepEqual(
      kit.domains.private.map(({ generation }) => generation),
      [2],
    );
    assert.equal((await home.parameters()).length, 1);
    const left = await everything(home);
    assert.ok(left.includes(oldest(kit).key), "the history is really looked at");
    assert.ok(!left.includes(gone.key));
  });

  for (const [how, instead] of [
    ["refused", jsonError("InternalServerError", 500)],
    ["done, its answer lost", "cut"],
  ] as const satisfies [string, Instead][]) {
    it(`survives a kill at every step of a rotation, the last request ${how}`, async () => {
      let steps = 0;
      for (let dieAt = 0; ; dieAt++) {
        const home = newHome();
        const vault = await home.start();
        const { key, change } = vault.create("private", "scope");
        const context = { table: "t", id: "i", field: "f" };
        const sealed = key.seal(context, Uint8Array.of(1, 2, 3));
        await home.records.write([change]);
        const gone = oldest(await kitIn(home));

        let at = 0;
        wire.intercept(({ service }) => {
          if (service !== "ssm") return undefined;
          const now = at++;
          return now < dieAt ? undefined : now === dieAt ? instead : jsonError("InternalServerError", 500);
        });
        const died = await rotate(vault, "private").then(
          () => false,
          (error) => {
            assert.ok(error instanceof CloudBusy, String(error));
            return true;
          },
        );
        wire.restore();

        const next = await home.start();
        assert.deepEqual((await next.key("private", "scope")).open(context, sealed), Uint8Array.of(1, 2, 3));
        if (died) await rotate(next, "private");
        await home.kitOf().sweep();
        assert.equal((await home.parameters()).length, 1, `killed at ${dieAt}`);
        assert.ok(!(await everything(home)).includes(gone.key), `killed at ${dieAt}`);
        assert.deepEqual(
          (await (await home.start()).key("private", "scope")).open(context, sealed),
          Uint8Array.of(1, 2, 3),
        );
        if (!died) break;
        steps += 1;
      }
      assert.ok(steps >= 8, `${steps} steps: read, create, read back and delete, twice`);
    });
  }

  it("lets one of two that rotate at once win, and the other says so; nothing is lost", async () => {
    const home = newHome();
    const [a, b] = [await home.start(), await home.start()];
    const ends = await Promise.allSettled([a.domainKeys.begin("private"), b.domainKeys.begin("private")]);
    const lost = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    assert.equal(lost.length, 1);
    assert.ok(lost[0] instanceof KitFault && lost[0].code === "changed", String(lost[0]));
    assert.equal((await kitIn(home)).domains.private.length, 2);
    await rotate(await home.start(), "private");
  });

  it("gives two that start at once on nothing the same kit", async () => {
    const home = newHome();
    const [a, b] = await Promise.all([home.start(), home.start()]);
    assert.equal(a.tenant, b.tenant);
    assert.equal(a.hmac("private", "x", "y"), b.hmac("private", "x", "y"));
    assert.equal((await home.parameters()).length, 1);
  });

  it("takes back what was written on top of a kit that is no longer the last", async () => {
    const home = newHome();
    await home.start();
    const late = home.kitOf();
    const stale = (await late.read()) ?? assert.fail("there is a kit");
    await rotate(await home.start(), "private");
    const now = await kitIn(home);
    await assert.rejects(late.write(stale), (error) => error instanceof KitFault && error.code === "changed");
    assert.deepEqual(await kitIn(home), now);
    assert.equal((await home.parameters()).length, 1);
  });

  it("keeps the older kit when the new one cannot be read back", async () => {
    const home = newHome();
    await home.start();
    const kit = home.kitOf();
    const stored = (await kit.read()) ?? assert.fail("there is a kit");
    const blind = JSON.stringify({ Parameters: [] });
    wire.intercept(({ operation }) =>
      operation === "GetParametersByPath"
        ? { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: blind }
        : undefined,
    );
    await assert.rejects(kit.write({ ...stored, tenant: "0".repeat(32) }), /older kits are kept/);
    wire.restore();
    assert.equal((await home.parameters()).length, 2);
    assert.equal(await home.kitOf().sweep(), 1);
    assert.equal((await kitIn(home)).tenant, "0".repeat(32));
  });

  it("fits: a kit in a standard parameter, and one in which every domain rotates in an advanced one", async () => {
    // A 32-byte key wrapped by KMS has some 184 bytes; 256 leave room.
    const wrapped = (generation: number): WrappedDomainKey => ({
      generation,
      key: Buffer.alloc(256, 1).toString("base64"),
      hmac: Buffer.alloc(104, 1).toString("base64"),
      madeAt: Date.UTC(2026, 10, 21),
    });
    const sizeOf = (keys: readonly WrappedDomainKey[]) => {
      const domains = { private: keys, published: keys, visitor: keys, hands: keys, index: keys };
      assert.equal(Object.keys(domains).length, DOMAINS.length);
      return Buffer.byteLength(JSON.stringify({ version: 1, tenant: "0".repeat(32), domains }));
    };
    assert.ok(sizeOf([wrapped(1)]) < 4_096, String(sizeOf([wrapped(1)])));
    assert.ok(sizeOf([wrapped(1), wrapped(2)]) < 8_192, String(sizeOf([wrapped(1), wrapped(2)])));
    const many = Array.from({ length: 4 }, (_, i) => wrapped(i));
    const domains = { private: many, published: many, visitor: many, hands: many, index: many };
    const home = newHome();
    await assert.rejects(home.kitOf().write({ version: 1, tenant: "0".repeat(32), domains }), RangeError);
    assert.equal((await home.parameters()).length, 0);
  });

  it("says what is wrong with the parameter, the role or the key", async () => {
    const home = newHome();
    const Name = `${home.prefix}/kit/00000001`;
    await ssm.send(new PutParameterCommand({ Name, Value: "not a kit", Type: "SecureString", KeyId: keyArn }));
    await assert.rejects(home.start(), (error) => error instanceof CloudTrouble && /is not a kit/.test(error.message));
    wire.intercept(({ service }) => (service === "ssm" ? jsonError("AccessDeniedException") : undefined));
    await assert.rejects(home.start(), CloudRefused);
    const message =
      "The key is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException; Request ID: 1)";
    wire.intercept(({ service }) => (service === "ssm" ? jsonError("InvalidKeyId", 400, { message }) : undefined));
    await assert.rejects(home.start(), (error) => error instanceof KeyTrouble && error.code === "disabled");
    wire.restore();
  });
});
