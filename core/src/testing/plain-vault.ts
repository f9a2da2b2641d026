import { createHmac } from "node:crypto";
import type { Records } from "../records.ts";
import {
  type DataKey,
  type Domain,
  KeyShredded,
  SealBroken,
  type SealContext,
  type SealedSource,
  type TakePlain,
  type Vault,
  type VaultCounts,
} from "../vault/vault.ts";

/**
 * A vault for tests of other things: it hides nothing, yet holds its callers to the rules. A value opens only in the
 * context it was sealed in and under the scope's own key, and nothing opens once the key is destroyed. Given `records`,
 * keys are rows there, as with the real vault; without, they live as long as the vault.
 */
export function plainVault(records?: Records): Vault {
  return new PlainVault(records);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class PlainVault implements Vault {
  readonly tenant = "plain";
  readonly counts: VaultCounts = { ringUnwraps: 0, dataKeysMade: 0, dataKeysUnwrapped: 0, dataKeysCached: 0 };
  readonly #records: Records | undefined;
  readonly #keys = new Map<string, PlainKey>();

  constructor(records: Records | undefined) {
    this.#records = records;
  }

  create(domain: Domain, scope: string) {
    const key = new PlainKey(domain, scope);
    this.#keys.set(`${domain}/${scope}`, key);
    this.counts.dataKeysMade += 1;
    return { key, change: { put: { ...placeOf(domain, scope), body: encoder.encode("plain key") } } };
  }

  async key(domain: Domain, scope: string): Promise<DataKey> {
    const [key] = await this.keys(domain, [scope]);
    if (!key) throw new KeyShredded(scope);
    return key;
  }

  async keys(domain: Domain, scopes: readonly string[]): Promise<(DataKey | undefined)[]> {
    return Promise.all(
      scopes.map(async (scope) => {
        const cached = this.#keys.get(`${domain}/${scope}`);
        if (cached || !(await this.#records?.get(placeOf(domain, scope)))) return cached;
        const key = new PlainKey(domain, scope);
        this.#keys.set(`${domain}/${scope}`, key);
        this.counts.dataKeysUnwrapped += 1;
        return key;
      }),
    );
  }

  async standing(domain: Domain, scope: `house:${string}`): Promise<DataKey> {
    const [known] = await this.keys(domain, [scope]);
    if (known) return known;
    const { key, change } = this.create(domain, scope);
    await this.#records?.write([change]);
    return key;
  }

  destroy(domain: Domain, scope: string) {
    if (!this.#records) this.#keys.delete(`${domain}/${scope}`);
    return { delete: placeOf(domain, scope) };
  }

  forgotten(domain: Domain, scope: string): void {
    this.#keys.delete(`${domain}/${scope}`);
  }

  hmac(domain: Domain, purpose: string, ...parts: readonly (string | Uint8Array)[]): string {
    const mac = createHmac("sha256", `plain ${domain}`);
    for (const part of [purpose, ...parts]) {
      const bytes = typeof part === "string" ? encoder.encode(part) : part;
      mac.update(`${bytes.length}:`).update(bytes);
    }
    return mac.digest("base64url");
  }
}

class PlainKey implements DataKey {
  readonly domain: Domain;
  readonly scope: string;

  constructor(domain: Domain, scope: string) {
    this.domain = domain;
    this.scope = scope;
  }

  seal(context: SealContext, plain: Uint8Array): Uint8Array {
    const head = this.#head(context);
    const sealed = new Uint8Array(head.length + plain.length);
    sealed.set(head);
    sealed.set(plain, head.length);
    return sealed;
  }

  open(context: SealContext, sealed: Uint8Array): Uint8Array {
    return sealed.slice(this.#checkHead(context, sealed));
  }

  async *sealStream(context: SealContext, plain: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    yield this.#head(context);
    yield* plain;
  }

  async *openStream(context: SealContext, sealed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const head = this.#head(context);
    let held = new Uint8Array(0);
    let opened = false;
    for await (const part of sealed) {
      if (opened) {
        yield part;
        continue;
      }
      held = Uint8Array.from([...held, ...part]);
      if (held.length < head.length) continue;
      yield this.open(context, held);
      opened = true;
    }
    if (!opened) throw new SealBroken(this.scope);
  }

  async openRange(context: SealContext, source: SealedSource, offset: number, length: number): Promise<Uint8Array> {
    const head = this.#head(context).length;
    this.#checkHead(context, await source.read(0, head));
    return source.read(head + offset, length);
  }

  async openEach(context: SealContext, source: SealedSource, _piece: number, take: TakePlain): Promise<void> {
    const sealed = await source.read(0, source.size);
    if (sealed.length !== source.size) throw new SealBroken(this.scope);
    const plain = this.open(context, sealed);
    take(plain, 0, plain.length);
  }

  /** What the value is bound to, so that a value moved to another place does not open there. */
  #head(context: SealContext): Uint8Array {
    return encoder.encode(`${JSON.stringify([this.domain, this.scope, context.table, context.id, context.field])}\n`);
  }

  #checkHead(context: SealContext, sealed: Uint8Array): number {
    const head = this.#head(context);
    if (decoder.decode(sealed.subarray(0, head.length)) !== decoder.decode(head)) throw new SealBroken(this.scope);
    return head.length;
  }
}

function placeOf(domain: Domain, scope: string) {
  return { partition: "plain-keys", sort: `${domain}:${scope}` };
}
