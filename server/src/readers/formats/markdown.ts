import type { ReadDocument, ReaderInput, TextMark } from "@steward/core/intake/reader.ts";
import { tidy } from "../encoding.ts";
import { dateOfFile, titleFromName } from "./text.ts";

/** A Markdown note as it was written: its text is its source, with the headings marked. */
export function readMarkdown(input: ReaderInput, source: string): ReadDocument {
  const text = tidy(source).replace(/^\ufeff/, "");
  const front = /^---\n([\s\S]{0,20000}?)\n(?:---|\.\.\.)(?:\n|$)/.exec(text);
  const fields = front?.[1] ?? "";
  const marks = headings(text, front?.[0].length ?? 0);
  const [first] = marks;
  const date = isoDate(field(fields, "date") ?? field(fields, "created"));
  const author = field(fields, "author");
  return {
    kind: "note",
    title:
      field(fields, "title") ??
      (first && text.slice(first.start, first.end).replace(/^#+\s*|\s*#+$/g, "")) ??
      titleFromName(input.name).replace(/\.\w+$/, ""),
    ...(date === undefined ? dateOfFile(input) : { date }),
    people: author === undefined ? [] : [{ role: "author", name: author.slice(0, 200) }],
    mediaType: "text/markdown",
    text,
    marks,
    parts: [],
    warnings: text.trim() === "" ? ["It is empty."] : [],
  };
}

/** ATX headings and those underlined with = or - (CommonMark §4.2, §4.3), outside fenced code. */
function headings(text: string, from: number): TextMark[] {
  const marks: TextMark[] = [];
  let fence: string | undefined;
  let before = { start: 0, line: "" };
  for (let start = from; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, Math.min(end, start + 1000));
    const fenced = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    const atx = /^ {0,3}(#{1,6})[ \t]+\S/.exec(line)?.[1];
    const underline = /^ {0,3}(?:(=+)|-{2,})[ \t]*$/.exec(line);
    if (fence) {
      if (fenced?.startsWith(fence)) fence = undefined;
    } else if (fenced) fence = fenced;
    else if (atx) marks.push({ kind: "heading", start, end, level: atx.length });
    else if (underline && /^ {0,3}[^\s>#|-]/.test(before.line)) {
      marks.push({ kind: "heading", start: before.start, end: start - 1, level: underline[1] ? 1 : 2 });
    }
    before = { start, line: fence || atx ? "" : line };
    start = end + 1;
  }
  return marks;
}

/** One plain field of YAML front matter; lists and nested values are left to the text. */
function field(fields: string, name: string): string | undefined {
  const value = new RegExp(`^${name}[ \\t]*:[ \\t]*(.{1,500})$`, "im").exec(fields)?.[1]?.trim();
  return value?.replace(/^(["'])(.*)\1$/, "$2").trim() || undefined;
}

function isoDate(value: string | undefined): string | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?/.exec(
    value ?? "",
  );
  if (!match || Number.isNaN(Date.parse(match[1] ?? ""))) return undefined;
  const [, day, time = "00:00", seconds = ":00", zone = "Z"] = match;
  return `${day}T${time}${seconds}${zone === "Z" ? "+00:00" : zone.replace(/^(...)(\d\d)$/, "$1:$2")}`;
}
