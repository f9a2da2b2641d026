/**
 * A small writer of Word documents (WordprocessingML, ECMA-376): headings and paragraphs, nothing else.
 * A line `# …` is a heading. Times in the zip are fixed, so the bytes never change.
 */
import { zipSync } from "fflate";
import { instant } from "./calendar.ts";

export interface DocxText {
  readonly title: string;
  readonly author: string;
  /** Wall time. */
  readonly at: string;
  readonly text: string;
}

/** DOS time in a zip is local time; built from local parts when it is written, it has the same bytes in every zone. */
export const zipTime = () => new Date(2025, 11, 20, 12, 0, 0);

export function docxBytes({ title, author, at, text }: DocxText): Uint8Array {
  const when = new Date(instant(at)).toISOString().replace(".000", "");
  const parts: Record<string, string> = {
    "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
    "word/document.xml": `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${text.trim().split("\n").map(paragraph).join("")}</w:body></w:document>`,
    "docProps/core.xml": `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${xml(title)}</dc:title><dc:creator>${xml(author)}</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${when}</dcterms:created></cp:coreProperties>`,
  };
  const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n`;
  const files = Object.fromEntries(
    Object.entries(parts).map(([name, body]) => [name, new TextEncoder().encode(head + body)]),
  );
  return zipSync(files, { mtime: zipTime(), level: 6 });
}

function paragraph(line: string): string {
  const heading = line.startsWith("# ");
  const style = heading ? `<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>` : "";
  return `<w:p>${style}<w:r><w:t xml:space="preserve">${xml(heading ? line.slice(2) : line)}</w:t></w:r></w:p>`;
}

const xml = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
