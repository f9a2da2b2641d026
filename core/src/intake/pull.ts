import type { Source, SourceProgress } from "../item.ts";
import type { Lease } from "../jobs.ts";
import type { IndexedItem, PassageIndex } from "../search/passage-index.ts";
import type { Connector, Pulled } from "./connector.ts";
import { type IngestDeps, keep, type Prepared, prepare, type Tally } from "./ingest.ts";
import { putSource, type StoredSource } from "./source-rows.ts";

/**
 * Pull: the job that brings in what a source holds. It reads batches ahead and indexes one behind; with each batch the
 * source's row is written with the cursor that stands after it, so a kill at any moment resumes there.
 */
export interface PullDeps extends IngestDeps {
  readonly connector: Connector;
  /** Tells the faces; called after every batch with what the row now says. */
  readonly tell: (source: Source) => void;
}

/** A batch is read by the sandbox in one go; it holds at most this many entries and about this many bytes. */
const BATCH_ENTRIES = 128;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Pulls to the end, or until the signal aborts (paused, stopping, lease lost). Returns the source as it then stands. */
export async function pull(
  deps: PullDeps,
  stored: StoredSource,
  lease: Pick<Lease, "guard">,
  signal: AbortSignal,
): Promise<StoredSource> {
  let source = await begin(deps, stored);
  let version = source.version;
  const index = oneBehind(deps.index);
  try {
    for await (const { batch, prepared } of readAhead(deps, source.value, signal)) {
      const last = batch.at(-1);
      if (!last) continue;
      let next = source.value;
      await keep({ ...deps, index }, source.value, prepared, async (tally) => {
        next = advance(source.value, tally, last);
        return [await putSource(deps.sealed, next, version), lease.guard()];
      });
      version += 1;
      source = { value: next, version };
      deps.tell(next);
      if (signal.aborted) break;
    }
  } finally {
    await index.settled();
  }
  return signal.aborted ? source : end(deps, source);
}

/** The index is given what was written at once, and waited for one put later: meanwhile what follows is sealed and written. */
function oneBehind(index: Pick<PassageIndex, "put">) {
  let last = Promise.resolve();
  return {
    put(items: readonly IndexedItem[]): Promise<void> {
      const before = last;
      last = index.put(items);
      // Its failure is told to the next put, or when all are settled.
      last.catch(() => {});
      return before;
    },
    settled: () => last,
  };
}

async function begin(deps: PullDeps, stored: StoredSource): Promise<StoredSource> {
  const { error: _, ...rest } = stored.value;
  const totalBytes = await deps.connector.measure(stored.value);
  const progress: SourceProgress = {
    ...rest.progress,
    startedAt: deps.clock.now(),
    ...(totalBytes === undefined ? {} : { totalBytes }),
  };
  return store(deps, stored, { ...rest, state: "reading", progress });
}

async function end(deps: PullDeps, stored: StoredSource): Promise<StoredSource> {
  const { cursor: _, ...rest } = stored.value;
  const progress = { ...rest.progress, endedAt: deps.clock.now() };
  return store(deps, stored, { ...rest, state: "done", progress });
}

async function store(deps: PullDeps, stored: StoredSource, value: Source): Promise<StoredSource> {
  await deps.sealed.write([await putSource(deps.sealed, value, stored.version)]);
  deps.tell(value);
  return { value, version: stored.version + 1 };
}

function advance(source: Source, tally: Tally, last: Pulled): Source {
  const { progress } = source;
  return {
    ...source,
    cursor: last.cursor,
    progress: {
      ...progress,
      added: progress.added + tally.added,
      known: progress.known + tally.known,
      quarantined: progress.quarantined + tally.quarantined,
      bytes: last.position,
    },
  };
}

interface Ahead {
  readonly batch: readonly Pulled[];
  readonly prepared: Prepared;
}

/** Batches being read while one is kept: with one alone the sandbox would wait whenever this thread is busy. */
const AHEAD = 2;

/** Yields batches already read, in order, with the next ones being read meanwhile. */
async function* readAhead(deps: PullDeps, source: Source, signal: AbortSignal): AsyncIterable<Ahead> {
  const batches = inBatches(deps.connector.pull(source, source.cursor, signal));
  const read = async (): Promise<Ahead | undefined> => {
    const next = await batches.next();
    if (next.done) return undefined;
    return { batch: next.value, prepared: await prepare(deps, source, next.value) };
  };
  const begin = (): Promise<Ahead | undefined> => {
    const reading = read();
    // Should the consumer stop before it is awaited, its failure must not go unhandled; what is awaited throws.
    reading.catch(() => {});
    return reading;
  };
  const ahead = Array.from({ length: AHEAD }, begin);
  try {
    for (;;) {
      const now = await ahead.shift();
      if (!now) return;
      ahead.push(begin());
      yield now;
    }
  } finally {
    await Promise.allSettled(ahead);
    await batches.return?.(undefined);
  }
}

async function* inBatches(entries: AsyncIterable<Pulled>): AsyncGenerator<readonly Pulled[], void> {
  let batch: Pulled[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    batch.push(entry);
    bytes += entry.type === "entry" ? entry.bytes.length : 0;
    if (batch.length >= BATCH_ENTRIES || bytes >= BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
