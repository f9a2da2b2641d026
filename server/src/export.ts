import { Readable } from "node:stream";
import type { Item } from "@steward/core/item.ts";
import { ZipFile } from "yazl";
import type { House } from "./house.ts";

const PAGE = 200;

/**
 * Everything the owner has, as a zip of open formats: originals in a folder per kind, conversations, memories, tasks
 * and settings as JSON, and `items.json` telling what each file is. It streams: an original is opened when its turn to
 * be written comes, and the next items are listed only when the ones before have been written.
 */
export function exportZip(house: House, signal: AbortSignal): ReadableStream<Uint8Array> {
  const zip = new ZipFile();
  const out = Readable.from(zip.outputStream as AsyncIterable<Uint8Array>); // yazl declares the weaker NodeJS type
  void fill(zip, house, signal).then(
    () => zip.end(),
    (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.toWeb(out) as ReadableStream<Uint8Array>; // the chunks of a zip are bytes
}

async function fill(zip: ZipFile, house: House, signal: AbortSignal): Promise<void> {
  const items: object[] = [];
  const names = new Set<string>();
  for await (const item of itemsOf(house, signal)) {
    const original = await house.library.original(item.id);
    if (!original) continue;
    const name = uniqueName(names, item);
    items.push({ file: name, ...item });
    const bytes = Readable.from(original.bytes);
    zip.addReadStream(bytes, name, { mtime: mtimeOf(item), size: original.size });
    await drained(bytes, signal);
  }
  addJson(zip, "items.json", items);
  const conversations = [];
  for (const { id } of await house.conversations.list()) conversations.push(await house.conversations.view(id));
  addJson(zip, "conversations.json", conversations);
  addJson(zip, "memories.json", await house.ledger.list());
  addJson(zip, "tasks.json", await house.tasks.list());
  addJson(zip, "settings.json", await house.settings.get());
}

async function* itemsOf(house: House, signal: AbortSignal): AsyncGenerator<Item> {
  for (let offset = 0; ; offset += PAGE) {
    const { items } = await house.index.list({}, { order: "oldest", offset, limit: PAGE });
    for (const id of items) {
      signal.throwIfAborted();
      const item = await house.library.item(id);
      if (item) yield item;
    }
    if (items.length < PAGE) return;
  }
}

function addJson(zip: ZipFile, name: string, value: unknown): void {
  zip.addBuffer(Buffer.from(`${JSON.stringify(value, null, 2)}\n`), name);
}

/** Resolves when the zip has read the stream to its end, so that one original at a time is open. */
function drained(stream: Readable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("end", resolve).once("error", reject);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "message/rfc822": "eml",
  "text/calendar": "ics",
  "text/vcard": "vcf",
  "text/markdown": "md",
  "text/plain": "txt",
  "text/html": "html",
  "application/pdf": "pdf",
};

/** `mail/2024-03-02 Re Invoice.eml`; safe on every file system, a number added when taken. */
function uniqueName(taken: Set<string>, item: Item): string {
  const extension = EXTENSIONS[item.mediaType] ?? /\.([A-Za-z0-9]{1,8})$/.exec(item.filename ?? "")?.[1] ?? "bin";
  const title = (item.filename?.replace(/\.[A-Za-z0-9]{1,8}$/, "") ?? item.title) || item.id;
  const safe =
    title
      .replace(/[^\p{L}\p{N} ._-]/gu, "_")
      .replace(/^[. ]+|[. ]+$/g, "")
      .slice(0, 80) || item.id;
  const base = `${item.kind}/${[item.date?.slice(0, 10), safe].filter(Boolean).join(" ")}`;
  let name = `${base}.${extension}`;
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base} (${n}).${extension}`;
  taken.add(name.toLowerCase());
  return name;
}

/** Zip times begin in 1980 (DOS). */
function mtimeOf(item: Item): Date {
  const date = new Date(item.date ?? item.takenInAt);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1980 ? new Date(item.takenInAt) : date;
}
