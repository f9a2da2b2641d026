import type { House } from "@steward/server/house.ts";
import { type Door, WrongSecret } from "@steward/server/http/door.ts";
import { ownerPassword } from "@steward/server/owner-password.ts";
import type { CloudHouse } from "./compose.ts";

/**
 * The door of a home in the cloud: it opens by itself, with the role's leave to use the key, at the first request of a
 * process. A door that could not open (no leave, no table) is tried again by the next request.
 */
export class CloudDoor implements Door {
  readonly home: string;
  readonly password = ownerPassword(() => {
    if (!this.#open) throw new Error("The house is not open yet.");
    return this.#open.house.sealed;
  });
  readonly #opening: () => Promise<CloudHouse>;
  #open: CloudHouse | undefined;

  constructor(home: string, opening: () => Promise<CloudHouse>) {
    this.home = home;
    this.#opening = opening;
  }

  /** Opens it, or brings what it remembers up to date. Before each request. */
  async enter(): Promise<void> {
    if (this.#open) await this.#open.catchUp();
    else this.#open = await this.#opening();
  }

  /** Undefined before it was opened. */
  get publicUrl(): string | undefined {
    return this.#open?.publicUrl;
  }

  house(): House | undefined {
    return this.#open?.house;
  }

  protection(): "key-file" {
    return "key-file";
  }

  unlockBy(): "passphrase" {
    return "passphrase";
  }

  warnings(): readonly string[] {
    return [];
  }

  async unlock(): Promise<House> {
    throw new WrongSecret("This home has no passphrase: its key is kept by AWS.");
  }

  async protect(): Promise<never> {
    throw new WrongSecret("This home takes no passphrase: its key is kept by AWS.");
  }

  takeRecoveryCode(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    await this.#open?.house.close();
    this.#open = undefined;
  }
}
