import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { EmbedderError } from "./embedder-error.ts";
import type { Runtime } from "./runtime.ts";
import type { SentenceModel } from "./sentence-model.ts";
import type { WorkerAnswer, WorkerAsk, WorkerSetup } from "./sentence-worker.ts";

/**
 * A sentence model in a thread of its own: started when it is first asked, ended when it had nothing to do for a
 * while, started anew after it died. While it waits it keeps no process alive.
 */
export interface SentenceEmbedder extends Embedder {
  readonly running: boolean;
  close(): Promise<void>;
}

export interface SentenceEmbedderOptions {
  readonly model: SentenceModel;
  readonly runtime: Runtime;
  readonly weight: number;
  /** Of the runtime; as many as help without taking the machine from its owner, unless told. */
  readonly threads?: number;
  /** Milliseconds without work until the thread ends and gives its memory back. */
  readonly idleMs?: number;
}

const IDLE_MS = 60_000;
/** More are asked in turns: while a thread tokenizes what it was asked, it hears no question. */
const MOST_AT_ONCE = 256;
/** Past four, a model this small gains little. */
const MOST_THREADS = 4;

/**
 * Starts nothing yet, unless the model has to be asked for its dimensions. Throws `EmbedderError`, as `embed` does, when
 * it cannot be run.
 */
export async function openSentenceEmbedder(options: SentenceEmbedderOptions): Promise<SentenceEmbedder> {
  const { model, weight, idleMs = IDLE_MS } = options;
  const threads = options.threads ?? Math.min(MOST_THREADS, availableParallelism());
  let thread: SentenceThread | undefined;
  let closed = false;
  const startedThread = () => {
    if (closed) throw new EmbedderError(`${model.name} is closed; Steward is stopping.`);
    if (!thread || thread.dead) thread = new SentenceThread({ model, runtime: options.runtime, threads }, idleMs);
    return thread;
  };
  const dimensions = model.dimensions ?? (await startedThread().dimensions);
  return {
    ...{ id: model.id, dimensions, weight },
    get running() {
      return thread !== undefined && !thread.dead;
    },
    async embed(texts, purpose) {
      if (texts.length === 0) return [];
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += MOST_AT_ONCE) {
        vectors.push(...(await startedThread().embed(texts.slice(at, at + MOST_AT_ONCE), purpose)));
      }
      const given = vectors[0]?.length;
      if (given === dimensions) return vectors;
      throw new EmbedderError(`${model.name} gives ${given} numbers and says it gives ${dimensions}. Fetch it again.`);
    },
    async close() {
      closed = true;
      await thread?.end();
    },
  };
}

class SentenceThread {
  readonly dimensions: Promise<number>;
  dead = false;
  readonly #worker: Worker;
  readonly #name: string;
  readonly #idleMs: number;
  readonly #asked = new Map<number, { resolve(vectors: Float32Array[]): void; reject(error: Error): void }>();
  #lastAsk = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(setup: WorkerSetup, idleMs: number) {
    this.#name = setup.model.name;
    this.#idleMs = idleMs;
    this.#worker = new Worker(new URL("./sentence-worker.ts", import.meta.url), { workerData: setup });
    const ready = Promise.withResolvers<number>();
    this.dimensions = ready.promise;
    // Who asks for vectors is told as well.
    ready.promise.catch(() => {});
    this.#worker.on("message", (message: WorkerAnswer) => {
      if ("ready" in message) ready.resolve(message.dimensions);
      else if ("failed" in message) this.#die(ready.reject, message.failed);
      else this.#answered(message);
      this.#rest();
    });
    this.#worker.on("error", (error) =>
      this.#die(ready.reject, error instanceof Error ? error.message : String(error)),
    );
    this.#worker.on("exit", () => this.#die(ready.reject, "its thread ended"));
  }

  embed(texts: readonly string[], purpose: "passage" | "query"): Promise<Float32Array[]> {
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#lastAsk += 1;
    const ask: WorkerAsk = { ask: this.#lastAsk, texts, purpose };
    return new Promise((resolve, reject) => {
      this.#asked.set(ask.ask, { resolve, reject });
      this.#worker.postMessage(ask);
    });
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    this.dead = true;
    await this.#worker.terminate();
  }

  #answered(message: Extract<WorkerAnswer, { ask: number }>): void {
    const asked = this.#asked.get(message.ask);
    this.#asked.delete(message.ask);
    if ("error" in message) {
      asked?.reject(this.#trouble(message.error));
      return;
    }
    const { vectors, dimensions } = message;
    asked?.resolve(
      Array.from({ length: vectors.length / dimensions }, (_, i) =>
        vectors.subarray(i * dimensions, (i + 1) * dimensions),
      ),
    );
  }

  #rest(): void {
    if (this.#asked.size > 0 || this.dead) return;
    this.#worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.end(), this.#idleMs).unref();
  }

  #die(reject: (error: Error) => void, why: string): void {
    this.dead = true;
    clearTimeout(this.#idle);
    const trouble = this.#trouble(why);
    reject(trouble);
    for (const asked of this.#asked.values()) asked.reject(trouble);
    this.#asked.clear();
  }

  #trouble(why: string): EmbedderError {
    return new EmbedderError(`${this.#name} could not be run (${why}). Fetch it again with: steward models add`);
  }
}
