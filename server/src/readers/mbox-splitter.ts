/**
 * Cuts an mbox (RFC 4155) into mails while it streams by, at any size. A separator is a line "From …" with a
 * date at its end, or with an address behind an empty line: "From now on" at the start of a paragraph is none. Lines that were
 * quoted as ">From " get their ">" back off (mboxrd). One mail is held in memory at most, and none past `maxMail`.
 */
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SEPARATOR = Buffer.from("\nFrom ");
const QUOTED = Buffer.from(">From ");
const MAX_SEPARATOR_LINE = 1000;

export interface SplitMail {
  /** Where its separator line begins, and where the next one's does: byte offsets. */
  readonly start: number;
  readonly end: number;
  /** The mail without separator and escapes; undefined when it was larger than allowed. */
  readonly bytes: Uint8Array | undefined;
  /** The separator line, for the time in it. */
  readonly separator: string;
}

export class MboxSplitter {
  readonly #maxMail: number;
  /** Offset of the current mail's separator. */
  #start: number;
  #parts: Buffer[] = [];
  /** Bytes of the current mail seen, kept or not. */
  #size = 0;
  /** The unfinished last line, from its preceding line break on: it may become a separator. */
  #carry: Buffer = Buffer.alloc(0);
  /** The two bytes before what is looked at next: they tell whether a line stands behind an empty one. */
  #edge: Buffer = Buffer.from("\n\n");

  /** `start`: the offset at which the first chunk lies in the file; it must be that of a separator. */
  constructor(options: { readonly maxMail: number; readonly start?: number }) {
    this.#maxMail = options.maxMail;
    this.#start = options.start ?? 0;
  }

  *push(chunk: Buffer): Generator<SplitMail> {
    const data = this.#carry.length > 0 ? Buffer.concat([this.#carry, chunk]) : chunk;
    const lastNewline = data.lastIndexOf(NEWLINE);
    const isCandidate = lastNewline >= 0 && data.length - lastNewline <= MAX_SEPARATOR_LINE;
    const whole = isCandidate ? data.subarray(0, lastNewline) : data;
    this.#carry = isCandidate ? data.subarray(lastNewline) : Buffer.alloc(0);
    let from = 0;
    for (let at = whole.indexOf(SEPARATOR); at >= 0; at = whole.indexOf(SEPARATOR, at + SEPARATOR.length)) {
      const line = lineAt(whole, at + 1);
      if (!isSeparator(line) && !(isBareSeparator(line) && this.#isBlankBefore(whole, at))) continue;
      this.#keep(whole.subarray(from, at + 1));
      yield this.#finish();
      from = at + 1;
    }
    this.#keep(whole.subarray(from));
    this.#edge = Buffer.concat([this.#edge, whole.subarray(-2)]).subarray(-2);
  }

  *end(): Generator<SplitMail> {
    this.#keep(this.#carry);
    this.#carry = Buffer.alloc(0);
    if (this.#size > 0) yield this.#finish();
  }

  /** Whether the line break at `at` ends an empty line. */
  #isBlankBefore(bytes: Buffer, at: number): boolean {
    const last = at >= 1 ? bytes[at - 1] : this.#edge[1];
    const lastButOne = at >= 2 ? bytes[at - 2] : this.#edge[at];
    return last === NEWLINE || (last === CARRIAGE_RETURN && lastButOne === NEWLINE);
  }

  #keep(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size > this.#maxMail) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(bytes);
  }

  #finish(): SplitMail {
    const start = this.#start;
    const end = start + this.#size;
    const raw =
      this.#size > this.#maxMail ? undefined : this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#start = end;
    if (!raw) return { start, end, bytes: undefined, separator: "" };
    const separator = isFromLine(raw) ? lineAt(raw, 0) : "";
    const headerAt = separator === "" ? 0 : endOfLine(raw, 0);
    return { start, end, bytes: unquoted(withoutBlankEnd(raw.subarray(headerAt))), separator };
  }
}

/** Whether a file that begins with these bytes is an mbox. */
export function looksLikeMbox(head: Uint8Array): boolean {
  const buffer = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 2 * MAX_SEPARATOR_LINE));
  const first = lineAt(buffer, 0);
  if (!isFromLine(buffer) || !(isSeparator(first) || isBareSeparator(first))) return false;
  const next = lineAt(buffer, endOfLine(buffer, 0));
  return next === "" ? buffer.indexOf(NEWLINE) < 0 : /^>?[!-9;-~]{1,100}[ \t]*(?::|From )/.test(next);
}

const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const TIME = "\\d{1,2}:\\d{2}(?::\\d{2})?";
const ZONE = "(?:[+-]\\d{4}|[A-Z]{1,5})";
/** The sender, mostly one word: an address, "-", "MAILER-DAEMON", "1799999999999@xxx". */
const SENDER = "\\S+(?: +\\S+){0,4}?";
const END = "(?: +remote from \\S+)?$";

/** The dates of separator lines, the whole of their ends: unlikely in a sentence that begins with "From". */
const SEPARATORS = [
  // asctime (RFC 4155), with the zones some write before or behind the year: "Thu Jan  1 00:00:00 +0000 2015"
  new RegExp(
    `^From (?:${SENDER} +)?${DAY},? +(?<month>${MONTH}) +(?<day>\\d{1,2}) +(?<time>${TIME})(?: +(?<zone>${ZONE})){0,2} +(?<year>\\d{4})(?: +(?<behind>${ZONE}))?${END}`,
  ),
  // "Thu Jan  1 2015 00:00:00 +0000"
  new RegExp(
    `^From ${SENDER} +${DAY},? +(?<month>${MONTH}) +(?<day>\\d{1,2}),? +(?<year>\\d{4}) +(?<time>${TIME})(?: +(?<zone>${ZONE}))?${END}`,
  ),
  // RFC 5322: "Thu, 01 Jan 2015 00:00:00 GMT"
  new RegExp(
    `^From ${SENDER} +${DAY},? +(?<day>\\d{1,2})[ -](?<month>${MONTH})[ -](?<year>\\d{4}) +(?<time>${TIME})(?: +(?<zone>${ZONE}))?(?: +\\([^)]*\\))?${END}`,
  ),
];

/** The time in a separator line, ms since the epoch: in UTC unless an offset is given. */
export function timeOfSeparator(separator: string): number | undefined {
  const date = SEPARATORS.map((form) => form.exec(separator)?.groups).find(Boolean);
  if (!date) return undefined;
  const zone = [date.behind, date.zone].find((each) => each && /^[+-]/.test(each)) ?? "UTC";
  const at = Date.parse(`${date.day} ${date.month} ${date.year} ${date.time} ${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

function isFromLine(bytes: Buffer): boolean {
  return bytes.length >= 5 && bytes.toString("latin1", 0, 5) === "From ";
}

function isSeparator(line: string): boolean {
  return SEPARATORS.some((form) => form.test(line));
}

/** An address and perhaps a date in another form: a separator only behind an empty line. */
function isBareSeparator(line: string): boolean {
  return /^From \S+@\S+(?:\s.*\d{4}.*)?$/.test(line);
}

function endOfLine(bytes: Buffer, from: number): number {
  const newline = bytes.indexOf(NEWLINE, from);
  return newline < 0 ? bytes.length : newline + 1;
}

function lineAt(bytes: Buffer, from: number): string {
  const end = Math.min(endOfLine(bytes, from), from + MAX_SEPARATOR_LINE);
  return bytes.toString("latin1", from, end).trimEnd();
}

/** The blank line before the next separator belongs to the mbox, not to the mail. */
function withoutBlankEnd(mail: Buffer): Buffer {
  const end = mail.toString("latin1", Math.max(0, mail.length - 4));
  if (end.endsWith("\r\n\r\n")) return mail.subarray(0, -2);
  return end.endsWith("\n\n") ? mail.subarray(0, -1) : mail;
}

function unquoted(mail: Buffer): Buffer {
  if (mail.indexOf(QUOTED) < 0) return mail;
  return Buffer.from(mail.toString("latin1").replace(/^>(>*From )/gm, "$1"), "latin1");
}
