import type { Clock } from "../clock.ts";
import type { Source } from "../item.ts";
import type { Progress } from "../wire.ts";

/** How often a follower hears of changes, at most, and over what time a rate is taken; milliseconds. */
const EVERY = 250;
const RATE_WINDOW = 5_000;

/** The progress board: what every source's row last said, and how fast it moves. In memory; the rows are the truth. */
export class ProgressBoard {
  readonly #clock: Clock;
  readonly #sources = new Map<string, Source>();
  readonly #samples = new Map<string, { at: number; done: number }[]>();
  readonly #waiting = new Set<() => void>();
  #embedding: Progress["embedding"];
  #indexing: Progress["indexing"];
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tell(source: Source): void {
    this.#sources.set(source.id, source);
    this.#sample(source);
    this.#changed();
  }

  /** All there are, as the rows say: what another process moved or removed is told as if it had been here. */
  tellAll(sources: readonly Source[]): void {
    const there = new Set(sources.map(({ id }) => id));
    for (const id of this.#sources.keys()) if (!there.has(id)) this.drop(id);
    for (const source of sources) {
      if (JSON.stringify(this.#sources.get(source.id)) !== JSON.stringify(source)) this.tell(source);
    }
  }

  /** Undefined: nothing waits for its vectors any more. */
  tellEmbedding(embedding: Progress["embedding"]): void {
    this.#embedding = embedding;
    this.#changed();
  }

  /** Undefined: the index is not being made anew (any more). */
  tellIndexing(indexing: Progress["indexing"]): void {
    this.#indexing = indexing;
    this.#changed();
  }

  drop(id: string): void {
    this.#sources.delete(id);
    this.#samples.delete(id);
    this.#changed();
  }

  /** Resolves with the source once it is as asked; rejects when it is removed or the signal aborts. */
  async until(id: string, isSo: (source: Source) => boolean, signal?: AbortSignal): Promise<Source> {
    for (;;) {
      const source = this.#sources.get(id);
      if (!source) throw new Error("The source was removed.");
      if (isSo(source)) return source;
      signal?.throwIfAborted();
      await this.#change(signal);
    }
  }

  /** Yields what there is at once, then after every change, at most four times a second. */
  async *follow(signal: AbortSignal): AsyncIterable<Progress> {
    while (!signal.aborted) {
      const seen = this.#version;
      yield this.#now();
      await this.#clock.sleep(EVERY, signal);
      if (this.#version === seen && !signal.aborted) await this.#change(signal);
    }
  }

  #now(): Progress {
    const rates: Record<string, number> = {};
    for (const [id, samples] of this.#samples) {
      const first = samples[0];
      const last = samples.at(-1);
      const reading = this.#sources.get(id)?.state === "reading";
      if (reading && first && last && last.at > first.at) {
        rates[id] = Math.round(((last.done - first.done) * 10_000) / (last.at - first.at)) / 10;
      }
    }
    return {
      ...{ sources: [...this.#sources.values()], rates },
      ...(this.#embedding ? { embedding: this.#embedding } : {}),
      ...(this.#indexing ? { indexing: this.#indexing } : {}),
    };
  }

  #sample(source: Source): void {
    const now = this.#clock.now();
    const { added, known, quarantined } = source.progress;
    const done = added + known + quarantined;
    const samples = this.#samples.get(source.id) ?? [];
    // A source that starts again counts from zero.
    const kept = samples.filter((sample) => now - sample.at <= RATE_WINDOW && sample.done <= done);
    this.#samples.set(source.id, [...kept, { at: now, done }]);
  }

  #changed(): void {
    this.#version += 1;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}
