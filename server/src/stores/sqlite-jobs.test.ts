import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RowJobs } from "@steward/core/job-rows.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { testQueue } from "@steward/core/testing/queue-contract.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { openSqliteRecords } from "./sqlite-records.ts";

testQueue("rows in SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-jobs-"));
  const clock = new FakeClock();
  const records = openSqliteRecords(join(folder, "records.db"), clock);
  const sealed = new SealedRecords(records, plainVault(records));
  const limits = { leaseMs: 30_000, maxTries: 4 };
  return {
    queue: new RowJobs({ sealed, clock }, limits),
    records,
    clock,
    ...limits,
    close: async () => {
      records.close();
      await rm(folder, { recursive: true });
    },
  };
});
