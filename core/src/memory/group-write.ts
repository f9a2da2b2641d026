import { type Change, keyOf, MAX_CHANGES, MAX_WRITE_BYTES } from "../records.ts";

/**
 * Writes that arrive together are written together: one durable commit instead of one each, which is what storing costs
 * most. Each caller's changes stay all or none; when a group is refused, each is written alone, so that one that
 * conflicts takes no other with it.
 */
export class GroupWriter {
  readonly #write: (changes: readonly Change[]) => Promise<void>;
  #waiting: Waiting[] = [];

  constructor(write: (changes: readonly Change[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the changes are durable. */
  write(changes: readonly Change[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#waiting.length === 0) setImmediate(() => void this.#flush());
    this.#waiting.push({ changes, resolve, reject });
    return promise;
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const group of groupsOf(waiting)) {
      try {
        await this.#write(group.flatMap(({ changes }) => changes));
        for (const { resolve } of group) resolve();
      } catch (error) {
        const [only] = group;
        if (only && group.length === 1) only.reject(error);
        else for (const one of group) await this.#write(one.changes).then(one.resolve, one.reject);
      }
    }
  }
}

interface Waiting {
  readonly changes: readonly Change[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** As many as one write takes; two that touch the same row never stand together. */
function* groupsOf(waiting: readonly Waiting[]): Generator<Waiting[]> {
  let group: Waiting[] = [];
  let count = 0;
  let bytes = 0;
  let keys = new Set<string>();
  for (const one of waiting) {
    const size = one.changes.reduce((sum, change) => sum + ("put" in change ? change.put.body.length : 0), 0);
    const own = one.changes.map((change) => `${keyOf(change).partition}\n${keyOf(change).sort}`);
    const fits = count + one.changes.length <= MAX_CHANGES && bytes + size <= MAX_WRITE_BYTES;
    if (group.length > 0 && (!fits || own.some((key) => keys.has(key)))) {
      yield group;
      group = [];
      count = 0;
      bytes = 0;
      keys = new Set();
    }
    group.push(one);
    count += one.changes.length;
    bytes += size;
    for (const key of own) keys.add(key);
  }
  if (group.length > 0) yield group;
}
