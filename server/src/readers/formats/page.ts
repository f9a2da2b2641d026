import type { ReadDocument, ReaderInput } from "@steward/core/intake/reader.ts";
import { countRemoteReferences, headingsIn, htmlToPlain } from "./html.ts";
import { dateOfFile, titleFromName } from "./text.ts";

/** A saved web page or another HTML file. */
export function readPage(input: ReaderInput, html: string): ReadDocument {
  const text = htmlToPlain(html);
  const marks = headingsIn(html, text);
  const titleTag = /<title\b[^>]{0,200}>([\s\S]{0,1000}?)<\/title/i.exec(html)?.[1];
  const first = marks[0] && text.slice(marks[0].start, marks[0].end);
  const remoteReferences = countRemoteReferences(html);
  return {
    kind: "file",
    title: (titleTag && htmlToPlain(titleTag)) || first || titleFromName(input.name),
    ...dateOfFile(input),
    people: [],
    mediaType: "text/html",
    text,
    marks,
    parts: [],
    ...(remoteReferences === 0 ? {} : { remoteReferences }),
    warnings: text === "" ? ["It has no text."] : [],
  };
}
