import { argon2, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { encodeContext } from "@steward/core/vault/context.ts";
import type { KeyRing } from "@steward/core/vault/key-ring.ts";
import { hkdfExpand, open, seal } from "@steward/core/vault/seal.ts";
import { type Domain, SealBroken } from "@steward/core/vault/vault.ts";
import { z } from "zod";
import { KeyFileError } from "./key-file-error.ts";
import { newRecoverySecret, printRecoveryCode, readRecoveryCode } from "./recovery-code.ts";

/**
 * The root key of a home and its two wrapped forms: by a passphrase and by the recovery code. No files here; they lie in
 * `key-file.ts` and, for the recovery form, in every kit that leaves with a backup.
 */
const derive = promisify(argon2);

/** RFC 9106 §4, second recommended option: 64 MiB, three passes, four lanes. */
const ARGON2 = { memoryKiB: 65_536, passes: 3, parallelism: 4 } as const;

const base64 = z.string().regex(/^[A-Za-z0-9+/]+=*$/);
const rootId = z.string().regex(/^[0-9a-f]{16}$/);

export const PlainRoot = z.strictObject({
  format: z.literal("steward-root-key"),
  version: z.literal(1),
  id: rootId,
  key: base64,
});

export const RootByPassphrase = z.strictObject({
  format: z.literal("steward-root-by-passphrase"),
  version: z.literal(1),
  id: rootId,
  kdf: z.strictObject({
    name: z.literal("argon2id"),
    // Bounds, so that a planted file cannot exhaust the machine.
    memoryKiB: z.int().min(8_192).max(1_048_576),
    passes: z.int().min(1).max(16),
    parallelism: z.int().min(1).max(16),
    salt: base64,
  }),
  sealed: base64,
});
export type RootByPassphrase = z.infer<typeof RootByPassphrase>;

export const RootByRecoveryCode = z.strictObject({
  format: z.literal("steward-root-by-recovery-code"),
  version: z.literal(1),
  id: rootId,
  salt: base64,
  sealed: base64,
});
export type RootByRecoveryCode = z.infer<typeof RootByRecoveryCode>;

export class RootKey {
  /** Says which root a file belongs to and nothing of the key: 8 bytes of HKDF over it, hex. */
  readonly id: string;
  /** What the person should know of how it was found, in sentences. */
  readonly warnings: readonly string[];
  readonly ring: KeyRing;
  readonly #key: KeyObject;

  constructor(bytes: Uint8Array, warnings: readonly string[] = []) {
    if (bytes.length !== 32) throw new RangeError("A root key has 32 bytes.");
    this.#key = createSecretKey(bytes);
    this.id = hkdfExpand("sha256", this.#key, Buffer.from("steward root key id v1"), 8).toString("hex");
    this.warnings = warnings;
    this.ring = {
      wrap: async (domain, plain, generation) => seal(this.#key, ringContext(domain, generation), plain),
      unwrap: async (domain, wrapped, generation) => {
        try {
          return open(this.#key, ringContext(domain, generation), wrapped);
        } catch (error) {
          if (!(error instanceof SealBroken)) throw error;
          throw new KeyFileError(
            "wrong-root",
            "The root key is not the one that wrapped this home's kit, or the kit is damaged. Put back the key file and the kit that belong together.",
            { cause: error },
          );
        }
      },
    };
  }

  static generate(): RootKey {
    const bytes = randomBytes(32);
    const root = new RootKey(bytes);
    bytes.fill(0);
    return root;
  }

  /** A copy of the 32 bytes; the caller wipes it. */
  bytes(): Buffer {
    return this.#key.export();
  }
}

export function plainForm(root: RootKey): z.infer<typeof PlainRoot> {
  return { format: "steward-root-key", version: 1, id: root.id, key: root.bytes().toString("base64") };
}

export async function wrapByPassphrase(root: RootKey, passphrase: string): Promise<RootByPassphrase> {
  if ([...normal(passphrase)].length < 8) {
    throw new KeyFileError(
      "passphrase-too-short",
      "Choose a passphrase of at least 8 characters; five words are better.",
    );
  }
  const kdf = { name: "argon2id" as const, ...ARGON2, salt: randomBytes(16).toString("base64") };
  const sealed = await withPassphraseKey(passphrase, kdf, (key) => sealRoot(key, root, "passphrase"));
  return { format: "steward-root-by-passphrase", version: 1, id: root.id, kdf, sealed };
}

/** Throws `KeyFileError` `wrong-passphrase`. */
export async function unwrapByPassphrase(wrapped: RootByPassphrase, passphrase: string): Promise<RootKey> {
  const root = await withPassphraseKey(passphrase, wrapped.kdf, (key) => openRootBy(key, wrapped, "passphrase"));
  if (root) return root;
  throw new KeyFileError(
    "wrong-passphrase",
    "That is not the passphrase of this home. Try again, or open it with the recovery code.",
  );
}

/** A new code; the form it makes replaces the one of any older code. */
export function wrapByNewRecoveryCode(root: RootKey): { code: string; wrapped: RootByRecoveryCode } {
  const secret = newRecoverySecret();
  const salt = randomBytes(16);
  const key = recoveryKey(secret, salt);
  const sealed = sealRoot(key, root, "recovery-code");
  const wrapped = {
    format: "steward-root-by-recovery-code" as const,
    version: 1 as const,
    id: root.id,
    salt: salt.toString("base64"),
    sealed,
  };
  const code = printRecoveryCode(secret);
  secret.fill(0);
  key.fill(0);
  return { code, wrapped };
}

/** Throws `KeyFileError` `mistyped-code` or `wrong-code`. */
export function unwrapByRecoveryCode(wrapped: RootByRecoveryCode, code: string): RootKey {
  const secret = readRecoveryCode(code);
  if (!secret) {
    throw new KeyFileError(
      "mistyped-code",
      "That is not a recovery code as it was printed: a character is wrong, missing or too many. It has seven groups of four characters; look at it again.",
    );
  }
  const key = recoveryKey(secret, Buffer.from(wrapped.salt, "base64"));
  const root = openRootBy(key, wrapped, "recovery-code");
  secret.fill(0);
  key.fill(0);
  if (root) return root;
  throw new KeyFileError(
    "wrong-code",
    "That is a recovery code, but not the one of this home: it belongs to another home, or was replaced by a newer one.",
  );
}

/** Composed characters, so that the same passphrase typed on another keyboard is the same bytes. */
function normal(passphrase: string): string {
  return passphrase.normalize("NFKC");
}

async function withPassphraseKey<T>(
  passphrase: string,
  kdf: RootByPassphrase["kdf"],
  use: (key: Uint8Array) => T,
): Promise<T> {
  const key = await derive("argon2id", {
    message: Buffer.from(normal(passphrase)),
    nonce: Buffer.from(kdf.salt, "base64"),
    memory: kdf.memoryKiB,
    passes: kdf.passes,
    parallelism: kdf.parallelism,
    tagLength: 32,
  });
  const result = use(key);
  key.fill(0);
  return result;
}

/** The code is 128 uniformly random bits, which no guessing reaches: HKDF is enough, no slow hash is needed. */
function recoveryKey(secret: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha512", secret, salt, "steward recovery code v1", 32));
}

function sealRoot(key: Uint8Array, root: RootKey, by: "passphrase" | "recovery-code"): string {
  const plain = root.bytes();
  const sealed = seal(key, rootContext(by, root.id), plain);
  plain.fill(0);
  return Buffer.from(sealed).toString("base64");
}

/** Undefined when the key is not the one. */
function openRootBy(
  key: Uint8Array,
  wrapped: { readonly id: string; readonly sealed: string },
  by: "passphrase" | "recovery-code",
): RootKey | undefined {
  try {
    const plain = open(key, rootContext(by, wrapped.id), Buffer.from(wrapped.sealed, "base64"));
    const root = new RootKey(plain);
    plain.fill(0);
    return root;
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}

function rootContext(by: string, id: string): Uint8Array {
  return encodeContext("steward", "root", by, id);
}

function ringContext(domain: Domain, generation: number): Uint8Array {
  return encodeContext("steward", "domain-key", domain, String(generation));
}
