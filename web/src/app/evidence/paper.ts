/**
 * An item's text as it is laid out for reading: paragraphs, folded quoted replies and pages, with marks (found or
 * quoted words) as segments. Offsets are UTF-16 units into the item's text throughout.
 */
export type Range = readonly [number, number];

export interface Segment {
  readonly text: string;
  readonly marked: boolean;
}

export type Block =
  | { readonly type: "page"; readonly page: number }
  /** `flowing`: the line breaks only wrap (mail at 72 columns), and may be wrapped anew. */
  | {
      readonly type: "paragraph";
      readonly at: number;
      readonly flowing: boolean;
      readonly segments: readonly Segment[];
    }
  | {
      readonly type: "quoted";
      readonly at: number;
      readonly lines: number;
      readonly holdsMark: boolean;
      readonly blocks: readonly Block[];
    };

/** Cuts `text[start, end)` at the borders of the marks. Marks may overlap and come in any order. */
export function segments(text: string, start: number, end: number, marks: readonly Range[]): Segment[] {
  const cut: Segment[] = [];
  let at = start;
  for (const [from, to] of [...marks].sort((a, b) => a[0] - b[0])) {
    const a = Math.max(at, from);
    const b = Math.min(end, to);
    if (a >= b) continue;
    if (a > at) cut.push({ text: text.slice(at, a), marked: false });
    cut.push({ text: text.slice(a, b), marked: true });
    at = b;
  }
  if (at < end) cut.push({ text: text.slice(at, end), marked: false });
  return cut;
}

export interface PaperOptions {
  readonly marks?: readonly Range[];
  readonly quoted?: readonly Range[];
  /** Starts of the pages; page 1 first. Fewer than two: no page lines. */
  readonly pageStarts?: readonly number[];
}

export function layOut(text: string, options: PaperOptions = {}): Block[] {
  const marks = options.marks ?? [];
  const pages = (options.pageStarts?.length ?? 0) > 1 ? (options.pageStarts ?? []) : [];
  const blocks: Block[] = [];
  let at = 0;
  const plain = (from: number, to: number): void => {
    let begin = from;
    for (const [index, start] of pages.entries()) {
      if (start < from || start >= to) continue;
      blocks.push(...paragraphs(text, begin, start, marks), { type: "page", page: index + 1 });
      begin = start;
    }
    blocks.push(...paragraphs(text, begin, to, marks));
  };
  for (const [from, to] of [...(options.quoted ?? [])].sort((a, b) => a[0] - b[0])) {
    const begin = Math.max(at, from);
    const end = Math.min(text.length, to);
    if (begin >= end) continue;
    plain(at, begin);
    const lines = text
      .slice(begin, end)
      .split("\n")
      .filter((line) => line.trim() !== "").length;
    const holdsMark = marks.some(([a, b]) => a < end && b > begin);
    blocks.push({ type: "quoted", at: begin, lines, holdsMark, blocks: paragraphs(text, begin, end, marks) });
    at = end;
  }
  plain(at, text.length);
  return blocks;
}

function paragraphs(text: string, from: number, to: number, marks: readonly Range[]): Block[] {
  const blocks: Block[] = [];
  let at = from;
  for (const gap of [...text.slice(from, to).matchAll(/\n[^\S\n]*(?:\n[^\S\n]*)+/g), undefined]) {
    const end = gap ? from + gap.index : to;
    const body = text.slice(at, end);
    if (body.trim() !== "") {
      const start = at + (body.length - body.trimStart().length === body.length ? 0 : leadingNewlines(body));
      blocks.push({
        type: "paragraph",
        at: start,
        flowing: isFlowing(body),
        segments: segments(text, start, end, marks),
      });
    }
    if (gap) at = end + gap[0].length;
  }
  return blocks;
}

const leadingNewlines = (body: string): number => /^\n*/.exec(body)?.[0].length ?? 0;

/**
 * The breaks only wrap: every line but the last is long, and would have become too long with the next one's first word; none
 * begins like a list or is indented. The rows of a table begin with the same word ("date:"), or are longer than a program wraps.
 */
function isFlowing(body: string): boolean {
  const lines = body.trim().split("\n");
  const firsts = lines.map((line) => /^\S*/.exec(line)?.[0] ?? "");
  const widest = Math.max(...lines.map((line) => line.length));
  const isFull = (line: string, i: number): boolean =>
    line.length >= 50 && line.length + 1 + (firsts[i + 1]?.length ?? 0) > widest * 0.8;
  return (
    new Set(firsts).size > 1 &&
    widest <= MOST_WRAPPED &&
    lines.every((line, i) => (i === lines.length - 1 || isFull(line, i)) && !/^(\s|[-*•>|])/.test(line))
  );
}

/** Mail is wrapped at 72 to 78 characters, a page of a PDF seldom beyond this. */
const MOST_WRAPPED = 120;
