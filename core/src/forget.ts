import type { Blobs } from "./blobs.ts";
import type { Clock } from "./clock.ts";
import { newId } from "./ids.ts";
import { listQuarantine, removeQuarantined } from "./intake/quarantine.ts";
import { getSource, removeSource } from "./intake/source-rows.ts";
import type { ItemId } from "./item.ts";
import type { JobQueue } from "./jobs.ts";
import type { Library } from "./library.ts";
import type { Change } from "./records.ts";
import { toIndexed } from "./search/indexed.ts";
import type { KeptIndex } from "./search/passage-index.ts";
import type { SealedRecords } from "./vault/sealed-records.ts";
import type { ForgetRequest, Forgetting, Receipt } from "./wire.ts";

/**
 * Forgetting, in three steps:
 *
 *   ask      hidden at once from search and every view; can be undone
 *   confirm  what was derived is removed, rows and data keys are destroyed: from here on nothing opens it
 *   shred    (a durable job) segments that held it are rewritten, the log is truncated, then the receipt is issued
 *
 * A crash between any two writes resumes: `confirm` writes its plan first, and each step may be repeated.
 */
export interface ForgetDeps {
  readonly clock: Clock;
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly library: Library;
  readonly index: KeptIndex;
  readonly queue: JobQueue;
  readonly derived: Derived;
  /** Makes deleted bytes unrecoverable from the store's own files (write-ahead log, free pages). */
  readonly purge: () => Promise<void>;
  /** When the domain keys rotate next, ms since the epoch: until then an older backup opens with an older kit. */
  readonly nextRotation: () => Promise<number>;
  /** Ends a running pull of the source after its batch, so that nothing more comes in. */
  readonly pauseSource: (id: string) => Promise<unknown>;
  readonly sourceRemoved: (id: string) => void;
}

/** What rooms above the library made of items: conversations, memories. */
export interface Derived {
  label(what: ForgetRequest): Promise<string | undefined>;
  /** Removes answers that drew on the items and memories learned from them. May be repeated. */
  scrub(items: ReadonlySet<ItemId>): Promise<{ messages: number; memories: number }>;
  removeConversation(id: string): Promise<{ messages: number; memories: number }>;
  removeMemory(id: string): Promise<void>;
}

interface Plan extends Forgetting {
  readonly items: readonly ItemId[];
  /** Beside those of the items, of which each has one. */
  readonly keysDestroyed: number;
}

/** Passages, messages and memories that are destroyed before the plan says so. */
const COUNTED_EVERY = 1_000;

export class Forgettings {
  readonly #deps: ForgetDeps;
  readonly #hidden = new Map<string, Plan>();
  /** Of the rows that `refresh` has seen, by forgetting. */
  readonly #seen = new Map<string, number>();

  constructor(deps: ForgetDeps) {
    this.#deps = deps;
  }

  /** Loads what is hidden, and takes up what a crash interrupted: the index may not have been told, or forgot it. */
  async open(): Promise<void> {
    for (const plan of await this.#plans()) {
      if (plan.state === "hidden" || plan.state === "shredding") {
        this.#hidden.set(plan.id, plan);
        await this.#deps.index.remove(plan.items);
      }
      if (plan.state === "shredding") await this.#queueShred(plan.id);
    }
  }

  /**
   * Takes over what other processes hid, and what they gave back, since. One query of what is being forgotten right now,
   * which is mostly nothing; only rows that changed are opened.
   */
  async refresh(): Promise<void> {
    const { sealed } = this.#deps;
    const before = new Set(this.#hidden.keys());
    const there = new Set<string>();
    for await (const { sort: id, version } of sealed.records.query("forgetting")) {
      there.add(id);
      if (this.#seen.get(id) === version) continue;
      const plan = await this.#plan(id);
      if (plan?.state === "hidden" || plan?.state === "shredding") this.#hidden.set(id, plan);
      this.#seen.set(id, version);
    }
    // What this process hid while the query ran is not among `before`.
    for (const id of before) if (!there.has(id)) this.#hidden.delete(id);
    for (const id of this.#seen.keys()) if (!there.has(id)) this.#seen.delete(id);
  }

  isHidden(what: { item?: string; conversation?: string; source?: string; memory?: string }): boolean {
    for (const plan of this.#hidden.values()) {
      if (what.item !== undefined && plan.items.includes(what.item)) return true;
      if ("conversation" in plan.what && plan.what.conversation === what.conversation) return true;
      if ("source" in plan.what && plan.what.source === what.source) return true;
      if ("memory" in plan.what && plan.what.memory === what.memory) return true;
    }
    return false;
  }

  async ask(what: ForgetRequest): Promise<Forgetting | undefined> {
    const { clock, sealed, index, derived } = this.#deps;
    const label = await derived.label(what);
    if (label === undefined) return undefined;
    if ("source" in what) await this.#deps.pauseSource(what.source);
    const items = await this.#itemsOf(what);
    const id = newId(clock.now());
    const { key, change } = sealed.vault.create("private", id);
    const plan: Plan = {
      id,
      what,
      label,
      state: "hidden",
      askedAt: clock.now(),
      counts: { items: items.length, passages: 0, messages: 0, memories: 0 },
      items,
      keysDestroyed: 0,
    };
    await sealed.write([change, sealed.put(key, placeOf(id), plan)]);
    this.#hidden.set(id, plan);
    await index.remove(items);
    return faceOf(plan);
  }

  async undo(id: string): Promise<boolean> {
    const plan = await this.#plan(id);
    if (plan?.state !== "hidden") return false;
    for (const item of plan.items) {
      const [stored, reading] = await Promise.all([this.#deps.library.item(item), this.#deps.library.reading(item)]);
      if (stored && reading) await this.#deps.index.put([toIndexed(stored, reading)]);
    }
    await this.#deps.sealed.write(this.#removal(id));
    this.#deps.sealed.vault.forgotten("private", id);
    this.#hidden.delete(id);
    return true;
  }

  async confirm(id: string): Promise<Forgetting | undefined> {
    const plan = await this.#plan(id);
    if (plan?.state !== "hidden") return plan && faceOf(plan);
    const begun: Plan = { ...plan, state: "shredding" };
    await this.#store(begun);
    this.#hidden.set(id, begun);
    const destroyed = await this.#destroy(begun);
    await this.#store(destroyed);
    await this.#queueShred(id);
    return faceOf(destroyed);
  }

  /** The job: repeats what `confirm` did (a crash may have cut it short), rewrites, purges, and issues the receipt. */
  async shred(id: string): Promise<void> {
    const found = await this.#plan(id);
    // Killed after the receipt was written, what is left to do is the purge.
    if (!found && (await this.get(id))?.receipt) return this.#deps.purge();
    if (found?.state !== "shredding") return;
    const plan = await this.#destroy(found);
    const { segmentsRewritten } = await this.#deps.index.rewriteWithout(plan.items);
    const receipt = await this.#receipt(plan, segmentsRewritten);
    // The label named what was forgotten and the plan lists its ids; what remains says only how much it was.
    const { items: _, keysDestroyed: __, ...rest } = plan;
    const done: Forgetting = { ...rest, what: plan.what, label: neutralLabel(plan), state: "done", receipt };
    const house = await this.#deps.sealed.vault.standing("private", "house:receipts");
    const place = { partition: "receipt", sort: id, scope: "house:receipts" };
    await this.#deps.sealed.write([...this.#removal(id), this.#deps.sealed.put(house, place, done)]);
    this.#deps.sealed.vault.forgotten("private", id);
    this.#hidden.delete(id);
    await this.#deps.purge();
  }

  async get(id: string): Promise<Forgetting | undefined> {
    const place = { partition: "receipt", sort: id, scope: "house:receipts" };
    const done = await this.#deps.sealed.get<Forgetting>(place);
    if (done) return done.value;
    const plan = await this.#plan(id);
    return plan && faceOf(plan);
  }

  /** Newest first. */
  async list(): Promise<Forgetting[]> {
    const all = (await this.#plans()).map(faceOf);
    const receipts = this.#deps.sealed.query<Forgetting>("receipt", {}, () => "house:receipts");
    for await (const { value } of receipts) all.push(value);
    return all.sort((a, b) => b.askedAt - a.askedAt);
  }

  async #itemsOf(what: ForgetRequest): Promise<ItemId[]> {
    if ("item" in what) return this.#withAttachments([what.item]);
    if (!("source" in what)) return [];
    const { items } = await this.#deps.index.list({ sources: [what.source] }, { limit: Number.MAX_SAFE_INTEGER });
    return [...items];
  }

  async #withAttachments(ids: readonly ItemId[]): Promise<ItemId[]> {
    const all: ItemId[] = [];
    for (const item of await this.#deps.library.items(ids)) {
      if (!item) continue;
      const parts = (item.attachments ?? []).flatMap((part) => (part.item === undefined ? [] : [part.item]));
      all.push(item.id, ...(await this.#withAttachments(parts)));
    }
    return all;
  }

  /** Everything that makes it readable is destroyed here. May be repeated: what is gone already counts nothing. */
  async #destroy(plan: Plan): Promise<Plan> {
    const { derived, index } = this.#deps;
    let { messages, memories } = plan.counts;
    let keysDestroyed = plan.keysDestroyed;
    let passages = plan.counts.passages;
    const soFar = (): Plan => ({
      ...plan,
      counts: { items: plan.items.length, passages, messages, memories },
      keysDestroyed,
    });
    await index.remove(plan.items);
    const scrubbed = await derived.scrub(new Set(plan.items));
    messages += scrubbed.messages;
    memories += scrubbed.memories;
    let unsaid = scrubbed.messages + scrubbed.memories;
    for (const id of plan.items) {
      const gone = await this.#destroyItem(id);
      passages += gone;
      unsaid += gone;
      // What is gone counts nothing when this is repeated: a kill must not make the receipt say less.
      if (unsaid < COUNTED_EVERY) continue;
      await this.#store(soFar());
      unsaid = 0;
    }
    if ("source" in plan.what) keysDestroyed += await this.#destroySource(plan.what.source);
    if ("conversation" in plan.what) {
      const gone = await derived.removeConversation(plan.what.conversation);
      messages += gone.messages;
      memories += gone.memories;
      keysDestroyed += gone.messages > 0 ? 1 : 0;
    }
    if ("memory" in plan.what) {
      await derived.removeMemory(plan.what.memory);
      if (plan.counts.memories === 0) {
        memories = 1;
        keysDestroyed += 1;
      }
    }
    return soFar();
  }

  /** How many passages are gone with it: none where it was gone before. */
  async #destroyItem(id: ItemId): Promise<number> {
    const { library, sealed, blobs } = this.#deps;
    const item = await library.item(id);
    if (!item) return 0;
    const passages = (await library.reading(id))?.passages.length ?? 0;
    const removal = library.removalOf(item);
    await sealed.write(removal.changes);
    sealed.vault.forgotten("private", id);
    for (const name of removal.blobs) await blobs.delete(name);
    return passages;
  }

  async #destroySource(id: string): Promise<number> {
    const { sealed, blobs } = this.#deps;
    this.#deps.sourceRemoved(id);
    let keys = 0;
    for (const row of await listQuarantine({ sealed })) {
      if (row.source !== id) continue;
      await removeQuarantined(this.#deps, row, { forgetMark: true });
      keys++;
    }
    const source = await getSource(sealed, id);
    if (!source) return keys;
    await sealed.write(removeSource(sealed, id));
    sealed.vault.forgotten("private", id);
    if (source.value.blob !== undefined) await blobs.delete(source.value.blob);
    return keys + 1;
  }

  async #receipt(plan: Plan, segmentsRewritten: number): Promise<Receipt> {
    const { clock, sealed } = this.#deps;
    const at = clock.now();
    const backupsOpenUntil = new Date(await this.#deps.nextRotation()).toISOString();
    const { counts } = plan;
    const keysDestroyed = plan.items.length + plan.keysDestroyed;
    const said = JSON.stringify([plan.id, at, keysDestroyed, segmentsRewritten, backupsOpenUntil, counts]);
    const mark = sealed.vault.hmac("private", "receipt", said);
    return { id: plan.id, at, keysDestroyed, segmentsRewritten, backupsOpenUntil, mark };
  }

  async #queueShred(id: string): Promise<void> {
    await this.#deps.queue.add({ kind: "shred", forgetting: id }, { unique: `shred-${id}` });
  }

  async #store(plan: Plan): Promise<void> {
    const key = await this.#deps.sealed.vault.key("private", plan.id);
    await this.#deps.sealed.write([this.#deps.sealed.put(key, placeOf(plan.id), plan)]);
  }

  #removal(id: string): Change[] {
    return [this.#deps.sealed.vault.destroy("private", id), { delete: { partition: "forgetting", sort: id } }];
  }

  async #plan(id: string): Promise<Plan | undefined> {
    return (await this.#deps.sealed.get<Plan>(placeOf(id)))?.value;
  }

  async #plans(): Promise<Plan[]> {
    const plans: Plan[] = [];
    for await (const { value } of this.#deps.sealed.query<Plan>("forgetting", {}, (sort) => sort)) plans.push(value);
    return plans;
  }
}

function faceOf(plan: Plan): Forgetting {
  const { items: _, keysDestroyed: __, ...face } = plan;
  return face;
}

function neutralLabel(plan: Plan): string {
  if ("conversation" in plan.what) return "A conversation";
  if ("memory" in plan.what) return "A memory";
  if ("source" in plan.what) return `A source with ${some(plan.counts.items, "item")}`;
  return plan.counts.items > 1 ? `An item with ${some(plan.counts.items - 1, "attachment")}` : "An item";
}

function some(count: number, one: string): string {
  return count === 1 ? `one ${one}` : `${count} ${one}s`;
}

function placeOf(id: string): { partition: string; sort: string; scope: string } {
  return { partition: "forgetting", sort: id, scope: id };
}
