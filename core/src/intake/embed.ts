import { breath } from "../breath.ts";
import type { Item, Reading } from "../item.ts";
import type { Library } from "../library.ts";
import type { Embedder } from "../search/embedder.ts";
import { passageToEmbed } from "../search/embedders/passage-text.ts";
import { toIndexed } from "../search/indexed.ts";
import type { KeptIndex } from "../search/passage-index.ts";

/**
 * Embed: the job that makes the vectors of what has none by the embedder in force. Items are found by words from the
 * moment they are read; this follows behind, a few items at a time, and can be stopped and resumed anywhere: what was
 * not flushed is simply made again.
 */
export interface EmbedDeps {
  readonly library: Pick<Library, "items" | "reading">;
  readonly index: Pick<KeptIndex, "setVectors" | "flush" | "stats" | "withoutVectors">;
  /** The embedder in force now; undefined when words alone are searched. */
  readonly embedder: () => Promise<Embedder | undefined>;
  readonly tell: (progress: Embedding | undefined) => void;
}

export interface Embedding {
  readonly done: number;
  readonly total: number;
  readonly embedder: string;
}

const ITEMS = 32;
/** Texts given to the embedder at once. */
const TEXTS = 64;

export async function embedWaiting(deps: EmbedDeps, signal: AbortSignal): Promise<void> {
  let unsealed = 0;
  for (;;) {
    const embedder = await deps.embedder();
    const waiting = embedder ? await deps.index.withoutVectors(embedder.id, ITEMS) : [];
    if (!embedder || waiting.length === 0) {
      deps.tell(undefined);
      if (unsealed === 0) return;
      await deps.index.flush();
      unsealed = 0;
      // What came in meanwhile found this job still queued, so it is looked for once more.
      continue;
    }
    signal.throwIfAborted();
    const vectors = await vectorsOf(deps, embedder, waiting, signal);
    await deps.index.setVectors(embedder.id, vectors);
    unsealed += waiting.length;
    const { embedded, passages } = deps.index.stats();
    deps.tell({ done: embedded, total: passages, embedder: embedder.label ?? embedder.id });
    // An embedder that gave nothing the index took would be asked for the same again for ever.
    if ((await deps.index.withoutVectors(embedder.id, 1))[0] === waiting[0]) throw new NothingTaken(embedder.id);
  }
}

/** The embedder's answers do not fit the passages: wrong number or size. */
export class NothingTaken extends Error {
  constructor(embedder: string) {
    super(
      `The vectors made by ${embedder} do not fit. Choose another embedder in Settings, or check this one's model.`,
    );
    this.name = "NothingTaken";
  }
}

async function vectorsOf(deps: EmbedDeps, embedder: Embedder, items: readonly string[], signal: AbortSignal) {
  const found = await deps.library.items(items);
  const readings = await Promise.all(found.map((item) => (item ? deps.library.reading(item.id) : undefined)));
  const texts = readings.flatMap((reading, i) => textsOf(found[i], reading));
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += TEXTS) {
    // An embedder may answer without ever letting go of the thread.
    await breath();
    signal.throwIfAborted();
    vectors.push(...(await embedder.embed(texts.slice(at, at + TEXTS), "passage")));
  }
  const byItem = new Map<string, readonly Float32Array[]>();
  let next = 0;
  for (const [i, reading] of readings.entries()) {
    const count = reading?.passages.length ?? 0;
    const item = items[i];
    if (item !== undefined && count > 0) byItem.set(item, vectors.slice(next, next + count));
    next += count;
  }
  return byItem;
}

function textsOf(item: Item | undefined, reading: Reading | undefined): string[] {
  if (!item || !reading) return [];
  const indexed = toIndexed(item, reading);
  return indexed.passages.map((passage) => passageToEmbed(indexed, passage));
}
