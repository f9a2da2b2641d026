import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { testRecords } from "@steward/core/testing/records-contract.ts";
import { openSqliteRecords } from "./sqlite-records.ts";

testRecords("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-records-"));
  const clock = new FakeClock();
  const records = openSqliteRecords(join(folder, "records.db"), clock);
  return {
    records,
    clock,
    close: async () => {
      records.close();
      await rm(folder, { recursive: true });
    },
  };
});
