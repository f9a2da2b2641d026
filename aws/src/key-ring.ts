import { DecryptCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import type { KeyRing } from "@steward/core/vault/key-ring.ts";
import type { Domain } from "@steward/core/vault/vault.ts";
import { nameOf } from "./errors.ts";

/**
 * KeyRing on KMS: the root key never leaves AWS, and wraps the domain keys with Encrypt and Decrypt. The encryption
 * context binds each to this home, its domain and generation (so that an entry of the kit that was moved does not open)
 * and stands in CloudTrail, where it says which domain was opened and when.
 *
 * The vault asks once per domain and process; `calls` counts, because each call costs and every one shows in the trail.
 */
export interface KmsKeyRingDeps {
  readonly client: KMSClient;
  /** ARN of a symmetric key. */
  readonly keyArn: string;
  /** Names this home in the encryption context: the `env` it was deployed as. Plain in CloudTrail. */
  readonly tenant: string;
}

export interface KmsKeyRing extends KeyRing {
  /** Requests made, by operation; those that failed are counted too. */
  readonly calls: { encrypt: number; decrypt: number };
}

/** Why the key cannot be used. */
export type KeyTroubleCode =
  /** The role or the key's policy does not allow it. */
  | "denied"
  /** Someone switched the key off. */
  | "disabled"
  /** The key is to be deleted on a day that has not come yet. */
  | "pending-deletion"
  | "not-found"
  /** The kit was wrapped by another key, for another home, domain or generation, or is damaged. */
  | "wrong-key"
  /** Throttled or not reachable, after the SDK's retries. */
  | "busy"
  | "unknown";

export class KeyTrouble extends Error {
  readonly code: KeyTroubleCode;
  constructor(code: KeyTroubleCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "KeyTrouble";
    this.code = code;
  }
}

/** Throws `KeyTrouble`. */
export function kmsKeyRing({ client, keyArn, tenant }: KmsKeyRingDeps): KmsKeyRing {
  const calls = { encrypt: 0, decrypt: 0 };
  const context = (domain: Domain, generation: number) => ({
    app: "steward",
    tenant,
    domain,
    generation: String(generation),
  });
  return {
    calls,
    async wrap(domain, plain, generation) {
      calls.encrypt++;
      const EncryptionContext = context(domain, generation);
      const { CiphertextBlob } = await asking(keyArn, () =>
        client.send(new EncryptCommand({ KeyId: keyArn, Plaintext: plain, EncryptionContext })),
      );
      return given(CiphertextBlob, keyArn);
    },
    async unwrap(domain, wrapped, generation) {
      calls.decrypt++;
      const EncryptionContext = context(domain, generation);
      // Naming the key keeps KMS from opening what some other key of the account has wrapped.
      const { Plaintext } = await asking(keyArn, () =>
        client.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob: wrapped, EncryptionContext })),
      );
      return given(Plaintext, keyArn);
    },
  };
}

async function asking<T>(keyArn: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw keyTrouble(keyArn, error);
  }
}

function given(bytes: Uint8Array | undefined, keyArn: string): Uint8Array {
  if (bytes) return bytes;
  throw new KeyTrouble("unknown", `KMS answered for the key ${keyArn} without any bytes. Try again.`);
}

/** What KMS said, in words; also for what came by way of another service that uses the key. */
export function keyTrouble(keyArn: string, error: unknown): KeyTrouble {
  const key = `The key ${keyArn}`;
  switch (kmsCodeOf(error)) {
    case "AccessDeniedException":
    case "KMSAccessDeniedException":
    case "UnrecognizedClientException":
    case "ExpiredTokenException":
    case "CredentialsProviderError":
      return new KeyTrouble(
        "denied",
        `${key} may not be used by this function, so nothing can be opened. Its policy or the function's role was ` +
          "changed: deploy again, or put kms:Encrypt and kms:Decrypt back.",
        error,
      );
    case "DisabledException":
    case "KMSDisabledException":
      return new KeyTrouble(
        "disabled",
        `${key} is disabled, so nothing can be opened. Enable it: \`aws kms enable-key --key-id ${keyArn}\`.`,
        error,
      );
    case "KMSInvalidStateException":
      return new KeyTrouble(
        "pending-deletion",
        `${key} is to be deleted, or not ready; once it is deleted nothing here can ever be opened again. To keep it: ` +
          `\`aws kms cancel-key-deletion --key-id ${keyArn}\`, then enable it.`,
        error,
      );
    case "NotFoundException":
    case "KMSNotFoundException":
      return new KeyTrouble(
        "not-found",
        `${key} does not exist in this region. If it was deleted, what it wrapped is lost for good; if the name is ` +
          "wrong, deploy again.",
        error,
      );
    case "InvalidCiphertextException":
    case "IncorrectKeyException":
      return new KeyTrouble(
        "wrong-key",
        `${key} did not wrap the kit that is stored here, or the kit is damaged. Put back the kit and the key that ` +
          "belong together.",
        error,
      );
    case "ThrottlingException":
    case "LimitExceededException":
    case "RequestLimitExceeded":
    case "DependencyTimeoutException":
    case "KeyUnavailableException":
    case "KMSInternalException":
    case "TimeoutError":
    case "ECONNREFUSED":
    case "ECONNRESET":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new KeyTrouble(
        "busy",
        `KMS is busy or did not answer (${nameOf(error)}). Wait a moment, try again.`,
        error,
      );
    default:
      return new KeyTrouble("unknown", `KMS refused the key ${keyArn} (${nameOf(error)}). CloudTrail says why.`, error);
  }
}

/** Another service that uses the key (Parameter Store) passes KMS's code on inside its own message. */
function kmsCodeOf(error: unknown): string {
  const passedOn = error instanceof Error ? /AWSKMS;.*Error Code: (\w+)/.exec(error.message)?.[1] : undefined;
  return passedOn ?? nameOf(error);
}
