import { embedWaiting } from "@steward/core/intake/embed.ts";
import type { Sources } from "@steward/core/intake/sources.ts";
import type { JobQueue } from "@steward/core/jobs.ts";
import type { Library } from "@steward/core/library.ts";
import type { KeptIndex } from "@steward/core/search/passage-index.ts";
import type { EmbedderDownload } from "@steward/core/wire.ts";
import type { Embedders } from "./embedders/index.ts";
import type { EmbeddersFace } from "./house.ts";

/** Embedding: the chosen embedder brought together with what waits for its vectors. */
export interface EmbeddingDeps {
  readonly embedders: Embedders;
  readonly index: KeptIndex;
  readonly library: Library;
  readonly queue: JobQueue;
  readonly sources: Pick<Sources, "tellEmbedding">;
}

export interface Embedding {
  readonly face: EmbeddersFace;
  /** The job: makes what is missing, then is done until something new comes. */
  run(signal: AbortSignal): Promise<void>;
  /** Queues the job when something waits; called at a start and by the clock. */
  wake(): Promise<void>;
}

export function openEmbedding(deps: EmbeddingDeps): Embedding {
  const { embedders, index, library, queue } = deps;
  const wake = async () => {
    // An empty house need not even open the embedder.
    if (index.stats().passages === 0) return;
    const embedder = await embedders.current();
    if (embedder && (await index.withoutVectors(embedder.id, 1)).length > 0) {
      await queue.add({ kind: "embed" }, { unique: "embed" });
    }
  };
  const choices = async () => shown(await embedders.choices());
  return {
    wake,
    run: (signal) =>
      embedWaiting(
        { index, library, embedder: () => embedders.current(), tell: (now) => deps.sources.tellEmbedding(now) },
        signal,
      ),
    face: {
      choices,
      async choose(setup) {
        await embedders.choose(setup);
        await wake();
        return choices();
      },
      add: (id, signal) => download(embedders, id, signal),
    },
  };
}

function shown(choices: Awaited<ReturnType<Embedders["choices"]>>) {
  return choices.map(({ downloadBytes, ...choice }) => ({
    ...choice,
    ...(downloadBytes === undefined ? {} : { bytes: downloadBytes }),
  }));
}

/** What the download tells by callback, as events that end with `done` or `error`. */
async function* download(embedders: Embedders, id: string, signal: AbortSignal): AsyncIterable<EmbedderDownload> {
  let latest: EmbedderDownload | undefined;
  let wake = () => {};
  const tell = (event: EmbedderDownload) => {
    latest = event;
    wake();
  };
  embedders
    .add(
      id,
      ({ phase, done, total }) => phase === "model" && tell({ type: "progress", bytes: done, totalBytes: total }),
      signal,
    )
    .then(
      () => tell({ type: "done" }),
      (error: unknown) => tell({ type: "error", message: error instanceof Error ? error.message : String(error) }),
    );
  for (;;) {
    while (!latest) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const event: EmbedderDownload = latest;
    latest = undefined;
    yield event;
    if (event.type !== "progress") return;
  }
}
