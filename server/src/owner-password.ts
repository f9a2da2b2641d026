import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { type OwnerPassword, PasswordRefused } from "./http/door.ts";
import { hashPassword, needsRehash, verifyPassword } from "./password.ts";

const PLACE = { partition: "setting", sort: "password", scope: "house:settings" } as const;
const SHORTEST = 8;

/** The owner's sign-in password, as a sealed hash among the settings. `open` gives the opened records, or throws. */
export function ownerPassword(open: () => SealedRecords): OwnerPassword {
  const stored = async () => (await open().get<{ hash: string }>(PLACE))?.value.hash;
  const store = async (password: string) => {
    const key = await open().vault.standing("private", PLACE.scope);
    await open().write([open().put(key, PLACE, { hash: await hashPassword(password) })]);
  };
  return {
    isSet: async () => (await stored()) !== undefined,
    async verify(candidate) {
      const hash = await stored();
      if (hash === undefined || !(await verifyPassword(candidate, hash))) return false;
      if (needsRehash(hash)) await store(candidate);
      return true;
    },
    async set(next) {
      if ([...next].length < SHORTEST) {
        throw new PasswordRefused(`Choose a password of at least ${SHORTEST} characters; a short sentence is best.`);
      }
      await store(next);
    },
  };
}
