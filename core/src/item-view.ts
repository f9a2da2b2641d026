import type { Item, ItemId, Reading, Source } from "./item.ts";
import type { Library } from "./library.ts";
import type { PassageIndex } from "./search/passage-index.ts";
import type { ItemView } from "./wire.ts";

/** Item view: an item as a face shows it, with its text, what hangs on it and the thread it stands in. */
export interface ViewDeps {
  readonly library: Library;
  readonly index: PassageIndex;
  readonly sources: { get(id: string): Promise<Source | undefined> };
}

/** A long thread is shown to this many mails. */
const THREAD = 200;
const EXCERPT = 90;

export async function viewOf(deps: ViewDeps, id: ItemId): Promise<ItemView | undefined> {
  const [item, reading] = await Promise.all([deps.library.item(id), deps.library.reading(id)]);
  if (!item || !reading) return undefined;
  const source = await deps.sources.get(item.source);
  const { seen: _, references: __, inReplyTo: ___, thread: ____, takenInAt: _____, parent: ______, ...shown } = item;
  return {
    ...shown,
    source: { id: item.source, name: source?.name ?? "" },
    text: reading.text,
    pageStarts: reading.pageStarts ?? [],
    quoted: quotedStretches(reading),
    remoteReferences: item.remoteReferences ?? 0,
    warnings: item.warnings ?? [],
    attachments: item.attachments ?? [],
    thread: await threadOf(deps, item),
    ...(await parentOf(deps, item)),
  };
}

async function parentOf(deps: ViewDeps, item: Item): Promise<{ parent?: { id: ItemId; title: string } }> {
  if (item.parent === undefined) return {};
  const parent = await deps.library.item(item.parent);
  return parent ? { parent: { id: parent.id, title: parent.title } } : {};
}

async function threadOf(deps: ViewDeps, item: Item): Promise<ItemView["thread"]> {
  if (item.thread === undefined) return [];
  const filter = { thread: item.thread, kinds: ["mail" as const] };
  const { items: ids } = await deps.index.list(filter, { order: "oldest", limit: THREAD });
  if (ids.length < 2) return [];
  const mails = await deps.library.items(ids);
  return Promise.all(
    mails
      .flatMap((mail) => (mail ? [mail] : []))
      .map(async (mail) => {
        const reading = await deps.library.reading(mail.id);
        const from = mail.people.find((person) => person.role === "from");
        return {
          id: mail.id,
          from: from?.name ?? from?.address ?? "",
          title: mail.title,
          excerpt: reading ? excerptOf(reading) : "",
          ...(mail.date === undefined ? {} : { date: mail.date }),
        };
      }),
  );
}

/** The first words that are the sender's own. */
function excerptOf(reading: Reading): string {
  const own = reading.passages.find((passage) => passage.quoted !== true && passage.end > passage.start);
  const text = own ? reading.text.slice(own.start, own.end).replace(/\s+/g, " ") : "";
  return text.length > EXCERPT ? `${text.slice(0, text.lastIndexOf(" ", EXCERPT))} …` : text;
}

/** Quoted passages that follow each other are one stretch to fold. */
function quotedStretches(reading: Reading): (readonly [number, number])[] {
  const stretches: [number, number][] = [];
  let joins = false;
  for (const passage of reading.passages) {
    const last = stretches.at(-1);
    if (passage.quoted && last && joins) last[1] = passage.end;
    else if (passage.quoted) stretches.push([passage.start, passage.end]);
    joins = passage.quoted === true;
  }
  return stretches;
}
