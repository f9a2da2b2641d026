import type { Change, Condition, Range, Records } from "../records.ts";
import type { DataKey, Domain, Vault } from "./vault.ts";

/** Where a value lies, and the scope of the data key it is sealed under. */
export interface Place {
  readonly partition: string;
  readonly sort: string;
  readonly scope: string;
  /** `private` unless said otherwise. */
  readonly domain?: Domain;
}

export interface Stored<T> {
  readonly sort: string;
  readonly value: T;
  readonly version: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Records whose bodies are JSON values, sealed on their way down. Everything the house keeps in rows goes through here,
 * so that a port never sees plain content. A value is bound to its partition and sort key.
 */
export class SealedRecords {
  readonly records: Records;
  readonly vault: Vault;

  constructor(records: Records, vault: Vault) {
    this.records = records;
    this.vault = vault;
  }

  /** Undefined when the row is absent, expired, or its key was destroyed. `T` is what was put there. */
  async get<T>(place: Place): Promise<Stored<T> | undefined> {
    const row = await this.records.get(place);
    if (!row) return undefined;
    const key = await this.#keyOf(place);
    if (!key) return undefined;
    return { sort: row.sort, value: unpack<T>(key, place, row.body), version: row.version };
  }

  /** Several of one domain at once, in the order asked. */
  async getMany<T>(places: readonly Place[]): Promise<(Stored<T> | undefined)[]> {
    const rows = await this.records.getMany(places.map(({ partition, sort }) => ({ partition, sort })));
    const keys = await this.vault.keys(
      places[0]?.domain ?? "private",
      places.map(({ scope }) => scope),
    );
    return places.map((place, i) => {
      const row = rows[i];
      const key = keys[i];
      return row && key ? { sort: row.sort, value: unpack<T>(key, place, row.body), version: row.version } : undefined;
    });
  }

  /** The values of a partition; rows whose key was destroyed are passed over. `scopeOf` names the key of a row. */
  async *query<T>(
    partition: string,
    range: Range,
    scopeOf: (sort: string) => string,
    domain: Domain = "private",
  ): AsyncIterable<Stored<T>> {
    for await (const row of this.records.query(partition, range)) {
      const place = { partition, sort: row.sort, scope: scopeOf(row.sort), domain };
      const key = await this.#keyOf(place);
      if (key) yield { sort: row.sort, value: unpack<T>(key, place, row.body), version: row.version };
    }
  }

  /** The change that puts a value under a key the caller holds (from `vault.create`, `vault.key` or `vault.standing`). */
  put(key: DataKey, place: Place, value: unknown, options: { if?: Condition; expiresAt?: number } = {}): Change {
    const body = key.seal(
      { table: place.partition, id: place.sort, field: "body" },
      encoder.encode(JSON.stringify(value)),
    );
    return {
      put: {
        partition: place.partition,
        sort: place.sort,
        body,
        ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
      },
      ...(options.if === undefined ? {} : { if: options.if }),
    };
  }

  write(changes: readonly Change[]): Promise<void> {
    return this.records.write(changes);
  }

  async #keyOf(place: Place): Promise<DataKey | undefined> {
    const domain = place.domain ?? "private";
    if (place.scope.startsWith("house:")) return this.vault.standing(domain, place.scope as `house:${string}`);
    const [key] = await this.vault.keys(domain, [place.scope]);
    return key;
  }
}

function unpack<T>(key: DataKey, place: Place, body: Uint8Array): T {
  const plain = key.open({ table: place.partition, id: place.sort, field: "body" }, body);
  // The seal proves that these are the bytes `put` made from a T for this very place.
  return JSON.parse(decoder.decode(plain)) as T;
}
