import { createSecretKey, randomBytes } from "node:crypto";
import { encodeContext } from "../vault/context.ts";
import type { KeyRing, Kit, KitStore } from "../vault/key-ring.ts";
import { open, seal } from "../vault/seal.ts";

/** A real key ring whose root key lives as long as the test. */
export function memoryRing(): KeyRing {
  const root = createSecretKey(randomBytes(32));
  const context = (domain: string, generation: number) => encodeContext("test", domain, String(generation));
  return {
    wrap: async (domain, plain, generation) => seal(root, context(domain, generation), plain),
    unwrap: async (domain, wrapped, generation) => open(root, context(domain, generation), wrapped),
  };
}

/** A kit in memory, kept as text as every other kit store keeps it. */
export function memoryKit(kit?: Kit): KitStore {
  let stored = kit === undefined ? undefined : JSON.stringify(kit);
  return {
    // What was stored is what `write` was given.
    read: async () => (stored === undefined ? undefined : (JSON.parse(stored) as Kit)),
    write: async (next) => {
      stored = JSON.stringify(next);
    },
  };
}
