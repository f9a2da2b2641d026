import { systemClock } from "@steward/core/clock.ts";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { passageToEmbed } from "@steward/core/search/embedders/passage-text.ts";
import { find } from "@steward/core/search/find.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import { toIndexed } from "@steward/core/search/indexed.ts";
import { MemoryBlobs } from "@steward/core/testing/memory-blobs.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Found } from "@steward/core/wire.ts";
import type { JudgedSet } from "./judged-set.ts";

/** A judged set in an index of its own, filled and asked as the house fills and asks its own. */
export interface JudgedIndex {
  /** Gives every passage its vector; `tell` is called with how many of them have one. */
  embed(embedder: Embedder, tell?: (done: number, of: number) => void): Promise<void>;
  /** The ids of the nearest, by vectors alone. */
  nearest(query: string, options: { readonly embedder: Embedder; readonly limit: number }): Promise<readonly string[]>;
  /** As a person's search; by words alone without an embedder. */
  search(query: string, options: { readonly embedder?: Embedder; readonly limit: number }): Promise<Found>;
  close(): Promise<void>;
}

const AT_ONCE = 64;

export async function openJudgedIndex({ drafts }: Pick<JudgedSet, "drafts">): Promise<JudgedIndex> {
  const records = new MemoryRecords(systemClock);
  const sealed = new SealedRecords(records, plainVault(records));
  async function* nothing() {}
  const index = await openPrivateIndex({ sealed, blobs: new MemoryBlobs(), clock: systemClock, replay: nothing });
  const items = [...drafts.values()].map(({ item, reading }) => toIndexed(item, reading));
  await index.put(items);
  await index.flush();
  const deps = {
    ...{ index, clock: systemClock, timeZone: "Europe/Zurich" },
    sourceNames: async () => new Map([["judged", "judged"]]),
    library: {
      items: async (ids: readonly string[]) => ids.map((id) => drafts.get(id)?.item),
      reading: async (id: string) => drafts.get(id)?.reading,
    },
  };
  return {
    async embed(embedder, tell = () => {}) {
      const texts = items.flatMap((item) => item.passages.map((passage) => passageToEmbed(item, passage)));
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += AT_ONCE) {
        vectors.push(...(await embedder.embed(texts.slice(at, at + AT_ONCE), "passage")));
        tell(vectors.length, texts.length);
      }
      let next = 0;
      const byItem = items.map(({ item, passages }) => {
        next += passages.length;
        return [item, vectors.slice(next - passages.length, next)] as const;
      });
      await index.setVectors(embedder.id, new Map(byItem));
    },
    async nearest(query, { embedder, limit }) {
      const [values] = await embedder.embed([query], "query");
      if (!values) return [];
      const vector = { ...{ embedder: embedder.id, values }, weight: 1, exact: true };
      // With every date in what is to come, none is newer than another.
      const { hits } = await index.search({ clauses: [], filter: {}, vector, limit, now: 0 });
      return hits.map(({ item }) => item);
    },
    search: (query, { embedder, limit }) => find({ ...deps, ...(embedder ? { embedder } : {}) }, query, { limit }),
    close: () => index.close(),
  };
}

/** The embedder with another weight, that embeds each question once however often it is asked. */
export function reweighed(embedder: Embedder): (weight: number) => Embedder {
  const known = new Map<string, Promise<Float32Array[]>>();
  const embed: Embedder["embed"] = ([text = ""]) => {
    const vectors = known.get(text) ?? embedder.embed([text], "query");
    known.set(text, vectors);
    return vectors;
  };
  return (weight) => ({ ...embedder, weight, embed });
}
