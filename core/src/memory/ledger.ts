import type { Clock } from "../clock.ts";
import { newId } from "../ids.ts";
import type { Trust } from "../item.ts";
import type { Memory } from "../memory.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";

/**
 * The ledger: facts, each sealed under a data key of its own, so that one can be forgotten without a trace in the others.
 * A fact carries where it came from and the trust of everything it came from; only what the owner said is ever part of
 * the always-on prompt (`recall.ts`).
 */
export interface NewFact {
  readonly text: string;
  readonly category?: string;
  readonly source?: Memory["source"];
  readonly trust?: Trust;
}

export interface LedgerDeps {
  readonly clock: Clock;
  readonly sealed: SealedRecords;
  /** True for a memory that is hidden because forgetting it was asked for. */
  readonly hidden?: (id: string) => boolean | Promise<boolean>;
}

const PARTITION = "memory";
const LONGEST = 2000;

export class Ledger {
  readonly #clock: Clock;
  readonly #sealed: SealedRecords;
  readonly #hidden: (id: string) => boolean | Promise<boolean>;

  constructor(deps: LedgerDeps) {
    this.#clock = deps.clock;
    this.#sealed = deps.sealed;
    this.#hidden = deps.hidden ?? (() => false);
  }

  /** Newest first. */
  async list(): Promise<Memory[]> {
    const memories: Memory[] = [];
    for await (const { value } of this.#sealed.query<Memory>(PARTITION, { reverse: true }, (sort) => sort)) {
      if (!(await this.#hidden(value.id))) memories.push(value);
    }
    return memories;
  }

  /** What the owner typed themself. The same fact again is the fact that is there. */
  remember(text: string, category?: string): Promise<Memory> {
    return this.keep({ text, ...(category === undefined ? {} : { category }) });
  }

  async keep(fact: NewFact): Promise<Memory> {
    const text = fact.text.replace(/\s+/g, " ").trim().slice(0, LONGEST);
    if (text === "") throw new Error("There is nothing to remember: the fact is empty. Say what to remember.");
    const trust = fact.trust ?? "owner";
    const same = (await this.list()).find((memory) => sameFact(memory.text, text) && memory.trust === trust);
    if (same) return same;
    const now = this.#clock.now();
    const memory: Memory = {
      id: newId(now),
      text,
      category: fact.category?.trim().slice(0, 60) || "fact",
      source: fact.source ?? { typed: true },
      trust,
      confidence: trust === "owner" ? 1 : 0.5,
      learnedAt: now,
    };
    const { key, change } = this.#sealed.vault.create("private", memory.id);
    const place = { partition: PARTITION, sort: memory.id, scope: memory.id };
    await this.#sealed.write([change, this.#sealed.put(key, place, memory, { if: "absent" })]);
    return memory;
  }

  /** Destroys the fact's key and its row. False when there is none. */
  async remove(id: string): Promise<boolean> {
    const place = { partition: PARTITION, sort: id, scope: id };
    if (!(await this.#sealed.get<Memory>(place))) return false;
    await this.#sealed.write([{ delete: place }, this.#sealed.vault.destroy("private", id)]);
    this.#sealed.vault.forgotten("private", id);
    return true;
  }
}

function sameFact(a: string, b: string): boolean {
  const plain = (text: string) => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
  return plain(a) === plain(b);
}
