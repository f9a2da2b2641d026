import { FakeClock } from "./fake-clock.ts";
import { MemoryRecords } from "./memory-records.ts";
import { testRecords } from "./records-contract.ts";

testRecords("in memory", async () => {
  const clock = new FakeClock();
  return { records: new MemoryRecords(clock), clock, close: async () => {} };
});
