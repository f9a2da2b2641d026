import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { encodeContext } from "./context.ts";
import { open, openEach, openRange, openStream, seal, sealedSize, sealStream } from "./seal.ts";
import {
  type DataKey,
  type Domain,
  KeyShredded,
  SealBroken,
  type SealContext,
  type SealedSource,
  type TakePlain,
} from "./vault.ts";

/**
 * One data key: what seals everything of one scope, and how it lies in the store.
 *
 * The stored form is a row of partition `key` with the sort key `<domain>/<scope>`:
 *
 *   1 byte    0x01, the version of this form
 *   4 bytes   generation of the domain key it is wrapped by, big-endian
 *   16 bytes  the data key's random id
 *   104 bytes the 32-byte key, sealed under the domain key with the context
 *             (v1, tenant, domain, "key", scope, "data-key", id, generation)
 *
 * and what it seals has the context (v1, tenant, domain, table, id, field, data key's id).
 */
export const KEY_PARTITION = "key";
const FORM = 1;
const PLAIN_HEADER = 21;
const WRAPPED_SIZE = PLAIN_HEADER + sealedSize(32);

export function keySort(domain: Domain, scope: string): string {
  return `${domain}/${scope}`;
}

export function scopeOfSort(sort: string): string {
  return sort.slice(sort.indexOf("/") + 1);
}

/** Whose key it is: everything but the key's bytes. */
export interface KeyName {
  readonly tenant: string;
  readonly domain: Domain;
  readonly scope: string;
}

export interface DomainKey {
  readonly generation: number;
  readonly key: KeyObject;
}

export class SealingKey implements DataKey {
  readonly domain: Domain;
  readonly scope: string;
  readonly id: Uint8Array;
  readonly #tenant: string;
  #key: KeyObject | undefined;

  constructor(name: KeyName, id: Uint8Array, key: KeyObject) {
    this.domain = name.domain;
    this.scope = name.scope;
    this.#tenant = name.tenant;
    this.id = id;
    this.#key = key;
  }

  seal(context: SealContext, plain: Uint8Array): Uint8Array {
    return seal(this.#live(), this.#context(context), plain);
  }

  open(context: SealContext, sealed: Uint8Array): Uint8Array {
    return open(this.#live(), this.#context(context), sealed, nameOf(context));
  }

  sealStream(context: SealContext, plain: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return sealStream(this.#live(), this.#context(context), plain);
  }

  openStream(context: SealContext, sealed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return openStream(this.#live(), this.#context(context), sealed, nameOf(context));
  }

  async openRange(context: SealContext, source: SealedSource, offset: number, length: number): Promise<Uint8Array> {
    return openRange(this.#live(), this.#context(context), source, offset, length, nameOf(context));
  }

  async openEach(context: SealContext, source: SealedSource, piece: number, take: TakePlain): Promise<void> {
    return openEach(this.#live(), this.#context(context), source, piece, take, nameOf(context));
  }

  /** The key's bytes are let go; whoever still holds this handle gets `KeyShredded`. */
  kill(): void {
    this.#key = undefined;
  }

  #live(): KeyObject {
    if (!this.#key) throw new KeyShredded(this.scope);
    return this.#key;
  }

  #context(context: SealContext): Uint8Array {
    return encodeContext(this.#tenant, this.domain, context.table, context.id, context.field, this.id);
  }
}

function nameOf(context: SealContext): string {
  return `${context.table}/${context.id} (${context.field})`;
}

/** A new random key and its stored form. */
export function makeKey(name: KeyName, by: DomainKey): { key: SealingKey; body: Uint8Array } {
  const random = randomBytes(48);
  const id = Uint8Array.prototype.slice.call(random, 32);
  const plain = random.subarray(0, 32);
  const body = wrap(name, id, plain, by);
  const key = new SealingKey(name, id, createSecretKey(plain));
  random.fill(0);
  return { key, body };
}

/** Throws `SealBroken` when the row is damaged, was moved, or is wrapped by another key than `by`. */
export function unwrapKey(name: KeyName, body: Uint8Array, by: DomainKey): SealingKey {
  const { id, plain } = unwrap(name, body, by);
  const key = new SealingKey(name, id, createSecretKey(plain));
  plain.fill(0);
  return key;
}

/** The same key and id, wrapped by another generation of the domain's key. */
export function rewrapKey(name: KeyName, body: Uint8Array, from: DomainKey, to: DomainKey): Uint8Array {
  const { id, plain } = unwrap(name, body, from);
  const rewrapped = wrap(name, id, plain, to);
  plain.fill(0);
  return rewrapped;
}

/** The generation of the domain key that a stored form is wrapped by. */
export function generationOf(name: Pick<KeyName, "domain" | "scope">, body: Uint8Array): number {
  if (body.length !== WRAPPED_SIZE || body[0] !== FORM) throw new SealBroken(`The key of ${name.domain}/${name.scope}`);
  return new DataView(body.buffer, body.byteOffset).getUint32(1);
}

function wrap(name: KeyName, id: Uint8Array, plain: Uint8Array, by: DomainKey): Uint8Array {
  const body = new Uint8Array(WRAPPED_SIZE);
  body[0] = FORM;
  new DataView(body.buffer).setUint32(1, by.generation);
  body.set(id, 5);
  body.set(seal(by.key, wrappingContext(name, id, by.generation), plain), PLAIN_HEADER);
  return body;
}

function unwrap(name: KeyName, body: Uint8Array, by: DomainKey): { id: Uint8Array; plain: Uint8Array } {
  const generation = generationOf(name, body);
  const id = Uint8Array.prototype.slice.call(body, 5, PLAIN_HEADER);
  const context = wrappingContext(name, id, generation);
  const plain = open(by.key, context, body.subarray(PLAIN_HEADER), `The key of ${name.domain}/${name.scope}`);
  return { id, plain };
}

function wrappingContext(name: KeyName, id: Uint8Array, generation: number): Uint8Array {
  return encodeContext(name.tenant, name.domain, KEY_PARTITION, name.scope, "data-key", id, String(generation));
}
