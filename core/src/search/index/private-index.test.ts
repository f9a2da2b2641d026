import { FakeClock } from "../../testing/fake-clock.ts";
import { MemoryBlobs } from "../../testing/memory-blobs.ts";
import { MemoryRecords } from "../../testing/memory-records.ts";
import { testPassageIndex } from "../../testing/passage-index-contract.ts";
import { plainVault } from "../../testing/plain-vault.ts";
import { SealedRecords } from "../../vault/sealed-records.ts";
import { openPrivateIndex } from "./private-index.ts";

testPassageIndex("the private index", async () => {
  const clock = new FakeClock();
  const records = new MemoryRecords(clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const index = await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock, async *replay() {} });
  return { index, close: () => index.close() };
});
