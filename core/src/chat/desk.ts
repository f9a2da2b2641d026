import type { ItemId, ItemKind, Person, Reading, Trust } from "../item.ts";
import type { Memory } from "../memory.ts";
import { clipTokens, countTokens } from "../tokens.ts";
import type { Hit } from "../wire.ts";

/**
 * The desk: what lies before the model in one turn, numbered. Numbers are short (an id costs twenty tokens), stay the
 * same through the turn, and are what the model cites and opens by.
 */
export interface DeskPassage {
  readonly n: number;
  readonly item: ItemId;
  readonly kind: ItemKind;
  readonly title: string;
  readonly date?: string;
  readonly from?: string;
  readonly to?: string;
  readonly messageId?: string;
  readonly path?: string;
  readonly page?: number;
  readonly trust: Trust;
  /** What the model is shown of the item. */
  readonly text: string;
  /** A memory that a program stored, not an item: `item` is the memory's id. */
  readonly memory?: true;
  /** The stretch of the reading that the text was taken from. */
  readonly start: number;
  readonly end: number;
}

export class Desk {
  readonly #timeZone: string;
  readonly #passages: DeskPassage[] = [];

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  passages(): readonly DeskPassage[] {
    return this.#passages;
  }

  passage(n: number): DeskPassage | undefined {
    return this.#passages[n - 1];
  }

  /** Puts a hit on the desk; the same item shown with the same or more text keeps its number. */
  put(hit: Hit, reading: Reading | undefined, chars: number): DeskPassage {
    const shown = shownOf(hit, reading, chars);
    const same = this.#passages.findIndex(
      (passage) => passage.item === hit.id && passage.start <= hit.passage.start && passage.end >= hit.passage.end,
    );
    const before = this.#passages[same];
    if (before && before.text.length >= shown.text.length) return before;
    const passage = describe(hit, shown, before?.n ?? this.#passages.length + 1);
    this.#passages[passage.n - 1] = passage;
    return passage;
  }

  /** Puts a claim of the ledger on the desk: data like any passage, and cited like one. */
  putMemory({ id, text, category, learnedAt, trust }: Memory, chars: number): DeskPassage {
    const passage: DeskPassage = {
      ...{ n: this.#passages.length + 1, item: id, kind: "note", memory: true, trust },
      ...{ title: `Stored by a program: ${category}`, date: new Date(learnedAt).toISOString() },
      ...{ text: text.slice(0, chars), start: 0, end: Math.min(text.length, chars) },
    };
    this.#passages.push(passage);
    return passage;
  }

  /** The same passage with more of its item. */
  widen(passage: DeskPassage, reading: Reading, tokens: number): DeskPassage {
    const text = clipTokens(reading.text, tokens);
    const wider = { ...passage, text, start: 0, end: text.length };
    this.#passages[passage.n - 1] = wider;
    return wider;
  }

  /** As many of them as the budget holds, in order, each fenced; nothing within can end its own fence. */
  render(passages: readonly DeskPassage[], tokens: number): string {
    const parts: string[] = [];
    let left = tokens;
    for (const passage of passages) {
      const fenced = fence(passage, this.#timeZone);
      const cost = countTokens(fenced);
      if (cost > left && parts.length > 0) continue;
      parts.push(
        cost > left ? fence({ ...passage, text: clipTokens(passage.text, left - 60) }, this.#timeZone) : fenced,
      );
      left -= cost;
      if (left <= 0) break;
    }
    return parts.length === 0 ? "" : `<passages>\n${parts.join("\n")}\n</passages>`;
  }
}

function fence(passage: DeskPassage, timeZone: string): string {
  const attributes = [
    `n="${passage.n}"`,
    `kind="${passage.kind}"`,
    passage.date === undefined ? "" : `date="${dateShown(passage.date, timeZone)}"`,
    passage.from === undefined ? "" : `from="${attribute(passage.from)}"`,
    passage.trust === "owner" ? 'own="yes"' : "",
    passage.to === undefined ? "" : `to="${attribute(passage.to)}"`,
    `title="${attribute(passage.title)}"`,
  ];
  return `<passage ${attributes.filter(Boolean).join(" ")}>\n${harmless(passage.text.trim())}\n</passage>`;
}

/** Text from outside cannot open or close a fence. */
function harmless(text: string): string {
  return text.replace(/<(?=\s*\/?\s*passages?\b)/gi, "‹");
}

function attribute(value: string): string {
  return harmless(value)
    .replace(/["\s]+/g, (run) => (run.includes('"') ? "'" : " "))
    .slice(0, 160);
}

function dateShown(date: string, timeZone: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(date)) return `${weekday(`${date}T12:00:00Z`, "UTC")} ${date}`;
  const at = Date.parse(date);
  if (Number.isNaN(at)) return attribute(date);
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(at);
  return `${weekday(date, timeZone)} ${shown}`;
}

function weekday(date: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en", { timeZone, weekday: "short" }).format(Date.parse(date));
}

function describe(hit: Hit, shown: { text: string; start: number; end: number }, n: number): DeskPassage {
  const from = hit.people.filter(({ role }) => role === "from" || role === "author" || role === "organizer");
  const to = hit.people.filter(({ role }) => role === "to" || role === "attendee");
  const path = hit.path;
  return {
    n,
    item: hit.id,
    kind: hit.kind,
    title: hit.title,
    ...(hit.date === undefined ? {} : { date: hit.date }),
    ...(from.length === 0 ? {} : { from: namesOf(from, 2) }),
    ...(to.length === 0 ? {} : { to: namesOf(to, 4) }),
    ...(hit.messageId === undefined ? {} : { messageId: hit.messageId }),
    ...(path === undefined ? {} : { path }),
    ...(hit.passage.page === undefined ? {} : { page: hit.passage.page }),
    trust: hit.trust,
    ...shown,
  };
}

function namesOf(people: readonly Person[], most: number): string {
  const names = people.map(({ name, address }) =>
    name && address ? `${name} <${address}>` : (name ?? address ?? "?"),
  );
  return names.slice(0, most).join(", ") + (names.length > most ? " and others" : "");
}

/**
 * The passage that was found, widened within its item to at most `chars`. Quoted replies are left out (the mail they
 * quote is an item of its own) unless they are what was found.
 */
function shownOf(hit: Hit, reading: Reading | undefined, chars: number): { text: string; start: number; end: number } {
  const bare = { text: hit.passage.text, start: hit.passage.start, end: hit.passage.end };
  if (!reading) return bare;
  const passages = reading.passages.filter(
    (passage) => !passage.quoted || (passage.start === bare.start && passage.end === bare.end),
  );
  let first = passages.findIndex((passage) => passage.start <= bare.start && passage.end >= bare.end);
  if (first < 0) return bare;
  let last = first;
  const lengthOf = (from: number, to: number) => (passages[to]?.end ?? 0) - (passages[from]?.start ?? 0);
  for (let grew = true; grew; ) {
    grew = false;
    if (last + 1 < passages.length && lengthOf(first, last + 1) <= chars) {
      last += 1;
      grew = true;
    }
    if (first > 0 && lengthOf(first - 1, last) <= chars) {
      first -= 1;
      grew = true;
    }
  }
  const start = passages[first]?.start ?? bare.start;
  const end = passages[last]?.end ?? bare.end;
  const pieces: string[] = [];
  let at = start;
  for (const passage of passages.slice(first, last + 1)) {
    // What lies between two passages is white space, or a quoted reply that was left out.
    const gap = reading.text.slice(at, passage.start);
    pieces.push(at < passage.start ? (gap.trim() === "" ? gap : "\n…\n") : "");
    pieces.push(reading.text.slice(Math.max(at, passage.start), passage.end));
    at = Math.max(at, passage.end);
  }
  return { text: pieces.join(""), start, end };
}
