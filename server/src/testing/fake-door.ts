import type { Clock } from "@steward/core/clock.ts";
import { type Door, PasswordRefused, WrongSecret } from "../http/door.ts";
import { type FakeHouse, fakeHouse } from "./fake-house.ts";

export interface FakeDoor extends Door {
  readonly fake: FakeHouse;
  lock(passphrase: string): void;
}

/** A door that is open unless `locked` names the passphrase that opens it. */
export function fakeDoor(
  options: {
    house?: FakeHouse;
    locked?: string;
    unlockBy?: "recovery-code";
    warnings?: string[];
    password?: string;
    code?: string;
    clock?: Clock;
  } = {},
): FakeDoor {
  const fake = options.house ?? fakeHouse(undefined, options.clock);
  let lockedBy = options.locked;
  let isOpen = options.locked === undefined;
  let current = options.password;
  let code = options.code;
  return {
    fake,
    home: fake.home,
    house: () => (isOpen ? fake : undefined),
    protection: () => (lockedBy === undefined ? "key-file" : "passphrase"),
    unlockBy: () => options.unlockBy ?? "passphrase",
    warnings: () => options.warnings ?? [],
    password: {
      isSet: async () => current !== undefined,
      verify: async (candidate) => candidate === current,
      async set(next) {
        if (next.length < 8) throw new PasswordRefused("Choose at least 8 characters.");
        current = next;
      },
    },
    async unlock(secret) {
      const right = "passphrase" in secret ? secret.passphrase === lockedBy : secret.recoveryCode === "RECOVERY";
      if (!right) throw new WrongSecret("That passphrase does not open this home. Check it, or use the recovery code.");
      isOpen = true;
      return fake;
    },
    async protect(passphrase) {
      lockedBy = passphrase;
      return passphrase === undefined ? {} : { recoveryCode: "ABCD-EFGH" };
    },
    takeRecoveryCode() {
      const taken = code;
      code = undefined;
      return taken;
    },
    lock(passphrase) {
      lockedBy = passphrase;
      isOpen = false;
    },
    close: async () => {},
  };
}
