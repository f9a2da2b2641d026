import type { Domain } from "./vault.ts";

/**
 * KeyRing: the port to whatever holds the root key. Two adapters: the home's key file, KMS on AWS. It wraps and
 * unwraps domain keys only, so it is asked once per domain and process.
 */
export interface KeyRing {
  /** The kit's entry for the domain, unwrapped; throws when the root key is locked, missing or not the one. */
  unwrap(domain: Domain, wrapped: Uint8Array, generation: number): Promise<Uint8Array>;
  wrap(domain: Domain, plain: Uint8Array, generation: number): Promise<Uint8Array>;
}

/**
 * The kit: the wrapped domain keys. It is stored apart from the records (a file at home, SSM on AWS) and is never in a
 * backup of them.
 */
export interface KitStore {
  read(): Promise<Kit | undefined>;
  /** Atomic and durable. */
  write(kit: Kit): Promise<void>;
}

export interface Kit {
  readonly version: 1;
  /** Random id of the home. */
  readonly tenant: string;
  readonly domains: Readonly<Record<Domain, readonly WrappedDomainKey[]>>;
}

/** One generation of a domain's key. During a rotation two are live; afterwards the older is removed. */
export interface WrappedDomainKey {
  readonly generation: number;
  /** base64: the 32-byte wrapping key, wrapped by the root. */
  readonly key: string;
  /**
   * base64: the 32-byte HMAC key, sealed under this domain key (so that the ring is asked once per domain); the same in
   * every generation of an ordinary rotation.
   */
  readonly hmac: string;
  readonly madeAt: number;
}
