import type { Memory } from "../memory.ts";
import type { SealedRecords, Stored } from "../vault/sealed-records.ts";

/**
 * Memories by id, opened once for each version of their row: opening costs more than all the rest of a search, and the same
 * ones are near many questions. The rows themselves are read every time, so that what was forgotten, by whichever process,
 * is gone here too.
 */
export class OpenedMemories {
  readonly #sealed: SealedRecords;
  readonly #most: number;
  /** The least recently asked for comes first. */
  readonly #opened = new Map<string, Stored<Memory>>();
  /** Characters of their texts. */
  #size = 0;

  constructor(sealed: SealedRecords, most = 4_000_000) {
    this.#sealed = sealed;
    this.#most = most;
  }

  /** In the order asked; undefined for what is not there. */
  async getMany(ids: readonly string[]): Promise<(Memory | undefined)[]> {
    const places = ids.map((id) => ({ partition: "memory", sort: id, scope: id }));
    const rows = await this.#sealed.records.getMany(places);
    const unknown = places.filter(({ sort }, i) => rows[i] && this.#opened.get(sort)?.version !== rows[i].version);
    const opened = await this.#sealed.getMany<Memory>(unknown);
    for (const [i, { sort }] of unknown.entries()) {
      this.forget(sort);
      const stored = opened[i];
      if (stored) this.#keep(sort, stored);
    }
    const found = new Map(opened.flatMap((one) => (one ? [[one.sort, one] as const] : [])));
    return ids.map((id, i) => {
      if (!rows[i]) this.forget(id);
      const known = this.#opened.get(id);
      // The most recently asked for goes last.
      if (known && this.#opened.delete(id)) this.#opened.set(id, known);
      return rows[i] ? (found.get(id) ?? known)?.value : undefined;
    });
  }

  forget(id: string): void {
    const known = this.#opened.get(id);
    if (!known) return;
    this.#opened.delete(id);
    this.#size -= known.value.text.length;
  }

  #keep(id: string, stored: Stored<Memory>): void {
    this.#opened.set(id, stored);
    this.#size += stored.value.text.length;
    for (const oldest of this.#opened.keys()) {
      if (this.#size <= this.#most || oldest === id) break;
      this.forget(oldest);
    }
  }
}
