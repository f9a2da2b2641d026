import type { TextMark } from "@steward/core/intake/reader.ts";

/**
 * What in a mail is someone else's earlier text, and what is a signature: found by the customs of mail programs in
 * English, German, French, Spanish, Italian, Dutch and Portuguese. Such text is indexed at a lower weight, since the
 * mail it came from says it first.
 */
interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const ATTRIBUTION =
  /^(?:on|am|le|el|il|op|em)\b.{4,300}(?:wrote|schrieb(?:\s.{0,120})?|a écrit|écrivait|escribió|ha scritto|schreef(?:\s.{0,120})?|escreveu)\s*:$/iu;
const ATTRIBUTION_ENDS = /(?:wrote|schrieb\b.{0,120}|a écrit|escribió|ha scritto|schreef\b.{0,120}|escreveu)\s*:$/iu;
const ORIGINAL =
  /^-{2,}\s*(?:original message|ursprüngliche nachricht|original-nachricht|message d['’]origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht)\s*-{2,}$/iu;
const BLOCK_FROM = /^\*?(?:from|von|de|da|van)\s?\*?:\*?\s?\S/iu;
const BLOCK_NEXT =
  /^\*?(?:sent|date|gesendet|datum|envoyé|enviado|fecha|inviato|verzonden)(?: (?:am|on|le|el))?\s?\*?:\*?\s?\S/iu;
const SENT_FROM_PHONE =
  /^(?:sent from (?:my|mail|outlook|yahoo)|get outlook for|von meinem .{1,40} gesendet|gesendet (?:von|mit) |envoyé de(?:puis)? mon|enviado desde mi|inviato da(?:l mio)?)/iu;

export function findQuotes(text: string, { forwarded = false } = {}): TextMark[] {
  const lines = linesOf(text);
  const marks: TextMark[] = [];
  let bodyEnd = lines.length;
  for (let at = 0; at < lines.length; at++) {
    if (!forwarded && startsCopiedMail(lines, at)) {
      marks.push(markOver(lines, "quoted", at, lines.length));
      bodyEnd = at;
      break;
    }
    if (!isQuoted(lines[at])) continue;
    const from = withAttribution(lines, at);
    const to = endOfQuote(lines, at);
    marks.push(markOver(lines, "quoted", from, to));
    at = to - 1;
  }
  const signature = signatureIn(lines, bodyEnd, marks);
  return (signature ? [...marks, signature] : marks).sort((a, b) => a.start - b.start);
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    // Longer lines than a header or an attribution can be are looked at only by their beginning.
    lines.push({ text: text.slice(start, Math.min(end, start + 500)).trim(), start, end });
    start = end + 1;
  }
  return lines;
}

function isQuoted(line: Line | undefined): boolean {
  return line?.text.startsWith(">") ?? false;
}

/** Empty lines between quoted ones belong to the quote. */
function endOfQuote(lines: readonly Line[], at: number): number {
  let end = at + 1;
  for (let next = end; next < lines.length; next++) {
    if (isQuoted(lines[next])) end = next + 1;
    else if (lines[next]?.text !== "") break;
  }
  return end;
}

/** The "On … wrote:" before a quote, which may be broken over up to three lines. */
function withAttribution(lines: readonly Line[], quote: number): number {
  let last = quote - 1;
  while (last >= 0 && quote - last <= 3 && lines[last]?.text === "") last--;
  if (last < 0 || !ATTRIBUTION_ENDS.test(lines[last]?.text ?? "")) return quote;
  for (let first = last; first >= Math.max(0, last - 2); first--) {
    if (ATTRIBUTION.test(joined(lines, first, last))) return first;
  }
  return last;
}

function joined(lines: readonly Line[], first: number, last: number): string {
  return lines
    .slice(first, last + 1)
    .map((line) => line.text)
    .join(" ");
}

/** A whole earlier mail pasted below, as Outlook and web mail do: everything after it is copied. */
function startsCopiedMail(lines: readonly Line[], at: number): boolean {
  const text = lines[at]?.text ?? "";
  if (text === "") return false;
  if (ORIGINAL.test(text)) return true;
  if (ATTRIBUTION.test(text)) return at > 0 && !isQuoted(nextWithText(lines, at));
  if (/^_{10,}$/.test(text)) return opensHeaderBlock(lines, at + 1);
  return at > 0 && opensHeaderBlock(lines, at);
}

function opensHeaderBlock(lines: readonly Line[], at: number): boolean {
  let from = at;
  while (from < at + 2 && lines[from]?.text === "") from++;
  if (!BLOCK_FROM.test(lines[from]?.text ?? "")) return false;
  return lines.slice(from + 1, from + 4).some((line) => BLOCK_NEXT.test(line.text));
}

function nextWithText(lines: readonly Line[], at: number): Line | undefined {
  return lines.slice(at + 1, at + 5).find((line) => line.text !== "");
}

/** From the separator "-- " (RFC 3676 §4.3) or a phone's line, to the end or the next quote. */
function signatureIn(lines: readonly Line[], bodyEnd: number, marks: readonly TextMark[]): TextMark | undefined {
  for (let at = bodyEnd - 1; at >= Math.max(0, bodyEnd - 40); at--) {
    const line = lines[at];
    if (!line || !(line.text === "--" || (bodyEnd - at <= 8 && SENT_FROM_PHONE.test(line.text)))) continue;
    if (marks.some((mark) => mark.start <= line.start && line.start < mark.end)) continue;
    const nextQuote = marks.find((mark) => mark.start > line.start);
    const to = nextQuote ? lines.findIndex((each) => each.start >= nextQuote.start) : lines.length;
    return markOver(lines, "signature", at, to);
  }
  return undefined;
}

function markOver(lines: readonly Line[], kind: TextMark["kind"], from: number, to: number): TextMark {
  return { kind, start: lines[from]?.start ?? 0, end: lines[to - 1]?.end ?? 0 };
}
