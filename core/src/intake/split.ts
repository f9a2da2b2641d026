import type { Passage } from "../item.ts";
import type { ReadDocument, TextMark } from "./reader.ts";

/**
 * Split: cuts a document's text into passages on its own structure. Headings begin a passage, quoted replies and
 * signatures stand alone (and are marked), pages and rows are never joined; within that, paragraphs are gathered up to
 * `TARGET` characters and long ones are cut at sentence ends.
 *
 * A passage with its context stays under 256 WordPieces, the most that MiniLM reads: about 4 characters a piece in
 * English, fewer elsewhere, so 800 characters leave room for the context.
 */
const TARGET = 800;
/** A paragraph shorter than this is joined to its neighbour even when both together pass the target a little. */
const CRUMB = 80;

export const SPLITTER = "split-1";

export function split(document: Pick<ReadDocument, "text" | "marks">, context: string): Passage[] {
  const { text, marks } = document;
  const passages: Passage[] = [];
  for (const stretch of stretchesOf(text, marks)) {
    for (const [start, end] of gather(text, stretch.start, stretch.end)) {
      passages.push({ start, end, context, ...(stretch.quoted ? { quoted: true } : {}) });
    }
  }
  // What has no words of its own (a photo, an empty note) is still found by its title and people.
  if (passages.length === 0) passages.push({ start: 0, end: 0, context });
  return passages;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

/** The text between the places where a mark says something else begins. */
function stretchesOf(text: string, marks: readonly TextMark[]): Stretch[] {
  const cuts = new Set<number>([0, text.length]);
  const quoted: TextMark[] = [];
  for (const mark of marks) {
    if (mark.kind === "heading" || mark.kind === "page") cuts.add(clamp(mark.start, text.length));
    if (mark.kind === "quoted" || mark.kind === "signature") {
      quoted.push(mark);
      cuts.add(clamp(mark.start, text.length));
      cuts.add(clamp(mark.end, text.length));
    }
  }
  const at = [...cuts].sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  for (let i = 0; i + 1 < at.length; i++) {
    const start = at[i] ?? 0;
    const end = at[i + 1] ?? text.length;
    if (text.slice(start, end).trim() === "") continue;
    const isQuoted = quoted.some((mark) => mark.start <= start && end <= mark.end);
    stretches.push({ start, end, quoted: isQuoted });
  }
  return stretches;
}

function* gather(text: string, from: number, to: number): Iterable<readonly [number, number]> {
  let start = -1;
  let end = -1;
  for (const [a, b] of paragraphs(text, from, to)) {
    const joined = start >= 0 ? b - start : 0;
    if (start >= 0 && joined > TARGET && !(b - a < CRUMB && joined < TARGET * 1.2)) {
      yield [start, end];
      start = -1;
    }
    if (start < 0) start = a;
    end = b;
    if (end - start > TARGET * 1.2) {
      const pieces = [...sentences(text, start, end)];
      const last = pieces.pop();
      yield* pieces;
      start = last?.[0] ?? -1;
      end = last?.[1] ?? -1;
    }
  }
  if (start >= 0) yield [start, end];
}

/** Paragraphs by blank lines, without the white space round them. */
function* paragraphs(text: string, from: number, to: number): Iterable<readonly [number, number]> {
  const blank = /\n[ \t]*\n\s*/g;
  blank.lastIndex = from;
  let start = from;
  while (start < to) {
    const match = blank.exec(text);
    const end = match && match.index < to ? match.index : to;
    const trimmed = trim(text, start, end);
    if (trimmed) yield trimmed;
    if (!match || match.index >= to) return;
    start = match.index + match[0].length;
  }
}

/** Pieces of at most `TARGET` characters, cut after a sentence or a line, at a space when there is no better place. */
function* sentences(text: string, from: number, to: number): Iterable<readonly [number, number]> {
  let start = from;
  while (to - start > TARGET) {
    const window = text.slice(start, start + TARGET);
    const best = Math.max(lastEnd(window, /[.!?…。！？]["'”’)\]]*\s/g), lastEnd(window, /\n/g));
    let cut = best > TARGET / 3 ? best : window.lastIndexOf(" ");
    if (cut <= 0) cut = isHighSurrogate(text, start + TARGET - 1) ? TARGET - 1 : TARGET;
    const piece = trim(text, start, start + cut);
    if (piece) yield piece;
    start += cut;
  }
  const rest = trim(text, start, to);
  if (rest) yield rest;
}

function lastEnd(window: string, pattern: RegExp): number {
  let end = -1;
  for (const match of window.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
}

function trim(text: string, from: number, to: number): readonly [number, number] | undefined {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start < end ? [start, end] : undefined;
}

function isSpace(unit: number): boolean {
  return unit <= 32 || unit === 0xa0 || unit === 0x2028 || unit === 0x2029 || unit === 0xfeff;
}

function clamp(value: number, max: number): number {
  return Math.max(0, Math.min(value, max));
}
