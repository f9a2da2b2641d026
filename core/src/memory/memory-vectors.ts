import { firstIdAt, timeOfId } from "../ids.ts";
import type { Memory } from "../memory.ts";
import type { Change, Range } from "../records.ts";
import type { Embedder } from "../search/embedder.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";
import type { DataKey } from "../vault/vault.ts";
import type { Ledger } from "./ledger.ts";
import { VectorScan } from "./vector-scan.ts";

/**
 * Vectors of memories: one sealed row each, under the memory's own key, unrounded. They are scanned whole, in RAM, so a
 * score is the exact cosine. Before each search the rows newer than the ones in RAM are read, so what another process
 * stored is found; what was forgotten meanwhile does not open and is left out.
 */
export const VECTORS = "memory-vector";

interface StoredVector {
  readonly embedder: string;
  /** Little-endian 32-bit floats, base64. */
  readonly values: string;
}

export interface MemoryVectorsDeps {
  readonly sealed: SealedRecords;
  readonly ledger: Pick<Ledger, "getMany" | "page" | "idsIn">;
  /**
   * How late a memory of another process may arrive, ms: clocks differ and writes take their time, so that an id may be
   * stored after a younger one was seen. 0 where there is no other process.
   */
  readonly othersMs?: number;
}

export interface NearMemory {
  readonly memory: Memory;
  /** Cosine, -1 to 1. */
  readonly score: number;
}

export interface Nearest {
  readonly hits: readonly NearMemory[];
  readonly scored: number;
  /** How many have no vector yet. */
  readonly waiting: number;
  /** Cosines of memories taken without regard to the query: what nearness is held against. */
  readonly usual: Float32Array;
}

export interface NearRequest {
  readonly embedder: Embedder;
  /** Of the query, by this embedder. */
  readonly values: Float32Array;
  readonly limit: number;
  readonly category?: string;
  readonly least?: number;
}

/** Memories without a vector by the embedder in force that one search embeds itself; the others wait for the next. */
const CATCH_UP = 256;
const PAGE = 64;
const SAMPLE = 128;

export class MemoryVectors {
  readonly #deps: MemoryVectorsDeps;
  #embedder: string | undefined;
  #rows = new VectorScan(0);
  #ids: string[] = [];
  #known = new Set<string>();
  /** Up to which memory id all vectors were read or made. */
  #upTo: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** The refresh that has not begun yet. */
  #next: { readonly embedder: string; readonly waiting: Promise<number> } | undefined;

  constructor(deps: MemoryVectorsDeps) {
    this.#deps = deps;
  }

  /** By shared words, for a house without an embedder: rarer words count more. Opens every memory. 0 to 1. */
  async byWords(query: string, options: { limit: number; category?: string | undefined }): Promise<NearMemory[]> {
    const asked = new Set(wordsOf(query));
    const found: { memory: Memory; words: Set<string> }[] = [];
    const frequency = new Map<string, number>();
    let all = 0;
    const category = options.category === undefined ? {} : { category: options.category };
    for (let cursor: string | undefined; ; ) {
      const page = await this.#deps.ledger.page({
        limit: PAGE,
        ...category,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const memory of page.memories) {
        const words = new Set(wordsOf(memory.text).filter((word) => asked.has(word)));
        all += 1;
        for (const word of words) frequency.set(word, (frequency.get(word) ?? 0) + 1);
        if (words.size > 0) found.push({ memory, words });
      }
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    const weightOf = (word: string) => Math.log(1 + all / (1 + (frequency.get(word) ?? 0)));
    const whole = [...asked].reduce((sum, word) => sum + weightOf(word), 0);
    return found
      .map(({ memory, words }) => ({
        memory,
        score: [...words].reduce((sum, word) => sum + weightOf(word), 0) / whole,
      }))
      .sort((a, b) => b.score - a.score || b.memory.learnedAt - a.memory.learnedAt)
      .slice(0, options.limit);
  }

  /** The nearest memories, best first, every stored vector scored. */
  async near(request: NearRequest): Promise<Nearest> {
    const { embedder, values, limit, least = -1, category } = request;
    const within = category === undefined ? undefined : await this.#deps.ledger.idsIn(category);
    const waiting = await this.#refreshed(embedder);
    // Only ever appended to, and replaced as a whole: they go together whatever comes meanwhile.
    const [rows, ids] = [this.#rows, this.#ids];
    const passes = within && ((row: number) => within.has(ids[row] ?? ""));
    let after: Ranked = { row: -1, score: Number.POSITIVE_INFINITY };
    const next = (count: number) => bestRows(rows.products(values), { count, least, after, passes });
    const scored = rows.count;
    const hits: NearMemory[] = [];
    // Some of the nearest may be hidden or forgotten: then more are opened.
    for (let batch = next(limit); batch.length > 0 && hits.length < limit; batch = next(PAGE)) {
      after = batch.at(-1) ?? after;
      const memories = await this.#deps.ledger.getMany(batch.map(({ row }) => ids[row] ?? ""));
      for (const [i, memory] of memories.entries()) {
        const score = batch[i]?.score ?? 0;
        if (memory && hits.length < limit) hits.push({ memory, score: Math.max(-1, Math.min(1, score)) });
      }
      if (hits.length === limit) break;
    }
    return { hits, scored, waiting, usual: rows.products(values, SAMPLE).slice() };
  }

  /** What was stored before this call is in RAM when it resolves. Calls that come while one waits its turn share it. */
  #refreshed(embedder: Embedder): Promise<number> {
    if (this.#next?.embedder === embedder.id) return this.#next.waiting;
    const waiting = this.#inTurn(() => {
      if (this.#next === next) this.#next = undefined; // from here on it may miss what is stored
      return this.#refresh(embedder);
    });
    const next = { embedder: embedder.id, waiting };
    this.#next = next;
    return waiting;
  }

  #after(id: string): Range {
    const { othersMs = 0 } = this.#deps;
    return othersMs === 0 ? { after: id } : { from: firstIdAt(timeOfId(id) - othersMs) };
  }

  async #refresh(embedder: Embedder): Promise<number> {
    if (this.#embedder !== embedder.id) {
      this.#embedder = embedder.id;
      this.#rows = new VectorScan(embedder.dimensions);
      this.#ids = [];
      this.#known = new Set();
      this.#upTo = undefined;
    }
    const missing: string[] = [];
    let upTo = this.#upTo;
    const range = upTo === undefined ? {} : this.#after(upTo);
    const { sealed } = this.#deps;
    let page: string[] = [];
    const read = async () => {
      const stored = await sealed.getMany<StoredVector>(
        page.map((sort) => ({ partition: VECTORS, sort, scope: sort })),
      );
      for (const [i, sort] of page.entries()) {
        const value = stored[i]?.value;
        const values = value?.embedder === embedder.id ? floatsOf(value.values) : undefined;
        if (values?.length === embedder.dimensions) this.#add(sort, values);
        else missing.push(sort);
      }
      page = [];
    };
    for await (const { sort } of sealed.records.query("memory", range)) {
      upTo = sort;
      if (!this.#known.has(sort)) page.push(sort);
      if (page.length === PAGE) await read();
    }
    if (page.length > 0) await read();
    // What is missing is looked for again, from the first of them on.
    const made = await this.#embedMissing(embedder, missing.slice(0, CATCH_UP));
    const waiting = missing.length - made;
    if (waiting === 0) this.#upTo = upTo;
    return waiting;
  }

  async #embedMissing(embedder: Embedder, ids: readonly string[]): Promise<number> {
    let made = 0;
    for (let at = 0; at < ids.length; at += PAGE) {
      const memories = (await this.#deps.ledger.getMany(ids.slice(at, at + PAGE))).filter((m) => m !== undefined);
      try {
        const vectors = await embedder.embed(
          memories.map(({ text }) => text),
          "passage",
        );
        for (const [i, memory] of memories.entries()) {
          const values = vectors[i];
          if (!values) continue;
          await this.#store(embedder, memory.id, values);
          this.#add(memory.id, values);
        }
        // Hidden and forgotten ones have nothing to wait for.
        made += Math.min(PAGE, ids.length - at);
      } catch {
        return made;
      }
    }
    return made;
  }

  async #store(embedder: Embedder, id: string, values: Float32Array): Promise<void> {
    const { sealed } = this.#deps;
    const [key] = await sealed.vault.keys("private", [id]);
    if (!key) return;
    await sealed.write([vectorChange(sealed, key, id, { embedder: embedder.id, values })]);
  }

  #add(id: string, values: Float32Array): void {
    this.#rows.add(values);
    this.#ids.push(id);
    this.#known.add(id);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

export function vectorChange(
  sealed: SealedRecords,
  key: DataKey,
  id: string,
  { embedder, values }: { embedder: string; values: Float32Array },
): Change {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const stored: StoredVector = { embedder, values: bytes.toString("base64") };
  return sealed.put(key, { partition: VECTORS, sort: id, scope: id }, stored);
}

function wordsOf(text: string): string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).map((word) => word.slice(0, 8));
}

interface Ranked {
  readonly row: number;
  readonly score: number;
}

/**
 * The first `count` rows behind `after`, by product, of equal ones the earlier row first. A function of its own, as it looks
 * at every product there is.
 */
function bestRows(
  products: Float32Array,
  how: { count: number; least: number; after: Ranked; passes: ((row: number) => boolean) | undefined },
): Ranked[] {
  const { count, after, passes } = how;
  const best: Ranked[] = [];
  let gate = how.least;
  for (let row = 0; row < products.length; row += 1) {
    const score = products[row] as number; // within its length
    if (score < gate || score > after.score || (score === after.score && row <= after.row)) continue;
    const full = best.length === count;
    if ((full && score === gate) || (passes && !passes(row))) continue;
    let at = best.length;
    while (at > 0 && (best[at - 1]?.score ?? 0) < score) at -= 1;
    best.splice(at, 0, { row, score });
    if (full) best.pop();
    if (best.length === count) gate = best[count - 1]?.score ?? gate;
  }
  return best;
}

function floatsOf(base64: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  return new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
}
