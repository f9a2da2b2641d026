import type { Clock } from "../clock.ts";
import { type Change, type Records, RecordsConflict, type Row } from "../records.ts";
import { generationOf, KEY_PARTITION, keySort, makeKey, type SealingKey, scopeOfSort, unwrapKey } from "./data-key.ts";
import { DomainKeys, KitFault } from "./domain-keys.ts";
import type { KeyRing, KitStore } from "./key-ring.ts";
import { Unsettled } from "./unsettled.ts";
import { type DataKey, DOMAINS, type Domain, KeyShredded, SealBroken, type Vault, type VaultCounts } from "./vault.ts";

/**
 * The vault over Records: root key → domain keys (the kit) → data keys (rows of partition `key`, see `data-key.ts`).
 *
 * Opened keys are kept in a bounded cache, least recently used out first. A key that leaves the cache is not wiped at
 * once, since a caller may still be sealing with it: its bytes live outside the collected heap and are wiped when the last
 * handle goes. `forgotten` does act at once: the cached handle refuses from then on.
 */
export interface VaultDeps {
  readonly records: Records;
  readonly ring: KeyRing;
  readonly kit: KitStore;
  readonly clock: Clock;
}

export interface VaultOptions {
  /** The domains this process may open; all of them unless said otherwise. */
  readonly domains?: readonly Domain[];
  /** Data keys kept open: about 500 bytes each. */
  readonly cacheSize?: number;
}

/** Makes the kit when this is the first run of a home. Throws `KitFault`, or what the key ring throws. */
export async function openVault(deps: VaultDeps, options: VaultOptions = {}): Promise<KeyVault> {
  const counts: VaultCounts = { ringUnwraps: 0, dataKeysMade: 0, dataKeysUnwrapped: 0, dataKeysCached: 0 };
  const domains = await DomainKeys.open(deps, counts, options.domains ?? DOMAINS, async () => {
    for await (const _ of deps.records.query(KEY_PARTITION, { limit: 1 })) return false;
    return true;
  });
  const vault = new KeyVault(deps.records, domains, counts, options.cacheSize ?? 20_000);
  await vault.proveKit();
  return vault;
}

export class KeyVault implements Vault {
  readonly counts: VaultCounts;
  /** For rotation and shredding (`rotate.ts`, `shred.ts`), not for the house. */
  readonly records: Records;
  readonly domainKeys: DomainKeys;
  readonly unsettled = new Unsettled();
  readonly #cacheSize: number;
  /** By sort key, least recently used first. */
  readonly #open = new Map<string, SealingKey>();
  readonly #standing = new Map<string, Promise<DataKey>>();
  /** Counts `forgotten` calls: what was read before one may not bring the key back. */
  #forgettings = 0;

  constructor(records: Records, domainKeys: DomainKeys, counts: VaultCounts, cacheSize: number) {
    this.records = records;
    this.domainKeys = domainKeys;
    this.counts = counts;
    this.#cacheSize = cacheSize;
  }

  get tenant(): string {
    return this.domainKeys.tenant;
  }

  create(domain: Domain, scope: string): { readonly key: DataKey; readonly change: Change } {
    return this.#make(domain, scope, "absent");
  }

  async key(domain: Domain, scope: string): Promise<DataKey> {
    const [key] = await this.keys(domain, [scope]);
    if (!key) throw new KeyShredded(scope);
    return key;
  }

  async keys(domain: Domain, scopes: readonly string[]): Promise<(DataKey | undefined)[]> {
    for (;;) {
      const found = scopes.map((scope) => this.#cached(keySort(domain, scope)));
      const missing = [...new Set(scopes.filter((_, i) => !found[i]))];
      if (missing.length === 0) return found;
      const epoch = this.#epoch();
      const rows = await this.records.getMany(
        missing.map((scope) => ({ partition: KEY_PARTITION, sort: keySort(domain, scope) })),
      );
      const opened = new Map<string, SealingKey>();
      for (const row of rows) {
        const key = row && (await this.#unwrap(domain, row));
        if (key) opened.set(key.scope, key);
      }
      if (epoch !== this.#epoch()) continue;
      for (const [scope, key] of opened) opened.set(scope, this.#keep(keySort(domain, scope), key));
      return scopes.map((scope, i) => found[i] ?? opened.get(scope));
    }
  }

  standing(domain: Domain, scope: `house:${string}`): Promise<DataKey> {
    const sort = keySort(domain, scope);
    const cached = this.#cached(sort);
    if (cached) return Promise.resolve(cached);
    // One maker at a time in this process; another process is met by the condition on the row.
    const making = this.#standing.get(sort) ?? this.#findOrMake(domain, scope);
    this.#standing.set(sort, making);
    const done = () => {
      if (this.#standing.get(sort) === making) this.#standing.delete(sort);
    };
    making.then(done, done);
    return making;
  }

  destroy(domain: Domain, scope: string): Change {
    return { delete: { partition: KEY_PARTITION, sort: keySort(domain, scope) } };
  }

  forgotten(domain: Domain, scope: string): void {
    this.#forgettings++;
    const sort = keySort(domain, scope);
    this.#open.get(sort)?.kill();
    this.#open.delete(sort);
    this.unsettled.settled(sort);
    this.counts.dataKeysCached = this.#open.size;
  }

  /** Every cached key refuses from now on. */
  forgetAll(): void {
    this.#forgettings++;
    for (const key of this.#open.values()) key.kill();
    this.#open.clear();
    this.counts.dataKeysCached = 0;
  }

  hmac(domain: Domain, purpose: string, ...parts: readonly (string | Uint8Array)[]): string {
    return this.domainKeys.hmac(domain, purpose, parts);
  }

  /** Opens one stored data key, if there is any, so that a kit of another home is found at start and not at first use. */
  async proveKit(): Promise<void> {
    for (const domain of this.domainKeys.domains) {
      for await (const row of this.records.query(KEY_PARTITION, { prefix: `${domain}/`, limit: 1 })) {
        try {
          await this.#unwrap(domain, row);
        } catch (error) {
          if (!(error instanceof SealBroken)) throw error;
          throw new KitFault(
            "foreign",
            `The kit does not open the keys stored here (${error.message}). It belongs to another home, or the store is damaged: put back the kit of this home.`,
          );
        }
      }
    }
  }

  /** Whether the generation that wraps this stored data key was dropped. */
  isShredded(domain: Domain, row: Row): boolean {
    return !this.domainKeys.at(domain, generationOf({ domain, scope: scopeOfSort(row.sort) }, row.body));
  }

  #make(domain: Domain, scope: string, condition: "absent" | { version: number }) {
    checkScope(scope);
    const by = this.domainKeys.current(domain);
    const { key, body } = makeKey({ tenant: this.tenant, domain, scope }, by);
    const sort = keySort(domain, scope);
    this.unsettled.add(sort, by.generation, body);
    this.counts.dataKeysMade++;
    // Not cached: until the change is written it may yet lose against another key of the same scope.
    const change: Change = { put: { partition: KEY_PARTITION, sort, body }, if: condition };
    return { key, change };
  }

  async #findOrMake(domain: Domain, scope: string): Promise<DataKey> {
    for (;;) {
      const [found] = await this.keys(domain, [scope]);
      if (found) return found;
      const sort = keySort(domain, scope);
      // A row may be there still, of a generation that was shredded: then it is replaced.
      const dead = await this.records.get({ partition: KEY_PARTITION, sort });
      if (dead && !this.isShredded(domain, dead)) continue;
      const made = this.#make(domain, scope, dead ? { version: dead.version } : "absent");
      try {
        await this.records.write([made.change]);
        return await this.key(domain, scope);
      } catch (error) {
        if (!(error instanceof RecordsConflict)) throw error;
      }
    }
  }

  #epoch(): string {
    return `${this.#forgettings}/${this.domainKeys.drops}`;
  }

  /** Undefined when the generation that wrapped it was dropped. */
  async #unwrap(domain: Domain, row: Row): Promise<SealingKey | undefined> {
    const name = { tenant: this.tenant, domain, scope: scopeOfSort(row.sort) };
    const by = await this.#generation(domain, generationOf(name, row.body));
    if (!by) return undefined;
    this.counts.dataKeysUnwrapped++;
    this.unsettled.settled(row.sort);
    return unwrapKey(name, row.body, by);
  }

  async #generation(domain: Domain, generation: number) {
    try {
      return this.domainKeys.at(domain, generation);
    } catch (error) {
      // Another process may have rotated since the kit was read.
      if (!(error instanceof KitFault) || error.code !== "outdated") throw error;
      await this.domainKeys.reload();
      return this.domainKeys.at(domain, generation);
    }
  }

  #cached(sort: string): SealingKey | undefined {
    const key = this.#open.get(sort);
    if (key) {
      this.#open.delete(sort);
      this.#open.set(sort, key);
    }
    return key;
  }

  /** The handle to use: one that another reader kept meanwhile, else this one. */
  #keep(sort: string, key: SealingKey): SealingKey {
    const kept = this.#cached(sort);
    if (kept) return kept;
    this.#open.set(sort, key);
    if (this.#open.size > this.#cacheSize) {
      for (const oldest of this.#open.keys()) {
        this.#open.delete(oldest);
        break;
      }
    }
    this.counts.dataKeysCached = this.#open.size;
    return key;
  }
}

/** A scope lies in the clear in a sort key: it is an opaque id, or a standing scope of the house. */
function checkScope(scope: string): void {
  if (!/^[\w:.-]{1,200}$/.test(scope)) {
    throw new RangeError("A scope is an opaque id of at most 200 letters, digits and : . _ -");
  }
}
