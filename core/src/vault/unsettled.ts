import type { Records } from "../records.ts";
import { KEY_PARTITION } from "./data-key.ts";

/**
 * The data keys made in this process whose rows may still be on their way to the store. A rotation must not drop the
 * generation that wraps them before they have arrived (and were rewrapped), however long a caller takes: an upload may be
 * sealed for an hour before its first row is written.
 *
 * A key leaves the list when its row is found stored, when it is forgotten, or when nobody holds its stored form any more (so nobody can write
 * it): a weak reference tells.
 */
export class Unsettled {
  readonly #formBySort = new Map<string, { readonly generation: number; readonly body: WeakRef<Uint8Array> }>();
  readonly #collected = new FinalizationRegistry<string>((sort) => {
    if (this.#formBySort.get(sort)?.body.deref() === undefined) this.#formBySort.delete(sort);
  });

  add(sort: string, generation: number, body: Uint8Array): void {
    this.#formBySort.set(sort, { generation, body: new WeakRef(body) });
    this.#collected.register(body, sort);
  }

  /** The row was seen stored, or its key was destroyed. */
  settled(sort: string): void {
    this.#formBySort.delete(sort);
  }

  /** How many of the domain's keys, wrapped by an older generation than `newest`, may still be written. */
  async waiting(records: Records, prefix: string, newest: number): Promise<number> {
    let waiting = 0;
    for (const [sort, { generation, body }] of [...this.#formBySort]) {
      if (!sort.startsWith(prefix) || generation >= newest) continue;
      if (body.deref() !== undefined && !(await records.get({ partition: KEY_PARTITION, sort }))) waiting++;
      else this.#formBySort.delete(sort);
    }
    return waiting;
  }
}
