import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { doubtLine, plainAnswer, rangesOf, rehypeEvidence, remarkCitations, spoken } from "./cite.ts";

function html(text: string, sentences: readonly string[] = []): string {
  return renderToStaticMarkup(
    createElement(
      Markdown,
      {
        remarkPlugins: [remarkGfm, remarkCitations],
        rehypePlugins: [[rehypeEvidence, { unsupported: rangesOf(text, sentences) }]],
      },
      text,
    ),
  );
}

test("a mark becomes a citation that cannot be torn from its word, and nothing in code does", () => {
  assert.equal(html("You fly [^1]. `a[^2]`"), '<p>You fly\u00a0<cite data-n="1"></cite>. <code>a[^2]</code></p>');
  assert.equal(html("Both[^1][^12]"), '<p>Both\u00a0<cite data-n="1"></cite><cite data-n="12"></cite></p>');
});

test("a table is a table, with its citations; footnotes that a model writes out do not swallow them", () => {
  assert.equal(
    html("| What | Paid |\n|---|---|\n| Flat | 350 [^1] |\n\n[^1]: The deposit of 350."),
    "<table><thead><tr><th>What</th><th>Paid</th></tr></thead><tbody><tr><td>Flat</td>" +
      '<td>350\u00a0<cite data-n="1"></cite></td></tr></tbody></table>',
  );
});

test("an unsupported sentence is marked through bold words and links, and only that sentence", () => {
  assert.equal(
    html("Sure.[^1] It was **probably** paid. Then more.", ["It was **probably** paid."]),
    '<p>Sure.\u00a0<cite data-n="1"></cite> <span data-unsupported="">It was </span><strong><span data-unsupported="">' +
      'probably</span></strong><span data-unsupported=""> paid.</span> Then more.</p>',
  );
});

test("a sentence that is not in the answer marks nothing", () => {
  assert.equal(html("Sure.", ["Never said."]), "<p>Sure.</p>");
  assert.equal(html("Sure.", ["  "]), "<p>Sure.</p>");
});

test("raw HTML in an answer stays text", () => {
  assert.equal(html("a <img src=x onerror=alert(1)> b"), "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>");
});

test("copied, spoken and doubted in words", () => {
  assert.equal(plainAnswer("Yes.[^1]", [{ n: 1, title: "Mail", quote: "yes" }]), "Yes.[1]\n\n[1] Mail: “yes”");
  assert.equal(plainAnswer("Yes.", []), "Yes.");
  assert.equal(spoken("**Friday** at 07:40 [^1]."), "Friday at 07:40.");
  assert.equal(doubtLine("A.", []), undefined);
  assert.match(doubtLine("A.[^1] B.", ["B."]) ?? "", /^The last sentence/);
  assert.match(doubtLine("B. A.[^1]", ["B."]) ?? "", /^The sentence underlined/);
  assert.match(doubtLine("A. B.", ["A.", "B."]) ?? "", /^2 sentences/);
});

test("what is quoted and cited stands in its own voice, other words in quotes do not", () => {
  assert.equal(
    html("He wrote: “see you at the gate”.[^1] Task “Call mum” is there."),
    '<p>He wrote: <span data-quoted="">“see you at the gate”</span>.\u00a0<cite data-n="1"></cite> Task “Call mum” is there.</p>',
  );
});
