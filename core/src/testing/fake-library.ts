import type { Item, ItemId, Passage, Reading } from "../item.ts";
import type { Found, Hit } from "../wire.ts";

/**
 * A library in memory with a plain word search, for tests of the turn: items are given as texts, split at blank lines,
 * and found by how many of the query's words a passage, its title or its people contain (rarer words weigh more).
 */
export interface FakeItem extends Partial<Omit<Item, "id">> {
  readonly id: ItemId;
  readonly text: string;
  /** Stretches of the text that are quoted replies. */
  readonly quoted?: readonly string[];
  /** As a real splitter made them; else the text is split at blank lines. */
  readonly passages?: readonly Passage[];
}

export interface FakeLibrary {
  find(query: string, options?: { limit?: number; order?: "best" | "newest" | "oldest" }): Promise<Found>;
  readonly library: {
    item(id: ItemId): Promise<Item | undefined>;
    reading(id: ItemId): Promise<Reading | undefined>;
  };
  /** Every query searched for, in order. */
  readonly asked: string[];
}

export function fakeLibrary(entries: readonly FakeItem[]): FakeLibrary {
  const asked: string[] = [];
  const shelves = entries.map((entry) => ({ item: itemOf(entry), reading: readingOf(entry) }));
  const passages = shelves.flatMap(({ item, reading }) =>
    reading.passages.map((passage) => {
      const people = item.people.map(({ name = "", address = "" }) => `${name} ${address}`).join(" ");
      const text = reading.text.slice(passage.start, passage.end);
      return {
        item,
        passage,
        text,
        words: wordsOf(`${text} ${item.title} ${people} ${item.filename ?? ""} ${dateInWords(item.date)}`),
      };
    }),
  );
  const rarity = (word: string) => {
    const having = passages.filter(({ words }) => words.has(word)).length;
    return having === 0 ? 0 : Math.log(1 + passages.length / having);
  };
  return {
    asked,
    library: {
      item: async (id) => shelves.find(({ item }) => item.id === id)?.item,
      reading: async (id) => shelves.find(({ item }) => item.id === id)?.reading,
    },
    async find(query, options = {}) {
      asked.push(query);
      const wanted = [...wordsOf(query.replace(/\b(?:kind|from|to|subject|before|after|in|has):\S+/g, " "))];
      const kind = /\bkind:(\w+)/.exec(query)?.[1];
      const best = new Map<ItemId, { score: number; hit: Hit }>();
      for (const { item, passage, text, words } of passages) {
        const score = wanted.reduce((sum, word) => sum + (words.has(word) ? rarity(word) : 0), 0);
        if ((wanted.length > 0 && score === 0) || (kind !== undefined && item.kind !== kind)) continue;
        if (score < (best.get(item.id)?.score ?? -1) || best.get(item.id)?.score === score) continue;
        best.set(item.id, { score, hit: hitOf(item, passage, text, score) });
      }
      const ranked = [...best.values()].sort((a, b) =>
        options.order === "newest"
          ? (b.hit.date ?? "").localeCompare(a.hit.date ?? "")
          : b.score - a.score || (b.hit.date ?? "").localeCompare(a.hit.date ?? ""),
      );
      return {
        hits: ranked.slice(0, options.limit ?? 10).map(({ hit }) => hit),
        total: ranked.length,
        ms: 0,
        facets: { kind: {}, year: {}, source: {}, people: [] },
        understood: [],
        problems: [],
        corrected: [],
      };
    },
  };
}

function itemOf({ text, quoted: _, passages: __, ...entry }: FakeItem): Item {
  return {
    kind: "mail",
    title: "Untitled",
    people: [],
    source: "source",
    trust: "contact",
    mediaType: "text/plain",
    size: text.length,
    takenInAt: 0,
    ...entry,
  };
}

function readingOf({ text, quoted = [], passages: split }: FakeItem): Reading {
  if (split) return { text, passages: split, madeBy: "test" };
  const passages: Passage[] = [];
  for (const { 0: part, index } of text.matchAll(/(?:(?!\n\s*\n)[\s\S])+/g)) {
    const lead = part.length - part.trimStart().length;
    const start = index + lead;
    const end = index + part.trimEnd().length;
    if (end > start) passages.push({ start, end, context: "", quoted: quoted.some((q) => part.includes(q)) });
  }
  return { text, passages, madeBy: "test" };
}

function hitOf(item: Item, passage: Passage, text: string, score: number): Hit {
  return {
    id: item.id,
    kind: item.kind,
    title: item.title,
    ...(item.date === undefined ? {} : { date: item.date }),
    people: item.people,
    source: { id: item.source, name: item.source },
    ...(item.path === undefined ? {} : { path: item.path }),
    ...(item.messageId === undefined ? {} : { messageId: item.messageId }),
    trust: item.trust,
    attachments: 0,
    passage: { text, start: passage.start, end: passage.end, snippet: text.slice(0, 160), highlights: [] },
    more: 0,
    score,
    parts: { words: score, vectors: 0, recency: 0 },
  };
}

function dateInWords(date: string | undefined): string {
  if (date === undefined) return "";
  return new Intl.DateTimeFormat("en", { dateStyle: "full", timeZone: "UTC" }).format(Date.parse(date));
}

function wordsOf(text: string): Set<string> {
  return new Set(
    (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) =>
      word.length > 4 ? word.replace(/(?:ing|ed|es|s)$/, "") : word,
    ),
  );
}
