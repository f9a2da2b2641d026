import assert from "node:assert/strict";
import { it } from "node:test";
import { KMSClient } from "@aws-sdk/client-kms";
import { systemClock } from "@steward/core/clock.ts";
import { RowJobs } from "@steward/core/job-rows.ts";
import { Library } from "@steward/core/library.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { memoryKit } from "@steward/core/testing/memory-keys.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { openEmbedders } from "@steward/server/embedders/index.ts";
import { openModels } from "@steward/server/models/index.ts";
import { openRooms } from "@steward/server/rooms.ts";
import { openSettings } from "@steward/server/settings.ts";
import { sdkSettings } from "./clients.ts";
import { kmsKeyRing } from "./key-ring.ts";
import { noIndex, noReader, originsHere, readOnly } from "./not-here.ts";
import { makeKey } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";

/**
 * What KMS is asked at PAI's usage. The rooms and the vault are the functions' own and KMS is the real client's; the table is
 * one in memory, so that a thousand chats fit into a test.
 */
await onMoto(({ access, wire }) => {
  it("asks KMS at most ten times for 1,000 chats in 50 sessions of a process, the making of its keys included", async () => {
    const clock = systemClock;
    const client = new KMSClient(sdkSettings(access));
    const ring = kmsKeyRing({ client, keyArn: await makeKey(client), tenant: "test" });
    wire.asked.length = 0;
    const records = new MemoryRecords(clock);
    const blobs = new MemoryBlobs();
    const vault = await openVault({ records, ring, kit: memoryKit(), clock }, { domains: ["private", "index"] });
    const sealed = new SealedRecords(records, vault);
    const config = { ollamaUrl: "http://127.0.0.1:9", lmstudioUrl: "http://127.0.0.1:9", providerEnv: {} };
    const home = "memory";
    const { faces } = openRooms({
      ...{ home, clock, vault, sealed, blobs, reader: noReader, origins: originsHere, index: readOnly(noIndex) },
      ...{ library: new Library({ sealed, blobs }), queue: new RowJobs({ sealed, clock }) },
      ...{ settings: openSettings(sealed), models: openModels({ sealed, config, home }) },
      embedders: openEmbedders({ home, sealed, config }),
      ...{ purge: async () => {}, nextRotation: async () => 0 },
    });
    const terms = { session: { by: "key", ms: 86_400_000 }, knowledge: false, recall: false, tools: [] };
    let chats = 0;
    for (let session = 0; session < 50; session++) {
      let conversation: string | undefined;
      for (let turn = 0; turn < 20; turn++) {
        const asked = { text: "Hello", terms, ...(conversation === undefined ? {} : { conversation }) };
        for await (const event of faces.answer(asked, new AbortController().signal)) {
          if (event.type === "turn") conversation = event.conversation;
          if (event.type === "finish") chats += 1;
        }
      }
    }
    assert.equal(chats, 1_000);
    const calls = wire.asked.filter(({ service }) => service === "kms").length;
    assert.deepEqual([calls, ring.calls], [7, { encrypt: 5, decrypt: 2 }]);
    assert.ok(calls <= 10);
  });
});
