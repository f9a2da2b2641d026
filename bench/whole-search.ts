import type { Item, Reading } from "@steward/core/item.ts";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { find } from "@steward/core/search/find.ts";
import type { IndexedItem, PassageIndex } from "@steward/core/search/passage-index.ts";
import { archiveItem, EMBEDDER, itemOfId, NARROW, NOW, type Question } from "./archive.ts";
import { embeddersAtHand } from "./quality/embedders.ts";

/**
 * A whole search as a person's is: `find` parses the words, MiniLM embeds them, the index answers, the twenty hits get
 * their snippets. MiniLM really embeds every question, but what is searched with is the archive's own vector of it, since
 * the invented passages have no others; and a hit's item is made anew from its number where a house opens it.
 */
export async function wholeSearches(
  index: PassageIndex,
  warm: readonly Question[],
  asked: readonly Question[],
): Promise<{ readonly ms: readonly number[] } | { readonly skipped: string }> {
  const atHand = await embeddersAtHand();
  try {
    const minilm = atHand.embedders.find(({ label }) => label !== "built-in");
    if (!minilm) return { skipped: atHand.missing.join(" ") };
    const vectorByText = new Map([...warm, ...asked].map((question) => [textOf(question), question.vector]));
    const embedder: Embedder = {
      ...minilm,
      id: EMBEDDER,
      knows(text) {
        minilm.knows?.(text);
        // Invented words mean nothing to it, and are embedded all the same.
        return true;
      },
      async embed(texts, kind) {
        await minilm.embed(texts, kind);
        return texts.map((text) => vectorByText.get(text) ?? new Float32Array(0));
      },
    };
    let shown = new Map<string, IndexedItem>();
    const deps = {
      ...{ index, embedder, timeZone: "Europe/Zurich" },
      clock: { now: () => NOW, sleep: () => Promise.resolve() },
      sourceNames: async () => new Map(["mailbox", "messages", NARROW].map((name) => [name, name])),
      library: {
        async items(ids: readonly string[]) {
          shown = new Map(ids.map((id) => [id, archiveItem(itemOfId(id))]));
          return [...shown.values()].map(itemOf);
        },
        reading: async (id: string) => readingOf(shown.get(id)),
      },
    };
    for (const question of warm) await find(deps, textOf(question));
    const ms: number[] = [];
    for (const question of asked) {
      const from = performance.now();
      const { hits } = await find(deps, textOf(question));
      ms.push(performance.now() - from);
      if (!hits.some(({ parts }) => parts.vectors > 0)) throw new Error("A whole search found nothing by its vector.");
    }
    return { ms };
  } finally {
    await atHand.close();
  }
}

function textOf({ content }: Question): string {
  return content.join(" ");
}

function itemOf({ item, kind, source, date = NOW, trust, title, people }: IndexedItem): Item {
  return {
    ...{ id: item, kind, source, trust, title, people },
    date: new Date(date).toISOString(),
    ...{ mediaType: "text/plain", size: 0, takenInAt: NOW },
  };
}

function readingOf(item: IndexedItem | undefined): Reading | undefined {
  let text = "";
  const passages = item?.passages.map((passage) => {
    const start = text.length;
    text += `${passage.text}\n\n`;
    return { start, end: start + passage.text.length, context: passage.context };
  });
  return passages && { text, passages, madeBy: "bench" };
}
