import { type Change, type Condition, type Records, RecordsConflict, type Row } from "../records.ts";
import { generationOf, KEY_PARTITION, rewrapKey, scopeOfSort } from "./data-key.ts";
import type { KeyVault } from "./keys.ts";
import type { Domain } from "./vault.ts";

/**
 * Rotation of a domain's key: a new generation beside the old one; every data key rewrapped under it; the old one
 * dropped from the kit. From then on a data key that was destroyed before cannot be had back, not even from a copy of the
 * store, by anyone without a copy of the older kit.
 *
 * It may be killed at any step and is then run again: while two generations are in the kit everything opens, what is new
 * is wrapped by the newer, and a rewrap is one conditional put a key, so that a key destroyed meanwhile stays destroyed.
 */
export interface Rotation {
  readonly domain: Domain;
  /** The generation now in force. */
  readonly generation: number;
  readonly rewrapped: number;
  /**
   * Data keys that were made under the old generation and are not stored yet (an upload still running), and one more
   * while other processes may still be making some. While there are any, the old generation stays: run the rotation again
   * later. It is done when this is 0.
   */
  readonly waitingFor: number;
}

export interface RotateOptions {
  /**
   * Where several processes share the store: how long after the new generation was made another of them may still wrap
   * by the old one and store it, in ms. The old one is dropped only after that. 0 when this process is alone.
   */
  readonly othersMs?: number;
}

const PAGE = 100;

/** Begins a rotation, or goes on with the one that was begun. One at a time for a domain. */
export async function rotate(vault: KeyVault, domain: Domain, options: RotateOptions = {}): Promise<Rotation> {
  const { domainKeys } = vault;
  if (!domainKeys.rotating(domain)) await domainKeys.begin(domain);
  const { generation } = domainKeys.current(domain);

  let rewrapped = await rewrapAll(vault, domain);
  const ours = await vault.unsettled.waiting(vault.records, `${domain}/`, generation);
  const waitingFor = ours + (domainKeys.age(domain) < (options.othersMs ?? 0) ? 1 : 0);
  if (waitingFor === 0) {
    // What arrived while the first pass ran. Nothing older can arrive any more.
    rewrapped += await rewrapAll(vault, domain);
    await domainKeys.finish(domain);
  }
  return { domain, generation, rewrapped, waitingFor };
}

/** The domains whose rotation was begun and not ended: to be run again at start. */
export function unfinishedRotations(vault: KeyVault): Domain[] {
  return vault.domainKeys.domains.filter((domain) => vault.domainKeys.rotating(domain));
}

/** Rows of partition `key` in pages, so that rows may be written between two of them. */
export async function* keyRows(records: Records, prefix: string): AsyncGenerator<readonly Row[]> {
  for (let after: string | undefined; ; ) {
    const page: Row[] = [];
    const range = { prefix, limit: PAGE, ...(after === undefined ? {} : { after }) };
    for await (const row of records.query(KEY_PARTITION, range)) page.push(row);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.sort;
  }
}

async function rewrapAll(vault: KeyVault, domain: Domain): Promise<number> {
  let rewrapped = 0;
  for await (const page of keyRows(vault.records, `${domain}/`)) {
    const changes = page.flatMap((row) => rewrapChange(vault, domain, row));
    if (changes.length === 0) continue;
    try {
      await vault.records.write(changes);
      rewrapped += changes.length;
    } catch (error) {
      if (!(error instanceof RecordsConflict)) throw error;
      for (const row of page) rewrapped += await rewrapOne(vault, domain, row.sort);
    }
  }
  return rewrapped;
}

/** One row, however often it changes under our hands: 1 when it was rewrapped here, 0 when it was gone or done. */
async function rewrapOne(vault: KeyVault, domain: Domain, sort: string): Promise<number> {
  for (;;) {
    const row = await vault.records.get({ partition: KEY_PARTITION, sort });
    const changes = row ? rewrapChange(vault, domain, row) : [];
    if (changes.length === 0) return 0;
    try {
      await vault.records.write(changes);
      return 1;
    } catch (error) {
      if (!(error instanceof RecordsConflict)) throw error;
    }
  }
}

/** Nothing for a row that the newest generation wraps already, or that a dropped one wrapped (it is shredded). */
function rewrapChange(vault: KeyVault, domain: Domain, row: Row): (Change & { if: Condition })[] {
  const name = { tenant: vault.tenant, domain, scope: scopeOfSort(row.sort) };
  const newest = vault.domainKeys.current(domain);
  const from = vault.domainKeys.at(domain, generationOf(name, row.body));
  if (!from || from.generation === newest.generation) return [];
  const body = rewrapKey(name, row.body, from, newest);
  const put = {
    partition: row.partition,
    sort: row.sort,
    body,
    ...(row.expiresAt === undefined ? {} : { expiresAt: row.expiresAt }),
  };
  return [{ put, if: { version: row.version } }];
}
