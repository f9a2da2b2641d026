import type { Clock } from "../clock.ts";
import { newId } from "../ids.ts";
import type { Trust } from "../item.ts";
import type { Memory, Metadata } from "../memory.ts";
import type { Change } from "../records.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";
import { CategoryIndex, type Page, type PageRequest } from "./category-index.ts";
import { GroupWriter } from "./group-write.ts";
import { MemoryVectors, VECTORS, vectorChange } from "./memory-vectors.ts";
import { OpenedMemories } from "./opened-memories.ts";

/**
 * The ledger: facts, each sealed under a data key of its own, so that one can be forgotten without a trace in the others.
 * A fact carries where it came from and the trust of everything it came from; only what the owner said is ever part of
 * the always-on prompt (`recall.ts`).
 *
 * | partition | sort | what |
 * |---|---|---|
 * | `memory` | memory id | the fact, with its category and metadata |
 * | `memory-in:<HMAC of the category>` | memory id (a UUIDv7, so by time) | nothing: that it is in the category |
 * | `memory-in:<HMAC of "owner">` | memory id | nothing: that the owner said it |
 * | `memory-vector` | memory id | its vector (`memory-vectors.ts`) |
 */
export interface NewFact {
  readonly text: string;
  readonly category?: string;
  readonly source?: Memory["source"];
  readonly trust?: Trust;
}

/** What a program stores: kept word for word, also when the same is there already. */
export interface NewEntry {
  readonly text: string;
  readonly category?: string;
  readonly metadata?: Metadata;
  /** The API key's id. */
  readonly key: string;
  readonly vector?: { readonly embedder: string; readonly values: Float32Array };
}

export interface LedgerDeps {
  readonly clock: Clock;
  readonly sealed: SealedRecords;
  /** True for a memory that is hidden because forgetting it was asked for. */
  readonly hidden?: (id: string) => boolean | Promise<boolean>;
  /** How late a memory that another process stores may arrive, ms (`memory-vectors.ts`). */
  readonly othersMs?: number;
}

const PARTITION = "memory";
const LONGEST = 2000;
const LONGEST_CATEGORY = 60;
/** Of the owner's, looked through for one that says the same. */
const MOST_FACTS = 100_000;

export class Ledger {
  readonly #clock: Clock;
  readonly #sealed: SealedRecords;
  readonly #hidden: (id: string) => boolean | Promise<boolean>;
  readonly #categories: CategoryIndex;
  readonly #opened: OpenedMemories;
  /** By meaning. Read from the store at the first search. */
  readonly vectors: MemoryVectors;
  readonly #writer: GroupWriter;

  constructor(deps: LedgerDeps) {
    this.#clock = deps.clock;
    this.#sealed = deps.sealed;
    this.#hidden = deps.hidden ?? (() => false);
    this.#categories = new CategoryIndex(deps.sealed);
    this.#opened = new OpenedMemories(deps.sealed);
    const others = deps.othersMs === undefined ? {} : { othersMs: deps.othersMs };
    this.vectors = new MemoryVectors({ sealed: deps.sealed, ledger: this, ...others });
    this.#writer = new GroupWriter((changes) => deps.sealed.write(changes));
  }

  /** Newest first. */
  async list(): Promise<Memory[]> {
    const memories: Memory[] = [];
    for await (const { value } of this.#sealed.query<Memory>(PARTITION, { reverse: true }, (sort) => sort)) {
      if (!(await this.#hidden(value.id))) memories.push(value);
    }
    return memories;
  }

  async get(id: string): Promise<Memory | undefined> {
    return (await this.getMany([id]))[0];
  }

  /** In the order asked; undefined for what is forgotten, hidden or was never there. */
  async getMany(ids: readonly string[]): Promise<(Memory | undefined)[]> {
    const opened = await this.#opened.getMany(ids);
    const memories: (Memory | undefined)[] = [];
    for (const one of opened) memories.push(one && !(await this.#hidden(one.id)) ? one : undefined);
    return memories;
  }

  /** A page of a category, or of all, newest first. Reads no more rows than it needs. */
  async page(request: PageRequest): Promise<Page> {
    return this.#categories.page(request, (ids) => this.getMany(ids));
  }

  /** Which memories are in a category. */
  idsIn(category: string): Promise<ReadonlySet<string>> {
    return this.#categories.ids(category);
  }

  /** The newest of what the owner said themself. */
  async own(limit: number): Promise<readonly Memory[]> {
    return (await this.page({ own: true, limit })).memories;
  }

  /** What the owner typed themself. The same fact again is the fact that is there. */
  remember(text: string, category?: string): Promise<Memory> {
    return this.keep({ text, ...(category === undefined ? {} : { category }) });
  }

  async keep(fact: NewFact): Promise<Memory> {
    const text = fact.text.replace(/\s+/g, " ").trim().slice(0, LONGEST);
    if (text === "") throw new Error("There is nothing to remember: the fact is empty. Say what to remember.");
    const trust = fact.trust ?? "owner";
    const known = trust === "owner" ? await this.own(MOST_FACTS) : await this.list();
    const same = known.find((memory) => sameFact(memory.text, text) && memory.trust === trust);
    if (same) return same;
    const now = this.#clock.now();
    const memory: Memory = {
      id: newId(now),
      text,
      category: categoryOf(fact.category),
      source: fact.source ?? { typed: true },
      trust,
      confidence: trust === "owner" ? 1 : 0.5,
      learnedAt: now,
    };
    await this.#write(memory);
    return memory;
  }

  /**
   * What a program stores for the owner. A program may have read anything, so this is a claim (`contact`), which never
   * reaches the always-on prompt. `also` are changes to be written with it or not at all.
   */
  async store(entry: NewEntry, also?: (memory: Memory) => Promise<readonly Change[]>): Promise<Memory> {
    const now = this.#clock.now();
    const memory: Memory = {
      id: newId(now),
      text: entry.text,
      category: categoryOf(entry.category),
      source: { key: entry.key },
      trust: "contact",
      confidence: 0.5,
      learnedAt: now,
      ...(entry.metadata === undefined ? {} : { metadata: entry.metadata }),
    };
    await this.#write(memory, entry.vector, await also?.(memory));
    return memory;
  }

  async #write(memory: Memory, vector?: NewEntry["vector"], also: readonly Change[] = []): Promise<void> {
    const { key, change } = this.#sealed.vault.create("private", memory.id);
    const place = { partition: PARTITION, sort: memory.id, scope: memory.id };
    await this.#writer.write([
      change,
      this.#sealed.put(key, place, memory, { if: "absent" }),
      ...this.#categories.entries(key, memory),
      ...(vector ? [vectorChange(this.#sealed, key, memory.id, vector)] : []),
      ...also,
    ]);
  }

  /** Destroys the fact's key and its rows. False when there is none. */
  async remove(id: string): Promise<boolean> {
    const place = { partition: PARTITION, sort: id, scope: id };
    const stored = await this.#sealed.get<Memory>(place);
    if (!stored) return false;
    await this.#sealed.write([
      { delete: place },
      ...this.#categories.placesOf(stored.value).map((index) => ({ delete: index })),
      { delete: { partition: VECTORS, sort: id } },
      this.#sealed.vault.destroy("private", id),
    ]);
    this.#sealed.vault.forgotten("private", id);
    this.#opened.forget(id);
    return true;
  }
}

function categoryOf(given: string | undefined): string {
  return given?.trim().slice(0, LONGEST_CATEGORY) || "fact";
}

function sameFact(a: string, b: string): boolean {
  const plain = (text: string) => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
  return plain(a) === plain(b);
}
