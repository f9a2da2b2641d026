import type { Item } from "@steward/core/item.ts";
import type { PassageIndex } from "@steward/core/search/passage-index.ts";
import type { Found, Hit, ItemView } from "@steward/core/wire.ts";
import type { House } from "../house.ts";

/** The three items of a fake house: how they are looked up, listed and found. `hidden` are those being forgotten. */
export const FAKE_ITEMS: readonly (Item & { readonly text: string })[] = [
  {
    id: "item-1",
    kind: "mail",
    title: "Invoice 2041 from Nordlicht",
    date: "2025-03-14T09:30:00+01:00",
    people: [{ role: "from", name: "Greta Lind", address: "greta@nordlicht.example" }],
    source: "source-1",
    trust: "contact",
    mediaType: "message/rfc822",
    size: 23,
    path: "/mail/inbox.mbox!17",
    messageId: "inv-2041@nordlicht.example",
    takenInAt: 1_760_000_000_000,
    text: "The invoice over 240 euros is due on 1 April.",
  },
  {
    id: "item-2",
    kind: "note",
    title: "Garden",
    date: "2025-05-02T08:00:00+02:00",
    people: [],
    source: "source-1",
    trust: "owner",
    mediaType: "text/markdown",
    size: 23,
    path: "/notes/garden.md",
    filename: "garden.md",
    takenInAt: 1_760_000_000_001,
    text: "Plant the tomatoes after the ice saints.",
  },
  {
    id: "item-3",
    kind: "file",
    title: 'naïve\r\nname".html',
    people: [],
    source: "source-1",
    trust: "stranger",
    mediaType: "text/html",
    size: 23,
    filename: 'naïve\r\nname".html',
    takenInAt: 1_760_000_000_002,
    text: "<script>alert(1)</script>",
  },
];

const ORIGINAL = "<script>alert(1)</script>".slice(0, 23);

export function fakeLibrary(hidden: ReadonlySet<string>): House["library"] {
  return {
    item: async (id) => FAKE_ITEMS.find((item) => item.id === id && !hidden.has(id)),
    reading: async (id) => {
      const item = FAKE_ITEMS.find((one) => one.id === id && !hidden.has(id));
      return item && { text: item.text, passages: [], madeBy: "fake" };
    },
    original: async (id) =>
      FAKE_ITEMS.some((item) => item.id === id && !hidden.has(id))
        ? { size: ORIGINAL.length, bytes: chunks(ORIGINAL) }
        : undefined,
    view: async (id) => {
      const item = FAKE_ITEMS.find((one) => one.id === id && !hidden.has(id));
      return item && viewOf(item);
    },
  };
}

export function fakeIndex(hidden: ReadonlySet<string>): PassageIndex {
  const listed = () => FAKE_ITEMS.filter((item) => !hidden.has(item.id)).map((item) => item.id);
  return {
    put: async () => {},
    remove: async () => {},
    setVectors: async () => {},
    search: async () => ({ hits: [], total: 0 }),
    list: async (_, { offset = 0, limit }) => ({
      items: listed().slice(offset, offset + limit),
      total: listed().length,
    }),
    flush: async () => {},
    stats: () => ({ items: 3, passages: 3, livePassages: 3, segments: 0, embedded: 0, bytes: 300 }),
    close: async () => {},
  };
}

export function foundIn(query: string, limit: number, hidden: ReadonlySet<string>): Found {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = FAKE_ITEMS.filter(
    (item) => !hidden.has(item.id) && words.some((word) => item.text.toLowerCase().includes(word)),
  ).map((item): Hit => {
    const at = item.text.toLowerCase().indexOf(words.find((word) => item.text.toLowerCase().includes(word)) ?? "");
    const length = words[0]?.length ?? 0;
    return {
      id: item.id,
      kind: item.kind,
      title: item.title,
      ...(item.date ? { date: item.date } : {}),
      people: item.people,
      source: { id: item.source, name: "inbox" },
      ...(item.path ? { path: item.path } : {}),
      ...(item.messageId ? { messageId: item.messageId } : {}),
      trust: item.trust,
      attachments: 0,
      passage: {
        text: item.text,
        start: 0,
        end: item.text.length,
        snippet: item.text,
        highlights: [[at, at + length]],
      },
      more: 0,
      score: 1,
      parts: { words: 1, vectors: 0, recency: 0 },
    };
  });
  const facets = { kind: {}, year: {}, source: {}, people: [] };
  return {
    hits: hits.slice(0, limit),
    total: hits.length,
    ms: 0.1,
    facets,
    understood: [],
    problems: [],
    corrected: [],
  };
}

function viewOf(item: Item & { text: string }): ItemView {
  const { source, takenInAt: _, parent: __, attachments, ...rest } = item;
  return {
    ...rest,
    source: { id: source, name: "inbox" },
    pageStarts: [],
    quoted: [],
    remoteReferences: 0,
    warnings: [],
    attachments: attachments ?? [],
    thread: [],
  };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += 8) yield new TextEncoder().encode(text.slice(at, at + 8));
}
