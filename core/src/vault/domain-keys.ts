import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { encodeContext, lengthPrefixed } from "./context.ts";
import type { DomainKey } from "./data-key.ts";
import type { KeyRing, Kit, KitStore, WrappedDomainKey } from "./key-ring.ts";
import { open, seal } from "./seal.ts";
import { DOMAINS, type Domain, type VaultCounts } from "./vault.ts";

/**
 * The domain keys of this process, unwrapped from the kit, and every change of the kit.
 *
 * A domain has one generation of its key, two while a rotation runs. What is newly wrapped is wrapped by the newest. The
 * HMAC key lies beside it, sealed under the domain key (so that the key ring is asked once per domain, and what wraps the
 * one wraps the other), and is the same in every generation of an ordinary rotation.
 */
export interface DomainKeysDeps {
  readonly ring: KeyRing;
  readonly kit: KitStore;
  readonly clock: Clock;
}

interface Generation extends DomainKey {
  readonly hmac: KeyObject;
}

/** The kit does not fit: `code` says how, the message what to do. */
export class KitFault extends Error {
  readonly code: "missing" | "foreign" | "outdated" | "changed";
  constructor(code: KitFault["code"], message: string) {
    super(message);
    this.name = "KitFault";
    this.code = code;
  }
}

export class DomainKeys {
  readonly #deps: DomainKeysDeps;
  readonly #counts: Pick<VaultCounts, "ringUnwraps">;
  readonly #domains: readonly Domain[];
  readonly #live = new Map<Domain, readonly Generation[]>();
  /** How often generations were dropped: a row read before a drop says nothing after it and is read again. */
  drops = 0;
  #kit: Kit;
  /** One change of the kit at a time. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    deps: DomainKeysDeps,
    counts: Pick<VaultCounts, "ringUnwraps">,
    domains: readonly Domain[],
    kit: Kit,
  ) {
    this.#deps = deps;
    this.#counts = counts;
    this.#domains = domains;
    this.#kit = kit;
  }

  /** Opens the named domains of the stored kit, or of a new one when there is none. */
  static async open(
    deps: DomainKeysDeps,
    counts: Pick<VaultCounts, "ringUnwraps">,
    domains: readonly Domain[],
    mayCreate: () => Promise<boolean>,
  ): Promise<DomainKeys> {
    let kit = await deps.kit.read();
    // Data without a kit may also be of a process that made both just now.
    if (!kit) kit = (await mayCreate()) ? await makeKit(deps) : await deps.kit.read();
    if (!kit) {
      throw new KitFault(
        "missing",
        "The kit (the file of wrapped domain keys) is gone, but sealed data is here. Nothing can be opened without it: put it back from where you keep it beside your backups.",
      );
    }
    const keys = new DomainKeys(deps, counts, domains, kit);
    await keys.#unwrapAll();
    return keys;
  }

  get tenant(): string {
    return this.#kit.tenant;
  }

  get domains(): readonly Domain[] {
    return this.#domains;
  }

  /** The generation that wraps what is new. */
  current(domain: Domain): Generation {
    const newest = this.#generations(domain).at(-1);
    if (!newest) throw new KitFault("foreign", `The kit holds no key of the ${domain} domain. Restore the right kit.`);
    return newest;
  }

  /** Undefined when that generation was dropped: what it wrapped is shredded. */
  at(domain: Domain, generation: number): DomainKey | undefined {
    const live = this.#generations(domain);
    const found = live.find((g) => g.generation === generation);
    if (!found && generation > (live.at(-1)?.generation ?? 0)) {
      throw new KitFault(
        "outdated",
        `The kit is older than the data: it knows the ${domain} key up to generation ${live.at(-1)?.generation ?? 0}, and the data needs ${generation}. Put back the newest kit.`,
      );
    }
    return found;
  }

  rotating(domain: Domain): boolean {
    return this.#generations(domain).length > 1;
  }

  /** Milliseconds since the key in force was made. */
  age(domain: Domain): number {
    return this.#deps.clock.now() - (this.#kit.domains[domain].at(-1)?.madeAt ?? 0);
  }

  hmac(domain: Domain, purpose: string, parts: readonly (string | Uint8Array)[]): string {
    return createHmac("sha256", this.current(domain).hmac)
      .update(lengthPrefixed([purpose, ...parts]))
      .digest("base64url");
  }

  /** Reads the kit again, in case another process rotated. */
  async reload(): Promise<void> {
    const kit = await this.#deps.kit.read();
    if (!kit || kit.tenant !== this.#kit.tenant) throw changed();
    if (fingerprint(kit) === fingerprint(this.#kit)) return;
    this.#kit = kit;
    await this.#unwrapAll();
    this.drops++;
  }

  /** A new generation beside the live one, durable before anything is wrapped by it. */
  async begin(domain: Domain): Promise<void> {
    const last = this.current(domain);
    const hmac = last.hmac.export();
    const made = await wrapDomain(this.#deps, this.tenant, domain, last.generation + 1, hmac);
    hmac.fill(0);
    await this.#write((domains) => ({ ...domains, [domain]: [...domains[domain], made.wrapped] }));
    this.#live.set(domain, [...this.#generations(domain), made.generation]);
  }

  /** Drops every generation but the newest: what they still wrap can never be opened again. */
  async finish(domain: Domain): Promise<void> {
    const newest = this.current(domain);
    await this.#write((domains) => ({
      ...domains,
      [domain]: domains[domain].filter(({ generation }) => generation >= newest.generation),
    }));
    this.#live.set(domain, [newest]);
    this.drops++;
  }

  /** Fresh domain and HMAC keys for every domain, in one write; the old ones are gone. */
  async replaceAll(): Promise<void> {
    const fresh = await everyDomain(async (domain) => {
      const last = this.#kit.domains[domain].at(-1)?.generation ?? 0;
      return wrapDomain(this.#deps, this.tenant, domain, last + 1, randomBytes(32));
    });
    await this.#write(() => mapDomains((domain) => [fresh[domain].wrapped]));
    for (const domain of this.#domains) this.#live.set(domain, [fresh[domain].generation]);
    this.drops++;
  }

  #generations(domain: Domain): readonly Generation[] {
    const live = this.#live.get(domain);
    if (!live) throw new Error(`This process does not hold the key of the ${domain} domain.`);
    return live;
  }

  /** All at once: a ring that is asked over a network answers in its own time. */
  async #unwrapAll(): Promise<void> {
    await Promise.all(
      this.#domains.map(async (domain) => {
        const live = await Promise.all(this.#kit.domains[domain].map((wrapped) => this.#unwrap(domain, wrapped)));
        this.#live.set(
          domain,
          live.sort((a, b) => a.generation - b.generation),
        );
      }),
    );
  }

  async #unwrap(domain: Domain, { generation, key, hmac }: WrappedDomainKey): Promise<Generation> {
    this.#counts.ringUnwraps++;
    const plain = await this.#deps.ring.unwrap(domain, Buffer.from(key, "base64"), generation);
    const context = hmacContext(this.tenant, domain, generation);
    const plainHmac = open(plain, context, Buffer.from(hmac, "base64"), `The kit's HMAC key of the ${domain} domain`);
    const unwrapped = { generation, key: createSecretKey(plain), hmac: createSecretKey(plainHmac) };
    plain.fill(0);
    plainHmac.fill(0);
    return unwrapped;
  }

  #write(change: (domains: Kit["domains"]) => Kit["domains"]): Promise<void> {
    const writing = this.#writing.then(async () => {
      const stored = await this.#deps.kit.read();
      if (!stored || fingerprint(stored) !== fingerprint(this.#kit)) throw changed();
      const next: Kit = { ...this.#kit, domains: change(this.#kit.domains) };
      await this.#deps.kit.write(next);
      this.#kit = next;
    });
    // A failure is the caller's; the next change starts from what is stored.
    this.#writing = writing.catch(() => {});
    return writing;
  }
}

function changed(): KitFault {
  return new KitFault(
    "changed",
    "The kit was changed or removed while this home was open. Stop every Steward that uses this home, then start one.",
  );
}

/** A new kit, stored; where two processes start in the same moment on an empty store that refuses one of them, the other's. */
async function makeKit(deps: DomainKeysDeps): Promise<Kit> {
  const kit = await newKit(deps);
  try {
    await deps.kit.write(kit);
    return kit;
  } catch (error) {
    const theirs = await deps.kit.read();
    if (!theirs) throw error;
    return theirs;
  }
}

async function newKit(deps: DomainKeysDeps): Promise<Kit> {
  const tenant = randomBytes(16).toString("hex");
  const made = await everyDomain((domain) => wrapDomain(deps, tenant, domain, 1, randomBytes(32)));
  return { version: 1, tenant, domains: mapDomains((domain) => [made[domain].wrapped]) };
}

async function wrapDomain(
  deps: DomainKeysDeps,
  tenant: string,
  domain: Domain,
  generation: number,
  hmac: Uint8Array,
): Promise<{ generation: Generation; wrapped: WrappedDomainKey }> {
  const plain = randomBytes(32);
  const wrapped = {
    generation,
    key: Buffer.from(await deps.ring.wrap(domain, plain, generation)).toString("base64"),
    hmac: Buffer.from(seal(plain, hmacContext(tenant, domain, generation), hmac)).toString("base64"),
    madeAt: deps.clock.now(),
  };
  const made = { generation, key: createSecretKey(plain), hmac: createSecretKey(hmac) };
  plain.fill(0);
  return { generation: made, wrapped };
}

function hmacContext(tenant: string, domain: Domain, generation: number): Uint8Array {
  return encodeContext(tenant, domain, "kit", domain, "hmac", "", String(generation));
}

function fingerprint(kit: Kit): string {
  return JSON.stringify([kit.tenant, DOMAINS.map((d) => kit.domains[d].map((g) => [g.generation, g.key, g.hmac]))]);
}

async function everyDomain<T>(make: (domain: Domain) => Promise<T>): Promise<Record<Domain, T>> {
  return {
    private: await make("private"),
    published: await make("published"),
    visitor: await make("visitor"),
    hands: await make("hands"),
    index: await make("index"),
  };
}

function mapDomains<T>(make: (domain: Domain) => T): Record<Domain, T> {
  return {
    private: make("private"),
    published: make("published"),
    visitor: make("visitor"),
    hands: make("hands"),
    index: make("index"),
  };
}
