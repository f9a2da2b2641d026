/** Why the root key cannot be had; the message says what to do. */
export type KeyFileCode =
  /** Locked with a passphrase, and none was given. */
  | "locked"
  | "wrong-passphrase"
  | "passphrase-too-short"
  /** A well-formed recovery code that is not this home's. */
  | "wrong-code"
  /** No recovery code at all: a character is missing, too many or wrong. */
  | "mistyped-code"
  /** A home with sealed data, and the file is not there. */
  | "missing"
  /** The file's bytes are not what was written. */
  | "damaged"
  /** The file is there, and the operating system does not let us read it. */
  | "unreadable"
  /** The root key is fine but did not wrap this kit. */
  | "wrong-root"
  /** A root key is here already. */
  | "exists";

export class KeyFileError extends Error {
  readonly code: KeyFileCode;
  constructor(code: KeyFileCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KeyFileError";
    this.code = code;
  }
}
