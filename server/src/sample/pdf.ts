/**
 * A small writer of text PDFs: PDF 1.4 (ISO 32000), Helvetica and Helvetica-Bold in WinAnsi encoding, A4, as many
 * pages as needed. It exists because the sample is made at run time, where no PDF library is installed, and because
 * its bytes must never change: no clock, no random ids.
 *
 * A line `# …` is a heading; `left\tright` sets the second part at the right margin; a form feed starts a new page.
 */
import { createHash } from "node:crypto";
import { instant } from "./calendar.ts";

export interface PdfText {
  readonly title: string;
  readonly author: string;
  /** Wall time; becomes the creation date. */
  readonly at: string;
  readonly text: string;
}

const LINES_PER_PAGE = 46;
const COLUMNS = 88;

export function pdfBytes({ title, author, at, text }: PdfText): Uint8Array {
  const pages = text.trim().split("\f").flatMap(paginate);
  const objects: string[] = [];
  const add = (body: string) => objects.push(body);
  const kids = pages.map((_, i) => `${5 + i * 2} 0 R`).join(" ");
  add("<< /Type /Catalog /Pages 2 0 R >>");
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>");
  pages.forEach((lines, i) => {
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${6 + i * 2} 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>`,
    );
    const stream = drawn(lines, i + 1, pages.length);
    add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  });
  const made = new Date(instant(at)).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  add(`<< /Title (${escaped(title)}) /Author (${escaped(author)}) /CreationDate (D:${made}Z) >>`);
  return assembled(objects);
}

function paginate(text: string): string[][] {
  const lines = text.replace(/^\n/, "").split("\n").flatMap(wrapped);
  const pages: string[][] = [];
  for (let i = 0; i < lines.length; i += LINES_PER_PAGE) pages.push(lines.slice(i, i + LINES_PER_PAGE));
  return pages;
}

function wrapped(line: string): string[] {
  if (line.length <= COLUMNS || line.includes("\t")) return [line];
  const cut = line.lastIndexOf(" ", COLUMNS);
  return [line.slice(0, cut), ...wrapped(line.slice(cut + 1))];
}

function drawn(lines: readonly string[], page: number, of: number): string {
  const out = lines.flatMap((line, i) => {
    const y = 780 - i * 15;
    if (line.startsWith("# ")) return [textAt("F2", 14, 60, y, line.slice(2))];
    const [left = "", right] = line.split("\t");
    const drawnLeft = left ? [textAt("F1", 10, 60, y, left)] : [];
    return right === undefined ? drawnLeft : [...drawnLeft, textAt("F1", 10, 535 - right.length * 5.2, y, right)];
  });
  if (of > 1) out.push(textAt("F1", 8, 60, 40, `Page ${page} of ${of}`));
  return out.join("\n");
}

function textAt(font: string, size: number, x: number, y: number, text: string): string {
  return `BT /${font} ${size} Tf ${x.toFixed(1)} ${y} Td (${escaped(text)}) Tj ET`;
}

/** WinAnsi is Latin-1 but for 0x80–0x9f, where the euro sign, dashes and quotes stand. */
const WIN_ANSI: Record<string, number> = {
  "€": 0x80,
  "…": 0x85,
  "‘": 0x91,
  "’": 0x92,
  "“": 0x93,
  "”": 0x94,
  "•": 0x95,
  "–": 0x96,
  "—": 0x97,
};

function escaped(text: string): string {
  return [...text]
    .map((char) => {
      const code = WIN_ANSI[char] ?? char.codePointAt(0) ?? 0;
      if (code > 0xff) throw new Error(`The sample's PDF writer has no "${char}"; write the text in Western letters.`);
      if (char === "(" || char === ")" || char === "\\") return `\\${char}`;
      return code < 0x80 ? char : `\\${code.toString(8)}`;
    })
    .join("");
}

function assembled(objects: readonly string[]): Uint8Array {
  let out = "%PDF-1.4\n";
  const starts = objects.map((body, i) => {
    const start = out.length;
    out += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return start;
  });
  const xref = out.length;
  const id = createHash("sha256").update(out).digest("hex").slice(0, 32);
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  out += starts.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`).join("");
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R /ID [<${id}> <${id}>] >>\nstartxref\n${xref}\n%%EOF\n`;
  return new TextEncoder().encode(out);
}
