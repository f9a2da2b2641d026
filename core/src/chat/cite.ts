import type { Citation } from "../conversation.ts";
import type { Reading } from "../item.ts";
import type { Desk, DeskPassage } from "./desk.ts";
import { findQuote, normalQuote } from "./quote.ts";

/**
 * From what a model writes to what a person reads. The model puts `[[2|exact words]]` after a claim; while it streams,
 * each marker becomes `[^n]` in the text and a citation whose quote code has looked up in the item itself. The model's
 * word is never taken for a quote: what is not found is shown as not verified.
 */
export type CiteOutput =
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "citation"; readonly citation: Citation };

export type ReadingOf = (item: string) => Promise<Reading | undefined>;

/** A marker is complete; `]]]` closes a quote that itself ends with a bracket. */
const MARKER = /^\[\[\s*(\d{1,4})\s*\|([\s\S]*?\]?)\]\](?!\])/;
/** What can still become one. */
const OPENING = /^\[(?:\[(?:\s*\d{0,4}\s*(?:\|[\s\S]*)?)?)?$/;
/** A marker that names a passage and quotes nothing proves nothing, and is no prose either. */
const BARE = /^\[\[\s*\d{1,4}\s*\|?\s*\]\]/;
const LONGEST_MARKER = 1500;

export class CiteStream {
  readonly #desk: Desk;
  readonly #readingOf: ReadingOf;
  readonly #citations: Citation[];
  readonly #numbers = new Map<string, number>();
  #held = "";

  /** Goes on from the citations of an earlier round. */
  constructor(desk: Desk, readingOf: ReadingOf, earlier: readonly Citation[] = []) {
    this.#desk = desk;
    this.#readingOf = readingOf;
    this.#citations = [...earlier];
    for (const citation of earlier) this.#numbers.set(keyOf(citation.item, citation.quote), citation.n);
  }

  get citations(): readonly Citation[] {
    return this.#citations;
  }

  /** Takes the next piece of the model's text, wherever it was cut; gives what can be shown by now. */
  async push(delta: string): Promise<CiteOutput[]> {
    this.#held += delta;
    return this.#drain(false);
  }

  /** The end of the model's text: a marker begun and never closed is dropped. */
  async end(): Promise<CiteOutput[]> {
    return this.#drain(true);
  }

  async #drain(atEnd: boolean): Promise<CiteOutput[]> {
    const out: CiteOutput[] = [];
    let text = "";
    const flush = () => {
      if (text !== "") out.push({ type: "text", delta: text });
      text = "";
    };
    while (this.#held !== "") {
      const bracket = this.#held.indexOf("[");
      const plain = bracket < 0 ? this.#held : this.#held.slice(0, bracket);
      // Blanks before a marker go; so those at the end of what is known wait for what follows.
      const kept = atEnd && bracket < 0 ? plain : plain.trimEnd();
      text += kept;
      const rest = this.#held.slice(kept.length);
      const blank = rest.length - rest.trimStart().length;
      const marker = rest.slice(blank);
      if (marker === "") {
        this.#held = atEnd ? "" : rest;
        break;
      }
      const whole = BARE.test(marker) ? null : MARKER.exec(marker);
      // At the very end of what came so far `]]` may still become `]]]`.
      if (whole && (atEnd || marker.length > whole[0].length)) {
        const citation = await this.#cite(Number(whole[1]), whole[2] ?? "");
        if (citation) {
          flush();
          if (citation.isNew) out.push({ type: "citation", citation: citation.citation });
          // A second marker for the same quote right behind the first says nothing more.
          text += `[^${citation.citation.n}]`;
        }
        this.#held = marker.slice(whole[0].length);
      } else if (BARE.test(marker)) {
        this.#held = marker.replace(BARE, "");
      } else if (OPENING.test(marker) && marker.length < LONGEST_MARKER) {
        if (!atEnd) {
          this.#held = rest;
          break;
        }
        // The answer ended within a marker: a lone bracket is text, a begun marker is not.
        if (!marker.startsWith("[[")) text += rest;
        this.#held = "";
      } else {
        text += rest.slice(0, blank + 1);
        this.#held = marker.slice(1);
      }
    }
    flush();
    return out;
  }

  async #cite(n: number, quote: string): Promise<{ citation: Citation; isNew: boolean } | undefined> {
    const named = this.#desk.passage(n);
    const found = await this.#lookUp(named, quote);
    const passage = found?.passage ?? named;
    if (!passage) return undefined;
    const shown = found ? found.reading.text.slice(found.start, found.end) : quote.trim();
    const key = keyOf(passage.item, shown);
    const known = this.#numbers.get(key);
    const before = known === undefined ? undefined : this.#citations.find((citation) => citation.n === known);
    if (before) return { citation: before, isNew: false };
    const citation = citationOf(passage, this.#citations.length + 1, shown, found);
    this.#citations.push(citation);
    this.#numbers.set(key, citation.n);
    return { citation, isNew: true };
  }

  /** In the passage named, else (a model may miscount) in any other that was shown to it. */
  async #lookUp(named: DeskPassage | undefined, quote: string) {
    const others = this.#desk.passages().filter((passage) => passage !== named);
    for (const passage of named ? [named, ...others] : others) {
      const reading = await this.#readingOf(passage.item);
      const place = reading && findQuote(reading.text, quote, passage);
      if (reading && place) return { passage, reading, ...place };
    }
    return undefined;
  }
}

function keyOf(item: string, quote: string): string {
  return `${item}\n${normalQuote(quote)}`;
}

function citationOf(
  passage: DeskPassage,
  n: number,
  quote: string,
  found: { reading: Reading; start: number; end: number } | undefined,
): Citation {
  const page = found ? pageAt(found.reading, found.start) : passage.page;
  return {
    n,
    item: passage.item,
    kind: passage.kind,
    title: passage.title,
    ...(passage.memory ? { memory: true as const } : {}),
    ...(passage.date === undefined ? {} : { date: passage.date }),
    ...(passage.from === undefined ? {} : { from: passage.from }),
    ...(passage.messageId === undefined ? {} : { messageId: passage.messageId }),
    ...(passage.path === undefined ? {} : { path: passage.path }),
    ...(page === undefined ? {} : { page }),
    quote,
    verified: found !== undefined,
    ...(found ? { start: found.start, end: found.end } : {}),
  };
}

/** Pages count from 1. */
function pageAt(reading: Reading, offset: number): number | undefined {
  if (!reading.pageStarts?.length) return undefined;
  return Math.max(1, reading.pageStarts.filter((start) => start <= offset).length);
}
