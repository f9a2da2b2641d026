import type { TextMark } from "@steward/core/intake/reader.ts";
import { compile } from "html-to-text";

/**
 * HTML as the text a person would read: paragraphs, lists and table rows on lines of their own, quotes behind ">",
 * no scripts, no styles, no pictures, no addresses of links.
 */
const MAX_HTML = 8_000_000;

const convert = compile({
  wordwrap: false,
  decodeEntities: true,
  limits: { maxDepth: 200, maxInputLength: MAX_HTML, ellipsis: "" },
  formatters: {
    cell(elem, walk, builder) {
      walk(elem.children, builder);
      builder.addInline(" ");
    },
  },
  selectors: [
    { selector: "a", options: { ignoreHref: true } },
    { selector: "img", format: "skip" },
    { selector: "head", format: "skip" },
    { selector: "style", format: "skip" },
    { selector: "script", format: "skip" },
    { selector: "template", format: "skip" },
    { selector: "table", format: "block", options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: "tr", format: "block", options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: "td", format: "cell" },
    { selector: "th", format: "cell" },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});

export function htmlToPlain(html: string): string {
  const text = convert(html.slice(0, MAX_HTML));
  // Preheaders are padded with invisible characters so that nothing else shows in a list of mails.
  return text
    .replace(/\u200b|\u2060|\ufeff|\u00ad|\u034f|(?:\u200c\s*){2,}/g, "")
    .replace(/[ \t\u00a0]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/**
 * The headings of HTML, found again in its plain text: in order, each from where the one before ended.
 */
export function headingsIn(html: string, text: string): TextMark[] {
  const marks: TextMark[] = [];
  let from = 0;
  for (const [, level, inner = ""] of html.matchAll(/<h([1-6])\b[^>]{0,500}>([\s\S]{0,2000}?)<\/h\1\s{0,9}>/gi)) {
    const heading = htmlToPlain(inner);
    const start = heading === "" ? -1 : text.indexOf(heading, from);
    if (start < 0) continue;
    from = start + heading.length;
    marks.push({ kind: "heading", start, end: from, level: Number(level) });
  }
  return marks;
}

/** What opening this HTML would fetch from elsewhere: pictures, styles, frames. */
export function countRemoteReferences(html: string): number {
  const attributes = html.match(/\b(?:src|srcset|background|poster)\s{0,9}=\s{0,9}["']?\s{0,9}(?:https?:)?\/\//gi);
  const styles = html.match(/(?:url\(|@import\s{1,9})\s{0,9}["']?(?:https?:)?\/\//gi);
  const links = html.match(/<link\b[^>]{0,2000}?\bhref\s{0,9}=\s{0,9}["']?(?:https?:)?\/\//gi);
  return (attributes?.length ?? 0) + (styles?.length ?? 0) + (links?.length ?? 0);
}
