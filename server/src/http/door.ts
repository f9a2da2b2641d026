import type { House } from "../house.ts";

/**
 * The door of the house: setup → open, or locked → open. The HTTP app asks it on every request, because the house may
 * be opened (or its password set) while the server runs. `compose.ts` implements it.
 */
export interface Door {
  /** Absolute path of the home folder. */
  readonly home: string;
  /** The opened house; undefined while its keys are locked or there are none yet. */
  house(): House | undefined;
  /** How the root key is kept. */
  protection(): "key-file" | "passphrase";
  /** What opens it while it is locked. The recovery code alone when the key file is gone. */
  unlockBy(): "passphrase" | "recovery-code";
  /** What the owner should know of the keys, in sentences. */
  warnings(): readonly string[];
  /** The owner's sign-in password. Asked only while the house is open. */
  readonly password: OwnerPassword;
  /**
   * Opens the root key and the house. Throws `WrongSecret` for a passphrase or code that does not open it; other
   * errors say what is wrong with the key file.
   */
  unlock(secret: UnlockSecret): Promise<House>;
  /** Wraps the root key with a passphrase, or with `undefined` takes the passphrase away. Only while open. */
  protect(passphrase: string | undefined): Promise<{ readonly recoveryCode?: string }>;
  /** The recovery code that was made by this process, for a new home or one that had none; given once, then forgotten. */
  takeRecoveryCode(): string | undefined;
  /** Ends work, closes the house, gives the home's lock back. */
  close(): Promise<void>;
}

export type UnlockSecret = { readonly passphrase: string } | { readonly recoveryCode: string };

export interface OwnerPassword {
  isSet(): Promise<boolean>;
  verify(candidate: string): Promise<boolean>;
  /** Replaces it. Throws `PasswordRefused` when it is too short or too common. */
  set(next: string): Promise<void>;
}

/** The passphrase or recovery code does not open the key. Its message is shown to the person. */
export class WrongSecret extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WrongSecret";
  }
}

export class PasswordRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PasswordRefused";
  }
}
