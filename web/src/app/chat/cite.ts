/**
 * Puts the evidence into an answer's rendered tree: `[^n]` becomes a `<cite data-n>` element, and the sentences without
 * a source stand in `<span data-unsupported>`. Works on hast text nodes by their offsets in the Markdown, so that a
 * sentence may run through bold words and links. Quotes
 * stand in `<span data-quoted>`. Code is left alone.
 */

/** As much of hast as is needed here. */
interface Node {
  type: string;
  value?: string;
  tagName?: string;
  label?: string | null | undefined;
  properties?: Record<string, unknown>;
  children?: Node[];
  position?: { start?: { offset?: number | undefined }; end?: { offset?: number | undefined } } | undefined;
}

type Range = readonly [number, number];

/** Where the unsupported sentences stand in the Markdown; one that is not there verbatim is left out. */
export function rangesOf(markdown: string, sentences: readonly string[]): Range[] {
  const ranges: Range[] = [];
  for (const sentence of sentences) {
    const words = sentence.trim();
    const start = words ? markdown.indexOf(words) : -1;
    if (start >= 0) ranges.push([start, start + words.length]);
  }
  return ranges;
}

/**
 * Tables and bare links come with GitHub's Markdown, and so do its footnotes: a model that writes `[^1]: …` at the end
 * would turn citations into them. Marks stay marks, and such a definition is left out, as the quote stands beside.
 */
export function remarkCitations(): (tree: Node) => void {
  const restore = (node: Node): void => {
    const children: Node[] = [];
    for (const child of node.children ?? []) {
      const before = children.at(-1);
      if (child.type === "footnoteDefinition") continue;
      if (child.type !== "footnoteReference") {
        restore(child);
        // The text goes on after a mark as if it had never been cut.
        if (child.type === "text" && before?.type === "text") before.value = `${before.value}${child.value}`;
        else children.push(child);
      } else if (before?.type === "text") before.value = `${before.value}[^${child.label}]`;
      else children.push({ type: "text", value: `[^${child.label}]`, position: child.position });
    }
    if (node.children) node.children = children;
  };
  return restore;
}

export function rehypeEvidence(options: { readonly unsupported: readonly Range[] }): (tree: Node) => void {
  return (tree) => {
    tree.children = weave(tree.children ?? [], options.unsupported);
  };
}

function weave(nodes: readonly Node[], unsupported: readonly Range[]): Node[] {
  return nodes.flatMap((node) => {
    if (node.type === "text") return weaveText(node, unsupported);
    if (node.children && node.tagName !== "code" && node.tagName !== "pre") {
      node.children = weave(node.children, unsupported);
    }
    return [node];
  });
}

function weaveText(node: Node, unsupported: readonly Range[]): Node[] {
  const value = node.value ?? "";
  const at = node.position?.start?.offset;
  const woven: Node[] = [];
  let done = 0;
  for (const found of value.matchAll(/\s?\[\^(\d{1,3})\]/g)) {
    woven.push(...doubt(value.slice(done, found.index), at === undefined ? undefined : at + done, unsupported, true));
    // A badge stands off its word, and the space may not break: a badge alone on a line belongs to nothing.
    if (found.index > done || /^\s/.test(found[0])) woven.push({ type: "text", value: "\u00a0" });
    woven.push({ type: "element", tagName: "cite", properties: { dataN: found[1] }, children: [] });
    done = found.index + found[0].length;
  }
  woven.push(...doubt(value.slice(done), at === undefined ? undefined : at + done, unsupported));
  return woven;
}

/** Cuts a stretch of text at the borders of the unsupported sentences. */
function doubt(text: string, at: number | undefined, unsupported: readonly Range[], cited = false): Node[] {
  if (text === "") return [];
  const nodes: Node[] = [];
  let done = 0;
  for (const [start, end] of at === undefined ? [] : [...unsupported].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(done, start - (at ?? 0));
    const to = Math.min(text.length, end - (at ?? 0));
    if (from >= to) continue;
    if (from > done) nodes.push({ type: "text", value: text.slice(done, from) });
    nodes.push({
      type: "element",
      tagName: "span",
      properties: { dataUnsupported: "" },
      children: [{ type: "text", value: text.slice(from, to) }],
    });
    done = to;
  }
  if (done < text.length)
    nodes.push(...(cited ? twoVoices(text.slice(done)) : [{ type: "text", value: text.slice(done) }]));
  return nodes;
}

/** The quote right before a citation is what the paper says: it is set apart from what Steward says. */
function twoVoices(text: string): Node[] {
  const quote = /“[^“”]+”(?=[.,;:]?$)/.exec(text);
  if (!quote) return [{ type: "text", value: text }];
  const rest = text.slice(quote.index + quote[0].length);
  return [
    { type: "text", value: text.slice(0, quote.index) },
    { type: "element", tagName: "span", properties: { dataQuoted: "" }, children: [{ type: "text", value: quote[0] }] },
    { type: "text", value: rest },
  ].filter((node) => node.value !== "");
}

/** What "copy" puts on the clipboard: the answer without marks, then its sources by number. */
export function plainAnswer(
  text: string,
  citations: readonly { readonly n: number; readonly title: string; readonly quote: string }[],
): string {
  const body = text.replace(/\[\^(\d{1,3})\]/g, "[$1]");
  if (citations.length === 0) return body;
  return `${body}\n\n${citations.map((c) => `[${c.n}] ${c.title}: “${c.quote}”`).join("\n")}`;
}

/** The answer as it is read aloud: no citation marks, no Markdown signs. */
export function spoken(text: string): string {
  return text
    .replace(/\s?\[\^\d{1,3}\]/g, "")
    .replace(/[*_`#>]+/g, "")
    .trim();
}

/** "The last sentence has no source", in the number that holds. */
export function doubtLine(text: string, unsupported: readonly string[]): string | undefined {
  if (unsupported.length === 0) return undefined;
  if (unsupported.length > 1) {
    return `${unsupported.length} sentences have no source. Nothing found in your papers says so word for word.`;
  }
  const bare = (s: string): string => s.replace(/\[\^\d{1,3}\]/g, "").trim();
  const where = bare(text).endsWith(bare(unsupported[0] ?? "")) ? "The last sentence" : "The sentence underlined";
  return `${where} has no source. Nothing found in your papers says so word for word.`;
}
