import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { testKeyRing } from "@steward/core/testing/key-ring-contract.ts";
import { testKitStore } from "@steward/core/testing/kit-store-contract.ts";
import { createRoot, kitFile, openRoot } from "./key-file.ts";

/** A home's key file and its kit, as their ports promise. What is a home's own is in `key-file.test.ts`. */
const homes: string[] = [];
after(() => Promise.all(homes.map((home) => rm(home, { recursive: true, force: true }))));

testKeyRing("a home's key file", async () => {
  const home = await newHome();
  const { root } = await createRoot(home);
  const [again, other] = [await openRoot(home), await createRoot(await newHome())];
  return { ring: root.ring, again: again.ring, other: other.root.ring };
});

testKitStore("a file of the home", async () => {
  const home = await newHome();
  return { kit: kitFile(home), again: () => kitFile(home), close: async () => {} };
});

async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "steward-keys-"));
  homes.push(home);
  return home;
}
