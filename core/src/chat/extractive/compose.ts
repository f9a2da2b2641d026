import { dateInWords, datesIn, dayInWords, resolve, resolveSpoken } from "./dates.ts";
import type { Evidence } from "./evidence.ts";
import type { Question } from "./question.ts";
import type { SheetPassage } from "./sheet.ts";
import { spansOf } from "./spans.ts";

/** Writing an answer down: what was asked for in bold, then who said it, when, and the words themselves as the proof. */
export function answerText(question: Question, evidence: Evidence, owner: string | undefined): string {
  const lead = leadOf(question, evidence);
  const said = `${attribution(evidence.passage, owner)} ${evidence.sentences.map((text) => quoted(evidence.passage, text)).join(" ")}`;
  return lead === undefined ? said : `**${lead}** – ${said}`;
}

export function listText(evidence: readonly Evidence[], owner: string | undefined): string {
  return evidence
    .map(
      ({ passage, sentences }) =>
        `- ${attribution(passage, owner)} ${sentences.map((text) => quoted(passage, text)).join(" ")}`,
    )
    .join("\n");
}

/** The rows under a heading, each with its proof. */
export function rowsText(evidence: Evidence, rows: readonly string[], owner: string | undefined): string {
  const { passage } = evidence;
  const lines = rows.map((row) => `- ${quoted(passage, row.replace(/^[-*•–]\s+/, ""))}`);
  return [attribution(passage, owner), ...lines].join("\n");
}

/** The words as shown, and the marker that proves them. */
export function quoted(passage: SheetPassage, text: string): string {
  const exact = text.replace(/\s+/g, " ").trim();
  const proof = exact.includes("]]") ? (exact.split("]]")[0] ?? "") : exact;
  const shown = exact.replace(/[“”"]/g, "'").replace(/\*/g, "\\*").replace(/\[/g, "(").replace(/\]/g, ")");
  return `“${shown}” [[${passage.n}|${proof}]]`;
}

export function attribution(passage: SheetPassage, owner: string | undefined): string {
  const on = passage.date === undefined ? "" : ` on ${dayInWords(passage.date)}`;
  const who = nameOf(passage.from);
  switch (passage.kind) {
    case "mail":
    case "text":
      return isOwn(passage, owner)
        ? `You wrote${passage.to === "" ? "" : ` to ${namesOf(passage.to)}`}${on}:`
        : `${who || "Someone"} wrote${on}:`;
    case "event":
      return `Your calendar has “${plain(passage.title)}”${on}:`;
    default:
      return `“${plain(passage.title)}” says:`;
  }
}

function isOwn(passage: SheetPassage, owner: string | undefined): boolean {
  return passage.own || (owner !== undefined && nameOf(passage.from).startsWith(owner));
}

function namesOf(people: string): string {
  return people.split(", ").map(nameOf).slice(0, 3).join(", ");
}

export function nameOf(people: string): string {
  const first = people.split(", ")[0] ?? "";
  return plain(first.replace(/\s*<[^<>]*>\s*$/, ""));
}

/** Words of a paper as they may stand among ours: no mark of Markdown, of a quotation or of a citation. */
export function plain(text: string): string {
  return text
    .replace(/[“”"*_`[\]\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (mark) => (/\s/.test(mark) ? " " : ""))
    .replace(/(\p{M}{3})\p{M}+/gu, "$1") // marks piled up would be written over other lines
    .replace(/\s+/g, " ")
    .trim();
}

function leadOf(question: Question, { span, passage }: Evidence): string | undefined {
  if (!span) return undefined;
  if (question.type !== "date") return plain(span.text);
  const time = spansOf(span.sentence, "time").find(({ start, end }) => end <= span.start || start >= span.end);
  const at = time && time.text !== span.text ? `, ${plain(time.text)}` : "";
  // A stretch of days stays as it is written.
  if (/\d\.?\s?(?:to|–|-|until|bis|and|und|till|au|a)\s?\d{1,2}\.?\s+\p{L}/u.test(span.text))
    return `${plain(span.text)}${at}`;
  const [written] = datesIn(span.text);
  const unsure = /\b(?:was|were|had|last)\b/i.test(span.sentence);
  const day = written
    ? resolve(written, passage.date)
    : passage.date !== undefined && !unsure
      ? resolveSpoken(span.text, passage.date)
      : undefined;
  if (day !== undefined && !(written && unsure && written.year === undefined)) return `${dateInWords(day)}${at}`;
  return `${plain(span.text)}${at}`;
}
