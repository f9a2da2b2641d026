import { mkdir, readFile } from "node:fs/promises";
import type { Clock } from "@steward/core/clock.ts";
import { openHouse } from "./compose.ts";
import type { Config } from "./config.ts";
import { FULL_BYTES, freeBytes } from "./disk.ts";
import type { House } from "./house.ts";
import { type Door, type OwnerPassword, type UnlockSecret, WrongSecret } from "./http/door.ts";
import type { Log } from "./log.ts";
import { ownerPassword } from "./owner-password.ts";
import { type HomeLock, takeHomeLock } from "./stores/home-lock.ts";
import {
  createRoot,
  KeyFileError,
  lockWithPassphrase,
  openRoot,
  type RootKey,
  readRecovery,
  renewRecoveryCode,
  rootState,
  unlockToKeyFile,
} from "./stores/key-file.ts";

/**
 * The door of a home on this machine. Opening it takes the home's lock, makes the keys of a fresh home, and opens the
 * house when the keys need no passphrase (or `STEWARD_PASSPHRASE_FILE` holds it); otherwise it waits to be unlocked.
 */
export interface DoorOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes free on the disk that holds the path; the machine's own when not told. */
  readonly freeBytes?: (path: string) => number;
}

export async function openDoor(options: DoorOptions): Promise<Door> {
  await mkdir(options.config.home, { recursive: true, mode: 0o700 });
  const lock = await takeHomeLock(options.config.home);
  try {
    const door = new HomeDoor(options, lock);
    await door.open();
    return door;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class HomeDoor implements Door {
  readonly home: string;
  readonly password: OwnerPassword;
  readonly #options: DoorOptions;
  readonly #lock: HomeLock;
  readonly #warnings = new Set<string>();
  #house: House | undefined;
  #root: RootKey | undefined;
  #protection: "key-file" | "passphrase" = "key-file";
  #unlockBy: "passphrase" | "recovery-code" = "passphrase";
  #recoveryCode: string | undefined;
  #opening: Promise<House> | undefined;

  constructor(options: DoorOptions, lock: HomeLock) {
    this.#options = options;
    this.#lock = lock;
    this.home = options.config.home;
    this.password = ownerPassword(() => {
      if (!this.#house) throw new Error("The home is locked; unlock it first.");
      return this.#house.sealed;
    });
  }

  async open(): Promise<void> {
    const state = await rootState(this.home);
    if (state === "none") {
      const { root, recoveryCode } = await createRoot(this.home);
      this.#recoveryCode = recoveryCode;
      await this.#openWith(root);
    } else if (state === "key-file") {
      // Without one, the process that made this home was killed before it had shown it (or somebody removed it).
      const hasCode = (await readRecovery(this.home)) !== undefined;
      const root = await openRoot(this.home);
      if (!hasCode) this.#recoveryCode = await renewRecoveryCode(this.home, root);
      await this.#openWith(hasCode ? root : await openRoot(this.home));
    } else if (state === "missing") {
      this.#unlockBy = "recovery-code";
    } else {
      this.#protection = "passphrase";
      const { passphraseFile } = this.#options.config;
      if (passphraseFile !== undefined) await this.unlock({ passphrase: await passphraseIn(passphraseFile) });
    }
  }

  house(): House | undefined {
    return this.#house;
  }

  protection(): "key-file" | "passphrase" {
    return this.#protection;
  }

  unlockBy(): "passphrase" | "recovery-code" {
    return this.#unlockBy;
  }

  warnings(): readonly string[] {
    const free = (this.#options.freeBytes ?? freeBytes)(this.home);
    return [...this.#warnings, ...(free < FULL_BYTES ? [DISK_FULL] : [])];
  }

  async unlock(secret: UnlockSecret): Promise<House> {
    if (this.#house) return this.#house;
    try {
      const root = await openRoot(this.home, secret);
      const house = await this.#openWith(root);
      if (this.#unlockBy === "recovery-code") await this.#putBackKeyFile(root);
      return house;
    } catch (error) {
      const wrong =
        error instanceof KeyFileError && ["wrong-passphrase", "wrong-code", "mistyped-code"].includes(error.code);
      throw wrong ? new WrongSecret(error.message) : error;
    }
  }

  /** A home whose key file was lost opens by itself again, as it did before. */
  async #putBackKeyFile(root: RootKey): Promise<void> {
    if ((await rootState(this.home)) === "missing") {
      await unlockToKeyFile(this.home, root);
      this.#warnings.add("The key file was gone; it was written anew when the recovery code opened this home.");
    }
    this.#unlockBy = "passphrase";
  }

  async protect(passphrase: string | undefined): Promise<{ readonly recoveryCode?: string }> {
    if (!this.#root) throw new Error("The home is locked; unlock it first.");
    if (passphrase === undefined) await unlockToKeyFile(this.home, this.#root);
    else await lockWithPassphrase(this.home, this.#root, passphrase);
    this.#protection = passphrase === undefined ? "key-file" : "passphrase";
    return {};
  }

  takeRecoveryCode(): string | undefined {
    const code = this.#recoveryCode;
    this.#recoveryCode = undefined;
    return code;
  }

  async close(): Promise<void> {
    await this.#house?.close();
    this.#house = undefined;
    await this.#lock.release();
  }

  /** Two unlocks at once open one house, also when one of the secrets takes longer to try than the house to open. */
  async #openWith(root: RootKey): Promise<House> {
    if (this.#house) return this.#house;
    this.#opening ??= openHouse({ ...this.#options, home: this.home, root });
    try {
      this.#house = await this.#opening;
      this.#root = root;
      for (const warning of root.warnings) this.#warnings.add(warning);
      return this.#house;
    } finally {
      this.#opening = undefined;
    }
  }
}

const DISK_FULL =
  "The disk is full: nothing new can be taken in or kept. Free some space; what waits goes on by itself then.";

async function passphraseIn(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw new Error(`The file that STEWARD_PASSPHRASE_FILE names cannot be read. Check its path and permissions.`, {
      cause: error,
    });
  }
}
