import { systemClock } from "@steward/core/clock.ts";
import type { Kit } from "@steward/core/vault/key-ring.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { keyRows } from "@steward/core/vault/rotate.ts";
import { DOMAINS } from "@steward/core/vault/vault.ts";
import type { RootKey } from "./root-key.ts";
import { openSqliteRecords } from "./sqlite-records.ts";

/** Rows that are opened to the end, not only their keys. */
const SAMPLE = 50;

/**
 * Whether the database of an unpacked backup opens with a kit and its root: every data key is unwrapped and a sample of
 * its items is opened. The problems found, a sentence each. Throws `KeyFileError` `wrong-root`.
 */
export async function proveContent(database: string, kit: Kit, root: RootKey): Promise<string[]> {
  await proveRoot(kit, root);
  const problems: string[] = [];
  const records = openSqliteRecords(database, systemClock);
  try {
    problems.push(...records.integrity().map((line) => `The database is damaged: ${line}.`));
    const store = { read: async () => kit, write: () => Promise.reject(new Error("read only")) };
    const vault = await openVault({ records, ring: root.ring, kit: store, clock: systemClock }, { cacheSize: 1_000 });
    let lost = 0;
    let sampled = 0;
    for (const domain of DOMAINS) {
      for await (const page of keyRows(records, `${domain}/`)) {
        const scopes = page.map(({ sort }) => sort.slice(domain.length + 1));
        const keys = await vault.keys(domain, scopes);
        lost += keys.filter((key) => !key).length;
        for (const [i, key] of keys.entries()) {
          const id = scopes[i] ?? "";
          const row =
            key && domain === "private" && sampled < SAMPLE
              ? await records.get({ partition: "item", sort: id })
              : undefined;
          if (!key || !row) continue;
          sampled++;
          key.open({ table: "item", id, field: "body" }, row.body);
        }
      }
    }
    if (lost > 0) problems.push(`${lost} data keys are wrapped by domain keys that are not in the kit.`);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    records.close();
  }
  return problems;
}

/** Asks the root to unwrap every key of the kit. */
async function proveRoot(kit: Kit, root: RootKey): Promise<void> {
  for (const domain of DOMAINS) {
    for (const { key, generation } of kit.domains[domain]) {
      const plain = await root.ring.unwrap(domain, Buffer.from(key, "base64"), generation);
      plain.fill(0);
    }
  }
}
