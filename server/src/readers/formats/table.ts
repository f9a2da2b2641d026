import type { ReadDocument, ReaderInput, TextMark } from "@steward/core/intake/reader.ts";
import { parse } from "csv-parse/sync";
import { tidy } from "../encoding.ts";
import { MAX_TEXT } from "../limits.ts";
import { dateOfFile, titleFromName } from "./text.ts";

/**
 * A table of separated values (RFC 4180 and what programs make of it): each row a line that names its columns, so that
 * a row can be found and quoted alone.
 */
export function readTable(input: ReaderInput, source: string): ReadDocument {
  const tidied = tidy(source).replace(/^\ufeff/, "");
  // Excel may say the separator in a first line of its own.
  const declared = /^sep=(.)\n/i.exec(tidied);
  const body = declared ? tidied.slice(declared[0].length) : tidied;
  const rows = parse(body.slice(0, MAX_TEXT), {
    delimiter: declared?.[1] ?? delimiterOf(body),
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  const header = headerOf(rows);
  const lines: string[] = [];
  const marks: TextMark[] = [];
  let length = 0;
  for (const row of header ? rows.slice(1) : rows) {
    const line = lineOf(row, header);
    if (line === "") continue;
    marks.push({ kind: "row", start: length, end: length + line.length });
    lines.push(line);
    length += line.length + 1;
  }
  return {
    kind: "file",
    title: titleFromName(input.name),
    ...dateOfFile(input),
    people: [],
    mediaType: "text/csv",
    text: lines.join("\n"),
    marks: marks.slice(0, 400_000),
    parts: [],
    warnings: lines.length === 0 ? ["It has no rows."] : [],
  };
}

/** The separator that cuts the first lines into the most, and most equal, columns. */
function delimiterOf(text: string): string {
  const lines = text
    .slice(0, 20_000)
    .split("\n", 21)
    .filter((line) => line.trim() !== "")
    .slice(0, 20);
  let best = { delimiter: ",", score: 0 };
  for (const delimiter of [",", ";", "\t", "|"]) {
    const counts = lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, "").split(delimiter).length - 1);
    const most = Math.max(0, ...counts);
    const equal = counts.filter((count) => count === counts[0]).length / Math.max(1, counts.length);
    const score = (counts[0] ?? 0) > 0 ? equal * 10 + Math.min(most, 9) / 10 : 0;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** The first row names the columns when it looks like names: no numbers or dates, none empty, none twice. */
function headerOf(rows: readonly (readonly string[])[]): readonly string[] | undefined {
  const [first] = rows;
  if (!first || rows.length < 2) return undefined;
  const looksNamed = first.every((cell) => cell !== "" && !/^[-+]?[\d.,:/\s%€$£-]+$/.test(cell) && cell.length < 100);
  return looksNamed && new Set(first).size === first.length ? first : undefined;
}

function lineOf(row: readonly string[], header: readonly string[] | undefined): string {
  return row
    .map((cell, at) => {
      const value = cell.replace(/\s+/g, " ");
      const name = header?.[at]?.replace(/\s+/g, " ");
      return value === "" ? "" : name ? `${name}: ${value}` : value;
    })
    .filter((cell) => cell !== "")
    .join("; ");
}
