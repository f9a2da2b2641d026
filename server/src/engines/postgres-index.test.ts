import { after } from "node:test";
import { testPassageIndex } from "@steward/core/testing/passage-index-contract.ts";
import { openPostgresIndex } from "./postgres-index.ts";
import { openPglite } from "./testing/pglite-client.ts";

// One database for all cases, a schema for each: starting it is what takes time.
const client = await openPglite();
after(() => client.close());
let cases = 0;

testPassageIndex("PostgreSQL", async () => {
  cases += 1;
  const index = await openPostgresIndex({ ...client, close: async () => {} }, { schema: `case ${cases}` });
  return { index, close: () => index.close() };
});
