import type { Blobs } from "../blobs.ts";
import { newId } from "../ids.ts";
import type { Quarantined, Source, SourceProgress } from "../item.ts";
import type { JobQueue, Lease } from "../jobs.ts";
import { RecordsConflict } from "../records.ts";
import type { Progress } from "../wire.ts";
import type { Connector } from "./connector.ts";
import { grow } from "./grow.ts";
import { type IngestDeps, keep } from "./ingest.ts";
import { ProgressBoard } from "./progress-board.ts";
import { pull } from "./pull.ts";
import { listQuarantine, quarantinedBytes, removeQuarantined } from "./quarantine.ts";
import { createSource, getSource, listSources, putSource, removeSource, type StoredSource } from "./source-rows.ts";
import { storeUpload } from "./uploads.ts";

/**
 * Sources: somewhere things come from, as the faces see them. Adding one queues a pull; the pull tells the progress
 * board; pausing ends the running pull after its batch.
 */
export interface SourcesDeps extends Omit<IngestDeps, "ownAddresses"> {
  readonly queue: JobQueue;
  readonly blobs: Blobs;
  readonly connectors: Readonly<Record<Source["kind"], Connector>>;
  readonly ownAddresses: () => Promise<ReadonlySet<string>>;
  /** Where the sample archive lies once it is made. */
  readonly sampleFolder: () => Promise<string>;
  /** Throws a sentence for the person when the path cannot be read; returns it absolute. */
  readonly checkPath: (path: string) => Promise<string>;
  /** Other processes read sources too: progress is looked up in the rows, and a pause reaches whoever is reading. */
  readonly shared?: boolean;
}

const FRESH: SourceProgress = { added: 0, known: 0, quarantined: 0, bytes: 0 };

/** Why a pull ended early: the person paused it. */
const PAUSED = "paused";

/** How often a follower looks at the rows that another process writes, ms. */
const LOOK_MS = 1_000;
/** A stream that is held open keeps a process busy: while nothing moves it is asked anew this often instead, ms. */
const AGAIN_MS = 5_000;

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

export class Sources {
  readonly #deps: SourcesDeps;
  readonly #board: ProgressBoard;
  readonly #running = new Map<string, Running>();

  constructor(deps: SourcesDeps) {
    this.#deps = deps;
    this.#board = new ProgressBoard(deps.clock);
  }

  /**
   * Reads the rows once, so that the progress board knows what there is. What a kill left half-way is taken up: an
   * upload that was cut off goes, and a source that waits or was being read has its job, however early the kill came
   * and however often: each start goes on from the cursor, so earlier deaths do not count against it.
   */
  async open(): Promise<void> {
    const dead = (await this.#deps.queue.list()).filter(({ state }) => state === "dead");
    for (const source of await this.list()) {
      const waits = source.state === "waiting";
      const cutOff = waits && source.blob !== undefined && (await this.#deps.blobs.size(source.blob)) === undefined;
      if (cutOff) await this.#deps.sealed.write(removeSource(this.#deps.sealed, source.id));
      else if (waits || source.state === "reading") {
        const former = dead.filter(({ job }) => job.kind === "pull" && job.source === source.id);
        for (const { id } of former) await this.#deps.queue.dismiss(id);
        await this.#queue(source);
      } else this.#board.tell(source);
    }
  }

  list(): Promise<Source[]> {
    return listSources(this.#deps.sealed);
  }

  async get(id: string): Promise<Source | undefined> {
    return (await getSource(this.#deps.sealed, id))?.value;
  }

  /** The same path added again is pulled again, as the source it was. */
  async addPath(path: string): Promise<Source> {
    const absolute = await this.#deps.checkPath(path);
    const known = (await this.list()).find((source) => source.kind === "path" && source.path === absolute);
    if (known) return this.run(known.id);
    return this.#add({ kind: "path", name: baseOf(absolute), path: absolute });
  }

  async addSample(): Promise<Source> {
    const known = (await this.list()).find((source) => source.kind === "sample");
    if (known) return this.run(known.id);
    return this.#add({ kind: "sample", name: "Nora's archive", path: await this.#deps.sampleFolder() });
  }

  /** With an `id` that was given out before, a second upload of it is refused (`RecordsConflict`). */
  async addUpload(name: string, bytes: AsyncIterable<Uint8Array>, given?: string): Promise<Source> {
    const { sealed, clock } = this.#deps;
    const id = given ?? newId(clock.now());
    const source = this.#fresh(id, { kind: "upload", name: baseOf(name) || "upload", blob: `upload/${id}` });
    await sealed.write(createSource(sealed, source));
    try {
      await storeUpload(this.#deps, source, bytes);
    } catch (error) {
      // Cut off half-way: nothing of it is visible, so the source goes too.
      await sealed.write(removeSource(sealed, id));
      sealed.vault.forgotten("private", id);
      throw error;
    }
    return this.#queue(source);
  }

  async run(id: string): Promise<Source> {
    const running = this.#running.get(id);
    if (running?.stop.signal.aborted) await running.ended;
    const stored = await this.#existing(id);
    if (this.#running.has(id)) return stored.value;
    const { cursor, ...rest } = stored.value;
    // A paused source goes on where it was; a finished one is counted afresh.
    const again =
      stored.value.state === "done" ? { ...rest, progress: FRESH } : { ...rest, ...(cursor ? { cursor } : {}) };
    return this.#queue(await this.#store(stored, { ...again, state: "waiting" }));
  }

  async pause(id: string): Promise<Source> {
    const running = this.#running.get(id);
    if (running) {
      running.stop.abort(PAUSED);
      return this.finished(id);
    }
    return this.#pauseRow(id);
  }

  /** One that another process reads ends there with its batch, which finds the row changed. */
  async #pauseRow(id: string): Promise<Source> {
    for (;;) {
      const stored = await this.#existing(id);
      const { state } = stored.value;
      if (state !== "waiting" && !(this.#deps.shared && state === "reading")) return stored.value;
      try {
        return await this.#store(stored, { ...stored.value, state: "paused" });
      } catch (error) {
        if (!(error instanceof RecordsConflict)) throw error;
      }
    }
  }

  async finished(id: string, signal?: AbortSignal): Promise<Source> {
    await this.#existing(id);
    return this.#looking(signal, (until) =>
      this.#board.until(id, (source) => ["done", "failed", "paused"].includes(source.state), until),
    );
  }

  async *progress(signal: AbortSignal): AsyncIterable<Progress> {
    if (!this.#deps.shared) return yield* this.#board.follow(signal);
    await this.#look();
    const left = new AbortController();
    const both = AbortSignal.any([signal, left.signal]);
    const looking = this.#lookOn(both);
    try {
      for await (const now of this.#board.follow(both)) {
        const moves = now.sources.some(({ state }) => state === "reading" || state === "waiting");
        yield moves ? now : { ...now, again: AGAIN_MS };
        if (!moves) return;
      }
    } finally {
      left.abort();
      await looking;
    }
  }

  /** Does the work while the rows are looked at, where others write them. */
  async #looking<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    if (!this.#deps.shared) return work(signal);
    await this.#look();
    const done = new AbortController();
    const looking = this.#lookOn(AbortSignal.any([done.signal, ...(signal ? [signal] : [])]));
    try {
      return await work(signal);
    } finally {
      done.abort();
      await looking;
    }
  }

  async #lookOn(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#deps.clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      // The store may answer the next time; the follower keeps what it knows.
      await this.#look().catch(() => {});
    }
  }

  async #look(): Promise<void> {
    this.#board.tellAll(await this.list());
  }

  tellIndexing(indexing: Progress["indexing"]): void {
    this.#board.tellIndexing(indexing);
  }

  tellEmbedding(embedding: Progress["embedding"]): void {
    this.#board.tellEmbedding(embedding);
  }

  /** The job. One at a time for a source; one that is gone, paused or done by now has nothing to pull. */
  async pull(id: string, lease: Pick<Lease, "guard">, signal: AbortSignal): Promise<void> {
    for (let other = this.#running.get(id); other; other = this.#running.get(id)) await other.ended;
    const stop = new AbortController();
    const work = this.#pull(id, lease, signal, stop.signal);
    const ended = work.then(
      () => {},
      () => {},
    );
    this.#running.set(id, { stop, ended: ended.finally(() => this.#running.delete(id)) });
    await work;
  }

  async #pull(id: string, lease: Pick<Lease, "guard">, signal: AbortSignal, paused: AbortSignal): Promise<void> {
    const stored = await getSource(this.#deps.sealed, id);
    if (!stored || stored.value.state === "paused" || stored.value.state === "done") return;
    try {
      const deps = {
        ...this.#deps,
        ownAddresses: await this.#deps.ownAddresses(),
        connector: this.#deps.connectors[stored.value.kind],
        tell: (source: Source) => this.#board.tell(source),
      };
      const after = await pull(deps, stored, lease, AbortSignal.any([signal, paused]));
      if (paused.aborted && after.value.state !== "done") await this.#store(after, { ...after.value, state: "paused" });
      await this.#deps.queue.add({ kind: "embed" }, { unique: "embed" });
      if (after.value.state === "done") await this.#dropUpload(after.value);
      else signal.throwIfAborted();
    } catch (error) {
      if (error instanceof RecordsConflict && (await this.#isTakenAway(id))) return;
      if (!signal.aborted) await this.#failed(id, error);
      throw error;
    }
  }

  /** Another process paused or removed it while it was read here. */
  async #isTakenAway(id: string): Promise<boolean> {
    const state = (await this.get(id))?.state;
    return this.#deps.shared === true && (state === undefined || state === "paused");
  }

  /** A source was removed with all it brought. */
  removed(id: string): void {
    this.#running.get(id)?.stop.abort(PAUSED);
    this.#board.drop(id);
  }

  async quarantine(): Promise<Quarantined[]> {
    return listQuarantine(this.#deps);
  }

  /** Tries again; what is still unreadable comes back with its (perhaps new) reason. */
  async retryQuarantined(id: string): Promise<Quarantined | undefined> {
    const row = (await listQuarantine(this.#deps)).find((one) => one.id === id);
    const source = row && (await this.get(row.source));
    const bytes = row && (await quarantinedBytes(this.#deps, row));
    if (!row || !source || !bytes) return row;
    const name = baseOf(row.path.replaceAll("!", "/"));
    const outcome = await this.#deps.reader.read({ bytes, name });
    if (!outcome.ok) return { ...row, code: outcome.code, reason: outcome.reason };
    const deps = { ...this.#deps, ownAddresses: await this.#deps.ownAddresses() };
    // Its mark says "seen"; it is taken away first, so that the item can be known by it. Killed in between, the row is
    // still listed.
    await this.#deps.sealed.write([{ delete: { partition: "seen", sort: row.mark } }]);
    const grown = await grow(deps, source, { name, path: row.path, bytes, mark: row.mark }, outcome);
    await keep(deps, source, [grown], async () => []);
    await removeQuarantined(this.#deps, row, { forgetMark: false });
    return undefined;
  }

  async dismissQuarantined(id: string): Promise<boolean> {
    const row = (await listQuarantine(this.#deps)).find((one) => one.id === id);
    if (!row) return false;
    await removeQuarantined(this.#deps, row, { forgetMark: false });
    return true;
  }

  async #add(what: Pick<Source, "kind" | "name" | "path">): Promise<Source> {
    const source = this.#fresh(newId(this.#deps.clock.now()), what);
    await this.#deps.sealed.write(createSource(this.#deps.sealed, source));
    return this.#queue(source);
  }

  #fresh(id: string, what: Pick<Source, "kind" | "name" | "path" | "blob">): Source {
    return { id, ...what, trust: "owner", state: "waiting", progress: FRESH, addedAt: this.#deps.clock.now() };
  }

  async #queue(source: Source): Promise<Source> {
    this.#board.tell(source);
    await this.#deps.queue.add({ kind: "pull", source: source.id });
    return source;
  }

  async #store(stored: StoredSource, value: Source): Promise<Source> {
    await this.#deps.sealed.write([await putSource(this.#deps.sealed, value, stored.version)]);
    this.#board.tell(value);
    return value;
  }

  async #failed(id: string, error: unknown): Promise<void> {
    const stored = await getSource(this.#deps.sealed, id);
    if (!stored) return;
    const reason = error instanceof Error ? error.message : String(error);
    await this.#store(stored, { ...stored.value, state: "failed", error: reason });
  }

  /** The items keep their own originals; the uploaded bytes have served. */
  async #dropUpload(source: Source): Promise<void> {
    if (source.blob !== undefined) await this.#deps.blobs.delete(source.blob);
  }

  async #existing(id: string): Promise<StoredSource> {
    const stored = await getSource(this.#deps.sealed, id);
    if (!stored) throw new NoSuchSource(id);
    return stored;
  }
}

export class NoSuchSource extends Error {
  constructor(id: string) {
    super(`There is no source ${id}.`);
    this.name = "NoSuchSource";
  }
}

function baseOf(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}
